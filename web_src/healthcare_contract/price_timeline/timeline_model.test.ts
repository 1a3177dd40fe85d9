import { describe, expect, test } from "vitest";

import {
  asAgreed,
  chartSeries,
  day,
  holdsOn,
  mainCurrency,
  notDrawn,
  tableRows,
} from "./timeline_model";
import type { PriceEvent, Timeline } from "./timeline_types";

function event(values: Partial<PriceEvent>): PriceEvent {
  return {
    id: "x",
    kind: "order",
    date: "2026-11-01",
    until: false,
    title: "P1",
    partner: "Northgate",
    price: "48",
    base_quantity: "1",
    unit: "BX",
    unit_price: "4.8",
    currency: "USD",
    note: "",
    model: "purchase.order",
    res_id: 1,
    current: false,
    ...values,
  };
}

function timeline(events: PriceEvent[]): Timeline {
  return {
    item: "Gloves",
    product_id: 1,
    unit: "Units",
    partner: false,
    facility: false,
    today: "2026-11-24",
    truth: {
      price: "4.8",
      base_quantity: "1",
      unit: "EA",
      source: "local_contract",
      currency: "USD",
      partner_name: "Northgate",
      contract_number: "C-1",
      tier: false,
      valid_to: false,
      held_until: false,
      explanation: false,
      losers: [],
    },
    events,
  };
}

describe("series", () => {
  test("what holds is a line to its end, or to today", () => {
    const [ended, open] = chartSeries(
      timeline([
        event({ kind: "contract", date: "2026-01-01", until: "2026-03-31" }),
        event({ kind: "feed", date: "2026-02-01" }),
      ]),
    );
    expect(ended?.isLine).toBe(true);
    expect(ended?.points.map(({ x, y }) => [x, y])).toEqual([
      [day("2026-01-01"), 4.8],
      [day("2026-03-31"), 4.8],
      [day("2026-03-31"), null],
    ]);
    expect(open?.points[1]?.x).toBe(day("2026-11-24"));
  });

  test("a price that is open and new is a line that can be seen", () => {
    const [series] = chartSeries(
      timeline([event({ kind: "feed", date: "2026-11-24" })]),
    );
    const [from, until] = series?.points ?? [];
    expect(until?.x).toBe((from?.x ?? 0) + 30 * 86_400_000);
  });

  test("a far end is cut at a year from now, a later start is kept", () => {
    const [series] = chartSeries(
      timeline([
        event({ kind: "contract", until: "2099-12-31" }),
        event({ kind: "contract", date: "2028-01-01", until: "2028-06-30" }),
      ]),
    );
    const ends = series?.points.map(({ x }) => x) ?? [];
    expect(ends[1]).toBe(day("2026-11-24") + 365 * 86_400_000);
    expect(ends[3]).toBe(day("2028-01-01"));
    expect(ends[4]).toBe(ends[3]);
  });

  test("what happened is a point", () => {
    const [series] = chartSeries(timeline([event({}), event({})]));
    expect(series?.isLine).toBe(false);
    expect(series?.points).toHaveLength(2);
  });

  test("no factor or another currency: the table alone", () => {
    const events = [
      event({}),
      event({ unit_price: false }),
      event({ currency: "EUR" }),
      event({ date: false }),
    ];
    expect(mainCurrency(events)).toBe("USD");
    expect(chartSeries(timeline(events))[0]?.points).toHaveLength(1);
    expect(notDrawn(timeline(events))).toBe(3);
    expect(chartSeries(timeline([]))).toEqual([]);
  });
});

test("the table has the newest first", () => {
  const rows = tableRows(timeline([event({ id: "a" }), event({ id: "b" })]));
  expect(rows.map(({ id }) => id)).toEqual(["b", "a"]);
});

test("prices as they were agreed", () => {
  expect(asAgreed(event({}))).toBe("48 / BX");
  expect(asAgreed(event({ base_quantity: "100", unit: "EA" }))).toBe(
    "48 / 100 EA",
  );
  expect(asAgreed(event({ price: false }))).toBe("");
});

test("what holds on a day", () => {
  const contract = event({ kind: "contract", until: "2026-11-24" });
  expect(holdsOn(contract, "2026-11-24")).toBe(true);
  expect(holdsOn(contract, "2026-11-25")).toBe(false);
  expect(holdsOn(contract, "2026-10-31")).toBe(false);
  expect(holdsOn(event({}), "2026-11-24")).toBe(false);
});
