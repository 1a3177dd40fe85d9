/**
 * A clerk hands a supplier's price file in, and the running service reads it:
 * good lines arrive as that supplier's catalog, broken ones are listed.
 */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OdooClient } from "../../scripts/odoo/client.ts";
import { eventually } from "../kit/context.ts";
import { Live } from "../kit/live.ts";

type Row = Record<string, unknown>;

const UPLOAD = "healthcare.exchange.upload";
const WIZARD = "healthcare.exchange.upload.file";
const LIMIT = 60_000;
const live = new Live();
const stamp = randomUUID().slice(0, 8);
let clerk: OdooClient;
let supplier: number;

beforeAll(async () => {
  clerk = live.as("clerk");
  const [found] = await clerk.call<Row[]>("res.partner", "search_read", {
    domain: [["supplier_rank", ">", 0]],
    fields: ["id"],
    limit: 1,
  });
  supplier = found?.id as number;
});

afterAll(() => live.close());

const FIELDS = [
  "state",
  "summary",
  "document_count",
  "line_count",
  "error_count",
  "findings",
  "message_ids",
];

/** Hands a file in as the dialog does; the upload's id. */
async function handIn(filename: string, text: string): Promise<number> {
  const values = {
    document_type: "catalog",
    partner_id: supplier,
    filename,
    file: Buffer.from(text).toString("base64"),
  };
  const ids = await clerk.call<number[]>(WIZARD, "create", {
    vals_list: [values],
  });
  const action = await clerk.call<Row>(WIZARD, "action_import", { ids });
  return action.res_id as number;
}

async function stateOf(id: number): Promise<Row> {
  const [upload] = await clerk.call<Row[]>(UPLOAD, "read", {
    ids: [id],
    fields: FIELDS,
  });
  return upload ?? {};
}

/** The upload once the service has answered. */
async function answered(id: number): Promise<Row> {
  let upload: Row = {};
  const check = async () => {
    upload = await stateOf(id);
    return upload.state !== "reading";
  };
  await eventually("the service has read the file", check, LIMIT);
  return upload;
}

const file = [
  "Test price list",
  `Price list number: PL-${stamp}`,
  "Item No;Description;UOM;Preis",
  `T-${stamp}-1;"Gloves; nitrile";BX;12,50`,
  `T-${stamp}-2;Drape;EA;0,125`,
  `T-${stamp}-3;Towel;EA;free`,
  "",
].join("\r\n");

it(
  "a file is read, and its documents are taken in as the supplier's",
  async () => {
    const id = await handIn(`prices-${stamp}.csv`, file);
    const upload = await answered(id);
    expect(upload).toMatchObject({
      document_count: 1,
      line_count: 3,
      error_count: 1,
    });
    expect(upload.findings).toContainEqual(
      expect.objectContaining({
        level: "error",
        code: "csv_invalid_number",
        line: 6,
        path: "Preis",
      }),
    );
    const [message] = await clerk.call<Row[]>(
      "healthcare.exchange.message",
      "search_read",
      {
        domain: [["upload_id", "=", id]],
        fields: ["number", "document_type", "document"],
      },
    );
    expect(message).toMatchObject({
      number: `PL-${stamp}`,
      document_type: "catalog",
    });
    const { lines } = message?.document as { lines: Row[] };
    expect(lines.map(({ prices }) => prices)).toMatchObject([
      [{ amount: "12.50", unit: "XBX" }],
      [{ amount: "0.125", unit: "EA" }],
      undefined,
    ]);
    const settled = async () => {
      const { state } = await stateOf(id);
      return state !== "reading" && state !== "processing";
    };
    await eventually("its documents are processed", settled, LIMIT);
    expect(await stateOf(id)).toMatchObject({ state: "partial" });
    const again = await answered(await handIn(`prices-${stamp}.csv`, file));
    expect(again.message_ids, "the same file takes effect once").toEqual([]);
  },
  LIMIT * 2,
);

it(
  "a file that is no price file is refused with what to do",
  async () => {
    const id = await handIn("letter.csv", `Dear Sir,\nsee ${stamp}\n`);
    expect(await answered(id)).toMatchObject({
      state: "rejected",
      findings: [expect.objectContaining({ code: "csv_no_header" })],
    });
  },
  LIMIT,
);
