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
    const codes = (transaction.errors ?? []).flatMap(({ code }) =>
      numeric(code),
    );
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

function numeric(code: string | undefined): string[] {
  return code !== undefined && /^\d{1,3}$/.test(code) ? [code] : [];
}
