/** Small parts of the service, without any server. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigError, loadConfig } from "../../../scripts/config.ts";
import { packageAddons } from "../../../scripts/package/addons.ts";
import { crc32, zip } from "../../../scripts/package/zip.ts";
import {
  RateLimit,
  isValidBearer,
  parseIdempotencyKey,
} from "../../../scripts/sync/ingress/guards.ts";
import { createLogger } from "../../../scripts/sync/log.ts";
import { applyMapping } from "../../../scripts/sync/mapping.ts";
import { Metrics } from "../../../scripts/sync/metrics.ts";
import { classifyFailure } from "../../../scripts/transports/http/classify.ts";
import { Bell } from "../../../scripts/timing.ts";
import { temporaryFolder } from "../../kit/context.ts";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

describe("settings", () => {
  const write = (name: string, value: unknown): string => {
    const path = join(folder.path, name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  const run = { odoo_url: "http://run:1/", odoo_db: "run" };

  it("come from flags, else the environment, else the run file", () => {
    const env = {
      HCP_RUN_FILE: write("run.json", run),
      HCP_SECRETS_FILE: write("s.json", { service_api_key: "file-key" }),
    };
    expect(loadConfig({}, env).odoo()).toMatchObject({
      url: "http://run:1",
      db: "run",
      apiKey: "file-key",
    });
    const more = { ...env, HCP_ODOO_DB: "env", HCP_ODOO_API_KEY: "env-key" };
    expect(loadConfig({}, more).odoo()).toMatchObject({
      db: "env",
      apiKey: "env-key",
    });
    const flags = { odooUrl: "https://flag", odooDb: "flag" };
    expect(loadConfig(flags, more).odoo()).toMatchObject({
      url: "https://flag",
      db: "flag",
    });
  });

  it("that are missing are all named, with what to do", () => {
    const env = { HCP_RUN_FILE: join(folder.path, "none.json") };
    expect(() => loadConfig({}, env).odoo()).toThrow(
      /HCP_ODOO_URL.*HCP_ODOO_DB.*HCP_ODOO_API_KEY.*npm start/,
    );
  });

  it("that cannot be read name the file and none of its content", () => {
    const path = join(folder.path, "secrets.json");
    writeFileSync(path, '{"service_api_key": "very-secret"');
    const load = () => loadConfig({}, { HCP_SECRETS_FILE: path });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(path);
    expect(load).not.toThrow(/very-secret/);
  });

  it("give the sandbox's token to the sandbox only", () => {
    const config = loadConfig(
      {},
      {
        HCP_RUN_FILE: join(folder.path, "none.json"),
        HCP_SANDBOX_BEARER: "sandbox",
        HCP_ENDPOINT_OWN_OUTBOUND_BEARER: "own",
      },
    );
    expect(config.outboundBearer("A", true)).toBe("sandbox");
    expect(config.outboundBearer("A", false)).toBeUndefined();
    expect(config.outboundBearer("OWN", false)).toBe("own");
    expect(config.inboundBearers("A")).toEqual([]);
  });

  it("take a secret from a file", () => {
    const path = join(folder.path, "key");
    writeFileSync(path, "from-file\n");
    const env = {
      HCP_RUN_FILE: write("run.json", run),
      HCP_ODOO_API_KEY_FILE: path,
    };
    expect(loadConfig({}, env).odoo().apiKey).toBe("from-file");
  });
});

describe("guards", () => {
  it("take a token only as a whole", () => {
    expect(isValidBearer("Bearer abc", ["abc"])).toBe(true);
    expect(isValidBearer("bearer abc", ["x", "abc"])).toBe(true);
    for (const header of [undefined, "", "abc", "Bearer ab", "Bearer abcd"])
      expect(isValidBearer(header, ["abc"])).toBe(false);
    expect(isValidBearer("Bearer ", [""])).toBe(false);
    expect(isValidBearer("Bearer abc", [])).toBe(false);
  });

  it("read a key quoted and bare", () => {
    expect(parseIdempotencyKey(undefined)).toBeUndefined();
    expect(parseIdempotencyKey('"a-1"')).toBe("a-1");
    expect(parseIdempotencyKey("a-1")).toBe("a-1");
    expect(parseIdempotencyKey('"a\\"1"')).toBe('a"1');
  });

  it("limit by name and let go again", () => {
    const limit = new RateLimit(2, 3);
    const taken = [0, 0, 0, 0].map(() => limit.take("a", 1_000));
    expect(taken).toEqual([0, 0, 0, 1]);
    expect(limit.take("b", 1_000)).toBe(0);
    expect(limit.take("a", 1_500)).toBe(0);
  });
});

describe("a mapping", () => {
  it("makes a document of a document and leaves that as it was", async () => {
    const document = { number: "1", lines: [{ quantity: "2" }] };
    const before = structuredClone(document);
    const result = await applyMapping(
      '{"order": number, "rows": [lines.{"q": quantity}]}',
      document,
    );
    expect(result).toEqual({ value: { order: "1", rows: [{ q: "2" }] } });
    expect(document).toEqual(before);
  });

  it.each([
    ["{", /mapping.*: /],
    ['$error("no")', /no/],
    ["5", /not one document/],
    ["[1]", /not one document/],
    ["missing", /not one document/],
    ["($f := function($x){$f($x)}; $f(1))", /timeout|stack/i],
  ])("that is wrong says so: %s", async (expression, message) => {
    const result = await applyMapping(expression, {});
    expect((result as { error: string }).error).toMatch(message);
  });
});

describe("failures of TLS", () => {
  it.each([
    "CERT_HAS_EXPIRED",
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "SELF_SIGNED_CERT_IN_CHAIN",
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ])("%s: certainly not sent", (code) => {
    const error = Object.assign(new Error("tls"), { code });
    const outcome = classifyFailure(error, {
      timedOut: false,
      stopped: false,
      host: "h",
      seconds: 1,
    });
    expect(outcome).toMatchObject({ outcome: "not_sent", error: "tls_failed" });
  });
});

describe("a log", () => {
  it("has no secret at any of three depths", () => {
    let text = "";
    const log = createLogger({
      level: "info",
      destination: { write: (line: string) => void (text += line) },
    });
    log.info({
      token: "s1",
      request: { authorization: "s2", deep: { password: "s3" } },
      fine: "kept",
    });
    const error = Object.assign(new Error("broken"), { apiKey: "s4" });
    log.error({ error });
    expect(text).toContain("kept");
    expect(text).toContain("broken");
    expect(text).not.toMatch(/s[1-4]/);
  });
});

describe("metrics", () => {
  it("are Prometheus' text", async () => {
    const metrics = new Metrics();
    metrics.count("hcp_attempts_total", { endpoint: 'A"\n' });
    metrics.observe("hcp_attempt_seconds", 0.3);
    metrics.set("hcp_in_flight", 2);
    const text = await metrics.render();
    expect(text).toContain('hcp_attempts_total{endpoint="A\\"\\n"} 1');
    expect(text).toContain('hcp_attempt_seconds_bucket{le="0.25"} 0');
    expect(text).toContain('hcp_attempt_seconds_bucket{le="0.5"} 1');
    expect(text).toContain('hcp_attempt_seconds_bucket{le="+Inf"} 1');
    expect(text).toContain("hcp_in_flight 2");
    expect(text).toContain("# TYPE hcp_attempt_seconds histogram");
    expect(text).not.toContain("process_cpu");
    expect(() => metrics.count("hcp_wakeups_total", { other: "x" })).toThrow(
      "other",
    );
  });
});

describe("a bell", () => {
  it("rung before the wait ends it at once", async () => {
    const bell = new Bell();
    bell.ring();
    await bell.wait(60_000);
    setTimeout(() => bell.ring(), 5);
    await bell.wait(60_000);
  });
});

describe("archives", () => {
  const addon = (name: string, files: Record<string, string>) => {
    for (const [path, content] of Object.entries(files)) {
      const full = join(folder.path, "addons", name, path);
      mkdirSync(join(full, ".."), { recursive: true });
      writeFileSync(full, content);
    }
  };
  const manifest = '{"name": "X", "version": "19.0.1.0.0"}';

  it("know their CRC", () => {
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });

  it("are the same bytes each time, without what does not belong", () => {
    addon("b_addon", {
      "__manifest__.py": manifest,
      "models/a.py": "x = 1\n",
      "models/__pycache__/a.pyc": "binary",
      ".hidden": "no",
    });
    const first = packageAddons(folder.path, join(folder.path, "one"));
    const second = packageAddons(folder.path, join(folder.path, "two"));
    expect(second).toEqual(first);
    expect(first).toMatchObject([{ name: "b_addon-19.0.1.0.0.zip", files: 2 }]);
  });

  it("are refused while the screens are not built", () => {
    addon("c_addon", { "__manifest__.py": manifest });
    mkdirSync(join(folder.path, "web_src", "c_addon"), { recursive: true });
    writeFileSync(join(folder.path, "web_src", "c_addon", "a.ts"), "");
    const run = () => packageAddons(folder.path, join(folder.path, "out"));
    expect(run).toThrow(/c_addon.*npm run build/);
  });

  it("may be empty", () => {
    expect(zip([]).length).toBe(22);
  });
});
