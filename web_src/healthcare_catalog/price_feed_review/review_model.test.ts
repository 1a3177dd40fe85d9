import { beforeEach, describe, expect, test } from "vitest";

import type {
  Feed,
  FeedLine,
  LineFilters,
  LinePage,
  LineSelection,
} from "./price_feed_review_types";
import { percentText, priceText, trend, unitText } from "./price_text";
import { ReviewModel } from "./review_model";
import type { ReviewSource } from "./review_source";
import { sampleFeed, sampleLine } from "../tests/review_sample";

/** A price list of three lines that does what it is told. */
class FakeSource implements ReviewSource {
  feed: Feed = sampleFeed();
  lines: FeedLine[] = [1, 2, 3].map((id) => sampleLine({ id }));
  asked: unknown[] = [];
  failure: Error | null = null;

  load(): Promise<Feed> {
    return Promise.resolve(this.feed);
  }

  loadLines(
    _feedId: number,
    filters: Partial<LineFilters>,
    cursor: number,
  ): Promise<LinePage> {
    this.asked.push(["lines", filters.kinds, cursor]);
    const rest = this.lines.filter((line) => line.id > cursor);
    return Promise.resolve({
      lines: rest.slice(0, 2),
      next_cursor: rest.length > 2 ? (rest[1]?.id ?? false) : false,
      total: this.lines.length,
    });
  }

  decide(_feedId: number, selection: LineSelection, decision: string) {
    this.asked.push([decision, selection]);
    return this.done({ decided: 1, feed: this.feed });
  }

  approveUnflagged() {
    return this.done(this.feed);
  }
  requestApproval() {
    return this.done(this.feed);
  }
  correct(lineId: number) {
    return this.done({
      feed: this.feed,
      line: sampleLine({ id: lineId, kind: "suspicious" }),
    });
  }
  refuse() {
    return this.done(this.feed);
  }
  retry() {
    return this.done(this.feed);
  }
  rollBack() {
    return this.done(this.feed);
  }

  private done<T>(value: T): Promise<T> {
    return this.failure ? Promise.reject(this.failure) : Promise.resolve(value);
  }
}

let source: FakeSource;
let model: ReviewModel;

beforeEach(async () => {
  source = new FakeSource();
  model = new ReviewModel(source, 7);
  await model.start();
});

describe("what is shown", () => {
  test("begins with the kind that most wants a person", () => {
    expect(model.filters.kinds).toEqual(["suspicious"]);
    expect(model.currentId).toBe(1);
  });

  test("begins with all lines where there is none of a kind", async () => {
    source.feed = sampleFeed({}, {});
    await model.start();
    expect(model.filters.kinds).toEqual([]);
  });

  test("goes on where a page ends", async () => {
    expect(model.lines.map((line) => line.id)).toEqual([1, 2]);
    expect(model.canLoadMore).toBe(true);
    await model.loadMore();
    expect(model.lines.map((line) => line.id)).toEqual([1, 2, 3]);
    expect(model.canLoadMore).toBe(false);
  });

  test("looks again from the start once the feed has stopped running", async () => {
    source.feed = sampleFeed({ state: "comparing" });
    await model.refresh();
    expect(model.isRunning).toBe(true);
    source.asked = [];
    source.feed = sampleFeed({ state: "review" });
    await model.refresh();
    expect(source.asked).toEqual([["lines", ["suspicious"], 0]]);
  });
});

describe("deciding", () => {
  test("is about the current line where none is ticked", async () => {
    source.asked = [];
    const result = await model.decide("approved");
    expect(source.asked[0]).toEqual(["approved", { line_ids: [1] }]);
    expect(result.ok && result.undo).toEqual({
      decided: 1,
      lineIds: [1],
      decision: "approved",
    });
    expect(model.currentId).toBe(2);
  });

  test("is about the ticked lines, else about all that match", async () => {
    model.toggleAll();
    expect(model.selection).toEqual({ line_ids: [1, 2] });
    model.tickAllMatching();
    expect(model.tickedCount).toBe(3);
    expect(model.selection).toEqual({ filters: model.filters });
    const result = await model.decide("refused", "Wrong list");
    expect(result.ok && result.undo?.lineIds).toEqual([]);
    expect(model.tickedCount).toBe(0);
  });

  test("can be taken back", async () => {
    const result = await model.decide("approved");
    source.asked = [];
    if (result.ok && result.undo) await model.undo(result.undo);
    expect(source.asked[0]).toEqual(["open", { line_ids: [1] }]);
    expect(model.currentId).toBe(1);
  });

  test("says what Odoo refuses, and keeps what is shown", async () => {
    source.failure = new Error("You gave the file in yourself.");
    const result = await model.decide("approved");
    expect(result).toEqual({
      ok: false,
      refusal: { code: "failed", detail: "You gave the file in yourself." },
    });
    expect(model.lines).toHaveLength(2);
    expect(model.busy).toBe(false);
  });

  test("a corrected line takes its new findings", async () => {
    await model.correct({ amount: "12.50" });
    expect(model.current?.kind).toBe("suspicious");
  });
});

describe("prices as text", () => {
  test.each([
    ["12.50", "1", "XBX", "12.50 / BX"],
    ["3.10", "100", "EA", "3.10 / 100 EA"],
    ["3.10", "", "EA", "3.10 / EA"],
    ["0.125", "1.000", "", "0.125"],
    ["", "1", "EA", ""],
  ])("%s per %s %s", (amount, base_quantity, unit, text) => {
    expect(priceText({ amount, base_quantity, unit })).toBe(text);
  });

  test.each([
    ["12.5000", "+12.5 %", "up"],
    ["-3", "−3 %", "down"],
    ["-0.0000", "0 %", "same"],
    ["100.0", "+100 %", "up"],
    ["0.04", "+0 %", "up"],
    ["", "", "same"],
  ] as const)("%s", (percent, text, way) => {
    expect(percentText(percent)).toBe(text);
    expect(trend(percent)).toBe(way);
  });

  test("package codes lose their X, others keep it", () => {
    expect([unitText("XBX"), unitText("EA"), unitText("X")]).toEqual([
      "BX",
      "EA",
      "X",
    ]);
  });
});
