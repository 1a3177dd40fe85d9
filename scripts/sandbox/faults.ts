/**
 * How a supplier can be made to fail. Faults are set per supplier by
 * `PUT /behaviour` and used in order: a document meets the first one that is
 * not used up and whose dice fall so.
 */

/**
 * - `status`: an error answer, 500 unless `status` says otherwise, with
 *   `Retry-After` where `retry_after` is given; the document is not taken
 * - `hang`: no answer, ever; not taken
 * - `reset`: the connection is reset while the document is being read
 * - `broken`: taken; the connection is reset in the middle of the answer
 * - `garbage`: taken; 200, and a body that is nothing
 * - `lost`: taken; the connection is reset instead of an answer
 * - `slow`: taken; answered after `milliseconds`
 *
 * A supplier of files knows `hang` only: it does not look into its folder.
 */
export const FAULT_KINDS = [
  "status",
  "hang",
  "reset",
  "broken",
  "garbage",
  "lost",
  "slow",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  /** How often it happens; for ever where absent. */
  count?: number;
  /** Share of the documents that meet it, above 0 up to 1; all where absent. */
  probability?: number;
  status?: number;
  /** Seconds. */
  retry_after?: number;
  milliseconds?: number;
}

/** A list of faults that breaks the rules; the message says which and how. */
export class FaultRefused extends Error {
  override name = "FaultRefused";
}

/** The faults of one supplier. */
export class Faults {
  private list: Fault[] = [];

  /** Replaces all of them. */
  set(faults: Fault[]): void {
    this.list = structuredClone(faults);
  }

  /** Those that are left. */
  all(): Fault[] {
    return this.list;
  }

  /** The fault that the next document meets, if any; it is used once more. */
  next(): Fault | undefined {
    const index = this.list.findIndex(
      ({ probability = 1 }) => Math.random() < probability,
    );
    const fault = this.list[index];
    if (fault?.count !== undefined && --fault.count <= 0)
      this.list.splice(index, 1);
    return fault;
  }
}

const LIMITS: Record<string, [number, number]> = {
  count: [1, 1_000_000],
  probability: [Number.MIN_VALUE, 1],
  status: [400, 599],
  retry_after: [0, 86_400],
  milliseconds: [0, 600_000],
};

/**
 * Faults out of a request.
 * @throws FaultRefused naming the supplier and the field
 */
export function parseFaults(supplier: string, value: unknown): Fault[] {
  if (!Array.isArray(value))
    throw new FaultRefused(`faults.${supplier} must be a list`);
  return value.map((item: unknown, index) => {
    const where = `faults.${supplier}[${index}]`;
    if (typeof item !== "object" || item === null)
      throw new FaultRefused(`${where} must be an object`);
    const { kind, ...numbers } = item as Record<string, unknown>;
    if (!FAULT_KINDS.includes(kind as FaultKind))
      throw new FaultRefused(
        `${where}.kind must be one of ${FAULT_KINDS.join(", ")}`,
      );
    for (const [name, number] of Object.entries(numbers)) {
      const [low, high] = LIMITS[name] ?? [1, 0];
      const fits =
        typeof number === "number" && number >= low && number <= high;
      if (!fits)
        throw new FaultRefused(
          LIMITS[name]
            ? `${where}.${name} must be a number from ${low} to ${high}`
            : `${where}.${name} is not known`,
        );
    }
    return { kind: kind as FaultKind, ...(numbers as Partial<Fault>) };
  });
}
