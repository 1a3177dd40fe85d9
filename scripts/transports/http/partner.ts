/** What sending to and testing an HTTP partner have in common. */
import { Agent } from "undici";
import { textSetting } from "../transport.ts";

/**
 * One agent for all partners. Idle sockets are dropped early: a partner that
 * closes one just as we reuse it would make the outcome unknown.
 */
export const PARTNER_AGENT = new Agent({
  connect: { timeout: 10_000 },
  keepAliveTimeout: 1_000,
  keepAliveMaxTimeout: 2_000,
});

/** Where documents go. */
export function documentsUrl(settings: Record<string, unknown>): string {
  const base = (textSetting(settings, "base_url") ?? "").replace(/\/+$/, "");
  return base + (textSetting(settings, "path") ?? "/documents");
}
