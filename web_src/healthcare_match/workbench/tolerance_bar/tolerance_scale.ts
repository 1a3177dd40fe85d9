import { toPosition } from "../decimal";
import type { Check } from "../workbench_types";

/**
 * Where a difference lies among its limits, in per cent of the bar's width.
 *
 * Zero difference is always inside the picture; the accepted range is `from` to
 * `to`; the difference itself is `at`. A side without limit reaches the edge.
 */
export interface ToleranceScale {
  zero: number;
  from: number;
  to: number;
  at: number;
}

/** Free space beyond the outermost mark, as a share of the span. */
const MARGIN = 0.12;

/** Null where there is nothing to draw: no difference, or no number. */
export function toleranceScale(
  check: Pick<Check, "difference" | "limit_lower" | "limit_upper">,
): ToleranceScale | null {
  const difference = toPosition(check.difference);
  if (difference === null || difference === 0) {
    return null;
  }
  const lower = toPosition(check.limit_lower);
  const upper = toPosition(check.limit_upper);
  const marks = [0, difference, -(lower ?? 0), upper ?? 0];
  const least = Math.min(...marks);
  const most = Math.max(...marks);
  const margin = (most - least) * MARGIN;
  const start = least - margin;
  const span = most - least + 2 * margin;
  const place = (value: number) => ((value - start) / span) * 100;
  return {
    zero: place(0),
    from: lower === null ? 0 : place(-lower),
    to: upper === null ? 100 : place(upper),
    at: place(difference),
  };
}
