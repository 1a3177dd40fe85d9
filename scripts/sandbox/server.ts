/**
 * The sandbox: two partners as real servers, to play and to test with.
 *
 *   POST /documents                       Supplier A's API (orders)
 *   POST /partners/{name}/documents       a partner that only takes and counts
 *   GET  /received[?supplier=a|b]         orders that were taken, and answers
 *   GET  /ledger?supplier={a|b|name}      every arrival, counted independently
 *   GET  /orders/{number}                 one order and what was answered
 *   POST /orders/{number}/acknowledge|ship|invoice   do it now, with options
 *   GET|PUT /behaviour                    automatic answers on or off, delays,
 *                                         faults per supplier (faults.ts)
 *   GET  /health
 *
 * Everything but /health wants the sandbox's bearer token.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { CountingPartner } from "./counting-partner.ts";
import { FaultRefused, parseFaults, type Fault } from "./faults.ts";
import type { Ledger } from "./ledger.ts";
import type { SandboxOrder } from "./order.ts";
import { receiveDocument, sendJson, type Receiver } from "./reception.ts";
import { ACTIONS, type Action, type Supplier } from "./supplier.ts";
import { SupplierA, type BuyerIngress } from "./supplier-a.ts";
import { SupplierB } from "./supplier-b.ts";
import { parseVariant } from "./variant.ts";

/** Largest request, in bytes. */
const MAX_BODY = 10 * 1024 * 1024;

/** Most counting partners of one sandbox. */
const MAX_PARTNERS = 1_000;

export interface SandboxOptions {
  host: string;
  port: number;
  /** Token of everyone who calls; none means that all calls are refused. */
  bearer: string | undefined;
  /** Folder for the suppliers' own records. */
  stateDir: string;
  /** Supplier B's inbox (orders come) and outbox (answers go). */
  inbox: string;
  outbox: string;
  buyer: () => BuyerIngress;
  /** Answer orders without being told to. */
  auto: boolean;
  /** Supplier B answers each order with a 997 first. */
  functionalAcks?: boolean;
}

/** A request that cannot be served; the message goes to the caller. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Sandbox {
  readonly a: SupplierA;
  readonly b: SupplierB;
  private readonly options: SandboxOptions;
  private readonly server: Server;
  private readonly partners = new Map<string, CountingPartner>();

  constructor(options: SandboxOptions) {
    this.options = options;
    this.a = new SupplierA(join(options.stateDir, "a"), options.buyer);
    this.b = new SupplierB({
      inbox: options.inbox,
      outbox: options.outbox,
      done: join(options.stateDir, "b-files"),
      state: join(options.stateDir, "b"),
    });
    this.b.acknowledgesFunctionally = options.functionalAcks ?? false;
    for (const one of this.suppliers()) one.behaviour.auto = options.auto;
    this.server = createServer((request, response) => {
      void this.serve(request, response);
    });
  }

  /** @returns the address of Supplier A. @throws Error for a busy port */
  async start(): Promise<string> {
    const { host, port } = this.options;
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(port, host, resolve);
    });
    for (const one of this.suppliers()) one.start();
    const { port: actual } = this.server.address() as AddressInfo;
    return `http://${host}:${actual}`;
  }

  async stop(): Promise<void> {
    for (const one of this.suppliers()) await one.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private suppliers(): Supplier[] {
    return [this.a, this.b];
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const url = new URL(request.url ?? "/", "http://sandbox");
      const path = url.pathname.split("/").slice(1).map(decodeURIComponent);
      if (path[0] !== "health") this.authorise(request);
      const receiver = this.receiverOf(request, path);
      if (receiver) await receiveDocument(receiver, request, response, textOf);
      else {
        const [status, body] = await this.route(request, url, path);
        sendJson(response, status, body);
      }
    } catch (error) {
      // Somebody who went away in mid-body hears nothing any more.
      if (response.headersSent || response.destroyed) return;
      const status = error instanceof Refused ? error.status : 500;
      const detail = error instanceof Error ? error.message : String(error);
      sendJson(response, status, { title: "Refused", status, detail });
    }
  }

  /** Who takes the document that is posted there, if it is one. */
  private receiverOf(
    request: IncomingMessage,
    path: string[],
  ): Receiver | undefined {
    if (request.method !== "POST") return undefined;
    if (path.length === 1 && path[0] === "documents") return this.a;
    const [first, name = "", last] = path;
    const counted = path.length === 3 && first === "partners";
    return counted && last === "documents" ? this.partner(name) : undefined;
  }

  /** A counting partner, made at its first use. @throws Refused for its name */
  private partner(name: string): CountingPartner {
    const known = this.partners.get(name);
    if (known) return known;
    if (!/^[\w-]{2,40}$/.test(name) || this.partners.size >= MAX_PARTNERS)
      throw new Refused(404, `there can be no partner ${name}`);
    const made = new CountingPartner();
    this.partners.set(name, made);
    return made;
  }

  private async route(
    request: IncomingMessage,
    url: URL,
    path: string[],
  ): Promise<[number, unknown]> {
    const name = `${request.method} ${path[0]}`;
    if (name === "GET health") return [200, { status: "ok" }];
    if (name === "GET ledger")
      return [200, this.ledger(url.searchParams.get("supplier") ?? "")];
    if (name === "GET received")
      return [200, this.received(url.searchParams.get("supplier"))];
    if (name === "GET behaviour") return [200, this.behaviour()];
    if (name === "PUT behaviour") return this.behave(await bodyOf(request));
    if (name === "GET orders") return [200, this.order(path.slice(1)).order];
    if (name === "POST orders" && path.length > 2) {
      const action = path.at(-1) as Action;
      return this.act(path.slice(1, -1), action, await bodyOf(request));
    }
    throw new Refused(404, "there is no such address");
  }

  private authorise(request: IncomingMessage): void {
    const digest = (text: string) => createHash("sha256").update(text).digest();
    const presented = digest(request.headers.authorization ?? "");
    const { bearer } = this.options;
    if (!bearer || !timingSafeEqual(presented, digest(`Bearer ${bearer}`)))
      throw new Refused(401, "a valid bearer token is required");
  }

  private received(which: string | null): Record<string, unknown> {
    const view = (supplier: Supplier) =>
      supplier.store.all().map((order) => ({
        number: order.number,
        copies: order.copies,
        sha256: order.sha256,
        received_at: order.receivedAt,
        sent: order.outgoing.map((one) => ({
          kind: one.kind,
          sent: one.sent,
          answer: one.answer ?? "",
          acknowledged: one.acknowledged ?? [],
        })),
      }));
    return {
      ...(which === "b" ? {} : { a: view(this.a) }),
      ...(which === "a" ? {} : { b: view(this.b) }),
    };
  }

  private order(path: string[]): { order: SandboxOrder; supplier: Supplier } {
    // Order numbers hold slashes, so the rest of the path is the number.
    const number = path.join("/");
    for (const supplier of this.suppliers()) {
      const order = supplier.store.find(number);
      if (order) return { order, supplier };
    }
    throw new Refused(404, `there is no order ${number}`);
  }

  private act(
    path: string[],
    action: Action,
    options: unknown,
  ): [number, unknown] {
    if (!Object.hasOwn(ACTIONS, action))
      throw new Refused(404, `there is no action ${action}`);
    const { order, supplier } = this.order(path);
    try {
      const { key, kind } = supplier.act(order, action, parseVariant(options));
      return [202, { key, kind }];
    } catch (error) {
      throw new Refused(422, error instanceof Error ? error.message : "");
    }
  }

  private behave(body: unknown): [number, unknown] {
    const { auto, delays, faults } = (body ?? {}) as {
      auto?: unknown;
      delays?: Record<string, unknown>;
      faults?: Record<string, unknown>;
    };
    const wanted = this.wantedFaults(faults ?? {});
    for (const [receiver, list] of wanted) receiver.faults.set(list);
    for (const { behaviour } of this.suppliers()) {
      if (typeof auto === "boolean") behaviour.auto = auto;
      for (const action of Object.keys(ACTIONS) as Action[]) {
        const delay = delays?.[action];
        if (typeof delay === "number") behaviour.delays[action] = delay;
      }
    }
    return [200, this.behaviour()];
  }

  /** All of them or none. @throws Refused for what breaks the rules */
  private wantedFaults(
    faults: Record<string, unknown>,
  ): [Supplier | CountingPartner, Fault[]][] {
    try {
      return Object.entries(faults).map(([name, list]) => [
        this.called(name),
        parseFaults(name, list),
      ]);
    } catch (error) {
      if (error instanceof FaultRefused) throw new Refused(422, error.message);
      throw error;
    }
  }

  private behaviour(): Record<string, unknown> {
    const names = ["a", "b", ...this.partners.keys()];
    const faults = names.map((name) => [name, this.called(name).faults.all()]);
    return { ...this.a.behaviour, faults: Object.fromEntries(faults) };
  }

  private called(name: string): Supplier | CountingPartner {
    if (name === "a") return this.a;
    return name === "b" ? this.b : this.partner(name);
  }

  private ledger(name: string): { documents: ReturnType<Ledger["all"]> } {
    return { documents: this.called(name).ledger.all() };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY) throw new Refused(413, "the body is too large");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const text = await textOf(request);
  try {
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  } catch {
    throw new Refused(400, "the body is not JSON");
  }
}
