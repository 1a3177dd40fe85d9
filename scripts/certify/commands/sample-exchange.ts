/** Command `sample_exchange`: shows what an endpoint would send; sends it on demand. */
import { subjectOf } from "../index.ts";
import { renderSample } from "../bytes.ts";
import { sendContext } from "../send-context.ts";
import { CheckFailed } from "../suite.ts";
import type { CommandHandler } from "../../sync/commands.ts";

/** What is shown of one sample's bytes. */
const MAX_SHOWN = 50_000;

/**
 * Arguments: `send` true to send the samples to the partner, too. The result
 * holds `samples`: their bytes as text, or why there are none, and the
 * outcome where they were sent.
 */
export const sampleExchange: CommandHandler = async (
  command,
  context,
  signal,
) => {
  const send = command.arguments.send === true;
  const plan = await context.exchange.certificationPlan(command.endpoint.code);
  const subject = await subjectOf(context, plan, command.uuid, signal);
  if ("check" in subject)
    return {
      state: "done",
      result: { passed: false, samples: [] },
      message: `${subject.check.name}: ${subject.check.detail}`,
    };
  const samples: Record<string, unknown>[] = [];
  let passed = true;
  for (const sample of subject.samples) {
    const { document_type, document } = sample;
    const about = { document_type, number: document.number };
    try {
      const payload = await renderSample(subject, sample);
      const outcome = send
        ? await subject.endpoint.connector.transport.send(
            payload,
            sendContext(subject, {
              idempotencyKey: `${command.uuid}-${document_type}`,
            }),
          )
        : undefined;
      if (outcome && outcome.outcome !== "delivered") passed = false;
      samples.push({
        ...about,
        filename: payload.filename,
        content_type: payload.contentType,
        size: payload.bytes.length,
        text: shown(payload.bytes),
        ...(outcome ? { outcome } : {}),
      });
    } catch (error) {
      if (!(error instanceof CheckFailed)) throw error;
      passed = false;
      samples.push({ ...about, problem: error.message });
    }
  }
  const done = send ? "sent" : "rendered, nothing was sent";
  return {
    state: "done",
    result: { passed, samples },
    message: passed
      ? `${samples.length} samples ${done}.`
      : "A sample failed; see below.",
  };
};

/** Bytes as text that every RPC carries: control characters made visible. */
function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("utf8").slice(0, MAX_SHOWN);
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (one) =>
    String.fromCharCode(0x2400 + one.charCodeAt(0)),
  );
}
