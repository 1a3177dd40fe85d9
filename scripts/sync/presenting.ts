/** Sending with the credentials of an endpoint, across their rotation. */
import { OdooError } from "../odoo/client.ts";
import type {
  Payload,
  SendContext,
  SendOutcome,
} from "../transports/transport.ts";
import type { ResolvedEndpoint, SyncContext } from "./context.ts";
import type { OutboundCredential } from "./credentials.ts";

/**
 * One attempt. The newest valid credential is presented; where the partner
 * refuses it (401, 403: the document was not taken), the one before it is,
 * for as long as that is valid. So neither side has to change at the same
 * moment as the other.
 */
export async function sendPresenting(
  context: SyncContext,
  code: string,
  endpoint: ResolvedEndpoint,
  payload: Payload,
  sending: Omit<SendContext, "bearer">,
): Promise<SendOutcome> {
  const found = await presentable(context, code, endpoint);
  if ("outcome" in found) return found;
  const { transport } = endpoint.connector;
  const [newest, ...others] = found.credentials;
  let outcome = await transport.send(payload, {
    ...sending,
    bearer: newest?.bearer,
  });
  let presented = newest;
  for (const other of others) {
    if (outcome.error !== "partner_auth" || sending.signal.aborted) break;
    context.log.warn({
      event: "credential_refused",
      endpoint: code,
      credential: presented?.uuid,
      fingerprint: presented?.fingerprint,
    });
    presented = other;
    outcome = await transport.send(payload, {
      ...sending,
      bearer: other.bearer,
    });
  }
  return outcome;
}

/** What may be presented, or the outcome of an attempt that cannot begin. */
export async function presentable(
  context: SyncContext,
  code: string,
  endpoint: ResolvedEndpoint,
): Promise<{ credentials: OutboundCredential[] } | SendOutcome> {
  if (endpoint.connector.transport.credentials.outbound.length === 0)
    return { credentials: [] };
  const nothing = { outcome: "not_sent", acknowledged: false } as const;
  try {
    const credentials = await context.credentials.outbound(
      code,
      endpoint.sandbox,
    );
    if (credentials) return { credentials };
    return {
      ...nothing,
      error: "credentials_missing",
      message: "no credential of this endpoint is valid; nothing was sent",
    };
  } catch (error) {
    if (!(error instanceof OdooError)) throw error;
    context.log.warn({ event: "credentials_not_read", endpoint: code, error });
    return {
      ...nothing,
      error: "odoo_unavailable",
      message: "the endpoint's credentials could not be read from Odoo",
    };
  }
}
