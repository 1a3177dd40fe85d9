/**
 * Access tokens: short-lived JWTs (RFC 9068) signed with a key that every
 * process derives from the service's private key, so that any of them accepts
 * what another one gave out.
 */
import { randomUUID } from "node:crypto";
import { SignJWT, jwtVerify } from "jose";
import type { CredentialStore, InboundCredential } from "../credentials.ts";

/** Seconds that an access token is valid. */
export const TOKEN_SECONDS = 300;

/** Seconds that the clocks of two machines may differ. */
const CLOCK_SECONDS = 5;

const ISSUER = "urn:hcp:ingress";
const TYPE = "at+jwt";
const ALGORITHM = "HS256";

/** What a valid token says. */
export interface TokenClaims {
  /** Codes of the endpoints that it is for. */
  endpoints: string[];
  /** The client secrets that it was given for; gone, so is the token. */
  credentials: string[];
}

/**
 * A token for these client secrets' endpoints.
 * @returns `undefined` where the service has no private key
 */
export async function issueToken(
  store: CredentialStore,
  clientId: string,
  granted: InboundCredential[],
): Promise<string | undefined> {
  const [key] = store.tokenKeys;
  if (!key) return undefined;
  const now = Math.floor(Date.now() / 1_000);
  const endpoints = [...new Set(granted.map((one) => one.endpoint))].sort();
  return new SignJWT({
    client_id: clientId,
    scope: endpoints.join(" "),
    credentials: granted.map((one) => one.uuid),
  })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
    .setIssuer(ISSUER)
    .setSubject(clientId)
    .setAudience(endpoints)
    .setIssuedAt(now)
    .setExpirationTime(now + TOKEN_SECONDS)
    .setJti(randomUUID())
    .sign(key.secret);
}

/**
 * What a token says, where it is one of ours and not expired. Both of the
 * service's keys count while they change.
 */
export async function readToken(
  store: CredentialStore,
  token: string,
): Promise<TokenClaims | undefined> {
  if (token.length > 4_096 || token.split(".").length !== 3) return undefined;
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = store.tokenKeys.find((one) => one.id === kid);
        if (!key) throw new Error("unknown key");
        return key.secret;
      },
      {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        clockTolerance: CLOCK_SECONDS,
        requiredClaims: ["exp", "aud", "sub"],
      },
    );
    return {
      endpoints: texts(payload.aud),
      credentials: texts(payload.credentials),
    };
  } catch {
    return undefined;
  }
}

function texts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}
