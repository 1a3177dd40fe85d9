/**
 * JSONata, as mappings use it: deterministic, bounded, with a few pure
 * functions of ours. Plain JavaScript without Node modules, since it runs in a
 * worker thread that nothing has compiled (see mapping-worker.mjs).
 */
import { Decimal } from "decimal.js";
import jsonata from "jsonata";

/** What one evaluation may use; the thread around it has harder limits. */
const OPTIONS = { timeout: 2_000, stack: 250, sequence: 100_000 };

/** Longest expression, and largest result as JSON, in characters. */
export const MAX_EXPRESSION = 200_000;
const MAX_RESULT = 10 * 1024 * 1024;
const MAX_DEPTH = 32;

/**
 * Functions that would give other bytes at another time, or hide such a call
 * from this check.
 */
const REFUSED = new Map([
  ["now", "use $document_time"],
  ["millis", "use $toMillis($document_time)"],
  ["random", "a mapping gives the same result at every time"],
  ["shuffle", "a mapping gives the same result at every time"],
  ["eval", "write the expression itself"],
]);

const Exact = Decimal.clone({
  precision: 60,
  rounding: Decimal.ROUND_HALF_UP,
  toExpNeg: -9e15,
  toExpPos: 9e15,
});

/** @type {Map<string, ReturnType<typeof jsonata>>} compiled, oldest first */
const compiled = new Map();
const MAX_COMPILED = 200;

/**
 * Applies an expression to a JSON value.
 *
 * @param {string} expression JSONata
 * @param {unknown} input JSON; not changed
 * @param {{documentTime?: string}} [bindings] `documentTime` is what the
 *   expression sees as `$document_time`: ISO 8601, pinned when the message was
 *   queued; nothing for documents that come in
 * @returns {Promise<{json: string} | {error: string}>} the result as JSON text
 *   (`null` where the expression gives nothing), or one sentence that says
 *   what is wrong and where in the expression
 */
export async function evaluateMapping(expression, input, bindings = {}) {
  try {
    const program = compile(expression);
    const value = await program.evaluate(structuredClone(input), {
      document_time: bindings.documentTime,
    });
    return serialise(value);
  } catch (error) {
    return { error: sentence(error) };
  }
}

/** @param {string} expression */
function compile(expression) {
  const known = compiled.get(expression);
  if (known) return known;
  if (expression.length > MAX_EXPRESSION)
    throw new Error(`longer than ${MAX_EXPRESSION} characters`);
  const program = jsonata(expression, OPTIONS);
  refuse(program.ast());
  for (const [name, { run, signature }] of Object.entries(FUNCTIONS))
    program.registerFunction(name, run, signature);
  compiled.set(expression, program);
  const [oldest] = compiled.keys();
  if (compiled.size > MAX_COMPILED && oldest !== undefined)
    compiled.delete(oldest);
  return program;
}

/** Walks the syntax tree, without recursion, for what is not available. */
function refuse(ast) {
  const stack = [ast];
  const seen = new Set();
  while (stack.length > 0) {
    const node = stack.pop();
    if (typeof node !== "object" || node === null || seen.has(node)) continue;
    seen.add(node);
    const hint = node.type === "variable" && REFUSED.get(node.value);
    if (hint)
      throw Object.assign(
        new Error(`$${node.value} is not available: ${hint}`),
        { position: node.position },
      );
    stack.push(...Object.values(node));
  }
}

/** JSONata's own arrays and sequences become plain, bounded JSON. */
function serialise(value) {
  if (depthOf(value) > MAX_DEPTH)
    return { error: `mapping: the result is nested deeper than ${MAX_DEPTH}` };
  const json = value === undefined ? "null" : JSON.stringify(value);
  if (json === undefined)
    return { error: "mapping: the result is a function, not a document" };
  if (json.length > MAX_RESULT)
    return { error: `mapping: the result is larger than ${MAX_RESULT} bytes` };
  return { json };
}

function depthOf(value) {
  let deepest = 0;
  const stack = [[value, 1]];
  while (stack.length > 0 && deepest <= MAX_DEPTH) {
    const [item, depth] = stack.pop();
    if (typeof item !== "object" || item === null) continue;
    deepest = Math.max(deepest, depth);
    for (const child of Object.values(item)) stack.push([child, depth + 1]);
  }
  return deepest;
}

function sentence(error) {
  const { message, position } = error ?? {};
  const where = position === undefined ? "" : ` at character ${position}`;
  return `mapping${where}: ${String(message ?? error).slice(0, 500)}`;
}

/** A decimal as canonical text; nothing for what is not a number. */
function exact(operation) {
  return (...values) => {
    if (values.some((value) => value === undefined)) return undefined;
    const result = operation(...values);
    if (!result.isFinite()) throw new Error("the result is not a number");
    return result.toFixed();
  };
}

const decimal = (value) => new Exact(String(value).trim());

/** Places after the point, within reason. */
const places = (value) => Math.max(0, Math.min(20, Math.trunc(value)));

/**
 * Bound beside JSONata's own. Its numbers are binary and amounts are not, so
 * decimals are calculated as text: `$decimalMultiply(price, quantity)`.
 */
const FUNCTIONS = {
  decimalAdd: {
    run: exact((a, b) => decimal(a).plus(decimal(b))),
    signature: "<(sn)(sn):s>",
  },
  decimalSubtract: {
    run: exact((a, b) => decimal(a).minus(decimal(b))),
    signature: "<(sn)(sn):s>",
  },
  decimalMultiply: {
    run: exact((a, b) => decimal(a).times(decimal(b))),
    signature: "<(sn)(sn):s>",
  },
  decimalDivide: {
    run: exact((a, b, digits) =>
      decimal(a).dividedBy(decimal(b)).toDecimalPlaces(places(digits)),
    ),
    signature: "<(sn)(sn)n:s>",
  },
  decimalRound: {
    run: exact((a, digits) => decimal(a).toDecimalPlaces(places(digits))),
    signature: "<(sn)n:s>",
  },
  gtin14: { run: gtin14, signature: "<(sn):s>" },
};

/**
 * A GTIN-8, -12, -13 or -14 as 14 digits; nothing where the check digit is
 * wrong (GS1 General Specifications, section 7.9).
 */
function gtin14(value) {
  const digits = String(value ?? "").replace(/[\s-]/g, "");
  if (!/^(\d{8}|\d{12,14})$/.test(digits)) return undefined;
  const padded = digits.padStart(14, "0");
  const sum = [...padded].reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 ? 1 : 3),
    0,
  );
  return sum % 10 === 0 ? padded : undefined;
}
