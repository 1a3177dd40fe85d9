/** The versioned routes: documents in, and where they stand. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SyncContext } from "../context.ts";
import {
  Authenticator,
  checkSignature,
  type PendingSignature,
} from "./authentication.ts";
import { messageView, type DocumentsRoute } from "./documents.ts";
import { RateLimit, checkMediaType } from "./guards.ts";
import { Problem, tooMany } from "./problems.ts";
import { isGone, versionHeaders, type ApiVersion } from "./versions.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** How many times the average rate may come at once. */
const BURST = 4;

interface ApiOptions {
  /** Requests per second and endpoint, on average, at this process. */
  rate: number;
  versions: ApiVersion[];
}

/** Adds the routes of every version. */
export function addApi(
  server: FastifyInstance,
  context: SyncContext,
  documents: DocumentsRoute,
  { rate, versions }: ApiOptions,
): void {
  const limit = new RateLimit(rate, rate * BURST);
  const authenticator = new Authenticator(context);
  for (const version of versions) {
    addDocuments(server, version, { authenticator, documents, limit });
    addMessages(server, context, version, { authenticator, limit });
  }
}

/** The first thing about every request: which version it speaks. */
function announce(version: ApiVersion) {
  return (
    _request: FastifyRequest,
    reply: FastifyReply,
    done: (error?: Error) => void,
  ): void => {
    void reply.headers(versionHeaders(version));
    done(
      isGone(version)
        ? new Problem(
            "version_gone",
            `Version ${version.name} is not served any more; see /openapi.json.`,
          )
        : undefined,
    );
  };
}

function addDocuments(
  server: FastifyInstance,
  version: ApiVersion,
  parts: {
    authenticator: Authenticator;
    documents: DocumentsRoute;
    limit: RateLimit;
  },
): void {
  const { authenticator, documents, limit } = parts;
  const pending = new WeakMap<FastifyRequest, PendingSignature>();
  const take = (name: string) => {
    const wait = limit.take(name);
    if (wait > 0) throw tooMany(wait);
  };
  server.post<{ Params: { code: string } }>(
    `/${version.name}/endpoints/:code/documents`,
    {
      onRequest: [
        announce(version),
        // Before the body is read: a stranger costs us nothing.
        async (request) => {
          const { code } = request.params;
          const signed = await authenticator.before(code, request.headers);
          // Who may sign is known with the body; until then the address counts.
          take(signed ? `at ${request.ip}` : code);
          if (signed) pending.set(request, signed);
          checkMediaType(request.headers);
        },
      ],
    },
    async (request, reply) => {
      const body = Buffer.isBuffer(request.body)
        ? request.body
        : Buffer.alloc(0);
      const { code } = request.params;
      const signed = pending.get(request);
      if (signed) {
        checkSignature(signed, body);
        take(code);
      }
      const accepted = await documents.post(
        code,
        request.headers,
        body,
        signed?.signed.id,
      );
      return reply
        .code(202)
        .header(
          "location",
          `/${version.name}/messages/${accepted.message_uuid}`,
        )
        .send(accepted);
    },
  );
}

function addMessages(
  server: FastifyInstance,
  context: SyncContext,
  version: ApiVersion,
  parts: { authenticator: Authenticator; limit: RateLimit },
): void {
  server.get<{ Params: { uuid: string } }>(
    `/${version.name}/messages/:uuid`,
    { onRequest: announce(version) },
    async (request) => {
      const mine = await parts.authenticator.endpointsOf(
        request.headers.authorization,
      );
      const wait = parts.limit.take(mine[0] ?? "");
      if (wait > 0) throw tooMany(wait);
      const { uuid } = request.params;
      const [one] = UUID.test(uuid)
        ? await context.exchange.status([uuid])
        : [];
      // Another partner's message, or one of ours, looks like none at all.
      const theirs =
        one?.direction === "inbound" && mine.includes(one.endpoint_code ?? "");
      if (!one || !theirs)
        throw new Problem("not_found", "There is no such message.");
      return messageView(one);
    },
  );
}
