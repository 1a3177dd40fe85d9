/** The ingress' own description (OpenAPI 3.1), checked by a test against it. */

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
  security: [{ bearer: [] }],
  parameters: [
    {
      name: "code",
      in: "path",
      required: true,
      schema: { type: "string" },
    },
    header(
      "Idempotency-Key",
      "The sender's own key. Without one, the same bytes are the same document.",
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
    "401": problemAnswer("No valid token for this endpoint."),
    "404": problemAnswer("No such endpoint."),
    "409": problemAnswer("A request with this key is being worked on."),
    "413": problemAnswer("Too large."),
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
  security: [{ bearer: [] }],
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

/** The document, as served under `/openapi.json`. */
export function openApiDocument(): Record<string, unknown> {
  const get = (operationId: string, summary: string, responses: object) => ({
    get: { operationId, summary, security: [], responses },
  });
  return {
    openapi: "3.1.0",
    info: {
      title: "Healthcare Procurement Suite: integration service",
      version: "1.0.0",
      license: { name: "AGPL-3.0-or-later", identifier: "AGPL-3.0-or-later" },
    },
    paths: {
      "/v1/endpoints/{code}/documents": { post: postDocuments },
      "/v1/messages/{uuid}": { get: getMessage },
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
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        Error: errorItem,
        Message: message,
        Accepted: accepted,
        Problem: problem,
      },
    },
  };
}
