/** The ingress' own description (OpenAPI 3.1), checked by a test against it. */
import type { ApiVersion } from "./versions.ts";

const errorItem = {
  type: "object",
  required: ["code", "message", "path", "line"],
  additionalProperties: false,
  properties: {
    code: { type: "string" },
    message: { type: "string" },
    path: { type: "string" },
    line: { type: "string" },
  },
};

const message = {
  type: "object",
  required: [
    "message_uuid",
    "status",
    "state",
    "document_type",
    "number",
    "errors",
  ],
  additionalProperties: false,
  properties: {
    message_uuid: { type: "string" },
    status: {
      enum: [
        "accepted",
        "duplicate",
        "rejected",
        "waiting",
        "idempotency_conflict",
      ],
    },
    state: { type: "string" },
    document_type: { type: ["string", "null"] },
    number: { type: ["string", "null"] },
    errors: { type: "array", items: { $ref: "#/components/schemas/Error" } },
  },
};

const accepted = {
  type: "object",
  required: ["message_uuid", "status", "messages"],
  additionalProperties: false,
  properties: {
    message_uuid: { type: "string" },
    status: { enum: ["accepted", "duplicate", "waiting"] },
    messages: {
      type: "array",
      items: { $ref: "#/components/schemas/Message" },
    },
  },
};

const problem = {
  type: "object",
  description: "Problem details, RFC 9457.",
  required: ["type", "title", "status", "detail", "instance", "code"],
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    instance: { type: "string" },
    code: { type: "string" },
    message_uuid: { type: "string" },
    errors: { type: "array", items: { $ref: "#/components/schemas/Error" } },
    messages: {
      type: "array",
      items: { $ref: "#/components/schemas/Message" },
    },
  },
};

const problemAnswer = (description: string) => ({
  description,
  content: {
    "application/problem+json": {
      schema: { $ref: "#/components/schemas/Problem" },
    },
  },
});

const jsonAnswer = (description: string, schema: object) => ({
  description,
  content: { "application/json": { schema } },
});

const header = (name: string, description: string) => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" },
});

const postDocuments = {
  operationId: "postDocuments",
  summary: "Hand in documents: canonical JSON, or the endpoint's own format",
  security: [{ bearer: [] }, { oauth: [] }, { webhook: [] }],
  parameters: [
    {
      name: "code",
      in: "path",
      required: true,
      schema: { type: "string" },
    },
    header(
      "Idempotency-Key",
      "The sender's own key, 1 to 150 printable ASCII characters. A signed webhook's key is its webhook-id: another one here is refused. Without a key, the same bytes are the same document.",
    ),
    header(
      "webhook-id",
      "Standard Webhooks: the message's id; with webhook-timestamp and webhook-signature in place of Authorization.",
    ),
    header(
      "webhook-timestamp",
      "Seconds since 1970, at most 300 from our clock.",
    ),
    header(
      "webhook-signature",
      "One or several v1 signatures, with spaces between.",
    ),
    header("traceparent", "W3C Trace Context; an invalid one is replaced."),
    header("Content-Disposition", "May carry the file's name."),
  ],
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: { type: ["object", "array"] },
      },
      "application/edi-x12": { schema: { type: "string" } },
      "application/octet-stream": { schema: { type: "string" } },
    },
  },
  responses: {
    "202": jsonAnswer("Committed in Odoo.", {
      $ref: "#/components/schemas/Accepted",
    }),
    "400": problemAnswer("The request cannot be understood."),
    "401": problemAnswer("No valid token or signature for this endpoint."),
    "403": problemAnswer("The access token is for another endpoint."),
    "404": problemAnswer("No such endpoint."),
    "409": problemAnswer("A request with this key is being worked on."),
    "410": problemAnswer("This version is not served any more."),
    "413": problemAnswer("Too large: nothing is kept."),
    "415": problemAnswer("Not a document by its media type, or compressed."),
    "422": problemAnswer(
      "No document could be taken, or the key was used for another one. " +
        "What was sent is kept, with an owner.",
    ),
    "429": problemAnswer("Too many requests; see Retry-After."),
    "500": problemAnswer("The operator has to look at this."),
    "503": problemAnswer("Odoo or the endpoint takes nothing at present."),
  },
};

const getMessage = {
  operationId: "getMessage",
  summary: "Where a message stands",
  security: [{ bearer: [] }, { oauth: [] }],
  parameters: [
    {
      name: "uuid",
      in: "path",
      required: true,
      schema: { type: "string" },
    },
  ],
  responses: {
    "200": jsonAnswer("The message.", {
      $ref: "#/components/schemas/Message",
    }),
    "401": problemAnswer("No valid token."),
    "404": problemAnswer("No such message of this partner."),
    "410": problemAnswer("This version is not served any more."),
    "429": problemAnswer("Too many requests; see Retry-After."),
    "500": problemAnswer("The operator has to look at this."),
    "503": problemAnswer("Odoo cannot be reached."),
  },
};

const status = {
  type: "object",
  required: ["status"],
  properties: {
    status: { enum: ["ok", "unavailable"] },
    parts: { type: "object", additionalProperties: { type: "boolean" } },
  },
};

const token = {
  type: "object",
  description: "RFC 6749, section 5.1.",
  required: ["access_token", "token_type", "expires_in", "scope"],
  additionalProperties: false,
  properties: {
    access_token: { type: "string" },
    token_type: { const: "Bearer" },
    expires_in: { type: "integer" },
    scope: { type: "string" },
  },
};

const tokenError = {
  type: "object",
  description: "RFC 6749, section 5.2.",
  required: ["error", "error_description"],
  additionalProperties: false,
  properties: {
    error: {
      enum: [
        "invalid_request",
        "invalid_client",
        "invalid_scope",
        "unsupported_grant_type",
      ],
    },
    error_description: { type: "string" },
  },
};

const postToken = {
  operationId: "postToken",
  summary: "An access token for a few minutes (OAuth 2.0 client credentials)",
  description:
    "The client presents its secret by HTTP Basic or in the body. scope names endpoints by their codes; without it the token is for all of the client's.",
  security: [],
  requestBody: {
    required: true,
    content: {
      "application/x-www-form-urlencoded": {
        schema: {
          type: "object",
          required: ["grant_type"],
          properties: {
            grant_type: { const: "client_credentials" },
            scope: { type: "string" },
            client_id: { type: "string" },
            client_secret: { type: "string" },
          },
        },
      },
    },
  },
  responses: {
    "200": jsonAnswer("The token.", { $ref: "#/components/schemas/Token" }),
    "400": jsonAnswer("The request is not as it should be.", {
      $ref: "#/components/schemas/TokenError",
    }),
    "401": jsonAnswer("The client is not known.", {
      $ref: "#/components/schemas/TokenError",
    }),
    "413": problemAnswer("Too large."),
    "415": problemAnswer("Not a form."),
    "429": problemAnswer("Too many requests; see Retry-After."),
    "500": problemAnswer("The operator has to look at this."),
    "503": problemAnswer("Odoo cannot be reached."),
  },
};

const securitySchemes = {
  bearer: { type: "http", scheme: "bearer" },
  oauth: {
    type: "oauth2",
    flows: { clientCredentials: { tokenUrl: "/oauth/token", scopes: {} } },
  },
  webhook: {
    type: "apiKey",
    in: "header",
    name: "webhook-signature",
    description: "Standard Webhooks: HMAC-SHA256 over id.timestamp.body.",
  },
};

/** The paths of one version. */
function versionPaths(version: ApiVersion): Record<string, unknown> {
  const old = version.deprecated ? { deprecated: true } : {};
  const suffix = version.name === "v1" ? "" : `_${version.name}`;
  const operation = (one: { operationId: string }) => ({
    ...one,
    ...old,
    operationId: one.operationId + suffix,
  });
  return {
    [`/${version.name}/endpoints/{code}/documents`]: {
      post: operation(postDocuments),
    },
    [`/${version.name}/messages/{uuid}`]: { get: operation(getMessage) },
  };
}

/** The document, as served under `/openapi.json`. */
export function openApiDocument(
  versions: ApiVersion[],
): Record<string, unknown> {
  const get = (operationId: string, summary: string, responses: object) => ({
    get: { operationId, summary, security: [], responses },
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Healthcare Procurement Suite: integration service",
      version: "1.0.0",
      description:
        "Any address answers 405 for a method that it has not, and any request may be answered 400, 408 or 431 before it is looked at; all as problem details (RFC 9457).",
      license: { name: "AGPL-3.0-or-later", identifier: "AGPL-3.0-or-later" },
    },
    paths: {
      ...Object.assign({}, ...versions.map(versionPaths)),
      "/oauth/token": { post: postToken },
      "/health/live": get("live", "The process runs", {
        "200": jsonAnswer("It does.", status),
      }),
      "/health/ready": get("ready", "The service can do its work", {
        "200": jsonAnswer("It can.", status),
        "503": jsonAnswer("A part is missing.", status),
      }),
      "/metrics": get("metrics", "Counters for Prometheus", {
        "200": {
          description: "Text exposition format.",
          content: { "text/plain": { schema: { type: "string" } } },
        },
        "401": problemAnswer("A token is configured and was not presented."),
      }),
      "/openapi.json": get("openapi", "This document", {
        "200": jsonAnswer("OpenAPI 3.1.", { type: "object" }),
      }),
    },
    components: {
      securitySchemes,
      schemas: {
        Error: errorItem,
        Message: message,
        Accepted: accepted,
        Problem: problem,
        Token: token,
        TokenError: tokenError,
      },
    },
  };
}
