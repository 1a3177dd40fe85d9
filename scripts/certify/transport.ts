/** Checks of the way to the partner: reached, sent, repeated, refused. */
import type { SendOutcome } from "../transports/transport.ts";
import { renderSample } from "./bytes.ts";
import { FAILURES } from "./failures.ts";
import { sendContext } from "./send-context.ts";
import { must, type Conformance, type Subject } from "./suite.ts";

/** An order, where one is sent: an acknowledgement alone means nothing. */
function sampleToSend({ samples }: Subject) {
  return samples.find(
    (one) => one.document_type !== "functional_acknowledgement",
  );
}

function described(outcome: SendOutcome): string {
  const status = outcome.httpStatus ? ` (${outcome.httpStatus})` : "";
  const reference = outcome.reference ? `, reference ${outcome.reference}` : "";
  return `${outcome.outcome}${status}${reference}${
    outcome.error ? `: ${outcome.error}: ${outcome.message ?? ""}` : ""
  }`;
}

export const TRANSPORT: Conformance[] = [
  {
    name: "connection",
    async run(subject) {
      const findings = await subject.endpoint.connector.transport.probe({
        settings: subject.endpoint.settings,
        bearer: subject.bearer,
        dataDir: subject.dataDir,
        signal: subject.signal,
      });
      const failed = findings.filter((one) => !one.passed);
      const shown = failed.length > 0 ? failed : findings;
      const text = shown.map((one) => `${one.name}: ${one.detail}`).join("; ");
      must(failed.length === 0, text);
      return text;
    },
  },
  {
    name: "send and repeat",
    applies: (subject) => sampleToSend(subject) !== undefined,
    async run(subject) {
      const sample = sampleToSend(subject);
      must(sample, "there is no sample to send");
      const payload = await renderSample(subject, sample);
      const { transport } = subject.endpoint.connector;
      const first = await transport.send(payload, sendContext(subject));
      must(first.outcome === "delivered", described(first));
      const second = await transport.send(payload, sendContext(subject));
      must(
        second.outcome === "delivered",
        `the same document with the same key again: ${described(second)}; a repetition has to be answered like the first`,
      );
      must(
        first.reference === second.reference,
        `the same document with the same key has two effects: ${first.reference} and ${second.reference}`,
      );
      return `${sample.document_type} ${String(sample.document.number)} ${described(first)}; the same again had no second effect that could be seen`;
    },
  },
  {
    name: "failure classes",
    applies: ({ endpoint }) => FAILURES.has(endpoint.connector.transport.id),
    async run(subject) {
      const run = FAILURES.get(subject.endpoint.connector.transport.id);
      must(run, "there are no cases for this transport");
      const classes = await run(subject);
      return classes.join("; ");
    },
  },
];
