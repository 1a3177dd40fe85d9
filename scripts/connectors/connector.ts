/**
 * A connector is a declaration: which transport moves the bytes, which format
 * they have, and which settings an endpoint of this kind needs. No code of the
 * service asks which connector it deals with.
 */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormatsModule from "ajv-formats";

import {
  CSV_DOCUMENT_TYPES,
  type CsvSettings,
  type GenerateOptions,
  type ParseOptions,
} from "../formats/format.ts";
import { TRANSPORTS } from "../transports/index.ts";
import type { Transport } from "../transports/transport.ts";

/** Options of a format that come from an endpoint, not from a message. */
export type FormatSettings = Omit<
  GenerateOptions,
  "controlNumber" | "documentTime" | "test"
>;

/** A file as a partner might send it, marked as a test where that exists. */
export interface InboundSample {
  document_type: string;
  text: string;
}

/** What one writes to declare a connector. */
export interface ConnectorDeclaration {
  /** Stable name, as endpoints in Odoo hold it. */
  id: string;
  title: string;
  description: string;
  transport: string;
  format: string;
  /** JSON Schema properties of the format's settings, beside the transport's. */
  settings?: Record<string, object>;
  /** What the format is told, out of an endpoint's settings. */
  formatOptions?: (settings: Record<string, unknown>) => FormatSettings;
  /** What the format is told when it reads, out of an endpoint's settings. */
  readOptions?: (settings: Record<string, unknown>) => ParseOptions;
  /** Settings that are valid, for the conformance suite and as an example. */
  sampleSettings: Record<string, unknown>;
  /** Document types that may be sent and received. */
  outbound: string[];
  inbound: string[];
  /** At least one for each inbound document type; the suite reads them. */
  samples: InboundSample[];
}

/** A declared connector, ready for use. */
export interface Connector extends Omit<ConnectorDeclaration, "transport"> {
  transport: Transport;
  /** JSON Schema (2020-12) of an endpoint's settings. */
  settingsSchema: Record<string, unknown>;
  /**
   * What is wrong with an endpoint's settings, one sentence each with the
   * setting's path; empty when they fit.
   */
  checkSettings(settings: Record<string, unknown>): string[];
}

const ajv = new Ajv2020({ allErrors: true, strict: true });
// The package is CommonJS: its function is the module or its `default`.
const addFormats = ((addFormatsModule as unknown as { default?: unknown })
  .default ?? addFormatsModule) as (ajv: Ajv2020) => void;
addFormats(ajv);

/**
 * Declares a connector.
 * @throws Error for a transport that does not exist: a mistake of ours.
 */
export function defineConnector(declaration: ConnectorDeclaration): Connector {
  const transport = TRANSPORTS.get(declaration.transport);
  if (!transport)
    throw new Error(
      `Connector ${declaration.id}: no transport ${declaration.transport}.`,
    );
  const settingsSchema = {
    type: "object",
    additionalProperties: false,
    properties: { ...transport.settings, ...declaration.settings },
    required: transport.required,
  };
  const validate = ajv.compile(settingsSchema);
  return {
    ...declaration,
    transport,
    settingsSchema,
    checkSettings: (settings) => check(validate, transport, settings),
  };
}

/** What an endpoint tells about its files, for the format that reads them. */
export function parseOptions(
  connector: Connector | undefined,
  endpoint: {
    settings?: Record<string, unknown> | false;
    documents?: { document_type: string; direction: string }[];
  },
): ParseOptions {
  const options = connector?.readOptions?.(endpoint.settings || {}) ?? {};
  // An endpoint for one kind of sheet sends no other.
  const kinds = CSV_DOCUMENT_TYPES.filter((type) =>
    endpoint.documents?.some(
      (one) => one.document_type === type && one.direction === "inbound",
    ),
  );
  const [only] = kinds;
  if (kinds.length !== 1 || only === undefined) return options;
  const csv: CsvSettings = { document_type: only, ...options.csv };
  return { ...options, csv };
}

function check(
  validate: ValidateFunction,
  transport: Transport,
  settings: Record<string, unknown>,
): string[] {
  if (validate(settings)) {
    const wrong = transport.check?.(settings);
    return wrong ? [wrong] : [];
  }
  return (validate.errors ?? []).map((error) => {
    const params = error.params as Partial<
      Record<"additionalProperty" | "missingProperty", string>
    >;
    const extra = params.additionalProperty ?? params.missingProperty;
    const path = [...error.instancePath.split("/").slice(1), extra]
      .filter((part) => part !== undefined)
      .join(".");
    return `${path}: ${error.message ?? "is not valid"}`;
  });
}
