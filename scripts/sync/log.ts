/** Structured logs. Secrets and documents' contents do not get into them. */
import { pino, type DestinationStream, type Logger } from "pino";

export type { Logger };

/** Names of fields whose values are never written, at any of three depths. */
const SECRET_FIELDS = [
  "authorization",
  "bearer",
  "apiKey",
  "api_key",
  "password",
  "token",
  "lease_token",
  "secret",
  "cookie",
  "payload",
  "raw",
  "document",
];

/**
 * A logger that writes JSON lines.
 * @param level pino's level; `HCP_LOG_LEVEL` where absent
 */
export function createLogger(
  options: { level?: string; destination?: DestinationStream } = {},
): Logger {
  return pino(
    {
      level: options.level ?? process.env.HCP_LOG_LEVEL ?? "info",
      base: {},
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: describeError },
      redact: {
        paths: SECRET_FIELDS.flatMap((name) => [
          name,
          `*.${name}`,
          `*.*.${name}`,
        ]),
        censor: "[redacted]",
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** Name and message only: an error's other fields may hold what was sent. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const kind = (error as { kind?: unknown }).kind;
  return {
    name: error.name,
    message: error.message,
    ...(typeof kind === "string" ? { kind } : {}),
    ...(error.name === "TypeError" ? { stack: error.stack } : {}),
  };
}
