/**
 * A running ingress before a stand-in for Odoo. Every answer is checked
 * against the description that the server itself serves.
 */
import { createHmac, generateKeyPairSync, randomUUID } from "node:crypto";
import { Ajv2020 } from "ajv/dist/2020.js";
import { request } from "undici";
import { expect } from "vitest";
import { CURRENT_VERSION } from "../../scripts/sync/ingress/versions.ts";
import {
  startIngress,
  type IngressOptions,
} from "../../scripts/sync/ingress/server.ts";
import { Processor } from "../../scripts/sync/processor.ts";
import { readServiceKeys, seal } from "../../scripts/sync/sealing.ts";
import {
  temporaryFolder,
  testConfig,
  testContext,
  type TestContext,
} from "./context.ts";
import { ExchangeServer } from "./exchange-server.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
  text: string;
}

export interface CallOptions {
  body?: string | Buffer;
  headers?: Record<string, string>;
}

interface Specification {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content: object }> }>
  >;
  components: object;
}

/** A private key of a service, as set-up makes it. */
export function newServiceKey(): string {
  return generateKeyPairSync("x25519")
    .privateKey.export({ format: "pem", type: "pkcs8" })
    .toString();
}

/** Headers of a signed webhook (Standard Webhooks). */
export function signedHeaders(
  secrets: string[],
  body: string | Buffer,
  options: { id?: string; at?: number } = {},
): Record<string, string> {
  const id = options.id ?? `msg_${randomUUID()}`;
  const timestamp = String(options.at ?? Math.floor(Date.now() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`);
    return `v1,${hmac.update(body).digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}

export class IngressBench {
  readonly odoo = new ExchangeServer();
  readonly pem: string;
  url = "";
  private readonly folder = temporaryFolder();
  private test: TestContext | undefined;
  private described: Specification | undefined;
  private closeServer: (() => Promise<void>) | undefined;

  constructor(pem: string = newServiceKey()) {
    this.pem = pem;
    const every = ["bearer", "oauth_client", "webhook_secret"];
    const one = { connector: "rest-json", settings: {} };
    this.odoo.endpoints = [
      { ...one, code: "A", authentication: every },
      { ...one, code: "B", authentication: every },
      { ...one, code: "OUT", direction: "outbound", authentication: every },
      { ...one, code: "NEW", state: "draft", authentication: every },
      { ...one, code: "STRICT", authentication: ["oauth_client"] },
    ];
  }

  async start(
    env: Record<string, string> = {},
    options: Partial<IngressOptions> = {},
  ): Promise<void> {
    if (!this.odoo.url) await this.odoo.start();
    this.test = testContext(
      testConfig(this.odoo.url, this.folder.path, {
        HCP_SERVICE_PRIVATE_KEY: this.pem,
        HCP_METRICS_BEARER: "token-of-metrics",
        ...env,
      }),
    );
    const { context } = this.test;
    const { server, url } = await startIngress(
      context,
      new Processor(context),
      {
        host: "127.0.0.1",
        port: 0,
        rate: 20,
        readiness: async () => ({
          odoo: await context.exchange.endpoints().then(
            () => true,
            () => false,
          ),
        }),
        ...options,
      },
    );
    this.url = url;
    this.described = undefined;
    this.closeServer = async () => {
      await server.close();
    };
  }

  async stop(): Promise<void> {
    await this.closeServer?.();
    await this.test?.close();
    await this.odoo.stop();
    this.folder.remove();
  }

  /** Everything that the service logged. */
  logged(): string {
    return this.test?.logged() ?? "";
  }

  /** Puts a credential into the stand-in, sealed as Odoo does it. */
  credential(
    secret: string,
    values: Record<string, unknown> = {},
  ): Record<string, unknown> {
    const [key] = readServiceKeys(this.pem);
    if (!key) throw new Error("no key");
    const row = {
      uuid: randomUUID(),
      endpoint_code: "A",
      direction: "inbound",
      kind: "bearer",
      client_id: false,
      fingerprint: "f",
      valid_from: "2020-01-01T00:00:00Z",
      valid_to: false,
      ...values,
    };
    const sealed = seal(secret, key.publicBytes, row);
    const whole = { ...row, key_id: key.id, sealed };
    this.odoo.credentials.active_key_id = key.id;
    this.odoo.credentials.managed.push(row);
    this.odoo.credentials.credentials.unshift(whole);
    return whole;
  }

  /** The next look at credentials and endpoints asks Odoo. */
  forget(): void {
    const { credentials, endpoints } = this.test?.context ?? {};
    for (const store of [credentials, endpoints])
      if (store) Object.assign(store, { known: undefined });
  }

  /** A request, whose answer is as the server describes it. */
  async call(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    options: CallOptions = {},
  ): Promise<Answer> {
    const answer = await request(this.url + path, {
      method,
      headers: options.headers ?? {},
      ...(options.body === undefined ? {} : { body: options.body }),
    });
    const text = await answer.body.text();
    const { statusCode: status, headers } = answer;
    await this.conforms(method, path, { status, headers, text, body: {} });
    return {
      status,
      headers,
      text,
      body: text.startsWith("{") ? (JSON.parse(text) as Answer["body"]) : {},
    };
  }

  /** Hands in a document. */
  post(
    body: string | Buffer,
    headers: Record<string, string> = {},
    code = "A",
  ): Promise<Answer> {
    const path = `/${CURRENT_VERSION}/endpoints/${code}/documents`;
    const type = { "content-type": "application/json" };
    return this.call("POST", path, { body, headers: { ...type, ...headers } });
  }

  /** Asks for an access token. */
  token(
    form: Record<string, string> | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.call("POST", "/oauth/token", {
      body: typeof form === "string" ? form : String(new URLSearchParams(form)),
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        ...headers,
      },
    });
  }

  /** What the server says of itself; it does not change while it runs. */
  async specification(): Promise<Specification> {
    this.described ??= await this.readSpecification();
    return this.described;
  }

  private async readSpecification(): Promise<Specification> {
    const served = await request(`${this.url}/openapi.json`);
    return (await served.body.json()) as Specification;
  }

  private async conforms(
    method: string,
    path: string,
    answer: Answer,
  ): Promise<void> {
    const spec = await this.specification();
    const template = Object.keys(spec.paths).find((one) =>
      new RegExp(`^${one.replace(/\{\w+\}/g, "[^/]+")}$`).test(path),
    );
    const { status, headers, text } = answer;
    const operation = spec.paths[template ?? ""]?.[method.toLowerCase()];
    if (!operation) {
      expect(status, path).toBe(template ? 405 : 404);
      return;
    }
    // These may come from any operation, and are said once for all.
    if (status === 400 && path !== "/oauth/token") return;
    const described = operation.responses[String(status)];
    expect(described, `${method} ${template} ${status}`).toBeDefined();
    const type = String(headers["content-type"]).split(";")[0] ?? "";
    const content = described?.content as Record<string, { schema: object }>;
    expect(Object.keys(content)).toContain(type);
    if (!type.includes("json")) return;
    const ajv = new Ajv2020({ strict: false });
    const validate = ajv.compile({
      ...content[type]?.schema,
      components: spec.components,
    });
    expect(validate(JSON.parse(text)), ajv.errorsText(validate.errors)).toBe(
      true,
    );
  }
}
