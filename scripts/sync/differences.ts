/** Where two JSON values differ, as sentences for people. Pure. */

/** More than this helps nobody. */
const MAX_DIFFERENCES = 50;

/**
 * The differences of `actual` from `expected`, in document order; empty when
 * they are equal. The order of an object's fields does not matter.
 */
export function differences(expected: unknown, actual: unknown): string[] {
  const found: string[] = [];
  compare(expected, actual, "", found);
  const more = found.length - MAX_DIFFERENCES;
  return more > 0
    ? [...found.slice(0, MAX_DIFFERENCES), `and ${more} more`]
    : found;
}

function compare(
  expected: unknown,
  actual: unknown,
  path: string,
  found: string[],
): void {
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    for (let index = 0; index < length; index++)
      compare(expected[index], actual[index], `${path}[${index}]`, found);
    return;
  }
  if (isObject(expected) && isObject(actual)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
    for (const name of names)
      compare(
        own(expected, name),
        own(actual, name),
        path ? `${path}.${name}` : name,
        found,
      );
    return;
  }
  if (Object.is(expected, actual)) return;
  const where = path || "the document";
  if (actual === undefined)
    found.push(`${where}: ${shown(expected)} is missing`);
  else if (expected === undefined)
    found.push(`${where}: ${shown(actual)} is not expected`);
  else
    found.push(
      `${where}: expected ${shown(expected)}, the result is ${shown(actual)}`,
    );
}

function own(value: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
