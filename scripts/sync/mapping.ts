/** JSONata mappings: bounded in time, without access to anything else. */
import jsonata from "jsonata";

/** Milliseconds that one mapping may take. */
const LIMIT = 2_000;

/**
 * Applies a mapping to a document.
 * @returns the new document, or what is wrong and where in the mapping
 */
export async function applyMapping(
  expression: string,
  document: Record<string, unknown>,
): Promise<{ value: Record<string, unknown> } | { error: string }> {
  try {
    const compiled = jsonata(expression, {
      timeout: LIMIT,
      stack: 500,
      sequence: 100_000,
    });
    // A copy: an expression can change what it is given.
    const value: unknown = await compiled.evaluate(structuredClone(document));
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return { error: "the mapping's result is not one document" };
    // JSONata's own arrays and sequences become plain JSON.
    return {
      value: JSON.parse(JSON.stringify(value)) as Record<string, unknown>,
    };
  } catch (error) {
    const { message, position } = error as {
      message?: string;
      position?: number;
    };
    const where = position === undefined ? "" : ` at character ${position}`;
    return { error: `mapping${where}: ${message ?? String(error)}` };
  }
}
