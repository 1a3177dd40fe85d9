import { Latest } from "./latest";
import type { MonitorSource } from "./monitor_source";
import { DONE, refused, type Result } from "./outcome";
import type {
  Command,
  Filters,
  MessageDetail,
  MessagePage,
  MessageRow,
  OfferedCommand,
  Selection,
} from "./monitor_types";

export const NO_FILTERS: Readonly<Filters> = {
  search: "",
  endpoint: "",
  direction: "",
  document_type: "",
  state: "all",
  period: "",
  mine: false,
  overdue: false,
  error_code: "",
};

const PAGE_SIZE = 80;
/** More rows than that are reached by filters, not by scrolling. */
const MAX_ROWS = 2000;
/** Messages that a live refresh loads again: the newest, which change. */
const MAX_REFRESH = 200;

/**
 * The list of messages without its screen: filters, pages, the row that the
 * keyboard is at, the rows that are ticked, and the message that is open.
 */
export class MessageListModel {
  readonly source: MonitorSource;
  filters: Filters = { ...NO_FILTERS };
  rows: MessageRow[] = [];
  nextCursor: number | false = false;
  total = 0;
  totalMore = false;
  page = new Latest<MessagePage>();
  loadingMore = false;

  /** Where the keyboard is. */
  currentUuid: string | null = null;
  openUuid: string | null = null;
  detail = new Latest<MessageDetail>();

  /** Ticked rows; with `allMatching` all that match, up to `until`. */
  ticked: Record<string, true> = {};
  allMatching = false;
  until = 0;

  constructor(source: MonitorSource) {
    this.source = source;
  }

  // What is there ------------------------------------------------------------

  get current(): MessageRow | null {
    return this.rows.find((row) => row.uuid === this.currentUuid) ?? null;
  }

  get tickedRows(): MessageRow[] {
    return this.rows.filter((row) => this.ticked[row.uuid]);
  }

  /** How many a command on the selection would look at. */
  get tickedCount(): number {
    return this.allMatching ? this.total : Object.keys(this.ticked).length;
  }

  get isEverythingTicked(): boolean {
    return (
      this.rows.length > 0 && this.rows.every((row) => this.ticked[row.uuid])
    );
  }

  get isFiltered(): boolean {
    return (Object.keys(NO_FILTERS) as (keyof Filters)[]).some(
      (name) => this.filters[name] !== NO_FILTERS[name],
    );
  }

  /** Filters that say something, as Odoo wants them. */
  get activeFilters(): Partial<Filters> {
    const active: Record<string, unknown> = {};
    for (const name of Object.keys(NO_FILTERS) as (keyof Filters)[]) {
      if (this.filters[name] !== NO_FILTERS[name]) {
        active[name] = this.filters[name];
      }
    }
    return active;
  }

  get canLoadMore(): boolean {
    return this.nextCursor !== false && this.rows.length < MAX_ROWS;
  }

  // List ---------------------------------------------------------------------

  /** Other filters begin at the top, with nothing ticked. */
  async setFilters(changes: Partial<Filters>): Promise<void> {
    this.filters = { ...this.filters, ...changes };
    this.untick();
    await this.load();
  }

  /** Loads the first page. A failed load keeps the rows that are there. */
  async load(limit = PAGE_SIZE): Promise<void> {
    const { source } = this;
    const loaded = await this.page.load(() =>
      source.loadMessages(this.activeFilters, false, limit),
    );
    const page = this.page.value;
    if (!loaded || !page) {
      return;
    }
    this.rows = page.items;
    this.nextCursor = page.next_cursor;
    this.total = page.total === false ? page.items.length : page.total;
    this.totalMore = page.total_more;
    if (!this.current) {
      this.currentUuid = this.rows[0]?.uuid ?? null;
    }
  }

  /**
   * Loads again what is shown, for something has changed. Rows beyond what one
   * call gives stay as they are.
   */
  async refresh(): Promise<void> {
    const shown = this.rows;
    const limit = Math.min(MAX_REFRESH, Math.max(PAGE_SIZE, shown.length));
    const cursor = this.nextCursor;
    await this.load(limit);
    const last = this.rows.at(-1);
    // Odoo gave all there is, or nothing new.
    const isWhole = this.nextCursor === false || this.rows === shown;
    if (!last || isWhole || shown.length <= this.rows.length) {
      return;
    }
    this.rows = [...this.rows, ...shown.filter((row) => row.id < last.id)];
    this.nextCursor = cursor;
  }

  async loadMore(): Promise<void> {
    const cursor = this.nextCursor;
    if (!this.canLoadMore || this.loadingMore || cursor === false) {
      return;
    }
    const { ticket } = this.page;
    this.loadingMore = true;
    try {
      const page = await this.source.loadMessages(
        this.activeFilters,
        cursor,
        PAGE_SIZE,
      );
      if (ticket === this.page.ticket) {
        this.rows = [...this.rows, ...page.items];
        this.nextCursor = page.next_cursor;
      }
    } catch {
      // The button stays, and with it another try.
    } finally {
      this.loadingMore = false;
    }
  }

  /** The next (1) or previous (-1) row; with a message open, that is opened. */
  move(step: 1 | -1): Result {
    const at = this.rows.findIndex((row) => row.uuid === this.currentUuid);
    const next = this.rows[at === -1 ? 0 : at + step];
    if (!next) {
      return refused({ code: "at_end" });
    }
    this.currentUuid = next.uuid;
    if (this.openUuid !== null) {
      void this.open(next.uuid);
    }
    return DONE;
  }

  // One message --------------------------------------------------------------

  async open(uuid: string | null = this.currentUuid): Promise<Result> {
    if (uuid === null) {
      return refused({ code: "no_message" });
    }
    this.openUuid = uuid;
    if (this.rows.some((row) => row.uuid === uuid)) {
      this.currentUuid = uuid;
    }
    const { source } = this;
    await this.detail.load(() => source.loadMessage(uuid));
    return this.detail.error
      ? refused({ code: "failed", detail: this.detail.error })
      : DONE;
  }

  close(): void {
    this.openUuid = null;
    this.detail.clear();
  }

  // Selection ----------------------------------------------------------------

  toggle(uuid: string | null = this.currentUuid): Result {
    if (uuid === null) {
      return refused({ code: "no_message" });
    }
    this.allMatching = false;
    const isTicked = this.ticked[uuid];
    const others = Object.entries(this.ticked).filter(([one]) => one !== uuid);
    this.ticked = Object.fromEntries(
      isTicked ? others : [...others, [uuid, true as const]],
    );
    return DONE;
  }

  toggleAll(): void {
    if (this.isEverythingTicked) {
      this.untick();
      return;
    }
    this.allMatching = false;
    this.ticked = Object.fromEntries(
      this.rows.map((row) => [row.uuid, true as const]),
    );
  }

  /** Takes all that match, as they are now: what comes later is not meant. */
  tickAllMatching(): void {
    this.ticked = Object.fromEntries(
      this.rows.map((row) => [row.uuid, true as const]),
    );
    this.allMatching = true;
    this.until = Math.max(0, ...this.rows.map((row) => row.id));
  }

  untick(): void {
    this.ticked = {};
    this.allMatching = false;
  }

  /** What a command is about: the ticked rows, else the one at hand. */
  get selection(): Selection | null {
    if (this.allMatching) {
      return { filters: this.activeFilters, until: this.until };
    }
    const uuids = Object.keys(this.ticked);
    if (uuids.length) {
      return { uuids };
    }
    const single = this.openUuid ?? this.currentUuid;
    return single === null ? null : { uuids: [single] };
  }

  /** Whether the one message at hand takes a command. */
  offers(command: Command | "reroute"): boolean {
    return this.atHand?.actions.includes(command) ?? false;
  }

  /** The open message, else the one that the keyboard is at. */
  get atHand(): MessageRow | null {
    const open = this.detail.value;
    return this.openUuid !== null && open?.uuid === this.openUuid
      ? open
      : this.current;
  }

  /** Commands that make sense for the selection; Odoo leaves others alone. */
  get offeredForTicked(): OfferedCommand[] {
    const order: OfferedCommand[] = ["retry", "replay", "reroute", "cancel"];
    const rows = this.tickedRows;
    return order.filter(
      (command) =>
        rows.some((row) => row.actions.includes(command)) &&
        !(command === "reroute" && this.allMatching),
    );
  }
}
