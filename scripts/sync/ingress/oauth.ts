/**
 * `POST /oauth/token`: OAuth 2.0 client credentials (RFC 6749, section 4.4),
 * with the client's secret by HTTP Basic or in the body. The scope is the code
 * of an endpoint, or several of them.
 */
import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { SyncContext } from "../context.ts";
import { digestOf, type InboundCredential } from "../credentials.ts";
import { RateLimit } from "./guards.ts";
import { Problem, tooMany } from "./problems.ts";
import { TOKEN_SECONDS, issueToken } from "./tokens.ts";

/** Path of the token endpoint. */
export const TOKEN_PATH = "/oauth/token";

/** Largest body: names and values of four parameters. */
const MAX_FORM_BYTES = 16 * 1024;

/** Requests per second and at once: of a client at an address, and of an address. */
const CLIENT_RATE = [1, 20] as const;
const ADDRESS_RATE = [5, 100] as const;

/** Compared with where there is no such client, so that it takes as long. */
const NOBODY = digestOf("");

/** Errors of RFC 6749, section 5.2. */
type OAuthCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_scope"
  | "unsupported_grant_type";

class OAuthError extends Error {
  override name = "OAuthError";
  readonly code: OAuthCode;

  constructor(code: OAuthCode, description: string) {
    super(description);
    this.code = code;
  }
}

interface Client {
  id: string;
  secret: string;
  /** By HTTP Basic. */
  basic: boolean;
}

/** Adds the token endpoint. */
export function addTokenEndpoint(
  server: FastifyInstance,
  context: SyncContext,
): void {
  const clients = new RateLimit(...CLIENT_RATE);
  const addresses = new RateLimit(...ADDRESS_RATE);
  server.post(
    TOKEN_PATH,
    {
      bodyLimit: MAX_FORM_BYTES,
      onRequest: (request, _reply, done) => {
        const wait = addresses.take(request.ip);
        if (wait > 0) return done(tooMany(wait));
        done(isForm(request.headers["content-type"]) ? undefined : noForm());
      },
    },
    async (request, reply) => {
      try {
        const form = readForm(request.body);
        const client = readClient(request.headers.authorization, form);
        const wait = clients.take(`${client.id} ${request.ip}`);
        if (wait > 0) throw tooMany(wait);
        return await grant(context, client, form, reply);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        const basic = request.headers.authorization !== undefined;
        return refuse(reply, error, basic);
      }
    },
  );
}

async function grant(
  context: SyncContext,
  client: Client,
  form: Map<string, string>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const known = await context.credentials.ofClient(client.id);
  const kept = await acceptedAtEndpoint(context, known);
  const presented = digestOf(client.secret);
  const proven = kept.filter((one) =>
    timingSafeEqual(presented, one.digest ?? NOBODY),
  );
  if (kept.length === 0) timingSafeEqual(presented, NOBODY);
  if (proven.length === 0)
    throw new OAuthError("invalid_client", "The client is not known.");
  const grantType = form.get("grant_type");
  if (grantType === undefined)
    throw new OAuthError("invalid_request", "grant_type is missing.");
  if (grantType !== "client_credentials")
    throw new OAuthError(
      "unsupported_grant_type",
      "grant_type must be client_credentials.",
    );
  const granted = inScope(proven, form.get("scope"));
  const token = await issueToken(context.credentials, client.id, granted);
  if (token === undefined)
    throw new OAuthError("invalid_client", "The client is not known.");
  const scope = [...new Set(granted.map((one) => one.endpoint))].sort();
  return noStore(reply).send({
    access_token: token,
    token_type: "Bearer",
    expires_in: TOKEN_SECONDS,
    scope: scope.join(" "),
  });
}

/** The client's secrets of endpoints that accept access tokens. */
async function acceptedAtEndpoint(
  context: SyncContext,
  credentials: InboundCredential[],
): Promise<InboundCredential[]> {
  const endpoints = await context.endpoints.all();
  const accepting = new Set(
    endpoints
      .filter((one) => one.authentication?.includes("oauth_client"))
      .map((one) => one.code),
  );
  return credentials.filter((one) => accepting.has(one.endpoint));
}

function inScope(
  proven: InboundCredential[],
  scope: string | undefined,
): InboundCredential[] {
  const wanted = scope?.split(" ").filter((one) => one !== "");
  if (!wanted || wanted.length === 0) return proven;
  const granted = proven.filter((one) => wanted.includes(one.endpoint));
  const reached = new Set(granted.map((one) => one.endpoint));
  if (wanted.some((one) => !reached.has(one)))
    throw new OAuthError(
      "invalid_scope",
      "scope names an endpoint that is not this client's.",
    );
  return granted;
}

function refuse(
  reply: FastifyReply,
  error: OAuthError,
  basic: boolean,
): FastifyReply {
  const unknown = error.code === "invalid_client";
  if (unknown && basic) reply.header("www-authenticate", 'Basic realm="hcp"');
  return noStore(reply)
    .code(unknown ? 401 : 400)
    .send({ error: error.code, error_description: error.message });
}

/** RFC 6749, section 5.1. */
function noStore(reply: FastifyReply): FastifyReply {
  return reply.header("cache-control", "no-store").header("pragma", "no-cache");
}

function isForm(contentType: string | undefined): boolean {
  return /^application\/x-www-form-urlencoded\s*(;|$)/i.test(contentType ?? "");
}

function noForm(): Problem {
  return new Problem(
    "unsupported_media_type",
    "Send application/x-www-form-urlencoded (RFC 6749, section 4.4.2).",
  );
}

function readForm(body: unknown): Map<string, string> {
  const text = Buffer.isBuffer(body) ? body.toString("utf8") : "";
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name))
      throw new OAuthError("invalid_request", "A parameter is repeated.");
    form.set(name, value);
  }
  return form;
}

/** The client by HTTP Basic or by the body, never both (section 2.3). */
function readClient(
  authorization: string | undefined,
  form: Map<string, string>,
): Client {
  const id = form.get("client_id");
  const secret = form.get("client_secret");
  if (authorization === undefined) {
    if (!id || !secret)
      throw new OAuthError("invalid_client", "The client is not known.");
    return { id, secret, basic: false };
  }
  const client = readBasic(authorization);
  if (!client)
    throw new OAuthError("invalid_client", "The client is not known.");
  if (secret !== undefined || (id !== undefined && id !== client.id))
    throw new OAuthError(
      "invalid_request",
      "The client presents itself in two ways.",
    );
  return client;
}

function readBasic(authorization: string): Client | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/=]{1,8192}) *$/i.exec(authorization);
  const text = Buffer.from(encoded?.[1] ?? "", "base64").toString("utf8");
  const at = text.indexOf(":");
  if (at < 1) return undefined;
  try {
    const [id, secret] = [text.slice(0, at), text.slice(at + 1)].map(decode);
    return id && secret ? { id, secret, basic: true } : undefined;
  } catch {
    return undefined;
  }
}

/** Both parts are form-encoded before they are joined (section 2.3.1). */
function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}
