import type { EventKind, PriceEvent, Timeline } from "./timeline_types";

/** What the chart draws and the table lists, without drawing it. */

export const KINDS: readonly EventKind[] = [
  "contract",
  "feed",
  "order",
  "acknowledgement",
  "bill",
];

/** A price that holds for a while is a line, one that happened is a point. */
const LASTING: readonly EventKind[] = ["contract", "feed"];

export interface Point {
  x: number;
  /** Null ends a line. */
  y: number | null;
  event: PriceEvent;
}

export interface Series {
  kind: EventKind;
  isLine: boolean;
  points: Point[];
}

/** The currency of most events: one chart has one scale. */
export function mainCurrency(events: PriceEvent[]): string {
  const counts = new Map<string, number>();
  for (const { currency } of events) {
    counts.set(currency, (counts.get(currency) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "";
}

/** Whether an event can be drawn: its price per unit, day and currency are there. */
function isDrawn(event: PriceEvent, currency: string): boolean {
  return (
    event.unit_price !== false &&
    event.date !== false &&
    event.currency === currency
  );
}

export function chartSeries(timeline: Timeline): Series[] {
  const currency = mainCurrency(timeline.events);
  const drawn = timeline.events.filter((event) => isDrawn(event, currency));
  const today = day(timeline.today);
  return KINDS.map((kind) => {
    const isLine = LASTING.includes(kind);
    const events = drawn.filter((event) => event.kind === kind);
    return {
      kind,
      isLine,
      points: events.flatMap((event) =>
        isLine ? span(event, today) : [point(event, event.date)],
      ),
    };
  }).filter((series) => series.points.length);
}

/** Events that only the table can show. */
export function notDrawn(timeline: Timeline): number {
  const currency = mainCurrency(timeline.events);
  return timeline.events.filter((event) => !isDrawn(event, currency)).length;
}

function span(event: PriceEvent, today: number): Point[] {
  const from = point(event, event.date);
  // An open price goes on to today; a new one for a month, or it would be no line.
  const end = event.until ? day(event.until) : Math.max(today, from.x + MONTH);
  // What holds longer than a year from now says no more than that.
  const until = Math.max(from.x, Math.min(end, today + YEAR));
  return [from, { ...from, x: until }, { ...from, x: until, y: null }];
}

function point(event: PriceEvent, at: string | false): Point {
  return { x: day(at || ""), y: Number(event.unit_price), event };
}

const MONTH = 30 * 86_400_000;
const YEAR = 365 * 86_400_000;

/** The start of an ISO day where the user is, in milliseconds. */
export function day(iso: string): number {
  const [year = 1970, month = 1, date = 1] = iso.split("-").map(Number);
  return new Date(year, month - 1, date).getTime();
}

/** Newest first, as people look for what holds now. */
export function tableRows(timeline: Timeline): PriceEvent[] {
  return [...timeline.events].reverse();
}

/** `48 / BX`, `12.5 / 100 EA`; empty without a price. */
export function asAgreed(price: {
  price: string | false;
  base_quantity: string | false;
  unit: string | false;
}): string {
  if (!price.price) {
    return "";
  }
  const base =
    price.base_quantity && price.base_quantity !== "1"
      ? `${price.base_quantity} `
      : "";
  return `${price.price} / ${base}${price.unit || "?"}`;
}

/** Whether an event's price holds on a day. */
export function holdsOn(event: PriceEvent, iso: string): boolean {
  return (
    LASTING.includes(event.kind) &&
    (!event.date || event.date <= iso) &&
    (!event.until || iso <= event.until)
  );
}
