import { Latest } from "@healthcare_exchange/monitor/latest";
import {
  DONE,
  messageOf,
  refused,
  type Result,
} from "@healthcare_exchange/monitor/outcome";

import type {
  LineCorrection,
  Feed,
  FeedLine,
  LineDecision,
  LineFilters,
  LineKind,
  LineSelection,
} from "./price_feed_review_types";
import type { ReviewSource } from "./review_source";

/** Lines per page, and the most that the screen keeps. */
export const PAGE = 100;
export const MOST = 2000;
/** States in which the feed goes on by itself, so that the screen asks again. */
const RUNNING = ["received", "staging", "comparing", "approved", "applying"];

/** What the screen filters by; empty lists stand for all. */
export type ShownFilters = Required<Omit<LineFilters, "product_id">>;

export const NO_FILTERS: ShownFilters = {
  kinds: [],
  decisions: [],
  flags: [],
  search: "",
};

/** Kinds in the order in which they want a person. */
export const KINDS: LineKind[] = [
  "suspicious",
  "broken",
  "changed",
  "new",
  "ended",
  "unchanged",
  "ignored",
];

/** A decision that can be taken back: what was decided, and how it was before. */
export interface Undo {
  decided: number;
  lineIds: number[];
  decision: LineDecision;
}

/**
 * One price list under review: its figures, the lines that are shown, which of
 * them are ticked, and what is decided about them.
 */
export class ReviewModel {
  source: ReviewSource;
  feedId: number;
  feed = new Latest<Feed>();
  list = new Latest<{
    lines: FeedLine[];
    next: number | false;
    total: number;
  }>();
  filters: ShownFilters = { ...NO_FILTERS };
  ticked: Record<number, boolean> = {};
  /** Everything that the filters match is meant, not only what is ticked. */
  allMatching = false;
  currentId: number | null = null;
  busy = false;

  constructor(source: ReviewSource, feedId: number) {
    this.source = source;
    this.feedId = feedId;
  }

  /** Loads the feed, and the kind of lines that most wants a person. */
  async start(filters?: ShownFilters): Promise<void> {
    await this.feed.load(() => this.source.load(this.feedId));
    if (filters) {
      this.filters = filters;
    } else {
      const kind = this.firstKind;
      this.filters = { ...NO_FILTERS, kinds: kind ? [kind] : [] };
    }
    await this.load();
  }

  /** The first kind that has lines. */
  get firstKind(): LineKind | undefined {
    const counts = this.feed.value?.counts;
    return counts && KINDS.find((kind) => counts[kind] > 0);
  }

  get lines(): FeedLine[] {
    return this.list.value?.lines ?? [];
  }

  get total(): number {
    return this.list.value?.total ?? 0;
  }

  get current(): FeedLine | undefined {
    return this.lines.find((line) => line.id === this.currentId);
  }

  get isRunning(): boolean {
    return RUNNING.includes(this.feed.value?.state ?? "");
  }

  get isFiltered(): boolean {
    const { decisions, flags, search } = this.filters;
    return decisions.length + flags.length > 0 || search !== "";
  }

  get canLoadMore(): boolean {
    return this.list.value?.next !== false && this.lines.length < MOST;
  }

  get tickedIds(): number[] {
    return this.lines.filter((one) => this.ticked[one.id]).map((one) => one.id);
  }

  get tickedCount(): number {
    return this.allMatching ? this.total : this.tickedIds.length;
  }

  get isEverythingTicked(): boolean {
    return (
      this.lines.length > 0 && this.lines.every((one) => this.ticked[one.id])
    );
  }

  /** What a command is about: the ticked lines, else the current one. */
  get selection(): LineSelection | null {
    if (this.allMatching) {
      return { filters: this.filters };
    }
    const ids = this.tickedIds;
    if (ids.length) {
      return { line_ids: ids };
    }
    return this.currentId === null ? null : { line_ids: [this.currentId] };
  }

  /** Loads the first page of what the filters match. */
  async load(): Promise<void> {
    const { feedId, filters } = this;
    const loaded = await this.list.load(async () => {
      const page = await this.source.loadLines(feedId, filters, 0, PAGE);
      return { lines: page.lines, next: page.next_cursor, total: page.total };
    });
    if (!loaded) {
      return;
    }
    this.untick();
    if (!this.current) {
      this.currentId = this.lines[0]?.id ?? null;
    }
  }

  async loadMore(): Promise<void> {
    const { feedId, filters, list } = this;
    const before = list.value;
    if (!before || before.next === false) {
      return;
    }
    const cursor = before.next;
    await list.load(async () => {
      const page = await this.source.loadLines(feedId, filters, cursor, PAGE);
      return {
        lines: [...before.lines, ...page.lines],
        next: page.next_cursor,
        total: page.total,
      };
    });
  }

  /** Looks again: at a feed that goes on by itself, or that others work at. */
  async refresh(): Promise<void> {
    const wasRunning = this.isRunning;
    await this.feed.load(() => this.source.load(this.feedId));
    if (wasRunning && !this.isRunning) {
      await this.start();
    }
  }

  async show(kinds: LineKind[]): Promise<void> {
    await this.setFilters({ ...NO_FILTERS, kinds });
  }

  async setFilters(filters: Partial<ShownFilters>): Promise<void> {
    this.filters = { ...this.filters, ...filters };
    this.currentId = null;
    await this.load();
  }

  // Choosing -----------------------------------------------------------------

  open(id: number): void {
    this.currentId = id;
  }

  /** Goes on to the next or the previous line. */
  move(step: number): void {
    const index = this.lines.findIndex((line) => line.id === this.currentId);
    const next = this.lines[index === -1 ? 0 : index + step];
    if (next) {
      this.currentId = next.id;
    }
  }

  toggle(id = this.currentId): void {
    if (id === null) {
      return;
    }
    this.allMatching = false;
    this.ticked = { ...this.ticked, [id]: !this.ticked[id] };
  }

  toggleAll(): void {
    const tick = !this.isEverythingTicked;
    this.untick();
    if (tick) {
      this.ticked = Object.fromEntries(this.lines.map((one) => [one.id, true]));
    }
  }

  tickAllMatching(): void {
    this.allMatching = true;
  }

  untick(): void {
    this.ticked = {};
    this.allMatching = false;
  }

  // Deciding -----------------------------------------------------------------

  /**
   * Decides the ticked lines, or the current one, and goes on to the next.
   * Odoo says which of them may be decided.
   */
  async decide(
    decision: Exclude<LineDecision, "proposed">,
    reason = "",
  ): Promise<Result & { undo?: Undo }> {
    const { selection } = this;
    if (!selection) {
      return refused({ code: "no_message" });
    }
    const single = "line_ids" in selection ? selection.line_ids : [];
    const next = this.following(single);
    let decided = 0;
    const result = await this.run(async () => {
      const answer = await this.source.decide(
        this.feedId,
        selection,
        decision,
        reason,
      );
      decided = answer.decided;
      return answer.feed;
    });
    if (!result.ok) {
      return result;
    }
    await this.reload(next);
    return { ...DONE, undo: { decided, lineIds: single, decision } };
  }

  /** Takes a decision about single lines back. */
  async undo(undo: Undo): Promise<Result> {
    const result = await this.run(async () => {
      const selection = { line_ids: undo.lineIds };
      const answer = await this.source.decide(
        this.feedId,
        selection,
        "open",
        "",
      );
      return answer.feed;
    });
    if (result.ok) {
      await this.reload(undo.lineIds[0]);
    }
    return result;
  }

  /** Puts something else in place of what was sent, and compares again. */
  async correct(values: LineCorrection): Promise<Result> {
    const id = this.currentId;
    if (id === null) {
      return refused({ code: "no_message" });
    }
    const result = await this.run(async () => {
      const { feed, line } = await this.source.correct(id, values);
      const { value } = this.list;
      if (value) {
        value.lines = value.lines.map((one) => (one.id === id ? line : one));
      }
      return feed;
    });
    return result;
  }

  approveUnflagged(): Promise<Result> {
    return this.runAndReload(() => this.source.approveUnflagged(this.feedId));
  }

  requestApproval(reason: string): Promise<Result> {
    return this.runAndReload(() =>
      this.source.requestApproval(this.feedId, reason),
    );
  }

  refuse(reason: string): Promise<Result> {
    return this.runAndReload(() => this.source.refuse(this.feedId, reason));
  }

  retry(): Promise<Result> {
    return this.runAndReload(() => this.source.retry(this.feedId));
  }

  rollBack(reason: string): Promise<Result> {
    return this.runAndReload(() => this.source.rollBack(this.feedId, reason));
  }

  // --------------------------------------------------------------------------

  /** The line after those that are decided now, to go on with. */
  following(ids: number[]): number | undefined {
    const last = this.lines
      .map((line) => ids.includes(line.id))
      .lastIndexOf(true);
    const rest = this.lines.slice(last + 1);
    return rest.find((line) => !ids.includes(line.id))?.id;
  }

  async runAndReload(act: () => Promise<Feed>): Promise<Result> {
    const result = await this.run(act);
    if (result.ok) {
      await this.reload();
    }
    return result;
  }

  /** Does one thing at a time; what Odoo refuses is a result, not an error. */
  async run(act: () => Promise<Feed>): Promise<Result> {
    if (this.busy) {
      return refused({ code: "busy" });
    }
    this.busy = true;
    try {
      this.feed.value = await act();
      return DONE;
    } catch (error) {
      return refused({ code: "failed", detail: messageOf(error) });
    } finally {
      this.busy = false;
    }
  }

  async reload(currentId?: number): Promise<void> {
    if (currentId !== undefined) {
      this.currentId = currentId;
    }
    await this.load();
  }
}
