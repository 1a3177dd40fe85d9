/**
 * Who calls: a bearer token, an access token or a signature, each only where
 * the endpoint has such a credential and accepts its kind. Everything else is
 * refused.
 */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { SyncContext } from "../context.ts";
import { digestOf, type InboundCredential } from "../credentials.ts";
import { Problem } from "./problems.ts";
import { readToken, type TokenClaims } from "./tokens.ts";
import {
  isSignedWith,
  looksSigned,
  readSignedHeaders,
  type SignedHeaders,
} from "./webhook.ts";

const REALM = 'Bearer realm="hcp"';

/** A request whose signature is checked when its body is there. */
export interface PendingSignature {
  signed: SignedHeaders;
  keys: Uint8Array[];
}

export class Authenticator {
  private readonly context: SyncContext;

  constructor(context: SyncContext) {
    this.context = context;
  }

  /**
   * Checks what can be checked before the body is read. `Authorization`
   * decides where it is present.
   * @returns the signature that remains to be checked, or `undefined`
   * @throws Problem for everyone who may not hand documents in at `code`
   */
  async before(
    code: string,
    headers: IncomingHttpHeaders,
  ): Promise<PendingSignature | undefined> {
    if (headers.authorization !== undefined) {
      await this.bearer(code, headers.authorization);
      return undefined;
    }
    if (!looksSigned(headers)) throw unauthorized();
    const signed = readSignedHeaders(headers);
    if (typeof signed === "string") throw badSignature(signed);
    const keys = (await this.accepted(code)).flatMap(
      (one) => one.hmacKey ?? [],
    );
    if (keys.length === 0 || signed.signatures.length === 0)
      throw badSignature("the signature is not valid");
    return { signed, keys };
  }

  /**
   * Codes of the endpoints whose partner presents this token.
   * @throws Problem for a token that belongs to none
   */
  async endpointsOf(authorization: string | undefined): Promise<string[]> {
    if (authorization === undefined) throw unauthorized();
    const presented = tokenIn(authorization);
    const claims = await readToken(this.context.credentials, presented);
    const endpoints = await this.context.endpoints.all();
    const mine: string[] = [];
    for (const { code } of endpoints)
      if (isPresented(await this.accepted(code), presented, claims))
        mine.push(code);
    if (mine.length === 0) throw invalidToken();
    return mine;
  }

  private async bearer(code: string, authorization: string): Promise<void> {
    const presented = tokenIn(authorization);
    const claims = await readToken(this.context.credentials, presented);
    if (isPresented(await this.accepted(code), presented, claims)) return;
    if (claims && !claims.endpoints.includes(code))
      throw new Problem(
        "insufficient_scope",
        `The access token is not for endpoint ${code}.`,
        {
          headers: {
            "www-authenticate": `${REALM}, error="insufficient_scope"`,
          },
        },
      );
    throw invalidToken();
  }

  /** What counts at an endpoint now. */
  private async accepted(code: string): Promise<InboundCredential[]> {
    const endpoint = await this.context.endpoints.find(code);
    const kinds = endpoint?.authentication ?? ["bearer"];
    const credentials = await this.context.credentials.inbound(code);
    return credentials.filter((one) => kinds.includes(one.kind));
  }
}

/** @throws Problem unless one of the keys signed the body */
export function checkSignature(pending: PendingSignature, body: Buffer): void {
  if (!isSignedWith(pending.keys, pending.signed, body))
    throw badSignature("the signature is not valid");
}

/** Compares with all, in a time that tells nothing of any. */
function isPresented(
  credentials: InboundCredential[],
  presented: string,
  claims: TokenClaims | undefined,
): boolean {
  const digest = digestOf(presented);
  let found = false;
  for (const one of credentials) {
    const same =
      one.digest !== undefined && timingSafeEqual(digest, one.digest);
    if (one.kind === "bearer" && same) found = true;
    // A client's secret is shown to get a token, never in its place.
    if (one.kind === "oauth_client" && claims?.credentials.includes(one.uuid))
      found = found || claims.endpoints.includes(one.endpoint);
  }
  return found;
}

/** @throws Problem for another scheme than `Bearer` */
function tokenIn(authorization: string): string {
  const match = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization);
  if (!match?.[1]) throw invalidToken();
  return match[1];
}

function unauthorized(): Problem {
  return new Problem(
    "unauthorized",
    "A bearer token or signature is required.",
    {
      headers: { "www-authenticate": REALM },
    },
  );
}

function invalidToken(): Problem {
  return new Problem(
    "unauthorized",
    "The token is not valid here, or not any more.",
    { headers: { "www-authenticate": `${REALM}, error="invalid_token"` } },
  );
}

function badSignature(why: string): Problem {
  return new Problem("unauthorized", `Signed webhook refused: ${why}.`, {
    headers: { "www-authenticate": REALM },
  });
}
