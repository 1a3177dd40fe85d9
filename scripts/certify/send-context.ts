import { newTraceparent } from "../sync/traceparent.ts";
import type { SendContext } from "../transports/transport.ts";
import type { Subject } from "./suite.ts";

/** What a transport gets for a sample; the same key for each repetition. */
export function sendContext(
  subject: Subject,
  changes: Partial<SendContext> = {},
): SendContext {
  return {
    settings: subject.endpoint.settings,
    idempotencyKey: subject.runId,
    traceparent: newTraceparent(),
    bearer: subject.bearer,
    dataDir: subject.dataDir,
    signal: subject.signal,
    ...changes,
  };
}
