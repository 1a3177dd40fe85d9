/**
 * The ingress: partners hand documents in over HTTP.
 *
 * Invariant: 2xx is answered only after Odoo has committed the documents.
 */
import { randomUUID } from "node:crypto";
import type {
  FastifyError,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
} from "fastify";
import { OdooError } from "../../odoo/client.ts";
import type { SyncContext } from "../context.ts";
import { MAX_BYTES } from "../limits.ts";
import type { Processor } from "../processor.ts";
import { DocumentsRoute, messageView } from "./documents.ts";
import { isValidBearer, RateLimit } from "./guards.ts";
import { openApiDocument } from "./openapi.ts";
import { PROBLEM_TYPE, Problem } from "./problems.ts";

/** How the ingress is set up. */
export interface IngressOptions {
  host: string;
  port: number;
  /** Requests per second and endpoint, on average. */
  rate: number;
  /** Facts for `/health/ready`. */
  readiness: () => Promise<Record<string, boolean>>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Starts listening. @returns the server and its address. */
export async function startIngress(
  context: SyncContext,
  processor: Processor,
  options: IngressOptions,
): Promise<{ server: FastifyInstance; url: string }> {
  const { fastify } = await import("fastify");
  const server = fastify({
    bodyLimit: MAX_BYTES,
    requestTimeout: 60_000,
    connectionTimeout: 120_000,
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 100 },
    genReqId: () => randomUUID(),
  }) as unknown as FastifyInstance;
  // Bodies are evidence: they are taken as bytes, whatever they claim to be.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_r, body, done) =>
    done(null, body),
  );
  answerProblems(server, context);
  addHealth(server, context, options);
  addApi(server, context, new DocumentsRoute(context, processor), options.rate);
  const url = await server.listen({ host: options.host, port: options.port });
  return { server, url };
}

function answerProblems(server: FastifyInstance, context: SyncContext): void {
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error, context);
    if (problem.status >= 500)
      context.log.error({ event: "request_failed", id: request.id, error });
    void answer(problem, request, reply);
  });
  server.setNotFoundHandler((request, reply) =>
    answer(
      new Problem("not_found", "There is no such address."),
      request,
      reply,
    ),
  );
  server.addHook("onResponse", (request, reply, done) => {
    context.metrics.count("hcp_http_requests_total", {
      route: request.routeOptions.url ?? "unknown",
      status: String(reply.statusCode),
    });
    done();
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
      `A request may have at most ${MAX_BYTES} bytes. Nothing was taken.`,
    );
  if (typeof status === "number" && status >= 400 && status < 500)
    return new Problem("bad_request", error.message);
  return new Problem("internal", "The service failed; nothing is certain.");
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
  server.get("/metrics", async (request, reply) => {
    if (secret && !isValidBearer(request.headers.authorization, [secret]))
      throw unauthorized();
    return reply
      .type(context.metrics.contentType)
      .send(await context.metrics.render());
  });
  server.get("/openapi.json", () => openApiDocument());
}

function addApi(
  server: FastifyInstance,
  context: SyncContext,
  documents: DocumentsRoute,
  rate: number,
): void {
  const limit = new RateLimit(rate, rate * 4);
  server.post<{ Params: { code: string } }>(
    "/v1/endpoints/:code/documents",
    {
      // Before the body is read: a stranger costs us nothing.
      onRequest: (request, _reply, done) => {
        const { code } = request.params;
        const valid = context.config.inboundBearers(code);
        if (!isValidBearer(request.headers.authorization, valid))
          return done(unauthorized());
        const wait = limit.take(code);
        done(wait > 0 ? tooMany(wait) : undefined);
      },
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body)
        ? request.body
        : Buffer.alloc(0);
      const { code } = request.params;
      const accepted = await documents.post(code, request.headers, body);
      return reply
        .code(202)
        .header("location", `/v1/messages/${accepted.message_uuid}`)
        .send(accepted);
    },
  );
  server.get<{ Params: { uuid: string } }>(
    "/v1/messages/:uuid",
    async (request) => {
      const { authorization } = request.headers;
      const mine = (await context.endpoints.all())
        .map((one) => one.code)
        .filter((code) =>
          isValidBearer(authorization, context.config.inboundBearers(code)),
        );
      if (mine.length === 0) throw unauthorized();
      const { uuid } = request.params;
      const [one] = UUID.test(uuid)
        ? await context.exchange.status([uuid])
        : [];
      // Another partner's message looks like none at all.
      if (!one?.endpoint_code || !mine.includes(one.endpoint_code))
        throw new Problem("not_found", "There is no such message.");
      return messageView(one);
    },
  );
}

function unauthorized(): Problem {
  return new Problem("unauthorized", "A valid bearer token is required.", {
    headers: { "www-authenticate": 'Bearer realm="hcp"' },
  });
}

function tooMany(seconds: number): Problem {
  return new Problem("rate_limited", `Try again in ${seconds} s.`, {
    headers: { "retry-after": String(seconds) },
  });
}
