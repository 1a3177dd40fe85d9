/** Test of an HTTP partner's connection: no document is sent. */
import { connect, type PeerCertificate } from "node:tls";
import { request } from "undici";
import { type ProbeContext, type ProbeFinding } from "../transport.ts";
import { classifyFailure } from "./classify.ts";
import { documentsUrl, PARTNER_AGENT } from "./partner.ts";

/** Milliseconds that each step may take. */
const LIMIT = 10_000;

/** Days before its end from which a certificate is mentioned as a failure. */
const CERTIFICATE_DAYS = 7;

const DAY = 86_400_000;

/**
 * Whether the address can be reached, is encrypted with a certificate that
 * this machine trusts, and answers a `HEAD` (where a partner has none, a
 * `GET`) with the credentials that documents will carry.
 */
export async function probe(context: ProbeContext): Promise<ProbeFinding[]> {
  const url = new URL(documentsUrl(context.settings));
  const findings: ProbeFinding[] = [];
  if (url.protocol === "https:") {
    const encrypted = await probeTls(url);
    findings.push(encrypted);
    if (!encrypted.passed) return findings;
  } else
    findings.push({
      name: "encryption",
      passed: true,
      detail: `${url.host} is this machine: not encrypted`,
    });
  findings.push(await probeAnswer(url, context));
  return findings;
}

/** The handshake alone: which protocol, whose certificate, until when. */
function probeTls(url: URL): Promise<ProbeFinding> {
  return new Promise((resolve) => {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const done = (passed: boolean, detail: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ name: "encryption", passed, detail });
    };
    const socket = connect({
      host,
      port: Number(url.port || 443),
      // An address is no name that SNI could carry.
      ...(/[a-z]/i.test(host) && !host.includes(":")
        ? { servername: host }
        : {}),
    });
    const timer = setTimeout(
      () => done(false, `${url.host} did not shake hands within 10 s`),
      LIMIT,
    );
    socket.once("secureConnect", () => {
      const { passed, text } = validity(socket.getPeerCertificate());
      done(passed, `${socket.getProtocol() ?? "TLS"}, ${text}`);
    });
    socket.once("error", (error) =>
      done(false, failureText(error, url.host).detail),
    );
  });
}

/** Until when a certificate is good; one about to end fails the test. */
function validity(certificate: PeerCertificate): {
  passed: boolean;
  text: string;
} {
  const end = Date.parse(certificate.valid_to);
  const name = [certificate.subject.CN].flat()[0] ?? "the partner";
  if (Number.isNaN(end))
    return { passed: true, text: `certificate of ${name}` };
  const until = new Date(end).toISOString().slice(0, 10);
  return {
    passed: end - Date.now() > CERTIFICATE_DAYS * DAY,
    text: `certificate of ${name} is valid until ${until}`,
  };
}

async function probeAnswer(
  url: URL,
  context: ProbeContext,
): Promise<ProbeFinding> {
  try {
    let status = await ask(url, "HEAD", context);
    if (status === 405 || status === 501)
      status = await ask(url, "GET", context);
    return { name: "answer", ...meaning(status, context.bearer !== undefined) };
  } catch (error) {
    return { name: "answer", ...failureText(error, url.host) };
  }
}

async function ask(
  url: URL,
  method: "HEAD" | "GET",
  context: ProbeContext,
): Promise<number> {
  const limit = AbortSignal.timeout(LIMIT);
  const answer = await request(url, {
    method,
    dispatcher: PARTNER_AGENT,
    headersTimeout: LIMIT,
    signal: AbortSignal.any([context.signal, limit]),
    headers: {
      accept: "application/json, application/problem+json",
      "user-agent": "healthcare-procurement-suite",
      ...(context.bearer ? { authorization: `Bearer ${context.bearer}` } : {}),
    },
  });
  // Some partners answer a GET with everything they have.
  answer.body.on("error", () => undefined).destroy();
  return answer.statusCode;
}

/** What an answer without a document says about the way there. */
function meaning(
  status: number,
  authenticated: boolean,
): { passed: boolean; detail: string } {
  const said = `answered ${status}`;
  if (status === 401 || status === 403 || status === 407)
    return {
      passed: false,
      detail: authenticated
        ? `${said}: the partner refuses our credential; renew it`
        : `${said}: the partner wants a credential; add one to the endpoint`,
    };
  if (status >= 500) return { passed: false, detail: `${said}: out of order` };
  if (status >= 300 && status < 400)
    return {
      passed: false,
      detail: `${said}: another address is meant; documents do not follow it`,
    };
  if (status === 404)
    return {
      passed: true,
      detail: `${said} to a look (the address may know documents only)`,
    };
  return { passed: true, detail: said };
}

function failureText(
  error: unknown,
  host: string,
): { passed: false; detail: string } {
  const { message, error: code } = classifyFailure(error, {
    timedOut: error instanceof DOMException && error.name === "TimeoutError",
    stopped: false,
    host,
    seconds: LIMIT / 1_000,
  });
  return { passed: false, detail: `${code ?? "failed"}: ${message ?? host}` };
}
