import type { Bar, History, IsoDateTime } from "./monitor_types";

/** What the charts draw, without drawing it. */

export type ChartKind = "attempts" | "latency";
export type SeriesId =
  "delivered" | "not_sent" | "unknown" | "received" | "p50" | "p95";

export interface Series {
  id: SeriesId;
  values: (number | null)[];
  /** Attempts stand on each other; what was received stands beside them. */
  stack: string;
  /** The theme's colour, and one for themes without it. */
  variable: string;
  color: string;
  dashed: boolean;
}

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

export function chartSeries(kind: ChartKind, bars: Bar[]): Series[] {
  const of = (id: SeriesId, rest: Omit<Series, "id" | "values">): Series => ({
    id,
    values: bars.map((bar) => (bar[id] === false ? null : bar[id])),
    ...rest,
  });
  if (kind === "latency") {
    const stack = "latency";
    return [
      of("p50", {
        stack,
        variable: "--info",
        color: "#017e84",
        dashed: false,
      }),
      of("p95", {
        stack,
        variable: "--warning",
        color: "#d7860b",
        dashed: true,
      }),
    ];
  }
  const sent = { stack: "sent", dashed: false };
  return [
    of("delivered", { ...sent, variable: "--success", color: "#28a745" }),
    of("not_sent", { ...sent, variable: "--danger", color: "#d44c59" }),
    of("unknown", { ...sent, variable: "--warning", color: "#e99d00" }),
    of("received", {
      stack: "received",
      dashed: false,
      variable: "--info",
      color: "#17a2b8",
    }),
  ];
}

export function chartLabels(
  history: History,
  write: (at: IsoDateTime) => string,
): string[] {
  return history.bars.map((bar) => write(bar.at));
}

/** `14:30`, or the day where a bar is the first of one. */
export function axisLabel(
  history: History,
  index: number,
  locale?: string,
): string {
  const bar = history.bars[index];
  if (!bar) {
    return "";
  }
  const at = new Date(bar.at);
  const before = history.bars[index - 1];
  const isWeek = history.bars.length * history.width_seconds > 2 * DAY;
  const isNewDay =
    before !== undefined && new Date(before.at).getDate() !== at.getDate();
  if (isWeek || isNewDay) {
    return at.toLocaleDateString(locale, { weekday: "short", day: "numeric" });
  }
  return at.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
}
