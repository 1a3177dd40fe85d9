import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  animationFrame,
  beforeEach,
  describe,
  expect,
  press,
  queryAllTexts,
  runAllTimers,
  test,
} from "@odoo/hoot";
import {
  contains,
  getService,
  makeServerError,
  mountWithCleanup,
  onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

import type {
  Feed,
  FeedLine,
  LineFilters,
} from "../price_feed_review/price_feed_review_types";
import { sampleFeed, sampleLine } from "./review_sample";

defineMailModels();

const REVIEW = "healthcare.price.feed.review";
const ROW = ".o_hpf_row";

/** What Odoo would answer; a test changes what it is about. */
let feed: Feed;
let lines: FeedLine[];

beforeEach(() => {
  feed = sampleFeed();
  lines = [
    sampleLine({ id: 1 }),
    sampleLine({
      id: 2,
      kind: "broken",
      flags: ["item_unknown"],
      explanation: "No item has the code S-99.",
      remedy: "Choose the item, enter the code on it, or refuse the line.",
      product: false,
      before: false,
      change_percent: "",
    }),
  ];
  // What the approvals in the bar at the top ask.
  onRpc("res.users", "review_user_count", () => []);
  onRpc(REVIEW, "load", () => feed);
  onRpc(REVIEW, "load_lines", ({ kwargs }) => {
    const { kinds, search } = kwargs["filters"] as LineFilters;
    expect.step(["lines", kinds?.join(), search].join(" ").trim());
    return { lines, next_cursor: false, total: lines.length };
  });
  onRpc(REVIEW, "decide", ({ kwargs }) => {
    const { decision, selection, reason } = kwargs;
    expect.step(
      `${String(decision)} ${JSON.stringify(selection)} ${String(reason)}`,
    );
    return { decided: 1, feed };
  });
});

async function openReview() {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "healthcare_catalog.price_feed_review",
    name: "Price Feed Review",
    params: { feed_id: 7 },
  });
  await animationFrame();
  await animationFrame();
  await animationFrame();
  expect.verifySteps(["lines suspicious"]);
}

describe("desktop", () => {
  describe.current.tags("desktop");

  test("opens with the lines that most want a person", async () => {
    await openReview();
    expect(queryAllTexts(".o_hpf_kind")).toEqual([
      "Suspicious 2",
      "Broken 1",
      "Changed 3",
    ]);
    expect(`${ROW}:first`).toHaveText(/12.40 \/ BX\s*124.00 \/ BX\s*\+900 %/);
    expect(".o_hpf_detail").toHaveText(/decimal slip\?/);
    expect(".o_hpf_detail").toHaveText(/1 BX = 12 of the item's unit/);
    expect(".o_hpf_unflagged").toHaveText("Approve All but the Flagged (3)");
  });

  test("another kind of lines", async () => {
    await openReview();
    await contains("[data-kind=broken]").click();
    expect.verifySteps(["lines broken"]);
    expect("[data-kind=broken]").toHaveAttribute("aria-pressed", "true");
    await contains(`${ROW}[data-line='2'] .o_hpf_open`).click();
    expect(".o_hpf_approve").toHaveCount(0);
    expect(".o_hpf_correct").toHaveClass("btn-primary");
  });

  test("columns that no line fills are not there", async () => {
    await openReview();
    expect(queryAllTexts("thead th").includes("Contract")).toBe(true);
    const [line] = lines;
    lines = [
      {
        ...sampleLine({ contract: false }),
        sent: { ...line!.sent, valid_from: "" },
        price: { ...line!.price, valid_from: "" },
      },
    ];
    await contains("[data-kind=changed]").click();
    await animationFrame();
    expect.verifySteps(["lines changed"]);
    expect(queryAllTexts("thead th")).toEqual([
      "",
      "Item",
      "Before",
      "New",
      "Change",
      "Found",
      "Decision",
    ]);
  });

  test("keys go on, approve, and undo takes back", async () => {
    await openReview();
    await press("a");
    await animationFrame();
    await animationFrame();
    expect.verifySteps(['approved {"line_ids":[1]} ', "lines suspicious"]);
    expect(`${ROW}[data-line='2']`).toHaveAttribute("aria-current", "true");
    await contains(".o_notification button:contains(Undo)").click();
    await animationFrame();
    expect.verifySteps(['open {"line_ids":[1]} ', "lines suspicious"]);
  });

  test("refusing wants a reason", async () => {
    await openReview();
    await contains(".o_hpf_refuse").click();
    expect(".o_hpf_confirm").not.toBeEnabled();
    await contains("#o_hpf_reason").edit("Wrong unit");
    await contains(".o_hpf_confirm").click();
    await animationFrame();
    expect.verifySteps([
      'refused {"line_ids":[1]} Wrong unit',
      "lines suspicious",
    ]);
  });

  test("ticked lines are decided together", async () => {
    await openReview();
    await contains("thead .o_hpf_tick input").click();
    expect(".o_hpf_ticked").toHaveText("2 selected");
    await contains(".o_hpf_bulk_approve").click();
    await animationFrame();
    expect.verifySteps(['approved {"line_ids":[1,2]} ', "lines suspicious"]);
  });

  test("a correction sends what differs from what was sent", async () => {
    onRpc(REVIEW, "correct", ({ kwargs }) => {
      expect.step(`correct ${JSON.stringify(kwargs["values"])}`);
      return {
        feed,
        line: sampleLine({ correction: { amount: "12.40" }, flags: [] }),
      };
    });
    await openReview();
    await contains(".o_hpf_correct").click();
    await contains("#o_hpf_amount").edit("12.40", { confirm: false });
    await contains(".o_hpf_save").click();
    await animationFrame();
    expect.verifySteps(['correct {"amount":"12.40"}']);
    expect(".o_hpf_sent").toHaveText(/124.00 12.40/);
  });

  test("what Odoo refuses is said, and nothing is lost", async () => {
    onRpc(REVIEW, "approve_unflagged", () => {
      throw makeServerError({ message: "You gave the file in yourself." });
    });
    await openReview();
    await contains(".o_hpf_unflagged").click();
    await animationFrame();
    expect(".o_notification").toHaveText(/You gave the file in yourself/);
    expect(ROW).toHaveCount(2);
  });

  test("searching waits until typing stops", async () => {
    await openReview();
    await contains(".o_hpf_search input").edit("suture", { confirm: false });
    await runAllTimers();
    await animationFrame();
    expect.verifySteps(["lines suspicious suture"]);
  });

  test("one who may not decide is offered nothing to decide with", async () => {
    feed = sampleFeed({
      may: {
        decide: false,
        correct: false,
        approve_unflagged: false,
        request_approval: false,
        refuse: false,
        retry: false,
        roll_back: false,
      },
    });
    await openReview();
    expect(".o_hpf_approve, .o_hpf_refuse, .o_hpf_correct").toHaveCount(0);
    expect(".o_hpf_head .btn-primary:not(.o_hpf_kind)").toHaveCount(0);
    await press("a");
    await animationFrame();
    expect.verifySteps([]);
  });
});

describe("phone", () => {
  describe.current.tags("mobile");

  test("a line opens over the list, and back", async () => {
    await openReview();
    expect(".o_hpf_detail").toHaveCount(0);
    await contains(`${ROW}:first .o_hpf_open`).click();
    expect(".o_hpf_detail").toHaveText(/decimal slip/);
    expect(ROW).toHaveCount(0);
    await contains(".o_hpf_back").click();
    expect(ROW).toHaveCount(2);
  });
});
