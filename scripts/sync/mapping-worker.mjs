/**
 * The thread that mappings run in: whatever an expression does, it can be
 * ended from outside, its memory is bounded, and it reaches nothing.
 */
import { parentPort } from "node:worker_threads";
import { evaluateMapping } from "./mapping-engine.mjs";

let pinned = 0;

/**
 * "Now" is the message's own time: JSONata completes partial dates with it.
 * `Date.now` stays, for JSONata's time limit uses it.
 */
globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length > 0 ? args : [pinned]));
  }
};

// Expressions build objects with names of their own choosing.
Object.freeze(Object.prototype);

parentPort.on("message", async ({ expression, input, documentTime }) => {
  const time = Date.parse(documentTime ?? "");
  pinned = Number.isNaN(time) ? 0 : time;
  parentPort.postMessage(
    await evaluateMapping(expression, input, { documentTime }),
  );
});
