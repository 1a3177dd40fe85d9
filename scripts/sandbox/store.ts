/** The suppliers' own records: one JSON file per order, kept over a restart. */
import { randomUUID } from "node:crypto";
import {
  mkdirSync,
  openSync,
  closeSync,
  fsyncSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { sha256, type SandboxOrder } from "./order.ts";

export class OrderStore {
  private readonly folder: string;
  private readonly orders = new Map<string, SandboxOrder>();
  private readonly byKey = new Map<string, SandboxOrder>();

  /** @param folder made when missing; what is in it is read */
  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith(".json")) continue;
      const order = JSON.parse(
        readFileSync(join(folder, name), "utf8"),
      ) as SandboxOrder;
      this.remember(order);
    }
  }

  find(number: string): SandboxOrder | undefined {
    return this.orders.get(number);
  }

  findByKey(key: string): SandboxOrder | undefined {
    return this.byKey.get(key);
  }

  /** Orders by the time at which they came. */
  all(): SandboxOrder[] {
    return [...this.orders.values()].sort((a, b) =>
      a.receivedAt < b.receivedAt ? -1 : 1,
    );
  }

  /** Durable when it returns. */
  save(order: SandboxOrder): void {
    this.remember(order);
    // Order numbers hold slashes and worse.
    const name = `${sha256(order.number).slice(0, 24)}.json`;
    writeDurably(this.folder, name, JSON.stringify(order, null, 2));
  }

  private remember(order: SandboxOrder): void {
    this.orders.set(order.number, order);
    this.byKey.set(order.key, order);
  }
}

/** Writes beside the final name, then renames. */
export function writeDurably(
  folder: string,
  name: string,
  content: string,
): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, `.${name}.${randomUUID()}.part`);
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, join(folder, name));
}
