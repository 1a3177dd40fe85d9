/** A partner that takes every document at once and notes when. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Counts copies and keeps the time of the first one, by idempotency key. */
export class Partner {
  readonly receivedAt = new Map<string, number>();
  copies = 0;
  private readonly server: Server;

  constructor() {
    this.server = createServer((request, response) => {
      request.resume().on("end", () => {
        const at = Date.now();
        const key = String(request.headers["idempotency-key"]).slice(1, -1);
        this.copies++;
        if (!this.receivedAt.has(key)) this.receivedAt.set(key, at);
        response.writeHead(202, { "content-type": "application/json" });
        response.end("{}");
      });
    });
  }

  /** @returns the address to send to */
  async start(): Promise<string> {
    await new Promise<void>((resolve) =>
      this.server.listen(0, "127.0.0.1", resolve),
    );
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
