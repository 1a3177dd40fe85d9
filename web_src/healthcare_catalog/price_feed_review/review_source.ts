import type {
  LineCorrection,
  Feed,
  FeedLine,
  LineDecision,
  LineFilters,
  LinePage,
  LineSelection,
} from "./price_feed_review_types";

/** Where the review's data come from; in the web client, Odoo. */
export interface ReviewSource {
  load(feedId: number): Promise<Feed>;
  loadLines(
    feedId: number,
    filters: LineFilters,
    cursor: number,
    limit: number,
  ): Promise<LinePage>;
  decide(
    feedId: number,
    selection: LineSelection,
    decision: Exclude<LineDecision, "proposed">,
    reason: string,
  ): Promise<{ decided: number; feed: Feed }>;
  approveUnflagged(feedId: number): Promise<Feed>;
  requestApproval(feedId: number, reason: string): Promise<Feed>;
  correct(
    lineId: number,
    values: LineCorrection,
  ): Promise<{ feed: Feed; line: FeedLine }>;
  refuse(feedId: number, reason: string): Promise<Feed>;
  retry(feedId: number): Promise<Feed>;
  rollBack(feedId: number, reason: string): Promise<Feed>;
}
