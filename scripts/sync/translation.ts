/**
 * What an endpoint's configuration makes of a document between the partner's
 * format and ours: mappings and code tables. Outbound: codes → mapping.
 * Inbound: mapping → codes → schema.
 */
import { checkDocument } from "../canonical/lines.ts";
import type { Diagnostic } from "../canonical/types.ts";
import type {
  CanonicalJson,
  CodeTables,
  InboundMapping,
} from "../odoo/exchange.ts";
import { toOurCodes, toPartnerCodes } from "./codes.ts";
import { applyMapping, evaluate, type MappingResult } from "./mapping.ts";

/** What Odoo says about reading what comes from an endpoint. */
export interface InboundRules {
  mappings?: InboundMapping[];
  code_tables?: CodeTables;
}

/** A received document in our terms; null where it could not be made. */
export interface ReadDocument {
  document: CanonicalJson | null;
  diagnostics: Diagnostic[];
  /** Version of the mapping that made it. */
  mappingVersion?: number;
}

/** Our document as the partner wants it, before its format. */
export async function toPartner(
  document: CanonicalJson,
  tables: CodeTables,
  expression: string,
  documentTime: string,
): Promise<MappingResult<CanonicalJson>> {
  const { document: coded } = toPartnerCodes(document, tables);
  if (!expression) return { value: coded };
  return applyMapping(expression, coded, { documentTime });
}

/**
 * A partner's document as ours, checked against its schema; of a catalog or a
 * contract single lines may be broken.
 */
export async function fromPartner(
  document: CanonicalJson,
  rules: InboundRules,
): Promise<ReadDocument> {
  const mapped = await mapInbound(document, rules.mappings ?? []);
  if ("problem" in mapped)
    return { document: null, diagnostics: [mapped.problem] };
  const coded = toOurCodes(mapped.document, rules.code_tables ?? {});
  const checked = checkDocument(coded.document);
  return {
    document: checked.document,
    diagnostics: [...coded.diagnostics, ...checked.diagnostics],
    ...(mapped.version === undefined ? {} : { mappingVersion: mapped.version }),
  };
}

type Mapped =
  { document: CanonicalJson; version?: number } | { problem: Diagnostic };

/**
 * The mapping for the document's type; a document of the partner's own shape,
 * which names no type of ours, is asked of every mapping. A mapping answers
 * nothing to what is not its own.
 */
async function mapInbound(
  document: CanonicalJson,
  mappings: InboundMapping[],
): Promise<Mapped> {
  if (mappings.length === 0) return { document };
  const type = document.document_type;
  const own = mappings.filter((one) => one.document_type === type);
  if (own.length > 0 || typeof type === "string")
    return own[0] ? applyInbound(own[0], document) : { document };
  const answers = await Promise.all(
    mappings.map(async (mapping) => ({
      mapping,
      result: await evaluate(mapping.expression || "$", document),
    })),
  );
  const taken = answers.filter(
    ({ result }) => "error" in result || isSomething(result.value),
  );
  const [only] = taken;
  if (taken.length === 1 && only)
    return checked(only.mapping, only.result, document);
  const names = (taken.length ? taken : answers).map(
    ({ mapping }) => `${mapping.document_type} version ${mapping.version}`,
  );
  const message = taken.length
    ? `Several mappings take this document: ${names.join(", ")}. Each must give nothing for what is not its own.`
    : `None of the endpoint's mappings takes this document (${names.join(", ")}).`;
  return { problem: problem("mapping_unclear", message, document) };
}

async function applyInbound(
  mapping: InboundMapping,
  document: CanonicalJson,
): Promise<Mapped> {
  const { expression } = mapping;
  if (!expression) return { document, version: mapping.version };
  return checked(mapping, await evaluate(expression, document), document);
}

/** A mapping makes documents of its own type and of no other. */
function checked(
  mapping: InboundMapping,
  result: MappingResult<unknown>,
  document: CanonicalJson,
): Mapped {
  const { document_type: type, version } = mapping;
  const name = `Mapping ${type} version ${version}`;
  if ("error" in result) {
    const message = `${name}: ${result.error}`;
    return { problem: problem("mapping_failed", message, document) };
  }
  const { value } = result;
  if (!isDocument(value) || value.document_type !== type) {
    const message = `${name} gave no document of its type; its result must be one object with document_type "${type}".`;
    return { problem: problem("mapping_failed", message, document) };
  }
  return { document: value, version };
}

function isSomething(value: unknown): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

function isDocument(value: unknown): value is CanonicalJson {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function problem(
  code: string,
  message: string,
  document: CanonicalJson,
): Diagnostic {
  const { number } = document;
  return {
    level: "error",
    code,
    message,
    path: "",
    ...(typeof number === "string" && number
      ? { document: number.slice(0, 200) }
      : {}),
  };
}
