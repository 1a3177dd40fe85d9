import { beforeEach, describe, expect, test } from "vitest";

import {
  sampleDetail,
  sampleHistory,
  sampleOverview,
  samplePage,
  sampleRow,
  sampleRows,
} from "../tests/monitor_sample";
import { BulkRun } from "./bulk_run";
import { type MessageListModel, NO_FILTERS } from "./message_list_model";
import { MonitorModel } from "./monitor_model";
import type { MonitorSource } from "./monitor_source";
import type {
  Command,
  Filters,
  MessageDetail,
  MessagePage,
  Overview,
  Selection,
  SliceResult,
} from "./monitor_types";

interface Slice {
  command: Command;
  selection: Selection;
  cursor: number | false;
}

/** Answers as the test says, to play late and lost answers. */
class FakeSource implements MonitorSource {
  asked: string[] = [];
  pages: {
    filters: Partial<Filters>;
    cursor: number | false;
    limit: number;
  }[] = [];
  slices: Slice[] = [];
  rows = sampleRows(3);
  overviewAnswer: () => Promise<Overview> = () =>
    Promise.resolve(sampleOverview());
  pageAnswer: (cursor: number | false) => Promise<MessagePage> = () =>
    Promise.resolve(samplePage(this.rows));
  detailAnswer: (uuid: string) => Promise<MessageDetail> = (uuid) =>
    Promise.resolve(sampleDetail({ uuid }));
  sliceAnswer: (slice: Slice) => Promise<SliceResult> = ({ selection }) => {
    const seen = "uuids" in selection ? selection.uuids.length : 100;
    return Promise.resolve({ seen, done: seen, left: [], next_cursor: false });
  };

  loadOverview(period: string) {
    this.asked.push(`overview ${period}`);
    return this.overviewAnswer();
  }
  loadHistory(endpoint: string | false, period: string) {
    this.asked.push(`history ${endpoint || "all"} ${period}`);
    return Promise.resolve(sampleHistory({ endpoint }));
  }
  loadMessages(
    filters: Partial<Filters>,
    cursor: number | false,
    limit: number,
  ) {
    this.pages.push({ filters, cursor, limit });
    return this.pageAnswer(cursor);
  }
  loadMessage(uuid: string) {
    this.asked.push(`message ${uuid}`);
    return this.detailAnswer(uuid);
  }
  runCommand(command: Command, selection: Selection, cursor: number | false) {
    const slice = { command, selection, cursor };
    this.slices.push(slice);
    return this.sliceAnswer(slice);
  }
  rerouteAction(uuids: string[]) {
    this.asked.push(`reroute ${uuids.join()}`);
    return Promise.resolve({ type: "ir.actions.act_window" });
  }
}

function later<T>() {
  let settle: { resolve: (value: T) => void; reject: (e: Error) => void };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
}

let source: FakeSource;
let model: MonitorModel;
let list: MessageListModel;

beforeEach(() => {
  source = new FakeSource();
  model = new MonitorModel(source);
  list = model.messages;
});

describe("overview", () => {
  test("starts with the last day of all endpoints", async () => {
    await model.start({});
    expect(source.asked).toEqual(["overview day", "history all day"]);
    expect(source.pages).toEqual([]);
  });

  test("what needs a look comes first", async () => {
    await model.start({});
    expect(model.sortedEndpoints.map((one) => one.code)).toEqual([
      "SUPPLIER_B",
      "SUPPLIER_A",
    ]);
  });

  test("a failed load keeps what is there and says why", async () => {
    await model.start({});
    source.overviewAnswer = () => Promise.reject(new Error("no network"));
    await model.refresh();
    expect(model.endpoints).toHaveLength(2);
    expect(model.overview.error).toBe("no network");
    source.overviewAnswer = () => Promise.resolve(sampleOverview());
    await model.refresh();
    expect(model.overview.error).toBeNull();
  });

  test("an answer that was overtaken is ignored", async () => {
    const slow = later<Overview>();
    source.overviewAnswer = () => slow.promise;
    const first = model.loadOverview();
    source.overviewAnswer = () =>
      Promise.resolve(sampleOverview({ period: "week" }));
    await model.setPeriod("week");
    slow.resolve(sampleOverview({ period: "day" }));
    await first;
    expect(model.overview.value?.period).toBe("week");
  });

  test("charts of one endpoint, and of all again", async () => {
    await model.start({});
    await model.setEndpoint("SUPPLIER_B");
    await model.setEndpoint("");
    expect(source.asked.slice(2)).toEqual([
      "history SUPPLIER_B day",
      "history all day",
    ]);
  });

  test("a figure's messages replace filters of before", async () => {
    await list.setFilters({ search: "old", mine: true });
    await model.showMessages({ endpoint: "SUPPLIER_B", state: "dead" });
    expect(source.pages.at(-1)?.filters).toEqual({
      endpoint: "SUPPLIER_B",
      state: "dead",
    });
    expect(model.view).toBe("messages");
  });
});

describe("list", () => {
  test("only filters that say something are sent", async () => {
    await list.load();
    expect(source.pages[0]).toEqual({ filters: {}, cursor: false, limit: 80 });
    expect(list.isFiltered).toBe(false);
    await list.setFilters({ state: "dead" });
    expect(list.isFiltered).toBe(true);
    await list.setFilters({ ...NO_FILTERS });
    expect(source.pages.at(-1)?.filters).toEqual({});
  });

  test("further pages by their key", async () => {
    source.pageAnswer = (cursor) =>
      Promise.resolve(
        cursor
          ? samplePage([sampleRow({ id: 1, uuid: "last" })], { total: false })
          : samplePage(source.rows, { next_cursor: 998, total: 4 }),
      );
    await list.load();
    expect(list.canLoadMore).toBe(true);
    await list.loadMore();
    expect(source.pages[1]?.cursor).toBe(998);
    expect(list.rows.map((row) => row.uuid)).toEqual([
      "uuid-1",
      "uuid-2",
      "uuid-3",
      "last",
    ]);
    expect(list.total).toBe(4);
    expect(list.canLoadMore).toBe(false);
    await list.loadMore();
    expect(source.pages).toHaveLength(2);
  });

  test("a page of former filters does not get into the list", async () => {
    const slow = later<MessagePage>();
    source.pageAnswer = (cursor) =>
      cursor
        ? slow.promise
        : Promise.resolve(samplePage(source.rows, { next_cursor: 998 }));
    await list.load();
    const more = list.loadMore();
    await list.setFilters({ state: "dead" });
    slow.resolve(samplePage([sampleRow({ uuid: "stale" })]));
    await more;
    expect(list.rows.some((row) => row.uuid === "stale")).toBe(false);
  });

  test("a refresh keeps row, ticks and rows far below", async () => {
    const rows = sampleRows(250);
    source.pageAnswer = () =>
      Promise.resolve(samplePage(rows.slice(0, 80), { next_cursor: 921 }));
    await list.load();
    list.rows = rows;
    list.nextCursor = 751;
    list.currentUuid = "uuid-40";
    list.toggle("uuid-3");
    source.pageAnswer = () =>
      Promise.resolve(samplePage(rows.slice(0, 200), { next_cursor: 801 }));
    await list.refresh();
    expect(source.pages.at(-1)?.limit).toBe(200);
    expect(list.rows.map((row) => row.uuid)).toEqual(
      rows.map((row) => row.uuid),
    );
    expect(list.nextCursor).toBe(751);
    expect(list.currentUuid).toBe("uuid-40");
    expect(list.tickedCount).toBe(1);
  });

  test("keys move and stop at the ends", async () => {
    await list.load();
    expect(list.currentUuid).toBe("uuid-1");
    expect(list.move(1).ok).toBe(true);
    expect(list.move(1).ok).toBe(true);
    expect(list.move(1)).toEqual({ ok: false, refusal: { code: "at_end" } });
    expect(list.currentUuid).toBe("uuid-3");
    expect(list.move(-1).ok).toBe(true);
    expect(list.currentUuid).toBe("uuid-2");
    expect(list.openUuid).toBeNull();
  });

  test("with a message open, moving opens the next", async () => {
    await list.load();
    await list.open();
    list.move(1);
    expect(list.openUuid).toBe("uuid-2");
    expect(source.asked).toEqual(["message uuid-1", "message uuid-2"]);
    list.close();
    expect(list.detail.value).toBeNull();
  });

  test("no message, no opening", async () => {
    expect(await list.open()).toEqual({
      ok: false,
      refusal: { code: "no_message" },
    });
  });

  test("a message that is not there says why", async () => {
    source.detailAnswer = () => Promise.reject(new Error("no such message"));
    expect(await list.open("gone")).toEqual({
      ok: false,
      refusal: { code: "failed", detail: "no such message" },
    });
  });
});

describe("selection", () => {
  beforeEach(async () => {
    await list.load();
  });

  test("ticks and unticks", () => {
    list.toggle();
    list.toggle("uuid-2");
    list.toggle("uuid-1");
    expect(list.selection).toEqual({ uuids: ["uuid-2"] });
    list.toggleAll();
    expect(list.isEverythingTicked).toBe(true);
    list.toggleAll();
    expect(list.tickedCount).toBe(0);
  });

  test("nothing ticked means the message at hand", () => {
    list.move(1);
    expect(list.selection).toEqual({ uuids: ["uuid-2"] });
  });

  test("all that match, as they were when it was said", async () => {
    await list.setFilters({ state: "dead" });
    list.total = 5000;
    list.tickAllMatching();
    expect(list.tickedCount).toBe(5000);
    expect(list.selection).toEqual({
      filters: { state: "dead" },
      until: 1000,
    });
    expect(list.offeredForTicked).toEqual(["replay", "cancel"]);
    list.toggle("uuid-1");
    expect(list.allMatching).toBe(false);
  });

  test("other filters untick everything", async () => {
    list.toggleAll();
    await list.setFilters({ state: "dead" });
    expect(list.tickedCount).toBe(0);
  });
});

describe("commands", () => {
  beforeEach(async () => {
    await model.start({ view: "messages" });
  });

  test("what is not offered is refused", () => {
    const refusal = { ok: false, refusal: { code: "not_offered" } };
    expect(model.prepare("retry")).toEqual(refusal);
    model.overview.value = sampleOverview({ can_act: false });
    expect(model.prepare("replay")).toEqual(refusal);
  });

  test("nothing is done before it is run", async () => {
    const prepared = model.prepare("replay");
    expect(source.slices).toEqual([]);
    expect(prepared.ok).toBe(true);
    if (prepared.ok) {
      await prepared.run.run();
      await prepared.run.run();
    }
    expect(source.slices).toEqual([
      { command: "replay", selection: { uuids: ["uuid-1"] }, cursor: false },
    ]);
  });

  test("a thousand named messages go in slices", async () => {
    const uuids = sampleRows(250).map((row) => row.uuid);
    const run = new BulkRun(source, "replay", { uuids }, 250);
    await run.run();
    expect(
      source.slices.map(({ selection }) =>
        "uuids" in selection ? selection.uuids.length : 0,
      ),
    ).toEqual([100, 100, 50]);
    expect([run.state, run.done, run.progress]).toEqual(["finished", 250, 1]);
  });

  test("all that match go on at the cursor, with a sum of what was left", async () => {
    const answers: SliceResult[] = [
      {
        seen: 100,
        done: 90,
        left: [{ reason: "on_its_way", number: 10 }],
        next_cursor: 900,
      },
      {
        seen: 40,
        done: 35,
        left: [
          { reason: "on_its_way", number: 2 },
          { reason: "unreadable", number: 3 },
        ],
        next_cursor: false,
      },
    ];
    source.sliceAnswer = () => Promise.resolve(answers.shift()!);
    const run = new BulkRun(source, "cancel", { filters: {}, until: 9 }, 140);
    await run.run();
    expect(source.slices.map(({ cursor }) => cursor)).toEqual([false, 900]);
    expect([run.seen, run.done, run.leftCount]).toEqual([140, 125, 15]);
    expect(run.left).toEqual({ on_its_way: 12, unreadable: 3 });
  });

  test("it stops between two slices", async () => {
    const run = new BulkRun(source, "replay", { filters: {}, until: 9 }, 500);
    source.sliceAnswer = () => {
      run.stop();
      return Promise.resolve({
        seen: 100,
        done: 100,
        left: [],
        next_cursor: 900,
      });
    };
    await run.run();
    expect(source.slices).toHaveLength(1);
    expect([run.state, run.done]).toEqual(["stopped", 100]);
  });

  test("a failure says what was done until then", async () => {
    let calls = 0;
    source.sliceAnswer = () => {
      calls += 1;
      return calls === 1
        ? Promise.resolve({ seen: 100, done: 99, left: [], next_cursor: 900 })
        : Promise.reject(new Error("Odoo is away"));
    };
    const run = new BulkRun(source, "replay", { filters: {}, until: 9 }, 500);
    await run.run();
    expect([run.state, run.done, run.error]).toEqual([
      "failed",
      99,
      "Odoo is away",
    ]);
  });

  test("rerouting names its messages", async () => {
    expect(await model.prepareReroute()).toEqual({
      ok: true,
      action: { type: "ir.actions.act_window" },
    });
    expect(source.asked.at(-1)).toBe("reroute uuid-1");
    list.tickAllMatching();
    expect((await model.prepareReroute()).ok).toBe(false);
  });
});
