import type { Services } from "@web/core/utils/hooks";

import type { Feed, FeedLine, LinePage } from "./price_feed_review_types";
import type { ReviewSource } from "./review_source";

/** The review's data from Odoo; the payloads are those of the types file. */
export function odooSource(orm: Services["orm"]): ReviewSource {
  const model = "healthcare.price.feed.review";
  const call = (method: string, kwargs: Record<string, unknown>) =>
    orm.call(model, method, [], kwargs);
  // What is on the screen stays while the next loads: no sign of loading.
  const load = (method: string, kwargs: Record<string, unknown>) =>
    orm.silent.call(model, method, [], kwargs);
  return {
    async load(feed_id) {
      return (await load("load", { feed_id })) as Feed;
    },
    async loadLines(feed_id, filters, cursor, limit) {
      const kwargs = { feed_id, filters, cursor, limit };
      return (await load("load_lines", kwargs)) as LinePage;
    },
    async decide(feed_id, selection, decision, reason) {
      const kwargs = { feed_id, selection, decision, reason };
      return (await call("decide", kwargs)) as { decided: number; feed: Feed };
    },
    async approveUnflagged(feed_id) {
      return (await call("approve_unflagged", { feed_id })) as Feed;
    },
    async requestApproval(feed_id, reason) {
      return (await call("request_approval", { feed_id, reason })) as Feed;
    },
    async correct(line_id, values) {
      const answer = await call("correct", { line_id, values });
      return answer as { feed: Feed; line: FeedLine };
    },
    async refuse(feed_id, reason) {
      return (await call("refuse", { feed_id, reason })) as Feed;
    },
    async retry(feed_id) {
      return (await call("retry", { feed_id })) as Feed;
    },
    async rollBack(feed_id, reason) {
      return (await call("roll_back", { feed_id, reason })) as Feed;
    },
  };
}
