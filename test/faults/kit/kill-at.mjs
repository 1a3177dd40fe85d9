/**
 * Kills the process that loads it (`node --import`), with SIGKILL, at the
 * moment that HCP_TEST_KILL_AT names. It only watches undici's channels: the
 * service itself knows nothing of it.
 */
import { subscribe } from "node:diagnostics_channel";
import process from "node:process";

const CLAIM = /healthcare\.exchange\.message\/claim$/;
const STAGE = /healthcare\.exchange\.message\/stage$/;
const REPORT = /healthcare\.exchange\.message\/report$/;
const DOCUMENTS = /\/documents$/;

const kill = () => process.kill(process.pid, "SIGKILL");

/** An empty list has two bytes. */
const holdsSomething = ({ headers }) => {
  const list = headers.map((one) => String(one).toLowerCase());
  return Number(list[list.indexOf("content-length") + 1]) > 2;
};

const claimed = new WeakSet();

const MOMENTS = {
  /** Odoo has leased messages; the service has not read the answer. */
  claimed() {
    subscribe("undici:request:headers", ({ request, response }) => {
      if (CLAIM.test(request.path) && holdsSomething(response))
        claimed.add(request);
    });
    subscribe("undici:request:trailers", ({ request }) => {
      if (claimed.has(request)) kill();
    });
  },
  /** The bytes are stored; nothing is sent. */
  staged() {
    subscribe("undici:request:trailers", ({ request }) => {
      if (STAGE.test(request.path)) kill();
    });
  },
  /** The partner has said 2xx; nobody has been told. */
  answered() {
    subscribe("undici:request:headers", ({ request, response }) => {
      if (DOCUMENTS.test(request.path) && response.statusCode < 300) kill();
    });
  },
  /** A report is about to leave. */
  reporting() {
    subscribe("undici:request:create", ({ request }) => {
      if (REPORT.test(request.path)) kill();
    });
  },
  /** Odoo has heard the first report; others are to follow. */
  reported() {
    subscribe("undici:request:trailers", ({ request }) => {
      if (REPORT.test(request.path)) kill();
    });
  },
};

const moment = MOMENTS[process.env.HCP_TEST_KILL_AT ?? ""];
if (!moment) throw new Error("HCP_TEST_KILL_AT names no moment");
moment();
