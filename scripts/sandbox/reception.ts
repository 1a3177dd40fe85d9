/**
 * Takes a document over HTTP the way that its supplier's faults want it, and
 * counts it. What the supplier does with the document is not known here.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Fault, Faults } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import { sha256 } from "./order.ts";
import type { Receipt } from "./supplier-a.ts";

/** A supplier as far as receiving goes. */
export interface Receiver {
  ledger: Ledger;
  faults: Faults;
  /** Takes a document under a key; the same again gets the same answer. */
  receive(body: string, key: string | undefined): Receipt;
}

/** Answers the request. Never throws for what the faults do. */
export async function receiveDocument(
  receiver: Receiver,
  request: IncomingMessage,
  response: ServerResponse,
  read: (request: IncomingMessage) => Promise<string>,
): Promise<void> {
  const fault = receiver.faults.next();
  if (fault?.kind === "reset") {
    resetWhileReading(request);
    return;
  }
  const body = await read(request);
  const refusing = fault?.kind === "status" || fault?.kind === "hang";
  const receipt = refusing ? undefined : receiver.receive(body, keyOf(request));
  receiver.ledger.record({
    number: numberOf(body),
    key: keyOf(request) ?? "",
    sha256: sha256(body),
    traceparent: String(request.headers.traceparent ?? ""),
    taken: receipt !== undefined && receipt.status < 300,
  });
  await answer(fault, receipt, request, response);
}

async function answer(
  fault: Fault | undefined,
  receipt: Receipt | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  switch (fault?.kind) {
    case "hang":
      return;
    case "status":
      if (fault.retry_after !== undefined)
        response.setHeader("retry-after", String(fault.retry_after));
      sendJson(response, fault.status ?? 500, { title: "Sandbox fault" });
      return;
    case "lost":
      request.socket.resetAndDestroy();
      return;
    case "broken":
      response.writeHead(receipt?.status ?? 200, { "content-length": "1000" });
      response.write('{"reference": "SO-', () =>
        request.socket.resetAndDestroy(),
      );
      return;
    case "garbage":
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(Buffer.from([0xff, 0xfe, 0x00, 0x7b, 0x22, 0x3c]));
      return;
    case "slow":
      await wait(fault.milliseconds ?? 1_000, undefined, { ref: false });
      break;
    default:
  }
  if (receipt) sendJson(response, receipt.status, receipt.body);
}

/** Resets as soon as a part of the body is there, so that none is complete. */
function resetWhileReading(request: IncomingMessage): void {
  const { socket } = request;
  request.once("data", () => socket.resetAndDestroy());
  request.once("end", () => socket.resetAndDestroy());
}

/** Answers with JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
): void {
  response
    .writeHead(status, { "content-type": "application/json" })
    .end(JSON.stringify(body));
}

function keyOf(request: IncomingMessage): string | undefined {
  const header = String(request.headers["idempotency-key"] ?? "");
  return /^"?([^"]+)"?$/.exec(header)?.[1];
}

function numberOf(body: string): string {
  try {
    const { number } = JSON.parse(body) as { number?: unknown };
    return typeof number === "string" ? number : "";
  } catch {
    return "";
  }
}
