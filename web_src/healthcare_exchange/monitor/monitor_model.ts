import { BulkRun } from "./bulk_run";
import { Latest } from "./latest";
import { MessageListModel } from "./message_list_model";
import type { MonitorSource } from "./monitor_source";
import { messageOf, type Refusal } from "./outcome";
import type {
  Command,
  EndpointRow,
  Filters,
  History,
  Overview,
  Period,
} from "./monitor_types";

export type View = "overview" | "messages";

export const PERIODS: readonly Period[] = ["hour", "day", "week"];

/** What the screen keeps when it is left, and starts from. */
export interface MonitorState {
  view?: View;
  period?: Period;
  endpoint?: string;
  filters?: Partial<Filters>;
  uuid?: string | null;
}

/**
 * The integration monitor without its screen: what is loaded, what is chosen,
 * and what may be done. What is on the screen stays while the next loads.
 */
export class MonitorModel {
  readonly source: MonitorSource;
  readonly messages: MessageListModel;
  view: View = "overview";
  period: Period = "day";
  overview = new Latest<Overview>();
  history = new Latest<History>();
  /** Code of the endpoint whose charts are shown; empty: all of them. */
  endpoint = "";

  constructor(source: MonitorSource) {
    this.source = source;
    this.messages = new MessageListModel(source);
  }

  get canAct(): boolean {
    return this.overview.value?.can_act ?? false;
  }

  get endpoints(): EndpointRow[] {
    return this.overview.value?.endpoints ?? [];
  }

  /** Those that need a look come first; else as Odoo orders them. */
  get sortedEndpoints(): EndpointRow[] {
    return [...this.endpoints].sort((a, b) => urgency(b) - urgency(a));
  }

  // Loading ------------------------------------------------------------------

  async start(state: MonitorState): Promise<void> {
    this.view = state.view ?? "overview";
    this.period = state.period ?? "day";
    this.endpoint = state.endpoint ?? "";
    const { messages } = this;
    messages.filters = { ...messages.filters, ...state.filters };
    const jobs = [this.loadOverview()];
    if (this.view === "overview") {
      jobs.push(this.loadHistory());
    } else {
      jobs.push(messages.load());
    }
    if (state.uuid) {
      jobs.push(messages.open(state.uuid).then(() => undefined));
    }
    await Promise.all(jobs);
  }

  async loadOverview(): Promise<void> {
    const { period, source } = this;
    await this.overview.load(() => source.loadOverview(period));
  }

  async loadHistory(): Promise<void> {
    const { endpoint, period, source } = this;
    await this.history.load(() =>
      source.loadHistory(endpoint || false, period),
    );
  }

  /** Loads again what is on the screen; a bulk selection stays as it is. */
  async refresh(): Promise<void> {
    const jobs = [this.loadOverview()];
    if (this.view === "overview") {
      jobs.push(this.loadHistory());
    } else {
      jobs.push(this.messages.refresh());
      const { openUuid } = this.messages;
      if (openUuid !== null) {
        jobs.push(this.messages.open(openUuid).then(() => undefined));
      }
    }
    await Promise.all(jobs);
  }

  // Choosing -----------------------------------------------------------------

  async setPeriod(period: Period): Promise<void> {
    this.period = period;
    await Promise.all([this.loadOverview(), this.loadHistory()]);
  }

  /** Shows the charts of one endpoint, or of all. */
  async setEndpoint(code: string): Promise<void> {
    this.endpoint = code;
    await this.loadHistory();
  }

  async showOverview(): Promise<void> {
    this.view = "overview";
    this.messages.close();
    await Promise.all([this.loadOverview(), this.loadHistory()]);
  }

  /** Shows messages; filters that are not named are taken off where any is. */
  async showMessages(filters?: Partial<Filters>): Promise<void> {
    this.view = "messages";
    const { messages } = this;
    messages.close();
    if (filters) {
      const none = new MessageListModel(this.source).filters;
      await messages.setFilters({ ...none, ...filters });
    } else {
      await messages.load();
    }
  }

  /** Shows one message, whatever the list's filters let through. */
  async showMessage(uuid: string): Promise<void> {
    if (this.view !== "messages") {
      this.view = "messages";
      void this.messages.load();
    }
    await this.messages.open(uuid);
  }

  // Acting -------------------------------------------------------------------

  /**
   * What a command on the ticked messages, or else on the one at hand, would
   * be; it does nothing before it is run.
   */
  prepare(
    command: Command,
  ): { ok: true; run: BulkRun } | { ok: false; refusal: Refusal } {
    const { messages } = this;
    const { selection } = messages;
    if (selection === null) {
      return { ok: false, refusal: { code: "no_message" } };
    }
    const isBulk = messages.tickedCount > 0;
    if (!this.canAct || (!isBulk && !messages.offers(command))) {
      return { ok: false, refusal: { code: "not_offered" } };
    }
    const expected = isBulk ? messages.tickedCount : 1;
    return {
      ok: true,
      run: new BulkRun(this.source, command, selection, expected),
    };
  }

  /** The action that asks where to send messages instead. */
  async prepareReroute(): Promise<
    | { ok: true; action: Record<string, unknown> }
    | { ok: false; refusal: Refusal }
  > {
    const { selection } = this.messages;
    if (selection === null || !("uuids" in selection)) {
      return { ok: false, refusal: { code: "no_message" } };
    }
    try {
      const action = await this.source.rerouteAction(selection.uuids);
      return { ok: true, action };
    } catch (error) {
      return {
        ok: false,
        refusal: { code: "failed", detail: messageOf(error) },
      };
    }
  }
}

/** How much an endpoint needs a look. */
function urgency(row: EndpointRow): number {
  const byHealth = { open: 4, degraded: 3, maintenance: 1 } as Partial<
    Record<EndpointRow["health"], number>
  >;
  const trouble = row.alerts || row.dead || row.overdue ? 2 : 0;
  return Math.max(byHealth[row.health] ?? 0, trouble);
}
