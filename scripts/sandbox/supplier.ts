/** What both sandbox suppliers do: keep orders, answer them, deliver. */
import { Faults } from "./faults.ts";
import { Ledger } from "./ledger.ts";
import type { Outgoing, OutgoingKind, SandboxOrder, Variant } from "./order.ts";
import { OrderStore } from "./store.ts";

/** The three things that a supplier does with an order. */
export type Action = "acknowledge" | "ship" | "invoice";

export const ACTIONS: Record<Action, OutgoingKind> = {
  acknowledge: "acknowledgement",
  ship: "ship_notice",
  invoice: "invoice",
};

/** Whether and when orders are answered without being told to. */
export interface Behaviour {
  auto: boolean;
  /** Milliseconds after the order came. */
  delays: Record<Action, number>;
}

export const DEFAULT_BEHAVIOUR: Behaviour = {
  auto: true,
  delays: { acknowledge: 1_000, ship: 3_000, invoice: 6_000 },
};

/** Numbers of samples: a supplier's test system takes them and says nothing. */
const SAMPLE = /^TEST-/;

/** Milliseconds between tries to deliver what could not be. */
const RETRY = 2_000;

/** Milliseconds between looks at the orders. */
const TICK = 200;

/** Says how it went; `sent: false` means "later again". */
export type Deliver = (
  order: SandboxOrder,
  outgoing: Outgoing,
) => Promise<{ sent: boolean; answer: string }>;

export abstract class Supplier {
  readonly store: OrderStore;
  readonly ledger = new Ledger();
  readonly faults = new Faults();
  behaviour: Behaviour = structuredClone(DEFAULT_BEHAVIOUR);
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> = Promise.resolve();
  private retryAt = 0;

  constructor(stateFolder: string) {
    this.store = new OrderStore(stateFolder);
  }

  /** Makes the document of an action; pure apart from the clock. */
  protected abstract write(
    order: SandboxOrder,
    kind: OutgoingKind,
    variant: Variant,
    now: Date,
  ): Pick<Outgoing, "content" | "filename" | "control">;

  protected abstract deliver(
    order: SandboxOrder,
    outgoing: Outgoing,
  ): Promise<{ sent: boolean; answer: string }>;

  /** Looks for new orders, where they are not brought. */
  protected lookForOrders(): void {}

  start(): void {
    this.timer = setInterval(() => {
      this.working = this.working.then(() => this.tick());
    }, TICK);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /**
   * Writes a document for an order; it is delivered a moment later. Each call
   * makes a further document, so a test can send a second bill.
   */
  act(order: SandboxOrder, action: Action, variant: Variant): Outgoing {
    return this.add(order, ACTIONS[action], variant);
  }

  protected add(
    order: SandboxOrder,
    kind: OutgoingKind,
    variant: Variant,
  ): Outgoing {
    const count = order.outgoing.filter((one) => one.kind === kind).length + 1;
    const outgoing: Outgoing = {
      key: `${order.supplier}-${kind}-${order.number}-${count}`.replace(
        /[^\x21-\x7e]/g,
        "_",
      ),
      kind,
      ...this.write(order, kind, variant, new Date()),
      sent: false,
    };
    order.outgoing.push(outgoing);
    this.store.save(order);
    return outgoing;
  }

  private async tick(): Promise<void> {
    try {
      this.lookForOrders();
      if (this.behaviour.auto) this.answerOrders();
      if (Date.now() >= this.retryAt) await this.deliverAll();
    } catch (error) {
      this.retryAt = Date.now() + RETRY;
      console.error(
        JSON.stringify({
          level: "error",
          event: "sandbox_failed",
          message: error instanceof Error ? error.message : String(error),
        }),
      );
    }
  }

  /** Does what is due by the behaviour and has not been done by hand. */
  private answerOrders(): void {
    for (const order of this.store.all()) {
      if (SAMPLE.test(order.number)) continue;
      const age = Date.now() - Date.parse(order.receivedAt);
      for (const [action, kind] of Object.entries(ACTIONS)) {
        const due = age >= this.behaviour.delays[action as Action];
        const done = order.outgoing.some((one) => one.kind === kind);
        if (due && !done) this.act(order, action as Action, {});
      }
    }
  }

  private async deliverAll(): Promise<void> {
    for (const order of this.store.all())
      for (const outgoing of order.outgoing) {
        if (outgoing.sent) continue;
        const { sent, answer } = await this.deliver(order, outgoing);
        outgoing.sent = sent;
        outgoing.answer = answer;
        this.store.save(order);
        if (!sent) this.retryAt = Date.now() + RETRY;
      }
  }
}
