/**
 * Listens on one secret channel of Odoo's bus over its `/websocket`.
 *
 * Odoo wants a session cookie even of a public listener (else it closes with
 * 4001), so `GET /web/login` comes first, at every connection. The channel's
 * name is the only secret; the messages are empty.
 */
import { request, WebSocket } from "undici";
import { pause } from "../timing.ts";

/** What happens on the bus. */
export interface BusHandlers {
  /** A notification of a wanted type came, or may have been missed. */
  onWake(type: string): void;
  onState(connected: boolean, reason: string): void;
}

export interface BusOptions extends BusHandlers {
  url: string;
  db: string;
  /** Asked at every connection, so that a changed channel is noticed. */
  channel(): Promise<string>;
  /** Types of the notifications that count. */
  types: string[];
  signal: AbortSignal;
}

const MIN_BACKOFF = 500;
const MAX_BACKOFF = 30_000;

/** A connection that lived so long was a good one: begin the pauses anew. */
const GOOD_CONNECTION = 60_000;

/** Handshake limit in milliseconds. */
const OPEN_LIMIT = 10_000;

/** Listens until the signal fires; reconnects with doubling, jittered pauses. */
export async function listenToBus(options: BusOptions): Promise<void> {
  let backoff = MIN_BACKOFF;
  while (!options.signal.aborted) {
    const began = performance.now();
    let reason: string;
    try {
      reason = await listenOnce(options);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (options.signal.aborted) return;
    options.onState(false, reason);
    if (performance.now() - began > GOOD_CONNECTION) backoff = MIN_BACKOFF;
    await pause(backoff * (0.5 + Math.random() / 2), options.signal);
    backoff = Math.min(backoff * 2, MAX_BACKOFF);
  }
}

/** One connection. @returns why it ended. @throws when it could not begin. */
async function listenOnce(options: BusOptions): Promise<string> {
  const channel = await options.channel();
  const cookie = await sessionCookie(options.url, options.db);
  const address = `${options.url.replace(/^http/, "ws")}/websocket`;
  const socket = new WebSocket(address, {
    headers: { cookie, origin: options.url },
  });
  return new Promise<string>((resolve, reject) => {
    const limit = setTimeout(() => {
      socket.close();
      reject(new Error("the bus did not answer the handshake"));
    }, OPEN_LIMIT);
    const abort = () => socket.close();
    options.signal.addEventListener("abort", abort, { once: true });
    socket.addEventListener("open", () => {
      clearTimeout(limit);
      const data = { channels: [channel], last: 0 };
      socket.send(JSON.stringify({ event_name: "subscribe", data }));
      options.onState(true, "connected");
      // What happened while nobody listened.
      for (const type of options.types) options.onWake(type);
    });
    socket.addEventListener("message", (event) => {
      for (const type of typesIn(event.data))
        if (options.types.includes(type)) options.onWake(type);
    });
    socket.addEventListener("error", () => {
      clearTimeout(limit);
      reject(new Error("the bus refused the connection"));
    });
    socket.addEventListener("close", (event) => {
      clearTimeout(limit);
      options.signal.removeEventListener("abort", abort);
      resolve(`closed with ${event.code} ${event.reason}`.trim());
    });
  });
}

/**
 * The cookie of a fresh public session. The database is named by the address:
 * with `X-Odoo-Database` Odoo keeps no session.
 * @throws when Odoo gives none
 */
async function sessionCookie(url: string, db: string): Promise<string> {
  const answer = await request(
    `${url}/web/login?db=${encodeURIComponent(db)}`,
    {
      method: "GET",
      headersTimeout: 20_000,
    },
  );
  await answer.body.dump();
  const header = answer.headers["set-cookie"];
  const cookies = Array.isArray(header) ? header : header ? [header] : [];
  const session = cookies.find((one) => one.startsWith("session_id="));
  if (!session) throw new Error("Odoo gave no session cookie");
  return session.split(";", 1)[0] ?? "";
}

/** Types in what Odoo sends: a JSON list of `{id, message: {type, payload}}`. */
function typesIn(data: unknown): Set<string> {
  if (typeof data !== "string") return new Set();
  try {
    const list: unknown = JSON.parse(data);
    if (!Array.isArray(list)) return new Set();
    const types = list.map(
      (one: { message?: { type?: unknown } } | null) => one?.message?.type,
    );
    return new Set(types.filter((type) => typeof type === "string"));
  } catch {
    return new Set();
  }
}
