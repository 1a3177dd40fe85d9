/** The few figures that benchmarks report. */

/** Distribution of durations, in milliseconds. */
export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/**
 * Percentiles by nearest rank.
 * @throws RangeError without values
 */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = (share: number): number => {
    const index = Math.max(0, Math.ceil(share * sorted.length) - 1);
    const value = sorted[index];
    if (value === undefined) throw new RangeError("percentiles of nothing");
    return round(value);
  };
  return {
    count: sorted.length,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    max: rank(1),
  };
}

/** Median by nearest rank. @throws RangeError without values */
export function median(values: readonly number[]): number {
  return percentiles(values).p50;
}

/** Three significant digits: more would be noise. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** Milliseconds that something takes, and what it gave. */
export async function timed<T>(
  run: () => Promise<T>,
): Promise<{ milliseconds: number; value: T }> {
  const began = performance.now();
  const value = await run();
  return { milliseconds: performance.now() - began, value };
}
