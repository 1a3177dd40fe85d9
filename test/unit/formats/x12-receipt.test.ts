/** 997 produced for what is received: by group, by set, by place. */
import { X12Parser } from "node-x12";
import { describe, expect, it } from "vitest";
import { validateDocument } from "../../../scripts/canonical/validate.ts";
import { getFormat } from "../../../scripts/formats/index.ts";
import type { ParseResult } from "../../../scripts/formats/format.ts";

const x12 = getFormat("x12")!;
const ISA =
  "ISA*00*          *00*          *ZZ*NORTHGATE      *ZZ*HOSPITAL       *260131*1200*U*00401*000000017*0*T*>~";

function set(control: string, lines: string[], number = "810"): string[] {
  const body = [`ST*${number}*${control}`, ...lines];
  return [...body, `SE*${body.length + 1}*${control}`];
}

const invoice = (number: string, quantity = "2") => [
  `BIG*20260131*${number}*20260115*P00001`,
  "CUR*SE*USD",
  `IT1*1*${quantity}*EA*5.25**VN*S-GLV`,
  "TDS*1050",
  "CTT*1",
];

function file(
  groups: { id: string; control: string; sets: string[][] }[],
): string {
  const inner = groups.flatMap(({ id, control, sets }) => [
    `GS*${id}*NORTHGATE*HOSPITAL*20260131*1200*${control}*X*004010`,
    ...sets.flat(),
    `GE*${sets.length}*${control}`,
  ]);
  return [ISA.slice(0, -1), ...inner, `IEA*${groups.length}*000000017`]
    .map((segment) => `${segment}~\n`)
    .join("");
}

const read = (text: string): ParseResult =>
  x12.parse(new TextEncoder().encode(text));

/** The 997 as bytes, and what both readers make of it. */
function written(result: ParseResult) {
  return (result.acknowledgements ?? []).map((document) => {
    expect(validateDocument(document)).toEqual([]);
    const { payloads, diagnostics } = x12.generate([document], {
      controlNumber: 5,
      documentTime: "2026-01-31T13:00:00Z",
    });
    expect(diagnostics.filter(({ level }) => level === "error")).toEqual([]);
    const text = new TextDecoder().decode(payloads[0]?.bytes);
    const independent = new X12Parser(true).parse(text);
    expect(independent).toBeDefined();
    const [back] = x12.parse(payloads[0]!.bytes).documents;
    return { text, segments: text.split("~").map((one) => one.trim()), back };
  });
}

describe("997 for what is received", () => {
  it("accepts each group with its own numbers", () => {
    const result = read(
      file([
        {
          id: "IN",
          control: "31",
          sets: [set("0001", invoice("I1")), set("0002", invoice("I2"))],
        },
        { id: "IN", control: "32", sets: [set("0001", invoice("I3"))] },
      ]),
    );
    expect(result.documents).toHaveLength(3);
    expect(result.origins?.[1]).toEqual({
      interchange_control_number: "000000017",
      functional_identifier: "IN",
      group_control_number: "31",
      version: "004010",
      transaction_set: "810",
      transaction_control_number: "0002",
    });
    const [one, two] = written(result);
    expect(one?.segments).toEqual(
      expect.arrayContaining([
        "AK1*IN*31*004010",
        "AK2*810*0001",
        "AK5*A",
        "AK2*810*0002",
        "AK9*A*2*2*2",
      ]),
    );
    expect(two?.segments).toContain("AK9*A*1*1*1");
    expect(one?.back).toMatchObject({
      document_type: "functional_acknowledgement",
      status: "accepted",
      acknowledges: { group_control_number: "31", accepted: 2 },
    });
    // ISA15: a test interchange is answered by one.
    expect(one?.text).toMatch(/^ISA.*\*T\*>~/);
  });

  it("refuses one set of two with segment and element", () => {
    const result = read(
      file([
        {
          id: "IN",
          control: "31",
          sets: [set("0001", invoice("I1", "two")), set("0002", invoice("I2"))],
        },
      ]),
    );
    const [answer] = written(result);
    expect(answer?.segments).toEqual(
      expect.arrayContaining([
        "AK3*IT1*4**8",
        "AK4*2**6",
        "AK5*R*5",
        "AK5*A",
        "AK9*P*2*2*1",
      ]),
    );
    const { acknowledges } = answer?.back as unknown as {
      acknowledges: { transactions: Record<string, unknown>[] };
    };
    expect(acknowledges.transactions[0]).toMatchObject({
      status: "rejected",
      errors: [
        { code: "8", path: "IT1", line: 4 },
        { code: "6", path: "IT1/02", line: 4 },
        { code: "5" },
      ],
    });
  });

  it("names a set that is not read here, and counts that do not fit", () => {
    const result = read(
      file([
        { id: "XX", control: "9", sets: [set("0001", ["ZZ*1"], "180")] },
      ]).replace("GE*1*9", "GE*7*9"),
    );
    const [answer] = written(result);
    expect(answer?.segments).toEqual(
      expect.arrayContaining(["AK2*180*0001", "AK5*R*1", "AK9*R*1*1*0*5"]),
    );
  });

  it("accepts with remarks where only a trailer's count is wrong", () => {
    const text = file([
      { id: "IN", control: "31", sets: [set("0001", invoice("I1"))] },
    ]).replace("SE*7*0001", "SE*70*0001");
    const [answer] = written(read(text));
    expect(answer?.segments).toEqual(
      expect.arrayContaining(["AK5*E*4", "AK9*A*1*1*1"]),
    );
  });

  it("tells of a set that was cut off", () => {
    const text = file([
      { id: "IN", control: "31", sets: [set("0001", invoice("I1"))] },
    ]);
    const [answer] = written(read(text.slice(0, text.indexOf("TDS"))));
    expect(answer?.segments).toEqual(
      expect.arrayContaining(["AK5*R*2", "AK9*R*1*1*0"]),
    );
  });

  it("never acknowledges an acknowledgement", () => {
    const ack = ["AK1*PO*1", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"];
    const result = read(
      file([{ id: "FA", control: "8", sets: [set("0001", ack, "997")] }]),
    );
    expect(result.documents).toHaveLength(1);
    expect(result.acknowledgements).toEqual([]);
  });

  it("gives the same for the same", () => {
    const text = file([
      { id: "IN", control: "31", sets: [set("0001", invoice("I1", "x"))] },
    ]);
    expect(read(text).acknowledgements).toEqual(read(text).acknowledgements);
  });
});
