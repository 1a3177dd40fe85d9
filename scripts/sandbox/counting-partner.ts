/**
 * Partners that only take and count, as many as a test wants: whatever is
 * posted under `/partners/NAME/documents` is counted for NAME. They honour the
 * idempotency key and nothing else: a number that comes under two keys has two
 * effects.
 */
import { Faults } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import { sha256 } from "./order.ts";
import type { Receiver } from "./reception.ts";
import type { Receipt } from "./supplier-a.ts";

export class CountingPartner implements Receiver {
  readonly ledger = new Ledger();
  readonly faults = new Faults();
  /** Digest of what was taken, by key. */
  private readonly known = new Map<string, string>();

  receive(body: string, key: string | undefined): Receipt {
    if (!key) return { status: 400, body: { code: "idempotency_key" } };
    const digest = sha256(body);
    const before = this.known.get(key);
    if (before !== undefined && before !== digest)
      return { status: 422, body: { code: "idempotency_conflict" } };
    this.known.set(key, digest);
    return { status: before ? 200 : 201, body: { reference: `R-${key}` } };
  }
}
