/** A message's bytes: codes, mapping, the connector's format. Deterministic. */
import { validateDocument } from "../canonical/validate.ts";
import type { CanonicalDocument, Diagnostic } from "../canonical/types.ts";
import { getFormat } from "../formats/index.ts";
import type { ClaimedMessage } from "../odoo/exchange.ts";
import type { Payload } from "../transports/transport.ts";
import type { EndpointProblem, ResolvedEndpoint } from "./context.ts";
import { toPartner } from "./translation.ts";

/**
 * Renders one message with what was pinned when it was queued, so that the
 * same message gives the same bytes on every machine at every time.
 */
export async function renderMessage(
  message: ClaimedMessage,
  endpoint: ResolvedEndpoint,
): Promise<{ payload: Payload } | EndpointProblem> {
  const { connector } = endpoint;
  const format = getFormat(connector.format);
  if (!format)
    return {
      error: "connector_unknown",
      message: `connector ${connector.id}: no format "${connector.format}"`,
    };
  const invalid = validateDocument(message.document);
  if (invalid.length > 0)
    return { error: "schema", message: sentence(invalid) };
  const expression = message.mapping ? message.mapping.expression : false;
  const mapped = await toPartner(
    message.document,
    message.code_tables ?? {},
    expression || "",
    message.document_time,
  );
  if ("error" in mapped)
    return { error: "mapping_failed", message: mapped.error };
  const { payloads, diagnostics } = format.generate(
    [mapped.value as unknown as CanonicalDocument],
    {
      controlNumber: message.control_number,
      documentTime: message.document_time,
      test: message.endpoint.test,
      ...(expression
        ? {
            mappedFrom: {
              document_type: message.document_type,
              number: message.number,
            },
          }
        : {}),
      ...connector.formatOptions?.(endpoint.settings),
    },
  );
  const [payload] = payloads;
  const errors = diagnostics.filter((one) => one.level === "error");
  if (!payload || payloads.length > 1 || errors.length > 0)
    return { error: "render_failed", message: sentence(errors) };
  return { payload };
}

/** The first few findings as one text. */
function sentence(diagnostics: Diagnostic[]): string {
  const texts = diagnostics
    .slice(0, 5)
    .map((one) =>
      one.path && !one.message.includes(one.path)
        ? `${one.path}: ${one.message}`
        : one.message,
    );
  const more = diagnostics.length - texts.length;
  return (
    texts.join("; ") + (more > 0 ? `; and ${more} more` : "") ||
    "the format gave no payload"
  );
}
