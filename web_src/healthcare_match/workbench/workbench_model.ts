import type {
  Bill,
  MatchException,
  MatchRow,
  QueueFilter,
  QueueItem,
  QueuePage,
  ResolutionChoice,
  ResolutionCode,
} from "./workbench_types";

/**
 * The match workbench without its screen: what is loaded, what is chosen, and
 * what may be done. Components render it and send commands; a command that
 * cannot be done says why and changes nothing.
 */

/** Where the bills come from; in the web client, Odoo. */
export interface WorkbenchSource {
  loadQueue(query: QueueQuery): Promise<QueuePage>;
  loadBill(moveId: number): Promise<Bill>;
  resolve(request: ResolutionRequest): Promise<void>;
  evaluate(moveId: number): Promise<void>;
}

export interface QueueQuery {
  filter: QueueFilter;
  search: string;
  offset: number;
  limit: number;
}

export interface ResolutionRequest {
  exceptionId: number;
  resolution: ResolutionCode;
  reason: string;
}

/** Why a command is refused. */
export type Refusal =
  /** No bill is chosen, or it is not loaded yet. */
  | { code: "no_bill" }
  /** The chosen bill has no open exception. */
  | { code: "nothing_open" }
  /** The user may not; `detail` says who may. */
  | { code: "not_allowed"; detail: string }
  /** Not a way out of this exception for this user; `detail` may say more. */
  | { code: "not_offered"; detail: string }
  | { code: "reason_missing" }
  /** There is no further bill, row or page in that direction. */
  | { code: "at_end" }
  /** The same command is still under way. */
  | { code: "busy" }
  /** Odoo refused; `detail` is its message. */
  | { code: "failed"; detail: string };

export type Outcome<T = undefined> =
  { ok: true; value: T } | { ok: false; refusal: Refusal };

/** What the resolve dialog starts from. */
export interface PreparedResolution {
  exception: MatchException;
  choice: ResolutionChoice;
}

/** Where j, k, Enter and Escape work. */
export type Area = "queue" | "bill";

export const QUEUE_FILTERS: readonly QueueFilter[] = [
  "open",
  "waiting",
  "matched",
  "released",
  "all",
];

const PAGE_SIZE = 40;

function refused(refusal: Refusal): { ok: false; refusal: Refusal } {
  return { ok: false, refusal };
}

function done(): Outcome {
  return { ok: true, value: undefined };
}

/** The message of whatever was thrown; Odoo puts its own under `data`. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) {
    const data = (error as Error & { data?: { message?: unknown } }).data;
    return typeof data?.message === "string" ? data.message : error.message;
  }
  return String(error);
}

export class WorkbenchModel {
  readonly source: WorkbenchSource;

  filter: QueueFilter = "open";
  search = "";
  offset = 0;
  readonly limit = PAGE_SIZE;
  /** The last page that arrived; kept while the next one loads. */
  page: QueuePage | null = null;
  queueLoading = false;
  queueError: string | null = null;

  /** The chosen bill; `bill` may still be the one before it. */
  selectedId: number | null = null;
  bill: Bill | null = null;
  billLoading = false;
  billError: string | null = null;

  selectedRowId: string | null = null;
  selectedExceptionId: number | null = null;
  area: Area = "queue";
  resolving = false;
  evaluating = false;

  /** Answers with an older ticket than this are stale and ignored. */
  queueTicket = 0;
  billTicket = 0;

  constructor(source: WorkbenchSource) {
    this.source = source;
  }

  // What is there ------------------------------------------------------------

  get items(): QueueItem[] {
    return this.page?.items ?? [];
  }

  /** Whether `bill` is the chosen one and not its predecessor on the screen. */
  get isBillCurrent(): boolean {
    return this.bill !== null && this.bill.header.move_id === this.selectedId;
  }

  get selectedRow(): MatchRow | null {
    return this.bill?.rows.find((r) => r.row_id === this.selectedRowId) ?? null;
  }

  get selectedException(): MatchException | null {
    return (
      this.bill?.exceptions.find((e) => e.id === this.selectedExceptionId) ??
      null
    );
  }

  exceptionsOf(row: MatchRow): MatchException[] {
    return (this.bill?.exceptions ?? []).filter((exception) =>
      row.exceptions.includes(exception.id),
    );
  }

  // Queue --------------------------------------------------------------------

  /** Loads the first page, and the given bill or else none. */
  async start(moveId: number | null, area: Area = "queue"): Promise<void> {
    const jobs = [this.loadQueue()];
    if (moveId !== null) {
      this.area = area;
      jobs.push(this.select(moveId).then(() => undefined));
    }
    await Promise.all(jobs);
  }

  async setFilter(filter: QueueFilter): Promise<void> {
    this.filter = filter;
    this.offset = 0;
    await this.loadQueue();
  }

  async setSearch(search: string): Promise<void> {
    if (search.trim() === this.search) {
      return;
    }
    this.search = search.trim();
    this.offset = 0;
    await this.loadQueue();
  }

  async setOffset(offset: number): Promise<void> {
    this.offset = Math.max(0, offset);
    await this.loadQueue();
  }

  /** A failed load keeps the page that is there and says what went wrong. */
  async loadQueue(): Promise<void> {
    const ticket = ++this.queueTicket;
    this.queueLoading = true;
    try {
      const page = await this.source.loadQueue({
        filter: this.filter,
        search: this.search,
        offset: this.offset,
        limit: this.limit,
      });
      if (ticket === this.queueTicket) {
        this.page = page;
        this.queueError = null;
      }
    } catch (error) {
      if (ticket === this.queueTicket) {
        this.queueError = messageOf(error);
      }
    } finally {
      if (ticket === this.queueTicket) {
        this.queueLoading = false;
      }
    }
  }

  // Bill ---------------------------------------------------------------------

  async select(moveId: number): Promise<Outcome> {
    this.selectedId = moveId;
    return this.loadBill();
  }

  /** Leaves the bill, for screens that show one thing at a time. */
  leaveBill(): void {
    this.area = "queue";
  }

  enterBill(): Outcome {
    if (this.selectedId === null) {
      return refused({ code: "no_bill" });
    }
    this.area = "bill";
    return done();
  }

  async loadBill(): Promise<Outcome> {
    const moveId = this.selectedId;
    if (moveId === null) {
      return refused({ code: "no_bill" });
    }
    const ticket = ++this.billTicket;
    this.billLoading = true;
    try {
      const bill = await this.source.loadBill(moveId);
      if (ticket === this.billTicket) {
        this.showBill(bill);
      }
      return done();
    } catch (error) {
      const detail = messageOf(error);
      if (ticket === this.billTicket) {
        this.billError = detail;
      }
      return refused({ code: "failed", detail });
    } finally {
      if (ticket === this.billTicket) {
        this.billLoading = false;
      }
    }
  }

  /** Shows a bill; on the same bill again, what was chosen stays chosen. */
  showBill(bill: Bill): void {
    const sameBill = this.bill?.header.move_id === bill.header.move_id;
    this.bill = bill;
    this.billError = null;
    const row = sameBill ? this.selectedRow : null;
    const exception = sameBill ? this.selectedException : null;
    const firstOpen =
      bill.exceptions.find((e) => e.state === "open") ??
      bill.exceptions.find((e) => e.holds);
    if (exception && (exception.state === "open" || !firstOpen)) {
      this.selectedRowId = row?.row_id ?? null;
      return;
    }
    this.selectedExceptionId = (firstOpen ?? bill.exceptions[0])?.id ?? null;
    this.selectedRowId = this.rowOf(this.selectedExceptionId)?.row_id ?? null;
  }

  rowOf(exceptionId: number | null): MatchRow | null {
    if (exceptionId === null) {
      return null;
    }
    return (
      this.bill?.rows.find((r) => r.exceptions.includes(exceptionId)) ?? null
    );
  }

  /** Chooses a row, and with it its first exception. */
  selectRow(rowId: string): Outcome {
    const row = this.bill?.rows.find((r) => r.row_id === rowId);
    if (!row) {
      return refused({ code: "no_bill" });
    }
    this.area = "bill";
    this.selectedRowId = rowId;
    const exceptions = this.exceptionsOf(row);
    const chosen = exceptions.find((e) => e.holds) ?? exceptions[0];
    if (chosen) {
      this.selectedExceptionId = chosen.id;
    }
    return done();
  }

  /** Chooses an exception, and with it its row. */
  selectException(exceptionId: number): Outcome {
    if (!this.bill?.exceptions.some((e) => e.id === exceptionId)) {
      return refused({ code: "no_bill" });
    }
    this.area = "bill";
    this.selectedExceptionId = exceptionId;
    this.selectedRowId = this.rowOf(exceptionId)?.row_id ?? null;
    return done();
  }

  /** The next (1) or previous (-1) bill of the page, or row of the bill. */
  async move(step: 1 | -1): Promise<Outcome> {
    return this.area === "queue" ? this.moveInQueue(step) : this.moveRow(step);
  }

  async moveInQueue(step: 1 | -1): Promise<Outcome> {
    const items = this.items;
    const at = items.findIndex((item) => item.move_id === this.selectedId);
    const next = items[at === -1 ? (step === 1 ? 0 : -1) : at + step];
    return next ? this.select(next.move_id) : refused({ code: "at_end" });
  }

  moveRow(step: 1 | -1): Outcome {
    const rows = this.isBillCurrent ? (this.bill?.rows ?? []) : [];
    const at = rows.findIndex((row) => row.row_id === this.selectedRowId);
    const next = rows[at === -1 ? (step === 1 ? 0 : -1) : at + step];
    return next ? this.selectRow(next.row_id) : refused({ code: "at_end" });
  }

  // Decisions ----------------------------------------------------------------

  /**
   * What a resolution of the chosen exception would start from: the named way
   * out, else the proposed one, else the first that is offered.
   */
  prepareResolution(code: ResolutionCode | null): Outcome<PreparedResolution> {
    if (!this.bill || !this.isBillCurrent) {
      return refused({ code: "no_bill" });
    }
    const chosen = this.selectedException;
    const exception = chosen?.holds
      ? chosen
      : this.bill.exceptions.find((e) => e.holds);
    if (!exception) {
      return refused({ code: "nothing_open" });
    }
    if (!exception.can_resolve) {
      return refused({
        code: "not_allowed",
        detail: exception.needs_role || "",
      });
    }
    const wanted = code ?? exception.proposed_resolution;
    const choice =
      exception.resolutions.find((c) => c.code === wanted) ??
      (code === null ? exception.resolutions[0] : undefined);
    if (!choice) {
      return refused({
        code: "not_offered",
        detail: exception.needs_role || "",
      });
    }
    return { ok: true, value: { exception, choice } };
  }

  /** Resolves an exception and loads what that changed. */
  async resolve(request: ResolutionRequest): Promise<Outcome> {
    if (!request.reason.trim()) {
      return refused({ code: "reason_missing" });
    }
    if (this.resolving) {
      return refused({ code: "busy" });
    }
    this.resolving = true;
    try {
      await this.source.resolve({ ...request, reason: request.reason.trim() });
    } catch (error) {
      return refused({ code: "failed", detail: messageOf(error) });
    } finally {
      this.resolving = false;
    }
    await this.reload();
    return done();
  }

  /** Asks Odoo for a new verdict on the chosen bill. */
  async evaluate(): Promise<Outcome> {
    if (this.selectedId === null) {
      return refused({ code: "no_bill" });
    }
    if (this.evaluating) {
      return refused({ code: "busy" });
    }
    this.evaluating = true;
    try {
      await this.source.evaluate(this.selectedId);
    } catch (error) {
      return refused({ code: "failed", detail: messageOf(error) });
    } finally {
      this.evaluating = false;
    }
    await this.reload();
    return done();
  }

  /** Loads queue and bill again, keeping what is chosen. */
  async reload(): Promise<void> {
    await Promise.all([
      this.loadQueue(),
      this.selectedId === null ? undefined : this.loadBill(),
    ]);
  }
}
