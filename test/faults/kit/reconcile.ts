/**
 * What Odoo believes against what the partners counted. Both sides must agree
 * on every document; neither is asked about the other.
 *
 * - lost: queued, and not in Odoo, or never taken by its partner
 * - two effects: taken under two keys. A partner of files takes a file for the
 *   same when name, control number and bytes are the same; laid there twice
 *   before it is fetched it is one file, and after that a copy
 * - other bytes: two attempts with different contents, or other than staged
 * - out of order: a document was seen before an earlier one of its ordering
 *   key had taken effect
 * - late copies: a repeated copy after the next document of the ordering key;
 *   without effect, for its key is known
 */
import type { Count } from "../../../scripts/sandbox/ledger.ts";
import type { Queued } from "./odoo-side.ts";
import type { SentRow, World } from "./world.ts";

export interface Verdict {
  documents: number;
  unfinished: number;
  lost: number;
  two_effects: number;
  other_bytes: number;
  out_of_order: number;
  unknown_at_partner: number;
  /** Figures, no faults. */
  repeated_copies: number;
  late_copies: number;
  attempts: number;
  /** A few of the documents with a fault, for people. */
  examples: string[];
}

/** What must be so, whatever was killed. */
export const NOTHING_WRONG = {
  unfinished: 0,
  lost: 0,
  two_effects: 0,
  other_bytes: 0,
  out_of_order: 0,
  unknown_at_partner: 0,
  examples: [],
};

const FINAL = new Set(["acknowledged", "sent"]);

/** Compares everything that was queued under a prefix. */
export async function reconcile(
  world: World,
  prefix: string,
  queued: Queued[],
): Promise<Verdict> {
  const rows = new Map(
    (await world.sent(prefix)).map((row) => [row.number, row]),
  );
  const counts = new Map<string, Count>();
  for (const { supplier } of world.partners)
    for (const [number, count] of await world.counted(supplier))
      if (number.startsWith(prefix)) counts.set(number, count);
  const verdict: Verdict = {
    ...structuredClone(NOTHING_WRONG),
    examples: [] as string[],
    documents: queued.length,
    repeated_copies: 0,
    late_copies: 0,
    attempts: 0,
  };
  const note = (kind: keyof typeof NOTHING_WRONG, what: string) => {
    if (kind !== "examples") verdict[kind]++;
    if (verdict.examples.length < 10) verdict.examples.push(`${kind}: ${what}`);
  };
  for (const { number } of queued)
    judge(number, rows.get(number), counts.get(number), note);
  for (const [number, count] of counts) {
    if (!rows.has(number)) note("unknown_at_partner", number);
    verdict.repeated_copies += count.copies - count.refused - count.effects;
  }
  for (const row of rows.values()) verdict.attempts += row.attempts;
  for (const group of groups([...rows.values()])) {
    const seen = group.flatMap((row) => counts.get(row.number) ?? []);
    seen.slice(1).forEach((count, index) => {
      const before = seen[index]!;
      if (count.first_copy < before.first_effect)
        note("out_of_order", `${count.number} before ${before.number}`);
      if (before.last_copy > count.first_copy) verdict.late_copies++;
    });
  }
  return verdict;
}

function judge(
  number: string,
  row: SentRow | undefined,
  count: Count | undefined,
  note: (kind: keyof typeof NOTHING_WRONG, what: string) => void,
): void {
  if (!row) {
    note("lost", `${number} is not in Odoo`);
    return;
  }
  const name = `${number} (${row.state}, ${row.error_code})`;
  if (!FINAL.has(row.state)) note("unfinished", name);
  if (!count || count.effects === 0) {
    note("lost", name);
    return;
  }
  const keys = new Set(count.keys);
  const otherKey =
    row.endpoint !== "FB" &&
    !(keys.size === 1 && keys.has(row.idempotency_key));
  if (count.effects > 1 || keys.size > 1 || otherKey) note("two_effects", name);
  if (count.contents.length !== 1 || count.contents[0] !== row.payload_sha256)
    note("other_bytes", name);
}

/** Messages of one ordering key, in their order. */
function groups(rows: SentRow[]): SentRow[][] {
  const byKey = new Map<string, SentRow[]>();
  for (const row of [...rows].sort((a, b) => a.id - b.id)) {
    const group = byKey.get(row.ordering_key) ?? [];
    byKey.set(row.ordering_key, [...group, row]);
  }
  return [...byKey.values()];
}
