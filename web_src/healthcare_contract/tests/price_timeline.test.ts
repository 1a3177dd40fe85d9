import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  animationFrame,
  beforeEach,
  describe,
  expect,
  mockDate,
  queryAllTexts,
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

import type { PriceEvent, Timeline } from "../price_timeline/timeline_types";

defineMailModels();

const MODEL = "healthcare.price.timeline";

function sampleEvent(values: Partial<PriceEvent>): PriceEvent {
  return {
    id: "contract-1",
    kind: "contract",
    date: "2026-01-01",
    until: "2026-12-31",
    title: "C-100",
    partner: "Northgate Medical",
    price: "48",
    base_quantity: "1",
    unit: "BX",
    unit_price: "4.8",
    currency: "USD",
    note: "tier T1",
    model: "healthcare.contract",
    res_id: 7,
    current: false,
    ...values,
  };
}

function sampleTimeline(values: Partial<Timeline> = {}): Timeline {
  return {
    item: "Nitrile gloves",
    product_id: 3,
    unit: "Units",
    partner: "Northgate Medical",
    facility: "[MAIN] Main Hospital",
    today: "2026-11-23",
    truth: {
      price: "4.8",
      base_quantity: "1",
      unit: "EA",
      source: "gpo_contract",
      currency: "USD",
      partner_name: "Northgate Medical",
      contract_number: "C-100",
      tier: "T1",
      valid_to: "2026-12-31",
      held_until: false,
      explanation: false,
      losers: [
        {
          source: "catalog",
          price: "5",
          base_quantity: "1",
          unit: "EA",
          currency: "USD",
          partner_name: "Northgate Medical",
          contract_number: false,
          tier: false,
          reason: "lower_rank",
          explanation:
            "It is valid, but contracts of buying groups come first.",
        },
      ],
    },
    events: [
      sampleEvent({}),
      sampleEvent({
        id: "order-5",
        kind: "order",
        date: "2026-11-20",
        until: false,
        title: "P00042",
        price: "5.1",
        unit: "Units",
        unit_price: "5.1",
        note: "0.3 above the valid price",
        model: "purchase.order",
        res_id: 42,
        current: true,
      }),
    ],
    ...values,
  };
}

let timeline: Timeline;

beforeEach(() => {
  mockDate("2026-11-23 12:00:00");
  timeline = sampleTimeline();
  // What the approvals in the bar at the top ask.
  onRpc("res.users", "review_user_count", () => []);
  onRpc(MODEL, "load", ({ kwargs }) => {
    expect.step(
      `load ${String(kwargs["product_id"])} ${String(kwargs["order_line_id"])}`,
    );
    return timeline;
  });
});

async function openTimeline(target = "current") {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "healthcare_contract.price_timeline",
    target,
    params: { product_id: 3, order_line_id: 9 },
  });
  await animationFrame();
}

test("says which price holds today, and where prices came from", async () => {
  await openTimeline();
  expect(".o_hct_truth").toHaveText(/4.80/);
  expect(".o_hct_source").toHaveText(/GPO contract, C-100, T1/);
  expect(queryAllTexts(".o_hct_open")).toEqual(["P00042", "C-100"]);
  expect("tr[data-kind=contract] .badge").toHaveText("Holds today");
  expect("tr.o_hct_current .badge").toHaveText("This line");
  expect("canvas").toHaveAttribute(
    "aria-label",
    /Nitrile gloves per Units in USD\. Contract: 4.80; Order: 5.10/,
  );
  expect.verifySteps(["load 3 9"]);
});

test("other prices say why they lost", async () => {
  await openTimeline();
  expect(".o_hct_losers").toHaveCount(0);
  await contains(".o_hct_why").click();
  expect(".o_hct_losers li").toHaveText(
    /5 \/ EA.*Catalog.*buying groups come first/s,
  );
  expect(".o_hct_why").toHaveAttribute("aria-expanded", "true");
  expect.verifySteps(["load 3 9"]);
});

test("opens in a dialog", async () => {
  await openTimeline("new");
  expect(".modal .o_hct_truth").toHaveCount(1);
  expect.verifySteps(["load 3 9"]);
});

test("nothing known, no price", async () => {
  timeline = sampleTimeline({
    events: [],
    truth: {
      ...timeline.truth,
      price: false,
      explanation: "There is no price of this item.",
      losers: [],
    },
  });
  await openTimeline();
  expect(".o_hct_truth").toHaveText(/No valid price today/);
  expect(".o_hct_truth").toHaveText(/There is no price of this item/);
  expect(".o_hct_empty").toHaveCount(1);
  expect("canvas").toHaveCount(0);
  expect.verifySteps(["load 3 9"]);
});

test("a unit without a factor stands in the table alone", async () => {
  timeline = sampleTimeline({
    events: [sampleEvent({}), sampleEvent({ id: "x", unit_price: false })],
  });
  await openTimeline();
  expect(".o_hct_left").toHaveText(/^1 of the prices/);
  expect("tbody tr:first").toHaveText(/unit unknown/);
  expect.verifySteps(["load 3 9"]);
});

test("what failed is told", async () => {
  onRpc(MODEL, "load", () => {
    throw makeServerError({ message: "Not yours" });
  });
  await openTimeline();
  expect(".alert-danger").toHaveText(/Not yours/);
  onRpc(MODEL, "load", () => sampleTimeline());
  await contains(".alert-danger button").click();
  await animationFrame();
  expect(".o_hct_truth").toHaveCount(1);
});

describe("phone", () => {
  describe.current.tags("mobile");

  test("one line for each price", async () => {
    await openTimeline();
    expect("tbody tr:first td:visible").toHaveCount(3);
    expect.verifySteps(["load 3 9"]);
  });
});
