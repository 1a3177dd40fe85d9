/** `functional_acknowledgement` → 997. */
import type { FunctionalAcknowledgement } from "../../../canonical/generated/documents.ts";
import type { SetWriter } from "./writer.ts";

/** AK5 and AK9 by status; errors carry the numbers of elements 718 and 716. */
const ACKNOWLEDGE_CODES = {
  accepted: "A",
  partial: "P",
  rejected: "R",
} as const;

export function writeFunctionalAcknowledgement(
  writer: SetWriter,
  answer: FunctionalAcknowledgement,
): void {
  const about = answer.acknowledges;
  if (about?.functional_identifier === "FA") {
    writer.error(
      "x12_acknowledges_itself",
      "acknowledges",
      "a 997 is never acknowledged",
    );
  }
  writer.add(
    "AK1",
    writer.required(
      about?.functional_identifier,
      2,
      "acknowledges.functional_identifier",
    ),
    writer.required(
      about?.group_control_number,
      9,
      "acknowledges.group_control_number",
    ),
    writer.code(about?.version, 12, "acknowledges.version"),
  );
  const transactions = about?.transactions ?? [];
  transactions.forEach((transaction, index) => {
    const path = `acknowledges.transactions[${index}]`;
    writer.add(
      "AK2",
      writer.required(
        transaction.transaction_set,
        3,
        `${path}.transaction_set`,
      ),
      writer.required(transaction.control_number, 9, `${path}.control_number`),
    );
    const errors = transaction.errors ?? [];
    writePlaces(writer, errors);
    const codes = errors
      .filter(({ path: place }) => place === undefined)
      .flatMap(({ code }) => numeric(code));
    const status = transaction.status === "rejected" ? "R" : "A";
    writer.add(
      "AK5",
      codes.length > 0 && status === "A" ? "E" : status,
      ...codes.slice(0, 5),
    );
  });
  const accepted = transactions.filter(({ status }) => status !== "rejected");
  if (answer.status === undefined) {
    writer.error("x12_missing", "status", "a 997 needs a status");
  }
  writer.add(
    "AK9",
    ACKNOWLEDGE_CODES[answer.status ?? "accepted"],
    String(about?.included ?? transactions.length),
    String(about?.received ?? transactions.length),
    String(about?.accepted ?? accepted.length),
    ...(answer.errors ?? []).flatMap(({ code }) => numeric(code)).slice(0, 5),
  );
}

/**
 * AK3 and AK4 for findings with a path: `PO1` is a segment, `PO1/04` one of
 * its elements; `line` is the segment's position from ST (element 719).
 */
function writePlaces(
  writer: SetWriter,
  errors: readonly { code?: string; path?: string; line?: number }[],
): void {
  let open = "";
  for (const { code, path, line } of errors) {
    const match = /^([A-Z][A-Z0-9]{1,2})(?:\/(\d{1,2}))?$/.exec(path ?? "");
    const [number] = numeric(code);
    if (!match || number === undefined || line === undefined) continue;
    const [, segment = "", element] = match;
    const place = `${segment} ${line}`;
    if (element === undefined || open !== place)
      writer.add(
        "AK3",
        segment,
        String(line),
        "",
        element === undefined ? number : SEGMENT_HAS_ELEMENT_ERRORS,
      );
    if (element !== undefined)
      writer.add("AK4", String(Number(element)), "", number);
    open = place;
  }
}

/** Element 720: segment has data element errors. */
const SEGMENT_HAS_ELEMENT_ERRORS = "8";

function numeric(code: string | undefined): string[] {
  return code !== undefined && /^\d{1,3}$/.test(code) ? [code] : [];
}
