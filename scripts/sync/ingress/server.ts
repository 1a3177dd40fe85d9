/**
 * The ingress: partners hand documents in over HTTP.
 *
 * Invariant: 2xx is answered only after Odoo has committed the documents.
 */
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { ConfigError, type Config } from "../../config.ts";
import { OdooError } from "../../odoo/client.ts";
import type { SyncContext } from "../context.ts";
import type { ErrorCode } from "../errors.ts";
import { QueueGauges } from "../gauges.ts";
import { MAX_BYTES } from "../limits.ts";
import type { Processor } from "../processor.ts";
import { addApi } from "./api.ts";
import { DocumentsRoute } from "./documents.ts";
import { isValidBearer } from "./guards.ts";
import { TOKEN_PATH, addTokenEndpoint } from "./oauth.ts";
import { openApiDocument } from "./openapi.ts";
import { PROBLEM_TYPE, Problem } from "./problems.ts";
import { servedVersions, type ApiVersion } from "./versions.ts";

/** How the ingress is set up. */
export interface IngressOptions {
  host: string;
  port: number;
  /** Requests per second and endpoint, on average, at this process. */
  rate: number;
  /** Facts for `/health/ready`. */
  readiness: () => Promise<Record<string, boolean>>;
  /** Milliseconds in which a request must have arrived completely. */
  requestTimeout?: number;
}

/** Largest headers of a request, in bytes. */
const MAX_HEADER_BYTES = 16 * 1024;

/** Milliseconds for the headers, and for the whole of a request. */
const HEADERS_TIMEOUT = 10_000;
const REQUEST_TIMEOUT = 60_000;

/** Requests per second and endpoint of all processes together. */
const DEFAULT_RATE = 50;

/**
 * This process' share of the rate: processes do not talk to each other about
 * it, so each is told how many there are.
 * @throws ConfigError for what is no number above 0
 */
export function ingressRate(config: Config): number {
  const number = (name: string, otherwise: number): number => {
    const value = Number(config.env[name] || otherwise);
    if (value > 0 && Number.isFinite(value)) return value;
    throw new ConfigError(`${name} is a number above 0.`);
  };
  const processes = number("HCP_INGRESS_PROCESSES", 1);
  return number("HCP_INGRESS_RATE", DEFAULT_RATE) / processes;
}

/** Starts listening. @returns the server and its address. */
export async function startIngress(
  context: SyncContext,
  processor: Processor,
  options: IngressOptions,
): Promise<{ server: FastifyInstance; url: string }> {
  const { fastify } = await import("fastify");
  const requestTimeout = options.requestTimeout ?? REQUEST_TIMEOUT;
  const server = fastify({
    bodyLimit: MAX_BYTES,
    requestTimeout,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: Math.min(HEADERS_TIMEOUT, requestTimeout),
      connectionsCheckingInterval: Math.min(2_000, requestTimeout),
    },
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 100 },
    genReqId: () => randomUUID(),
    trustProxy: trustedProxies(context),
    clientErrorHandler: (error, socket) => refuseRaw(error, socket),
  }) as unknown as FastifyInstance;
  // Bodies are evidence: they are taken as bytes, whatever they claim to be.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_r, body, done) =>
    done(null, body),
  );
  const versions = servedVersions(context.config);
  answerProblems(server, context, pathsOf(versions));
  addHealth(server, context, options);
  server.get("/openapi.json", () => openApiDocument(versions));
  addTokenEndpoint(server, context);
  const documents = new DocumentsRoute(context, processor);
  addApi(server, context, documents, { rate: options.rate, versions });
  const url = await server.listen({ host: options.host, port: options.port });
  return { server, url };
}

/**
 * Addresses of reverse proxies, whose word about the caller's counts; false
 * for none: then the caller is whoever holds the connection.
 */
function trustedProxies(context: SyncContext): string[] | false {
  const named = context.config.env.HCP_TRUSTED_PROXIES;
  if (!named) return false;
  const addresses = named.split(/[\s,]+/).filter((one) => one !== "");
  if (addresses.some((one) => !/^[0-9a-f.:]+(\/\d{1,3})?$/i.test(one)))
    throw new ConfigError(
      "HCP_TRUSTED_PROXIES is a list of addresses or networks, such as 10.0.0.0/8.",
    );
  return addresses;
}

/** Every path and the methods that it has. */
function pathsOf(versions: ApiVersion[]): [RegExp, string][] {
  return [
    [new RegExp(`^${TOKEN_PATH}$`), "POST"],
    [/^\/(health\/(live|ready)|metrics|openapi\.json)$/, "GET, HEAD"],
    ...versions.flatMap(({ name }): [RegExp, string][] => [
      [new RegExp(`^/${name}/endpoints/[^/]+/documents$`), "POST"],
      [new RegExp(`^/${name}/messages/[^/]+$`), "GET, HEAD"],
    ]),
  ];
}

function answerProblems(
  server: FastifyInstance,
  context: SyncContext,
  paths: [RegExp, string][],
): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, context);
    if (problem.status >= 500)
      context.log.error({ event: "request_failed", id: request.id, error });
    void answer(problem, request, reply);
  });
  server.setNotFoundHandler((request, reply) =>
    answer(notFound(request, paths), request, reply),
  );
  server.addHook("onResponse", (request, reply, done) => {
    context.metrics.count("hcp_http_requests_total", {
      route: request.routeOptions.url ?? "unknown",
      status: String(reply.statusCode),
    });
    done();
  });
}

function notFound(request: FastifyRequest, paths: [RegExp, string][]): Problem {
  const path = request.url.split("?")[0] ?? "";
  const [, allow] = paths.find(([pattern]) => pattern.test(path)) ?? [];
  return allow === undefined
    ? new Problem("not_found", "There is no such address.")
    : new Problem("method_not_allowed", `Here one can ${allow}.`, {
        headers: { allow },
      });
}

function answer(
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type(PROBLEM_TYPE)
    .send(problem.body(`urn:uuid:${request.id}`));
}

/** Any failure as a problem; what partners need not know stays in the log. */
function toProblem(error: Error, context: SyncContext): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof OdooError) {
    context.metrics.count("hcp_odoo_errors_total", { call: "ingress" });
    if (error.retryable)
      return new Problem(
        "odoo_unavailable",
        "Nothing was taken. Send the request again later, with the same key.",
        { headers: { "retry-after": "5" } },
      );
    return new Problem(
      "odoo_refused",
      "Nothing was taken; the operator has to look at this.",
    );
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  if (status === 413)
    return new Problem(
      "oversized",
      `The request is larger than allowed (documents: ${MAX_BYTES} bytes). Nothing was taken.`,
    );
  if (status === 415)
    return new Problem("unsupported_media_type", "Content-Type is malformed.");
  if (typeof status === "number" && status >= 400 && status < 500)
    return new Problem("bad_request", error.message);
  return new Problem("internal", "The service failed; nothing is certain.");
}

/** What Node refuses before there is a request: an answer by hand. */
function refuseRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const [code, detail] = rawProblem(error.code);
  const problem = new Problem(code, detail);
  const body = JSON.stringify(problem.body(`urn:uuid:${randomUUID()}`));
  if (socket.writable)
    socket.write(
      [
        `HTTP/1.1 ${problem.status} Refused`,
        `content-type: ${PROBLEM_TYPE}`,
        `content-length: ${Buffer.byteLength(body)}`,
        "connection: close",
        "",
        body,
      ].join("\r\n"),
    );
  socket.destroySoon();
}

function rawProblem(code: string | undefined): [ErrorCode, string] {
  if (code === "HPE_HEADER_OVERFLOW")
    return [
      "headers_too_large",
      `Headers may have at most ${MAX_HEADER_BYTES} bytes.`,
    ];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT")
    return ["request_timeout", "The request took too long; nothing was taken."];
  return ["bad_request", "This is not an HTTP request that can be understood."];
}

function addHealth(
  server: FastifyInstance,
  context: SyncContext,
  options: IngressOptions,
): void {
  server.get("/health/live", () => ({ status: "ok" }));
  server.get("/health/ready", async (_request, reply) => {
    const parts = await options.readiness();
    const ready = Object.values(parts).every(Boolean);
    return reply
      .code(ready ? 200 : 503)
      .send({ status: ready ? "ok" : "unavailable", parts });
  });
  const secret = context.config.metricsBearer();
  const gauges = new QueueGauges(context);
  server.get("/metrics", async (request, reply) => {
    if (secret && !isValidBearer(request.headers.authorization, [secret]))
      throw new Problem("unauthorized", "A valid bearer token is required.", {
        headers: { "www-authenticate": 'Bearer realm="hcp"' },
      });
    await gauges.refresh();
    return reply
      .type(context.metrics.contentType)
      .send(await context.metrics.render());
  });
}
