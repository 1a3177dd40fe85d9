/** Supplier B: takes X12 files from its inbox, writes X12 files to its outbox. */
import {
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
} from "node:fs";
import { join } from "node:path";
import {
  sha256,
  type Outgoing,
  type OutgoingKind,
  type SandboxOrder,
  type Variant,
} from "./order.ts";
import { writeDurably } from "./store.ts";
import { Supplier } from "./supplier.ts";
import * as x12 from "./x12.ts";

/** Where files are exchanged; the buyer's outbox is this supplier's inbox. */
export interface Folders {
  inbox: string;
  outbox: string;
  /** Orders that were read, and files that could not be. */
  done: string;
  state: string;
}

const SETS = {
  functional_acknowledgement: "997",
  acknowledgement: "855",
  ship_notice: "856",
  invoice: "810",
} as const;

export class SupplierB extends Supplier {
  private readonly folders: Folders;
  /** Whether each order is answered with a 997. */
  acknowledgesFunctionally = false;

  constructor(folders: Folders) {
    super(folders.state);
    this.folders = folders;
    for (const folder of [folders.inbox, folders.outbox, folders.done])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Takes each complete file; state is on disk before the file is moved. */
  protected override lookForOrders(): void {
    if (this.faults.next()?.kind === "hang") return;
    for (const name of readdirSync(this.folders.inbox).sort()) {
      const path = join(this.folders.inbox, name);
      if (/^\.|\.part$/.test(name) || !lstatSync(path).isFile()) continue;
      const text = readFileSync(path, "latin1");
      const answers = x12.readAcknowledgements(text);
      if (answers.length > 0) this.note(answers);
      else this.receive(text, name);
      renameSync(path, join(this.folders.done, `${Date.now()}-${name}`));
    }
  }

  /** Keeps what the buyer says about files of ours; counts each answer. */
  private note(answers: x12.ReadAcknowledgement[]): void {
    for (const { group, status } of answers)
      for (const order of this.store.all())
        for (const outgoing of order.outgoing) {
          if (outgoing.control !== Number(group)) continue;
          outgoing.acknowledged = [...(outgoing.acknowledged ?? []), status];
          this.store.save(order);
        }
  }

  private receive(text: string, name: string): void {
    try {
      const read = x12.readInterchange(text);
      const key = `ISA ${read.sender.join(" ")} ${read.control}`;
      const { number } = read.order;
      const digest = sha256(Buffer.from(text, "latin1"));
      const arrival = { number, key, sha256: digest, filename: name };
      this.ledger.record({ ...arrival, taken: true });
      const before = this.store.findByKey(key) ?? this.store.find(number);
      if (before) {
        before.copies++;
        this.store.save(before);
        return;
      }
      const order: SandboxOrder = {
        supplier: "b",
        ...read.order,
        receivedAt: new Date().toISOString(),
        copies: 1,
        key,
        sha256: digest,
        outgoing: [],
        // We answer, so sender and receiver change places.
        interchange: { sender: read.receiver, receiver: read.sender },
        functional: { group: read.group, transaction: read.transaction },
      };
      this.store.save(order);
      if (this.acknowledgesFunctionally)
        this.add(order, "functional_acknowledgement", {});
    } catch (error) {
      if (!(error instanceof x12.InterchangeRefused)) throw error;
      const unread = { number: "", key: "", sha256: sha256(text) };
      this.ledger.record({ ...unread, filename: name, taken: false });
      console.error(
        JSON.stringify({
          level: "warn",
          event: "sandbox_file_refused",
          filename: name,
          message: error.message,
        }),
      );
    }
  }

  protected override write(
    order: SandboxOrder,
    kind: OutgoingKind,
    variant: Variant,
    now: Date,
  ): Pick<Outgoing, "content" | "filename" | "control"> {
    const set = SETS[kind];
    const body = this.body(order, kind, variant, now);
    const control = this.nextControl();
    const { sender, receiver } = order.interchange ?? {
      sender: ["ZZ", "SUPPLIERB"],
      receiver: ["ZZ", "BUYER"],
    };
    const envelope = { sender, receiver, control, test: order.test, now };
    return {
      content: x12.interchange(set, body, envelope),
      filename: `${set}-${String(control).padStart(9, "0")}.edi`,
      control,
    };
  }

  private body(
    order: SandboxOrder,
    kind: OutgoingKind,
    variant: Variant,
    now: Date,
  ): ReturnType<typeof x12.invoice> {
    switch (kind) {
      case "functional_acknowledgement":
        return x12.functionalAcknowledgement(
          order.functional ?? { group: "", transaction: "" },
        );
      case "acknowledgement":
        return x12.acknowledgement(order, variant, now);
      case "ship_notice":
        return x12.shipNotice(order, variant, now);
      case "invoice":
        return x12.invoice(order, variant, now);
    }
  }

  /** One more than all documents ever written; they are all kept. */
  private nextControl(): number {
    const written = this.store.all().flatMap((order) => order.outgoing).length;
    return written + 1;
  }

  protected override deliver(
    _order: SandboxOrder,
    outgoing: Outgoing,
  ): Promise<{ sent: boolean; answer: string }> {
    writeDurably(this.folders.outbox, outgoing.filename, outgoing.content);
    return Promise.resolve({ sent: true, answer: "written" });
  }
}
