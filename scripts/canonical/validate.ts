/** Validation of canonical documents against their JSON Schemas. */
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

import { commonSchema, documentSchemas } from "./generated/schemas.ts";
import type { CanonicalDocument, Diagnostic } from "./types.ts";

/** Names of all document types that have a schema. */
export const DOCUMENT_TYPES = Object.keys(
  documentSchemas,
) as CanonicalDocument["document_type"][];

/** More findings than this about one document help nobody. */
const MAX_ERRORS = 50;

/** Depth beyond which a document is refused before it is looked at. */
const MAX_DEPTH = 32;

const ajv = makeAjv();

function makeAjv(): Ajv2020 {
  const instance = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
  });
  // The package is CommonJS: its function is the module or its `default`.
  const addFormats = addFormatsModule as unknown as {
    default?: (ajv: Ajv2020) => void;
  };
  const install = addFormats.default ?? addFormatsModule;
  (install as unknown as (ajv: Ajv2020) => void)(instance);
  instance.addSchema(commonSchema);
  for (const schema of Object.values(documentSchemas)) {
    instance.addSchema(schema);
  }
  return instance;
}

/**
 * What is wrong with `document`, as `schema` errors with a JSON path; an empty
 * list means that it is a valid canonical document. Never throws.
 */
export function validateDocument(document: unknown): Diagnostic[] {
  if (!isObject(document)) {
    return [problem("", "a canonical document is a JSON object", document)];
  }
  const type = document["document_type"];
  if (!isDocumentType(type)) {
    const known = DOCUMENT_TYPES.join(", ");
    const message =
      type === undefined
        ? `document_type is missing; it is one of ${known}`
        : `document_type ${shown(type)} is not known; it is one of ${known}`;
    return [problem("document_type", message, document)];
  }
  if (!withinDepth(document, MAX_DEPTH)) {
    const message = `nested deeper than ${MAX_DEPTH} levels`;
    return [problem("", message, document)];
  }
  const validate = ajv.getSchema(`${type}.schema.json`);
  if (validate === undefined) throw new Error(`no validator for ${type}`);
  if (validate(document)) return [];
  return distinct(validate.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map((error) => fromAjv(error, document));
}

/**
 * What is wrong with one of the `lines` of a document of this type, as
 * {@link validateDocument} says it; paths begin at the line. Never throws.
 */
export function validateLine(
  type: CanonicalDocument["document_type"],
  line: unknown,
): Diagnostic[] {
  if (!isObject(line)) return [problem("", "a line is a JSON object", {})];
  // A line is nested two levels below its document.
  if (!withinDepth(line, MAX_DEPTH - 2))
    return [problem("", `nested deeper than ${MAX_DEPTH} levels`, {})];
  const validate = ajv.getSchema(`${type}.schema.json#/$defs/line`);
  if (validate === undefined) throw new Error(`no lines in ${type}`);
  if (validate(line)) return [];
  return distinct(validate.errors ?? [])
    .slice(0, MAX_ERRORS)
    .map((error) => fromAjv(error, {}));
}

/** True when `document` is valid; narrows its type. */
export function isCanonicalDocument(
  document: unknown,
): document is CanonicalDocument {
  return validateDocument(document).length === 0;
}

function isDocumentType(
  type: unknown,
): type is CanonicalDocument["document_type"] {
  return typeof type === "string" && Object.hasOwn(documentSchemas, type);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withinDepth(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth === 0) return false;
  return Object.values(value).every((item) => withinDepth(item, depth - 1));
}

/** `anyOf` repeats what its branches said already. */
function distinct(errors: ErrorObject[]): ErrorObject[] {
  const seen = new Set<string>();
  return errors.filter((error) => {
    if (error.keyword === "anyOf" && errors.length > 1) return false;
    const key = `${error.instancePath} ${error.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function fromAjv(
  error: ErrorObject,
  document: Record<string, unknown>,
): Diagnostic {
  const params = error.params as Record<string, unknown>;
  const name = params["additionalProperty"] ?? params["missingProperty"];
  const base = jsonPath(error.instancePath);
  const path =
    typeof name === "string" ? (base ? `${base}.${name}` : name) : base;
  return problem(path, sentence(error, params), document);
}

function sentence(error: ErrorObject, params: Record<string, unknown>): string {
  switch (error.keyword) {
    case "additionalProperties":
      return `field ${shown(params["additionalProperty"])} is not known here`;
    case "required":
      return `field ${shown(params["missingProperty"])} is missing`;
    case "enum":
      return `must be one of ${(params["allowedValues"] as unknown[]).join(", ")}`;
    case "const":
      return `must be ${shown(params["allowedValue"])}`;
    case "pattern":
    case "format":
      return `${error.message ?? "is malformed"}${hint(error.schemaPath)}`;
    default:
      return error.message ?? "is not valid";
  }
}

function hint(schemaPath: string): string {
  if (schemaPath.includes("decimal")) {
    return ' (a decimal as text, such as "12.50")';
  }
  if (schemaPath.includes("date")) return " (a date, such as 2026-01-31)";
  if (schemaPath.includes("moment")) {
    return " (a date, or a date-time with offset)";
  }
  return "";
}

/** `/lines/0/price` → `lines[0].price`. */
function jsonPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^[0-9]+$/.test(part) ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}

function problem(path: string, text: string, document: unknown): Diagnostic {
  const number = isObject(document) ? document["number"] : undefined;
  return {
    level: "error",
    code: "schema",
    message: path === "" ? text : `${path}: ${text}`,
    path,
    ...(typeof number === "string" && number !== ""
      ? { document: number.slice(0, 200) }
      : {}),
  };
}

function shown(value: unknown): string {
  const text =
    typeof value === "string"
      ? value
      : ((JSON.stringify(value) as string | undefined) ?? "nothing");
  return `"${text.slice(0, 80)}"`;
}
