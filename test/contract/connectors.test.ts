/** The conformance suite: walks every connector that is registered. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONNECTORS } from "../../scripts/connectors/index.ts";
import { getFormat } from "../../scripts/formats/index.ts";
import type { ClaimedMessage } from "../../scripts/odoo/exchange.ts";
import type { ResolvedEndpoint } from "../../scripts/sync/context.ts";
import { toEnvelopes } from "../../scripts/sync/inbound.ts";
import { renderMessage } from "../../scripts/sync/render.ts";
import type { SendContext } from "../../scripts/transports/transport.ts";
import { temporaryFolder } from "../kit/context.ts";
import { purchaseOrder } from "../kit/documents.ts";
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

function message(number: string): ClaimedMessage {
  return {
    uuid: "6f1e0c5e-0000-4000-8000-000000000001",
    endpoint_code: "X",
    endpoint: {
      code: "X",
      connector: "",
      settings: {},
      test: true,
      expects_functional_ack: false,
      partner_name: "",
    },
    document_type: "purchase_order",
    number,
    document: purchaseOrder(number),
    idempotency_key: "key",
    control_number: 42,
    document_time: "2026-01-31T12:00:00Z",
    mapping: false,
    attempt_count: 0,
    payload: false,
    payload_sha256: false,
    filename: false,
    content_type: false,
    trace_id: false,
    leased_until: "",
  };
}

describe.each(all.map((one) => [one.id, one] as const))(
  "%s",
  (_id, connector) => {
    const endpoint: ResolvedEndpoint = {
      connector,
      settings: connector.sampleSettings,
      sandbox: false,
    };
    const render = async (number = "P00001") => {
      const result = await renderMessage(message(number), endpoint);
      if ("error" in result) throw new Error(result.message);
      return result.payload;
    };

    it("has a format, a title and documents in both directions", () => {
      expect(getFormat(connector.format)).toBeDefined();
      expect(connector.title).not.toBe("");
      expect(connector.outbound.length).toBeGreaterThan(0);
      expect(connector.inbound.length).toBeGreaterThan(0);
    });

    it("takes its sample settings and refuses others with their path", () => {
      const { sampleSettings } = connector;
      expect(connector.checkSettings(sampleSettings)).toEqual([]);
      expect(
        connector.checkSettings({ ...sampleSettings, surprise: 1 })[0],
      ).toContain("surprise: ");
      for (const name of connector.transport.required) {
        const { [name]: _removed, ...rest } = sampleSettings;
        expect(connector.checkSettings(rest)[0]).toContain(`${name}: `);
        const wrong = connector.checkSettings({ ...sampleSettings, [name]: 7 });
        expect(wrong[0]).toContain(name);
      }
    });

    it("renders the same bytes each time, and others for another document", async () => {
      const one = await render();
      const again = await render();
      expect(Buffer.from(again.bytes).equals(Buffer.from(one.bytes))).toBe(
        true,
      );
      expect(again.filename).toBe(one.filename);
      const other = await render("P00002");
      expect(Buffer.from(other.bytes).equals(Buffer.from(one.bytes))).toBe(
        false,
      );
    });

    it("reads back what it wrote", async () => {
      const { bytes } = await render();
      const result = getFormat(connector.format)?.parse(bytes);
      expect(result?.documents).toHaveLength(1);
      const [document] = result?.documents ?? [];
      expect(document).toMatchObject({
        document_type: "purchase_order",
        number: "P00001",
      });
      const { lines } = document as unknown as {
        lines: Record<string, unknown>[];
      };
      expect(
        lines.map((line) => [line.line_number, line.quantity, line.unit]),
      ).toEqual([
        ["1", "20", "EA"],
        ["2", "4", "XBX"],
      ]);
    });

    it("gives the same bytes the same key, and others another", async () => {
      const { bytes } = await render();
      const keyOf = async (input: Uint8Array) => {
        const envelopes = await toEnvelopes({
          bytes: input,
          filename: "f",
          contentType: "",
          format: connector.format,
        });
        return envelopes.map((one) => `${one.raw_sha256}:${one.position}`);
      };
      const key = await keyOf(bytes);
      expect(await keyOf(bytes)).toEqual(key);
      const other = await render("P00002");
      expect(await keyOf(other.bytes)).not.toEqual(key);
    });

    it("answers truncated input with diagnostics, at any length", async () => {
      const { bytes } = await render();
      for (let part = 1; part < 10; part++) {
        const cut = bytes.subarray(0, Math.floor((bytes.length * part) / 10));
        const envelopes = await toEnvelopes({
          bytes: cut,
          filename: "cut",
          contentType: "",
          format: connector.format,
        });
        const found = envelopes.flatMap((one) => one.diagnostics);
        expect(envelopes.length).toBeGreaterThan(0);
        expect(found.length, `cut at ${cut.length}`).toBeGreaterThan(0);
      }
    });

    it("is refused by name when a document cannot be rendered", async () => {
      const broken = message("P1");
      broken.document = { ...broken.document, lines: "none" };
      const result = await renderMessage(broken, endpoint);
      expect(result).toMatchObject({ error: "schema" });
      expect((result as { message: string }).message).toContain("lines");
    });
  },
);

describe.each(
  all
    .filter((one) => one.transport.id === "http")
    .map((one) => [one.id, one] as const),
)("%s over HTTP", (_id, connector) => {
  let partner: HttpPartner;
  let url: string;
  beforeEach(async () => {
    partner = new HttpPartner();
    url = await partner.start();
  });
  afterEach(() => partner.stop());

  const context = (signal: AbortSignal): SendContext => ({
    settings: {
      ...connector.sampleSettings,
      base_url: url,
      timeout_seconds: 1,
    },
    idempotencyKey: "key",
    traceparent: "",
    bearer: "partner-secret",
    dataDir: "/nowhere",
    signal,
  });
  const payload = {
    bytes: new Uint8Array([123, 125]),
    filename: "x",
    contentType: "application/json",
  };
  const open = new AbortController().signal;

  it.each([
    [401, "partner_auth"],
    [429, "rate_limited"],
    [500, "partner_unavailable"],
  ])("classifies %i as %s", async (status, error) => {
    partner.answer = reply(status);
    const outcome = await connector.transport.send(payload, context(open));
    expect(outcome.error).toBe(error);
    expect(JSON.stringify(outcome)).not.toContain("partner-secret");
  });

  it("classifies silence as a time-out of unknown outcome", async () => {
    partner.answer = () => undefined;
    const outcome = await connector.transport.send(payload, context(open));
    expect(outcome).toMatchObject({ outcome: "unknown", error: "timeout" });
  });

  it("stops when told to", async () => {
    partner.answer = () => undefined;
    const stop = new AbortController();
    const sending = connector.transport.send(payload, context(stop.signal));
    setTimeout(() => stop.abort(), 50);
    expect((await sending).outcome).toBe("unknown");
  });
});

describe.each(
  all
    .filter((one) => one.transport.id === "folder")
    .map((one) => [one.id, one] as const),
)("%s in a folder", (_id, connector) => {
  it("leaves the same file under the same name at each attempt", async () => {
    const { path, remove } = temporaryFolder();
    const rendered = await renderMessage(message("P00001"), {
      connector,
      settings: connector.sampleSettings,
      sandbox: false,
    });
    if ("error" in rendered) throw new Error(rendered.message);
    const context: SendContext = {
      settings: connector.sampleSettings,
      idempotencyKey: "key",
      traceparent: "",
      bearer: undefined,
      dataDir: path,
      signal: new AbortController().signal,
    };
    for (let attempt = 0; attempt < 3; attempt++) {
      const outcome = await connector.transport.send(rendered.payload, context);
      expect(outcome.outcome).toBe("delivered");
    }
    const outbox = join(
      path,
      String(connector.sampleSettings.folder),
      "outbox",
    );
    expect(readdirSync(outbox)).toEqual([rendered.payload.filename]);
    const digest = (bytes: Uint8Array) =>
      createHash("sha256").update(bytes).digest("hex");
    const [name = ""] = readdirSync(outbox);
    expect(digest(readFileSync(join(outbox, name)))).toBe(
      digest(rendered.payload.bytes),
    );
    remove();
  });
});
