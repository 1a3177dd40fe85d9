/**
 * Every error code of the suite: the integration service's and Odoo's own.
 * `docs/errors.md` is compared with it by a test, in both directions;
 * `npm run gen` gives it to Odoo, which explains the codes on its screens.
 */

/** What sort of thing went wrong, which decides who has to act. */
export type ErrorKind =
  | "transient"
  | "rate_limited"
  | "auth"
  | "config"
  | "data"
  | "rejected"
  | "duplicate"
  | "bug";

/** One row of the table. */
export interface ErrorEntry {
  kind: ErrorKind;
  /** True when the same attempt may succeed later without anyone acting. */
  retryable: boolean;
  /** HTTP status of the ingress where this error is answered there. */
  status?: number;
  /** One sentence: what it means. */
  title: string;
  /** What the person on call does. */
  hint: string;
}

const define = <T extends Record<string, ErrorEntry>>(table: T) => table;

/** Code → meaning. Codes are stable: partners and dashboards rely on them. */
export const ERRORS = define({
  connection_refused: {
    kind: "transient",
    retryable: true,
    title: "The partner's server could not be reached; nothing was sent.",
    hint: "Nothing to do for a while; if it lasts, check the address and ask the partner.",
  },
  dns_failed: {
    kind: "transient",
    retryable: true,
    title: "The partner's host name could not be resolved; nothing was sent.",
    hint: "Check the endpoint's address and the machine's name resolution.",
  },
  tls_failed: {
    kind: "config",
    retryable: true,
    title: "The partner's certificate was not accepted; nothing was sent.",
    hint: "Ask the partner for a valid certificate; do not turn verification off.",
  },
  timeout: {
    kind: "transient",
    retryable: true,
    title: "The partner did not answer in time; it may have the document.",
    hint: "It is sent again with the same key. If it lasts, ask the partner.",
  },
  connection_lost: {
    kind: "transient",
    retryable: true,
    title:
      "The connection broke while sending; the partner may have the document.",
    hint: "It is sent again with the same key. If it lasts, ask the partner.",
  },
  partner_unavailable: {
    kind: "transient",
    retryable: true,
    title: "The partner answered that it cannot take documents now (5xx).",
    hint: "Nothing to do for a while; if it lasts, ask the partner.",
  },
  rate_limited: {
    kind: "rate_limited",
    retryable: true,
    status: 429,
    title: "Too many requests (429).",
    hint: "Sending resumes by itself at the time that was named.",
  },
  partner_auth: {
    kind: "auth",
    retryable: true,
    title: "The partner refused our credentials (401, 403).",
    hint: "Renew the endpoint's credentials; messages are sent afterwards.",
  },
  partner_rejected: {
    kind: "rejected",
    retryable: false,
    title: "The partner refused the document (4xx).",
    hint: "Read the attempt's message, correct the order, then replay the message.",
  },
  partner_redirect: {
    kind: "config",
    retryable: false,
    title: "The partner answered with a redirect, which is not followed.",
    hint: "Put the new address into the endpoint's settings, then replay.",
  },
  key_conflict: {
    kind: "rejected",
    retryable: false,
    title:
      "The partner already has another document under the same idempotency key.",
    hint: "Compare both documents with the partner before anything is sent again.",
  },
  folder_unavailable: {
    kind: "transient",
    retryable: true,
    title: "The exchange folder cannot be written.",
    hint: "Check that the folder is mounted, writable and has space.",
  },
  folder_collision: {
    kind: "config",
    retryable: false,
    title: "A file of this name with other content is in the folder already.",
    hint: "Find out who wrote it, move it away, then replay the message.",
  },
  connector_unknown: {
    kind: "config",
    retryable: false,
    title: "The endpoint names a connector that this service does not have.",
    hint: "Correct the endpoint's connector; the known ones are in the message.",
  },
  settings_invalid: {
    kind: "config",
    retryable: false,
    title: "The endpoint's settings do not fit its connector.",
    hint: "Correct the setting named in the message, then replay.",
  },
  credentials_missing: {
    kind: "config",
    retryable: true,
    title: "The service has no credentials for this endpoint.",
    hint: "Provide the endpoint's token to the service; see docs/operations.md.",
  },
  schema: {
    kind: "data",
    retryable: false,
    status: 422,
    title: "The document does not follow its canonical schema.",
    hint: "The message names the field. Outbound, this is a bug: report it.",
  },
  mapping_failed: {
    kind: "data",
    retryable: false,
    title: "The endpoint's mapping could not be applied to the document.",
    hint: "Roll the mapping back, or promote a corrected version; then send the order again: a message keeps its version.",
  },
  mapping_unclear: {
    kind: "data",
    retryable: false,
    title:
      "No mapping of the endpoint takes what the partner sent, or several do.",
    hint: "Mend the mappings so that one alone takes it, then hand the kept bytes in again with hcp ingest.",
  },
  not_system_of_record: {
    kind: "data",
    retryable: false,
    title: "The document changes what belongs to another system.",
    hint: "The change is made there; Audit, Refused Writes has what was tried. Else have the system-of-record matrix changed.",
  },
  render_failed: {
    kind: "data",
    retryable: false,
    title: "The document cannot be written in the partner's format.",
    hint: "The message names the field that is missing or does not fit.",
  },
  payload_damaged: {
    kind: "bug",
    retryable: false,
    title: "Stored bytes do not have the checksum that was stored with them.",
    hint: "Nothing was sent. Check the database's integrity, then report it.",
  },
  stopped: {
    kind: "transient",
    retryable: true,
    title: "The service was stopped before it sent the document.",
    hint: "Nothing to do: another instance, or this one after its start, sends it.",
  },
  internal: {
    kind: "bug",
    retryable: true,
    status: 500,
    title: "The service failed in a way that it does not know.",
    hint: "Look for the message's UUID in the service's log and report it.",
  },
  empty: {
    kind: "data",
    retryable: false,
    status: 422,
    title: "There are no bytes in the file or request.",
    hint: "Ask the partner to send the document again.",
  },
  oversized: {
    kind: "data",
    retryable: false,
    status: 413,
    title: "The file or request is larger than the endpoint allows.",
    hint: "Ask the partner to split it, or raise the service's limit.",
  },
  unparseable: {
    kind: "data",
    retryable: false,
    status: 422,
    title: "No document could be read from the bytes.",
    hint: "They are kept with a rejected message; its errors name line and field.",
  },
  unauthorized: {
    kind: "auth",
    retryable: false,
    status: 401,
    title: "The request has no valid token or signature for this endpoint.",
    hint: "See the endpoint's page Credentials: its fingerprints and times; give the partner a new one.",
  },
  insufficient_scope: {
    kind: "auth",
    retryable: false,
    status: 403,
    title: "The access token is for another endpoint.",
    hint: "The partner asks for a token whose scope is this endpoint.",
  },
  method_not_allowed: {
    kind: "rejected",
    retryable: false,
    status: 405,
    title: "The address exists, but not for this method.",
    hint: "The header Allow names the methods; the partner has to correct it.",
  },
  request_timeout: {
    kind: "transient",
    retryable: true,
    status: 408,
    title: "The request did not arrive completely in time.",
    hint: "Nothing was taken; the partner sends again, if need be in parts.",
  },
  version_gone: {
    kind: "rejected",
    retryable: false,
    status: 410,
    title: "This version of the interface is not served any more.",
    hint: "The partner changes to the present version; see its Sunset date.",
  },
  unsupported_media_type: {
    kind: "rejected",
    retryable: false,
    status: 415,
    title: "A document does not come in this media type or coding.",
    hint: "The detail names the types that are taken; the partner has to correct it.",
  },
  headers_too_large: {
    kind: "rejected",
    retryable: false,
    status: 431,
    title: "The request's headers are too large.",
    hint: "The partner sends fewer or shorter headers.",
  },
  not_found: {
    kind: "rejected",
    retryable: false,
    status: 404,
    title: "There is no such address, endpoint or message for this token.",
    hint: "Check the address with the partner.",
  },
  endpoint_inactive: {
    kind: "config",
    retryable: true,
    status: 503,
    title: "The endpoint does not take documents at present.",
    hint: "Activate the endpoint in Odoo; the partner then sends again.",
  },
  bad_request: {
    kind: "rejected",
    retryable: false,
    status: 400,
    title: "The request cannot be understood.",
    hint: "The detail says which part; the partner has to correct it.",
  },
  idempotency_conflict: {
    kind: "duplicate",
    retryable: false,
    status: 422,
    title: "Another document came under the same idempotency key before.",
    hint: "The partner must use a new key for a new document.",
  },
  in_progress: {
    kind: "duplicate",
    retryable: true,
    status: 409,
    title: "A request with this idempotency key is being worked on.",
    hint: "The partner repeats the request a moment later.",
  },
  odoo_unavailable: {
    kind: "transient",
    retryable: true,
    status: 503,
    title: "Odoo cannot be reached, so nothing was taken.",
    hint: "Check Odoo and its database; partners send again by themselves.",
  },
  odoo_refused: {
    kind: "config",
    retryable: false,
    status: 500,
    title: "Odoo refused the service's call.",
    hint: "Check the service account's key, group and endpoints.",
  },
});

/** The codes that Odoo itself gives to messages. */
export const ODOO_ERRORS = define({
  lease_expired: {
    kind: "transient",
    retryable: true,
    title:
      "A worker took the message and did not report before its lease ended.",
    hint: "Another worker takes it. If it lasts, look why the service dies or is slow.",
  },
  functional_rejection: {
    kind: "rejected",
    retryable: false,
    title: "The partner's system answered that it could not read the document.",
    hint: "Read the errors, correct mapping or order with the partner, then replay.",
  },
  message_unknown: {
    kind: "data",
    retryable: false,
    title: "An acknowledgement names something that was not sent from here.",
    hint: "Ask the partner which transmission it means; cancel the message if none.",
  },
  processing_error: {
    kind: "bug",
    retryable: true,
    title: "A document could not be processed in a way that nobody foresaw.",
    hint: "It is tried again. If it stays, read Odoo's log, report it, then replay.",
  },
  test_document: {
    kind: "data",
    retryable: false,
    title: "A test document came to an endpoint that is not for tests.",
    hint: "Ask the partner to send it without the test mark, or to the test endpoint.",
  },
  unsupported_document_type: {
    kind: "config",
    retryable: false,
    title: "The endpoint does not take documents of this type.",
    hint: "Add the type to the endpoint, then replay; or tell the partner to stop.",
  },
  supplier_unknown: {
    kind: "data",
    retryable: false,
    title: "No supplier has the identifiers that the document names.",
    hint: "Add the identifier to the supplier, then replay the message.",
  },
  supplier_mismatch: {
    kind: "data",
    retryable: false,
    title: "The document names another supplier than the endpoint's.",
    hint: "Ask the partner whose document it is; never replay it to make it fit.",
  },
  supplier_incomplete: {
    kind: "data",
    retryable: false,
    title: "The supplier document lacks what a supplier cannot do without.",
    hint: "The message names the field. Have it added in the sending system, which sends it again.",
  },
  supplier_invalid: {
    kind: "data",
    retryable: false,
    title: "A value of the supplier document is wrong.",
    hint: "The message names the field and what is wrong, such as a check digit. Have it corrected in the sending system.",
  },
  supplier_duplicate: {
    kind: "duplicate",
    retryable: false,
    title: "The supplier is here already under another record.",
    hint: "The message names the other record. Merge the two, or have the number corrected; then replay.",
  },
  order_not_found: {
    kind: "data",
    retryable: false,
    title:
      "The order that the document names is not an order to this supplier.",
    hint: "Ask the partner for the right number and a corrected document.",
  },
  order_of_other_supplier: {
    kind: "data",
    retryable: false,
    title: "The order that the document names is another supplier's.",
    hint: "Ask the partner for the right number; never replay it to make it fit.",
  },
  contract_incomplete: {
    kind: "data",
    retryable: false,
    title: "The contract document lacks what a contract cannot do without.",
    hint: "Ask the partner for a complete document; the message names the field.",
  },
  contract_in_preparation: {
    kind: "data",
    retryable: false,
    title: "A person is preparing a version of this contract.",
    hint: "Have that version approved, or withdrawn and deleted, then replay the message.",
  },
  number_missing: {
    kind: "data",
    retryable: false,
    title: "The document has no number.",
    hint: "Ask the partner to send it with its number.",
  },
  line_invalid: {
    kind: "data",
    retryable: false,
    title: "A line of the document lacks something or contradicts itself.",
    hint: "The errors name line and field; ask the partner for a corrected document.",
  },
  duplicate_document: {
    kind: "duplicate",
    retryable: false,
    title: "A document of this number from this supplier is here already.",
    hint: "Nothing to do, unless the partner says that it is another one.",
  },
  currency_unknown: {
    kind: "data",
    retryable: false,
    title: "The document is in a currency that Odoo does not use.",
    hint: "Activate the currency, then replay the message.",
  },
});

/** Both tables as the JSON that Odoo reads. */
export function errorsJson(): string {
  const table = { ...ERRORS, ...ODOO_ERRORS };
  return `${JSON.stringify(table, null, 2)}\n`;
}

/** A code of the table. */
export type ErrorCode = keyof typeof ERRORS;

/** The table's row for a code. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERRORS[code];
}

/** The tables as the Markdown of `docs/errors.md`. */
export function errorsMarkdown(): string {
  return [
    "# Errors",
    "",
    "Every code in an attempt, a message, a problem answer or a log, with what it means. Odoo shows",
    "the same sentences. `kind` says who has to act; `retried` whether it is tried again by itself;",
    "`HTTP` is the status with which the ingress answers.",
    "",
    "## Of the integration service",
    "",
    ...markdownRows(ERRORS),
    "",
    "## Of Odoo",
    "",
    ...markdownRows(ODOO_ERRORS),
    "",
  ].join("\n");
}

function markdownRows(table: Record<string, ErrorEntry>): string[] {
  return [
    "| code | kind | retried | HTTP | meaning | what to do |",
    "| --- | --- | --- | --- | --- | --- |",
    ...Object.entries(table).map(
      ([code, one]) =>
        `| \`${code}\` | ${one.kind} | ${one.retryable ? "yes" : "no"} | ${one.status ?? ""} | ${one.title} | ${one.hint} |`,
    ),
  ];
}
