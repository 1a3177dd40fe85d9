/** Checks of what is read: samples, damage, and the answer to both. */
import { getFormat } from "../formats/index.ts";
import type { Envelope } from "../odoo/exchange.ts";
import { toEnvelopes } from "../sync/inbound.ts";
import { must, type Conformance, type Subject } from "./suite.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Samples of the types that the endpoint lists. */
function samplesOf({ endpoint, documents }: Subject) {
  const inbound = documents
    .filter((one) => one.direction === "inbound")
    .map((one) => one.document_type);
  return endpoint.connector.samples.filter((one) =>
    inbound.includes(one.document_type),
  );
}

function read(subject: Subject, text: Uint8Array): Promise<Envelope[]> {
  // A partner's own shape is what its mapping's samples show, not ours.
  const mapped = new Set(
    (subject.rules.mappings ?? []).map((one) => one.document_type),
  );
  return toEnvelopes({
    bytes: text,
    filename: "sample",
    contentType: "",
    format: subject.endpoint.connector.format,
    rules: mapped.size > 0 ? {} : subject.rules,
  });
}

function errorsOf(envelopes: Envelope[]): string[] {
  return envelopes
    .flatMap((one) => one.diagnostics as { level: string; message: string }[])
    .filter((one) => one.level === "error")
    .map((one) => one.message);
}

export const INBOUND: Conformance[] = [
  {
    name: "inbound samples",
    applies: (subject) =>
      subject.documents.some((one) => one.direction === "inbound"),
    async run(subject) {
      const samples = samplesOf(subject);
      for (const { document_type, direction } of subject.documents)
        must(
          direction === "outbound" ||
            samples.some((one) => one.document_type === document_type),
          `${document_type}: the connector has no sample of it`,
        );
      for (const sample of samples) {
        const envelopes = await read(subject, encode(sample.text));
        const errors = errorsOf(envelopes);
        must(
          errors.length === 0,
          `${sample.document_type}: ${errors.slice(0, 3).join("; ")}`,
        );
        must(
          envelopes.length === 1 &&
            envelopes[0]?.document?.document_type === sample.document_type,
          `${sample.document_type}: read as something else`,
        );
      }
      return `${samples.length} samples are valid documents`;
    },
  },
  {
    name: "duplicates",
    applies: (subject) => samplesOf(subject).length > 0,
    async run(subject) {
      const keys: string[] = [];
      for (const sample of samplesOf(subject)) {
        const key = async () =>
          (await read(subject, encode(sample.text)))
            .map((one) => `${one.raw_sha256}:${one.position}`)
            .join();
        const once = await key();
        must(
          once === (await key()),
          `${sample.document_type}: the same bytes get another key`,
        );
        keys.push(once);
      }
      must(new Set(keys).size === keys.length, "two samples share a key");
      return "the same bytes are the same message, others another";
    },
  },
  {
    name: "damaged input",
    applies: (subject) => samplesOf(subject).length > 0,
    async run(subject) {
      let cuts = 0;
      for (const sample of samplesOf(subject)) {
        const whole = encode(sample.text);
        for (let part = 1; part < 10; part++) {
          const cut = whole.subarray(0, Math.floor((whole.length * part) / 10));
          const envelopes = await read(subject, cut);
          const told = envelopes.flatMap((one) => one.diagnostics);
          must(
            envelopes.length > 0 && told.length > 0,
            `${sample.document_type} cut at ${cut.length} bytes: nothing is said about it`,
          );
          cuts++;
        }
        const garbage = await read(subject, encode("\u0000\u0001 no document"));
        must(
          garbage.every((one) => one.document === null) &&
            errorsOf(garbage).length > 0,
          "bytes that are no document are not refused",
        );
      }
      return `${cuts} damaged files are kept with a reason`;
    },
  },
  {
    name: "functional acknowledgement",
    applies: (subject) =>
      subject.documents.some(
        (one) =>
          one.direction === "outbound" &&
          one.document_type === "functional_acknowledgement",
      ) && samplesOf(subject).length > 0,
    run: acknowledgeSamples,
  },
];

/** Each sample is answered, and the answer says which group it means. */
async function acknowledgeSamples(subject: Subject): Promise<string> {
  const { connector, settings } = subject.endpoint;
  const format = getFormat(connector.format);
  let answers = 0;
  for (const sample of samplesOf(subject)) {
    const [envelope] = await read(subject, encode(sample.text));
    const isAnswer = sample.document_type === "functional_acknowledgement";
    const given = envelope?.acknowledgements ?? [];
    must(
      given.length === (isAnswer ? 0 : 1),
      isAnswer
        ? "an acknowledgement is acknowledged: two systems would never stop"
        : `${sample.document_type}: no acknowledgement is made for it`,
    );
    for (const document of given) {
      const { payloads, diagnostics } = format?.generate([document as never], {
        controlNumber: 1,
        documentTime: "2026-01-31T12:00:00Z",
        test: true,
        ...connector.formatOptions?.(settings),
      }) ?? { payloads: [], diagnostics: [] };
      const [payload] = payloads;
      must(payload, diagnostics.map((one) => one.message).join("; "));
      const [back] = format?.parse(payload.bytes).documents ?? [];
      must(
        groupOf(back) !== "" && groupOf(back) === groupOf(document),
        `${sample.document_type}: its acknowledgement cannot be matched`,
      );
      must(
        (back as { status?: string } | undefined)?.status === "accepted",
        `${sample.document_type}: a good sample is not accepted`,
      );
      answers++;
    }
  }
  return `${answers} samples are acknowledged; acknowledgements are not`;
}

function groupOf(document: unknown): string {
  const { acknowledges } = (document ?? {}) as {
    acknowledges?: Record<string, unknown>;
  };
  const { functional_identifier, group_control_number } = acknowledges ?? {};
  if (!group_control_number) return "";
  return `${String(functional_identifier)} ${Number(group_control_number)}`;
}
