/**
 * A compliance system and Odoo tell each other of suppliers, through a running
 * service: a new supplier becomes a draft, a known one's bank account waits
 * for two people, what is not the sender's is a conflict, and what Odoo
 * decides reaches the other system with bank accounts masked.
 */
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OdooClient } from "../../scripts/odoo/client.ts";
import { eventually, temporaryFolder } from "../kit/context.ts";
import { activate } from "../kit/endpoint.ts";
import { HttpPartner, reply } from "../kit/http-partner.ts";
import { Live, hcp } from "../kit/live.ts";

type Row = Record<string, unknown>;

const LIMIT = 60_000;
const ENDPOINT = "healthcare.exchange.endpoint";
const CHANGE = "healthcare.bank.change";
const live = new Live();
const stamp = randomUUID().slice(0, 8).toUpperCase();
const code = `VENDORS-${stamp}`;
const folder = temporaryFolder();
const partner = new HttpPartner();
/** Another account at each run: right by its check digits, and no bank's. */
const IBAN = (() => {
  const account = String(Date.now()).slice(-10);
  const number = `00000000${account}`;
  const check = 98n - (BigInt(`${number}131400`) % 97n);
  return `DE${String(check).padStart(2, "0")}${number}`;
})();
const MASKED = `****${IBAN.slice(-4)}`;
let administrator: OdooClient;
let clerk: OdooClient;
let compliance: OdooClient;
let finance: OdooClient;
let endpoint = 0;
/** A supplier that the demo has approved. */
let known: Row;

beforeAll(async () => {
  administrator = live.as("administrator");
  clerk = live.as("clerk");
  compliance = live.as("compliance");
  finance = live.as("accounts_payable");
  partner.answer = reply(202);
  const url = await partner.start();
  [endpoint = 0] = await administrator.call<number[]>(ENDPOINT, "create", {
    vals_list: [
      {
        code,
        name: "Vendor checks",
        connector: "rest-json",
        system: "compliance",
        test: true,
        settings: { base_url: url },
        document_ids: ["inbound", "outbound"].map((direction) => [
          0,
          0,
          { document_type: "supplier", direction, contingency: "queue" },
        ]),
      },
    ],
  });
  await activate(live, endpoint, code);
  [known = {}] = await read(
    "res.partner",
    [["ref", "=", "SUP-D"]],
    ["name", "ref", "phone", "street", "supplier_state"],
  );
});

afterAll(async () => {
  if (endpoint)
    await administrator.call(ENDPOINT, "action_suspend", { ids: [endpoint] });
  await partner.stop();
  folder.remove();
  await live.close();
});

const read = (
  model: string,
  domain: unknown[],
  fields: string[],
  client = administrator,
): Promise<Row[]> =>
  client.call<Row[]>(model, "search_read", { domain, fields, order: "id" });

/** Gives a document in as a file. @returns what became of it */
async function take(document: Row): Promise<Row | undefined> {
  const path = join(folder.path, `${randomUUID()}.json`);
  writeFileSync(
    path,
    JSON.stringify({
      document_type: "supplier",
      schema_version: "1.0",
      test: true,
      ...document,
    }),
  );
  const run = await hcp(live.config.root, ["ingest", "--endpoint", code, path]);
  return run.lines[0];
}

/** What the other system has got about a supplier, newest last. */
const received = (number: unknown): Row[] =>
  partner.requests
    .filter((one) => one.body.length > 0)
    .map((one) => JSON.parse(one.body.toString()) as Row)
    .filter((one) => one.number === number);

it("makes a draft of a supplier that nobody knows, once", async () => {
  const name = `Integration Medical ${stamp}`;
  const document = {
    number: `V-${stamp}`,
    legal_name: name,
    identifiers: [{ scheme: "tax_id", value: `94-${Date.now() % 10_000_000}` }],
    addresses: [{ street: "1 Test Street", city: "Reno", country: "US" }],
    qualifications: [{ kind: "insurance", number: "INS-1" }],
  };
  expect(await take(document)).toMatchObject({
    document_type: "supplier",
    number: document.number,
    status: "accepted",
  });
  expect(await take(document)).toMatchObject({ status: "duplicate" });
  const made = await read(
    "res.partner",
    [["name", "=", name]],
    ["supplier_state", "supplier_source", "city"],
  );
  expect(made).toMatchObject([
    { supplier_state: "draft", supplier_source: "document", city: "Reno" },
  ]);
});

it("refuses a supplier that is here by another record, naming it", async () => {
  expect(
    await take({
      number: `X-${stamp}`,
      legal_name: "Somebody",
      identifiers: [
        { scheme: "buyer_assigned", value: "SUP-D" },
        { scheme: "buyer_assigned", value: "SUP-E" },
      ],
    }),
  ).toMatchObject({
    status: "rejected",
    errors: [
      {
        code: "supplier_mismatch",
        message: expect.stringContaining(String(known.name)),
      },
    ],
  });
});

it("lists what is not the sender's, and a person decides", async () => {
  const street = `${stamp} New Street`;
  await take({
    number: `D-${stamp}`,
    legal_name: known.name,
    identifiers: [{ scheme: "buyer_assigned", value: "SUP-D" }],
    addresses: [{ street }],
  });
  const mine = [
    ["endpoint_id", "=", endpoint],
    ["field_group", "=", "address"],
  ];
  const [conflict] = await read("healthcare.supplier.conflict", mine, [
    "state",
    "their_text",
  ]);
  expect(conflict).toMatchObject({
    state: "open",
    their_text: `Street: ${street}`,
  });
  const streetNow = async () =>
    (await read("res.partner", [["ref", "=", "SUP-D"]], ["street"]))[0]?.street;
  expect(await streetNow()).toBe(known.street);
  await clerk.call("healthcare.supplier.conflict", "action_take_theirs", {
    ids: [conflict?.id],
    reason: "They have moved",
  });
  expect(await streetNow()).toBe(street);
  await eventually(
    "the other system hears of it",
    () => {
      const last = received("SUP-D").at(-1);
      return JSON.stringify(last?.addresses ?? "").includes(street);
    },
    LIMIT,
  );
  expect(received("SUP-D").at(-1)).toMatchObject({
    document_type: "supplier",
    legal_name: known.name,
    status: "approved",
  });
  expect(
    JSON.stringify(received("SUP-D").at(-1)?.bank_accounts),
    "masked, and nothing else of it",
  ).toMatch(/^\[\{"\w+":"\*{4}\w{4}"\}\]$/);
});

it("holds a bank account until it is confirmed and released", async () => {
  await take({
    number: `D-${stamp}`,
    legal_name: known.name,
    bank_accounts: [{ iban: IBAN }],
  });
  const [change] = await read(
    CHANGE,
    [
      ["partner_id", "=", known.id],
      ["account_masked", "=", MASKED],
    ],
    ["state", "account_masked"],
  );
  const id = change?.id;
  expect(change).toMatchObject({ state: "held", account_masked: MASKED });
  await expect(
    compliance.call(CHANGE, "action_record_call", {
      ids: [id],
      number: "+1 555 9999",
      result: "confirmed",
      person: "Somebody",
    }),
  ).rejects.toThrow(/was not known before/);
  await compliance.call(CHANGE, "action_record_call", {
    ids: [id],
    number: known.phone,
    result: "confirmed",
    person: "Ms Treasurer",
  });
  const [request] = await read(
    "healthcare.approval.request",
    [
      ["model", "=", CHANGE],
      ["res_id", "=", id],
      ["state", "=", "pending"],
    ],
    ["id"],
  );
  await finance.call("healthcare.approval.request", "action_approve", {
    ids: [request?.id],
  });
  const [done] = await read(
    CHANGE,
    [["id", "=", id]],
    ["state", "new_account_id"],
  );
  expect(done?.state).toBe("released");
  await eventually(
    "the other system hears of it, masked",
    () =>
      JSON.stringify(received("SUP-D").at(-1)?.bank_accounts) ===
      JSON.stringify([{ iban: MASKED }]),
    LIMIT,
  );
  expect(
    partner.requests.some((one) => one.body.includes(IBAN)),
    "the whole number never leaves",
  ).toBe(false);
});
