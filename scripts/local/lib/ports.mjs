/** Free TCP ports on the loopback address. */
import { createConnection, createServer } from "node:net";

import { SetupError } from "./errors.mjs";

/**
 * @param {number} port
 * @param {string} [host]
 * @returns {Promise<boolean>} true when a server can listen there now
 */
export function isFree(port, host = "127.0.0.1") {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

/**
 * The wanted port, or the next free one.
 * @param {number} wanted
 * @param {object} [options]
 * @param {Set<number>} [options.taken] ports promised to somebody already;
 *   the answer is added to it
 * @param {number} [options.tries]
 * @returns {Promise<number>}
 * @throws {SetupError} when `tries` ports in a row are busy
 */
export async function findPort(wanted, options = {}) {
  const { taken = new Set(), tries = 200 } = options;
  const last = Math.min(wanted + tries, 65_536);
  for (let port = wanted; port < last; port += 1) {
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new SetupError(
    `No port between ${wanted} and ${last - 1} is free.`,
    "Stop what is listening there (`ss -ltnp` shows it) and start again.",
  );
}

/**
 * @param {number} port
 * @returns {Promise<boolean>} true when somebody answers on the port
 */
export function answers(port) {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    const end = (value) => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(2000, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
