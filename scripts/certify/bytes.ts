/** Checks of what is written: settings, samples as bytes, and back. */
import type { ClaimedMessage } from "../odoo/exchange.ts";
import { getFormat } from "../formats/index.ts";
import { renderMessage } from "../sync/render.ts";
import type { Payload } from "../transports/transport.ts";
import {
  must,
  CheckFailed,
  type Conformance,
  type Sample,
  type Subject,
} from "./suite.ts";

/** A sample as a claimed message, which is what the service renders. */
function asMessage(subject: Subject, sample: Sample): ClaimedMessage {
  const { connector, settings } = subject.endpoint;
  return {
    uuid: subject.runId,
    endpoint_code: subject.code,
    endpoint: {
      code: subject.code,
      connector: connector.id,
      settings,
      test: true,
      expects_functional_ack: subject.expectsFunctionalAck,
      partner_name: "",
    },
    document_type: sample.document_type,
    number: String(sample.document.number),
    document: sample.document,
    idempotency_key: subject.runId,
    control_number: sample.control_number,
    document_time: sample.document_time,
    mapping: sample.mapping && { id: 0, ...sample.mapping },
    code_tables: sample.code_tables,
    attempt_count: 0,
    payload: false,
    payload_sha256: false,
    filename: false,
    content_type: false,
    trace_id: false,
    leased_until: "",
  };
}

/**
 * A sample's bytes.
 * @throws CheckFailed when it cannot be rendered
 */
export async function renderSample(
  subject: Subject,
  sample: Sample,
): Promise<Payload> {
  const result = await renderMessage(
    asMessage(subject, sample),
    subject.endpoint,
  );
  if ("payload" in result) return result.payload;
  throw new CheckFailed(
    `${sample.document_type}: ${result.error}: ${result.message}`,
  );
}

const equal = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);

export const BYTES: Conformance[] = [
  {
    name: "settings",
    run({ endpoint: { connector, settings } }) {
      const wrong = connector.checkSettings(settings);
      must(wrong.length === 0, wrong.join("; "));
      const [surprise = ""] = connector.checkSettings({
        ...settings,
        surprise: 1,
      });
      must(surprise.startsWith("surprise: "), "unknown settings are accepted");
      return `${Object.keys(settings).length} settings fit ${connector.title}`;
    },
  },
  {
    name: "documents",
    run({ endpoint: { connector }, documents }) {
      must(documents.length > 0, "no document is listed");
      for (const { document_type, direction } of documents)
        must(
          connector[direction].includes(document_type),
          `${document_type} cannot be exchanged ${direction} by ${connector.id}`,
        );
      return documents
        .map((one) => `${one.direction} ${one.document_type}`)
        .join(", ");
    },
  },
  {
    name: "render",
    async run(subject) {
      const outbound = subject.documents.filter(
        (one) => one.direction === "outbound",
      );
      const without = outbound.filter(
        (one) =>
          !subject.samples.some((s) => s.document_type === one.document_type),
      );
      must(
        without.length === 0,
        `no sample for ${without.map((one) => one.document_type).join(", ")}`,
      );
      const texts: string[] = [];
      for (const sample of subject.samples) {
        const { bytes, filename } = await renderSample(subject, sample);
        const by = sample.mapping ? `, mapping ${sample.mapping.version}` : "";
        texts.push(
          `${sample.document_type}: ${filename}, ${bytes.length} bytes${by}`,
        );
      }
      return texts.join("; ") || "nothing is sent";
    },
  },
  {
    name: "determinism",
    applies: ({ samples }) => samples.length > 0,
    async run(subject) {
      for (const sample of subject.samples) {
        const one = await renderSample(subject, sample);
        const again = await renderSample(subject, sample);
        must(
          equal(one.bytes, again.bytes) && one.filename === again.filename,
          `${sample.document_type}: two renderings differ; a repeated attempt must send the same bytes`,
        );
        const other = await renderSample(subject, {
          ...sample,
          document: {
            ...sample.document,
            number: `${String(sample.document.number)}X`,
          },
          control_number: sample.control_number + 1,
        });
        must(
          !equal(one.bytes, other.bytes),
          `${sample.document_type}: another document gives the same bytes`,
        );
      }
      return "the same document gives the same bytes";
    },
  },
  {
    name: "minimisation",
    applies: ({ samples }) => samples.length > 0,
    async run(subject) {
      const kept: string[] = [];
      for (const sample of subject.samples) {
        const { bytes } = await renderSample(subject, sample);
        const text = Buffer.from(bytes).toString("utf8").toLowerCase();
        for (const secret of sample.withheld) {
          must(
            !text.includes(secret.toLowerCase()),
            `${sample.document_type}: a field that is withheld is in the bytes`,
          );
          kept.push(secret);
        }
      }
      return `${kept.length} texts of the samples are withheld`;
    },
  },
  {
    name: "round trip",
    // What a mapping makes is the partner's business, and need not come back.
    applies: ({ samples }) => samples.some((one) => !one.mapping),
    async run(subject) {
      const format = getFormat(subject.endpoint.connector.format);
      for (const sample of subject.samples.filter((one) => !one.mapping)) {
        const { bytes } = await renderSample(subject, sample);
        const [document] = format?.parse(bytes).documents ?? [];
        const read = document as Record<string, unknown> | undefined;
        must(
          read?.document_type === sample.document_type,
          `${sample.document_type}: what was written cannot be read back`,
        );
        if (sample.document_type === "functional_acknowledgement") continue;
        must(
          read.number === sample.document.number,
          `${sample.document_type}: its number does not come back`,
        );
        must(
          quantities(read) === quantities(sample.document),
          `${sample.document_type}: its lines do not come back`,
        );
      }
      return "what was written reads back";
    },
  },
];

/** Line numbers and quantities, which codes do not touch. */
function quantities(document: Record<string, unknown>): string {
  const lines = (document.lines ?? []) as Record<string, unknown>[];
  return lines
    .map((one) => `${String(one.line_number)}:${String(one.quantity)}`)
    .join(",");
}
