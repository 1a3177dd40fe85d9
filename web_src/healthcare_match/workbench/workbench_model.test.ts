import { beforeEach, describe, expect, test } from "vitest";

import {
  sampleBill,
  sampleException,
  sampleHeader,
  sampleItem,
  samplePage,
} from "../tests/workbench_sample";
import {
  WorkbenchModel,
  type QueueQuery,
  type ResolutionRequest,
} from "./workbench_model";
import type { Bill, QueuePage } from "./workbench_types";

/** Answers when the test says so, to play late and lost answers. */
class FakeSource {
  queries: QueueQuery[] = [];
  resolved: ResolutionRequest[] = [];
  evaluated: number[] = [];
  page: QueuePage = samplePage([
    sampleItem({ move_id: 1 }),
    sampleItem({ move_id: 2, reference: "INV-2" }),
    sampleItem({ move_id: 3, reference: "INV-3" }),
  ]);
  bills = new Map<number, Bill>();
  answer: (moveId: number) => Promise<Bill> = (moveId) =>
    Promise.resolve(
      this.bills.get(moveId) ??
        sampleBill({ header: sampleHeader({ move_id: moveId }) }),
    );
  queueAnswer: (query: QueueQuery) => Promise<QueuePage> = () =>
    Promise.resolve(this.page);

  loadQueue(query: QueueQuery) {
    this.queries.push(query);
    return this.queueAnswer(query);
  }
  loadBill(moveId: number) {
    return this.answer(moveId);
  }
  resolve(request: ResolutionRequest) {
    this.resolved.push(request);
    return Promise.resolve();
  }
  evaluate(moveId: number) {
    this.evaluated.push(moveId);
    return Promise.resolve();
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
let model: WorkbenchModel;

beforeEach(async () => {
  source = new FakeSource();
  model = new WorkbenchModel(source);
  await model.start(null);
});

describe("queue", () => {
  test("starts with the open bills and no bill chosen", () => {
    expect(source.queries).toEqual([
      { filter: "open", search: "", offset: 0, limit: 40 },
    ]);
    expect(model.items.map((item) => item.move_id)).toEqual([1, 2, 3]);
    expect(model.selectedId).toBeNull();
    expect(model.area).toBe("queue");
  });

  test("another filter or search begins at the first page", async () => {
    await model.setOffset(40);
    await model.setFilter("waiting");
    await model.setOffset(40);
    await model.setSearch("  glove ");
    expect(source.queries.slice(1)).toEqual([
      { filter: "open", search: "", offset: 40, limit: 40 },
      { filter: "waiting", search: "", offset: 0, limit: 40 },
      { filter: "waiting", search: "", offset: 40, limit: 40 },
      { filter: "waiting", search: "glove", offset: 0, limit: 40 },
    ]);
    await model.setSearch("glove  ");
    expect(source.queries).toHaveLength(5);
  });

  test("a late answer never replaces a newer one", async () => {
    const slow = later<QueuePage>();
    source.queueAnswer = () => slow.promise;
    const first = model.setSearch("slow");
    const newer = samplePage([sampleItem({ move_id: 9 })]);
    source.queueAnswer = () => Promise.resolve(newer);
    await model.setSearch("fast");
    slow.resolve(samplePage([]));
    await first;
    expect(model.items.map((item) => item.move_id)).toEqual([9]);
    expect(model.queueLoading).toBe(false);
  });

  test("a failed load keeps the page and says why", async () => {
    source.queueAnswer = () => Promise.reject(new Error("Connection lost"));
    await model.loadQueue();
    expect(model.items).toHaveLength(3);
    expect(model.queueError).toBe("Connection lost");
    source.queueAnswer = () => Promise.resolve(source.page);
    await model.loadQueue();
    expect(model.queueError).toBeNull();
  });
});

describe("bill", () => {
  test("the one before stays until the chosen one arrives", async () => {
    await model.select(1);
    const slow = later<Bill>();
    source.answer = () => slow.promise;
    const loading = model.select(2);
    expect(model.bill?.header.move_id).toBe(1);
    expect(model.isBillCurrent).toBe(false);
    expect(model.prepareResolution(null)).toMatchObject({
      refusal: { code: "no_bill" },
    });
    slow.resolve(sampleBill({ header: sampleHeader({ move_id: 2 }) }));
    await loading;
    expect(model.isBillCurrent).toBe(true);
  });

  test("a late bill never replaces a newer one", async () => {
    const slow = later<Bill>();
    source.answer = () => slow.promise;
    const first = model.select(1);
    source.answer = () =>
      Promise.resolve(sampleBill({ header: sampleHeader({ move_id: 2 }) }));
    await model.select(2);
    slow.resolve(sampleBill());
    await first;
    expect(model.bill?.header.move_id).toBe(2);
  });

  test("its first open exception and that line are chosen", async () => {
    await model.select(1);
    expect(model.selectedException?.id).toBe(501);
    expect(model.selectedRow?.row_id).toBe("11-21");
  });

  test("loading it again keeps what was chosen", async () => {
    source.bills.set(
      1,
      sampleBill({
        exceptions: [sampleException(), sampleException({ id: 502 })],
      }),
    );
    await model.select(1);
    model.selectException(502);
    await model.loadBill();
    expect(model.selectedException?.id).toBe(502);
  });

  test("an Odoo error is shown with Odoo's words", async () => {
    source.answer = () =>
      Promise.reject(
        Object.assign(new Error("RPC_ERROR"), {
          data: { message: "The bill was deleted." },
        }),
      );
    const outcome = await model.select(1);
    expect(outcome).toEqual({
      ok: false,
      refusal: { code: "failed", detail: "The bill was deleted." },
    });
    expect(model.billError).toBe("The bill was deleted.");
    expect(model.billLoading).toBe(false);
  });

  test("opened by a link, it is chosen at once", async () => {
    const linked = new WorkbenchModel(source);
    await linked.start(2, "bill");
    expect(linked.bill?.header.move_id).toBe(2);
    expect(linked.area).toBe("bill");
  });
});

describe("moving", () => {
  test("goes through the bills, and stops at the ends", async () => {
    await model.move(1);
    expect(model.selectedId).toBe(1);
    await model.move(1);
    expect(model.selectedId).toBe(2);
    await model.move(-1);
    expect(model.selectedId).toBe(1);
    expect(await model.move(-1)).toMatchObject({ refusal: { code: "at_end" } });
    expect(model.selectedId).toBe(1);
  });

  test("goes through the lines of a bill once inside it", async () => {
    expect(model.enterBill()).toMatchObject({ refusal: { code: "no_bill" } });
    await model.select(1);
    model.enterBill();
    await model.move(1);
    expect(model.selectedRowId).toBe("12-22");
    expect(await model.move(1)).toMatchObject({ refusal: { code: "at_end" } });
    expect(model.selectedId).toBe(1);
    model.leaveBill();
    await model.move(1);
    expect(model.selectedId).toBe(2);
  });

  test("a line without exceptions leaves the chosen exception", async () => {
    await model.select(1);
    model.selectRow("12-22");
    expect(model.selectedExceptionId).toBe(501);
    model.selectException(501);
    expect(model.selectedRowId).toBe("11-21");
  });
});

describe("decisions", () => {
  const select = async (
    ...exceptions: ReturnType<typeof sampleException>[]
  ) => {
    source.bills.set(1, sampleBill({ exceptions }));
    await model.select(1);
  };

  test("start from the proposed way out, or the named one", async () => {
    await select(sampleException());
    expect(model.prepareResolution(null)).toMatchObject({
      ok: true,
      value: { choice: { code: "request_credit" } },
    });
    expect(model.prepareResolution("dispute")).toMatchObject({
      ok: true,
      value: { choice: { code: "dispute" }, exception: { id: 501 } },
    });
  });

  test("without a proposal start from the first that is offered", async () => {
    await select(sampleException({ proposed_resolution: false }));
    expect(model.prepareResolution(null)).toMatchObject({
      value: { choice: { code: "request_credit" } },
    });
  });

  test("are refused with the reason", async () => {
    expect(model.prepareResolution(null)).toMatchObject({
      refusal: { code: "no_bill" },
    });
    await select(sampleException({ state: "resolved", holds: false }));
    expect(model.prepareResolution(null)).toMatchObject({
      refusal: { code: "nothing_open" },
    });
    await select(sampleException());
    expect(model.prepareResolution("convert_unit")).toMatchObject({
      refusal: { code: "not_offered" },
    });
    await select(
      sampleException({
        can_resolve: false,
        resolutions: [],
        needs_role: "An approver decides above 500.00.",
      }),
    );
    expect(model.prepareResolution("dispute")).toEqual({
      ok: false,
      refusal: {
        code: "not_allowed",
        detail: "An approver decides above 500.00.",
      },
    });
  });

  test("may be changed as long as they still hold the bill", async () => {
    await select(sampleException({ state: "resolved" }));
    expect(model.prepareResolution("accept_variance")).toMatchObject({
      ok: true,
      value: { choice: { code: "accept_variance" } },
    });
  });

  test("that this user may not take say who may", async () => {
    await select(
      sampleException({
        resolutions: sampleException().resolutions.slice(0, 1),
        needs_role: "An approver accepts above 50.00.",
      }),
    );
    expect(model.prepareResolution("accept_variance")).toMatchObject({
      refusal: {
        code: "not_offered",
        detail: "An approver accepts above 50.00.",
      },
    });
  });

  test("need a reason, go to Odoo once, and load what changed", async () => {
    await select(sampleException());
    const request = {
      exceptionId: 501,
      resolution: "accept_variance" as const,
      reason: "  ",
    };
    expect(await model.resolve(request)).toMatchObject({
      refusal: { code: "reason_missing" },
    });
    expect(source.resolved).toEqual([]);

    source.bills.set(
      1,
      sampleBill({
        header: sampleHeader({ match_state: "released", payable: true }),
        exceptions: [sampleException({ state: "resolved", holds: false })],
      }),
    );
    const sent = model.resolve({ ...request, reason: " agreed by phone " });
    expect(await model.resolve({ ...request, reason: "twice" })).toMatchObject({
      refusal: { code: "busy" },
    });
    expect(await sent).toMatchObject({ ok: true });
    expect(source.resolved).toEqual([
      { ...request, reason: "agreed by phone" },
    ]);
    expect(model.bill?.header.match_state).toBe("released");
    expect(source.queries).toHaveLength(2);
  });

  test("that Odoo refuses change nothing", async () => {
    await select(sampleException());
    source.resolve = () =>
      Promise.reject(new Error("Above your limit of 100.00."));
    expect(
      await model.resolve({
        exceptionId: 501,
        resolution: "accept_variance",
        reason: "ok",
      }),
    ).toEqual({
      ok: false,
      refusal: { code: "failed", detail: "Above your limit of 100.00." },
    });
    expect(model.selectedException?.state).toBe("open");
    expect(model.resolving).toBe(false);
  });

  test("a new verdict is asked for the chosen bill", async () => {
    expect(await model.evaluate()).toMatchObject({
      refusal: { code: "no_bill" },
    });
    await model.select(2);
    expect(await model.evaluate()).toMatchObject({ ok: true });
    expect(source.evaluated).toEqual([2]);
  });
});
