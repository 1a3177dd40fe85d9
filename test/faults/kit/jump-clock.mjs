/**
 * Lets the clocks of the process that loads it (`node --import`) jump by
 * HCP_TEST_CLOCK_JUMP milliseconds, at its first answer to a claim: the wall
 * clock (`Date`) always, the monotonic one (`performance.now`) forward only,
 * as a machine does that was suspended.
 */
import { subscribe } from "node:diagnostics_channel";
import process from "node:process";

const jump = Number(process.env.HCP_TEST_CLOCK_JUMP);
if (!Number.isFinite(jump)) throw new Error("HCP_TEST_CLOCK_JUMP: a number");

let shift = 0;
const RealDate = Date;
const realNow = performance.now.bind(performance);

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }
  static now() {
    return RealDate.now() + shift;
  }
};
performance.now = () => realNow() + Math.max(shift, 0);

subscribe("undici:request:trailers", ({ request }) => {
  if (/\/claim$/.test(request.path)) shift = jump;
});
