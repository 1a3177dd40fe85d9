/**
 * The conformance suite over every connector that is registered, against a
 * real partner on this machine; and proof that each check can fail.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SUITE } from "../../scripts/certify/index.ts";
import { FAILURES } from "../../scripts/certify/failures.ts";
import { renderSample } from "../../scripts/certify/bytes.ts";
import samples from "../../scripts/certify/samples.json" with { type: "json" };
import {
  runSuite,
  type Check,
  type Sample,
  type Subject,
} from "../../scripts/certify/suite.ts";
import { CONNECTORS } from "../../scripts/connectors/index.ts";
import { profiles } from "../../scripts/connectors/profiles.ts";
import { validateDocument } from "../../scripts/canonical/validate.ts";
import { getFormat } from "../../scripts/formats/index.ts";
import { TRANSPORTS } from "../../scripts/transports/index.ts";
import { temporaryFolder } from "../kit/context.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";

const all = [...CONNECTORS.values()];

it("there are connectors", () => {
  expect(all.length).toBeGreaterThan(0);
});

it("every folder of connectors is registered under its name", () => {
  const folders = readdirSync(
    new URL("../../scripts/connectors", import.meta.url),
    { withFileTypes: true },
  )
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  expect([...CONNECTORS.keys()].sort()).toEqual(folders.sort());
});

it("every transport has its failures", () => {
  expect([...FAILURES.keys()].sort()).toEqual([...TRANSPORTS.keys()].sort());
});

it("every outbound type has a valid sample marked as a test", () => {
  const types = new Set(all.flatMap((one) => one.outbound));
  expect(Object.keys(samples).sort()).toEqual([...types].sort());
  for (const sample of Object.values(samples)) {
    expect(validateDocument(sample)).toEqual([]);
    expect(sample.test).toBe(true);
  }
});

it("profiles carry no code and no secret", () => {
  const text = JSON.stringify(profiles());
  expect(JSON.parse(text)).toEqual(profiles());
  expect(text).not.toMatch(/password|token"/i);
});

let partner: HttpPartner;
let partnerUrl: string;
let folder: ReturnType<typeof temporaryFolder>;

beforeEach(async () => {
  partner = new HttpPartner();
  partnerUrl = await partner.start();
  folder = temporaryFolder();
  // One effect per key, whatever is sent how often.
  const references = new Map<string, string>();
  partner.answer = (request, response, socket) => {
    const key = String(request.headers["idempotency-key"]);
    if (!references.has(key)) references.set(key, `R-${references.size + 1}`);
    reply(200, { reference: references.get(key) })(request, response, socket);
  };
});

afterEach(async () => {
  await partner.stop();
  folder.remove();
});

function sampleOf(document_type: keyof typeof samples): Sample {
  return {
    document_type,
    document: samples[document_type],
    withheld: [],
    mapping: false,
    code_tables: {},
    control_number: 42,
    document_time: "2026-01-31T12:00:00Z",
  };
}

/** Everything that the connector can do, over its sample settings. */
function subjectOf(id: string, changes: Partial<Subject> = {}): Subject {
  const connector = CONNECTORS.get(id)!;
  const settings = { ...connector.sampleSettings };
  if (connector.transport.id === "http") settings.base_url = partnerUrl;
  return {
    code: "SAMPLE",
    endpoint: { connector, settings, sandbox: false },
    documents: (["outbound", "inbound"] as const).flatMap((direction) =>
      connector[direction].map((document_type) => ({
        document_type,
        direction,
      })),
    ),
    samples: connector.outbound.map((one) =>
      sampleOf(one as keyof typeof samples),
    ),
    rules: {},
    expectsFunctionalAck: false,
    bearer: "partner-secret",
    dataDir: folder.path,
    runId: "6f1e0c5e-0000-4000-8000-000000000001",
    signal: new AbortController().signal,
    ...changes,
  };
}

const named = (checks: Check[], name: string): Check => {
  const check = checks.find((one) => one.name === name);
  if (!check) throw new Error(`no check ${name}`);
  return check;
};

describe.each(all.map((one) => [one.id, one] as const))(
  "%s",
  (id, connector) => {
    it("has a format, a title, documents and a sample of each", () => {
      expect(getFormat(connector.format)).toBeDefined();
      expect(connector.title).not.toBe("");
      expect(connector.outbound.length).toBeGreaterThan(0);
      expect(connector.inbound.length).toBeGreaterThan(0);
      const sampled = connector.samples.map((one) => one.document_type);
      expect(sampled).toEqual(expect.arrayContaining(connector.inbound));
    });

    it("refuses settings that are missing or of another kind by name", () => {
      const { sampleSettings } = connector;
      for (const name of connector.transport.required) {
        const { [name]: _removed, ...rest } = sampleSettings;
        expect(connector.checkSettings(rest)[0]).toContain(`${name}: `);
        const wrong = connector.checkSettings({ ...sampleSettings, [name]: 7 });
        expect(wrong[0]).toContain(name);
      }
    });

    it("passes the whole suite", async () => {
      const checks = await runSuite(SUITE, subjectOf(id));
      expect(checks.filter((one) => !one.passed)).toEqual([]);
      const names = checks.map((one) => one.name);
      expect(names).toEqual(
        expect.arrayContaining([
          "settings",
          "documents",
          "render",
          "determinism",
          "minimisation",
          "round trip",
          "inbound samples",
          "duplicates",
          "damaged input",
          "connection",
          "send and repeat",
          "failure classes",
        ]),
      );
      expect(names.includes("functional acknowledgement")).toBe(
        connector.outbound.includes("functional_acknowledgement"),
      );
      expect(JSON.stringify(checks)).not.toContain("partner-secret");
    });
  },
);

describe("a check fails where", () => {
  const failing = async (
    id: string,
    name: string,
    changes: Partial<Subject>,
  ) => {
    const check = named(await runSuite(SUITE, subjectOf(id, changes)), name);
    expect(check.passed).toBe(false);
    return check.detail;
  };

  it("a setting is not known", async () => {
    const subject = subjectOf("rest-json");
    const settings = { ...subject.endpoint.settings, speed: 1 };
    const endpoint = { ...subject.endpoint, settings };
    expect(await failing("rest-json", "settings", { endpoint })).toContain(
      "speed",
    );
  });

  it("a document cannot be exchanged, or has no sample", async () => {
    const documents = [
      { document_type: "receipt", direction: "outbound" as const },
    ];
    expect(await failing("rest-json", "documents", { documents })).toContain(
      "receipt cannot be exchanged outbound",
    );
    expect(await failing("rest-json", "render", { documents })).toContain(
      "no sample for receipt",
    );
  });

  it("a mapping is not the same each time", async () => {
    const mapping = {
      version: 1,
      expression: "$ ~> |$|{'notes': $string($random())}|",
    };
    const sample = { ...sampleOf("purchase_order"), mapping };
    const detail = await failing("rest-json", "determinism", {
      samples: [sample],
    });
    expect(detail).toMatch(/two renderings differ|mapping/);
  });

  it("a withheld text leaves", async () => {
    const sample = sampleOf("purchase_order");
    const withheld = [samples.purchase_order.notes];
    const detail = await failing("rest-json", "minimisation", {
      samples: [{ ...sample, withheld }],
    });
    expect(detail).toContain("withheld");
    expect(detail).not.toContain("Jane");
  });

  it("the partner makes two of one", async () => {
    let count = 0;
    partner.answer = (request, response, socket) =>
      reply(200, { reference: `R-${++count}` })(request, response, socket);
    expect(await failing("rest-json", "send and repeat", {})).toContain(
      "has two effects",
    );
  });

  it.each([
    [401, "partner_auth"],
    [500, "partner_unavailable"],
  ])("the partner answers %i", async (status, error) => {
    partner.answer = reply(status);
    expect(await failing("rest-json", "send and repeat", {})).toContain(error);
    expect(await failing("rest-json", "connection", {})).toContain(
      String(status),
    );
  });

  it("a repetition is refused", async () => {
    let sent = 0;
    partner.answer = (request, response, socket) => {
      const status = request.method === "POST" && ++sent > 1 ? 409 : 200;
      reply(status)(request, response, socket);
    };
    expect(await failing("rest-json", "send and repeat", {})).toContain(
      "the same document with the same key again",
    );
  });

  it("the folder cannot be used", async () => {
    writeFileSync(join(folder.path, "supplier-b"), "");
    expect(await failing("x12-folder", "connection", {})).toContain("outbox");
  });

  it("a credential shows", async () => {
    const subject = subjectOf("rest-json");
    const { connector } = subject.endpoint;
    const transport = {
      ...connector.transport,
      send: async () => ({
        outcome: "not_sent" as const,
        acknowledged: false,
        error: "partner_auth" as const,
        message: "refused not-the-credential",
      }),
    };
    const endpoint = {
      ...subject.endpoint,
      connector: { ...connector, transport },
    };
    expect(
      await failing("rest-json", "failure classes", { endpoint }),
    ).toContain("credential is in the outcome");
  });
});

it("leaves one file, however often it is sent", async () => {
  const subject = subjectOf("x12-folder");
  mkdirSync(join(folder.path, "supplier-b"), { recursive: true });
  await runSuite(SUITE, subject);
  const outbox = join(folder.path, "supplier-b", "outbox");
  const { bytes, filename } = await renderSample(
    subject,
    sampleOf("purchase_order"),
  );
  expect(readdirSync(outbox)).toEqual([filename]);
  expect(readFileSync(join(outbox, filename)).equals(bytes)).toBe(true);
});
