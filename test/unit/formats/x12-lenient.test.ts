/** X12 as it really comes: odd delimiters, broken envelopes, rubbish. */
import { describe, expect, it } from "vitest";

import type { Invoice } from "../../../scripts/canonical/types.ts";
import { parseX12 } from "../../../scripts/formats/x12/parse/index.ts";

const BODY = [
  "ST*810*0001",
  "BIG*20260306*INV-1**P00042***DI",
  "N1*ST*ST MARY*92*MAIN",
  "IT1*1*2*EA*10.00**VN*A-1",
  "PID*F****GLOVES",
  "TDS*2000",
  "CTT*1",
  "SE*8*0001",
];

interface Shape {
  element?: string;
  component?: string;
  terminator?: string;
  newline?: string;
  prefix?: string;
  repetition?: string;
  version?: string;
}

function interchange(body: readonly string[], shape: Shape = {}): string {
  const { element = "*", component = ">", terminator = "~" } = shape;
  const { newline = "\n", prefix = "", repetition = "U" } = shape;
  const { version = "00401" } = shape;
  const isa = `ISA*00*          *00*          *ZZ*NORTHGATE      *ZZ*STMARY         *260306*0800*${repetition}*${version}*000000007*0*T*`;
  const lines = [
    "GS*IN*NORTHGATE*STMARY*20260306*0800*7*X*004010",
    ...body,
    "GE*1*7",
    "IEA*1*000000007",
  ];
  const all = [isa + component, ...lines];
  return (
    prefix +
    all
      .map((line, index) =>
        index === 0
          ? isa.replaceAll("*", element) + component
          : line.replaceAll("*", element),
      )
      .join(terminator + newline) +
    terminator +
    newline
  );
}

function parse(text: string | Uint8Array) {
  return parseX12(
    typeof text === "string" ? new TextEncoder().encode(text) : text,
  );
}

function codes(text: string | Uint8Array): string[] {
  return parse(text).diagnostics.map(({ code }) => code);
}

const good = parse(interchange(BODY));

it("reads the plain file without a finding", () => {
  expect(good.diagnostics).toEqual([]);
  expect(good.documents).toMatchObject([
    {
      number: "INV-1",
      order_reference: "P00042",
      totals: { payable: "20.00" },
      lines: [{ quantity: "2", price: { amount: "10.00" } }],
    },
  ]);
});

describe("delimiters", () => {
  it.each<[string, Shape]>([
    ["CR LF after the terminator", { newline: "\r\n" }],
    ["all in one line", { newline: "" }],
    ["pipe", { terminator: "|" }],
    ["backslash", { terminator: "\\" }],
    ["brace", { terminator: "}" }],
    ["apostrophe", { terminator: "'" }],
    ["ellipsis", { terminator: "…" }],
    ["file separator", { terminator: "\u001C", newline: "" }],
    ["line feed alone", { terminator: "\n", newline: "" }],
    ["CR LF alone", { terminator: "\r\n", newline: "" }],
    ["carriage return alone", { terminator: "\r", newline: "" }],
    ["caret between elements", { element: "^" }],
    [
      "tilde between elements",
      { element: "~", terminator: "*", component: "`" },
    ],
    [
      "group separator between elements",
      { element: "\u001D", component: "\u001F" },
    ],
    ["component separator equal to the terminator", { component: "" }],
    ["5010 with a repetition separator", { repetition: "^", version: "00501" }],
    ["tabs between elements", { element: "\t" }],
    ["a byte-order mark", { prefix: "\uFEFF" }],
    ["blank lines before", { prefix: "\r\n\r\n  " }],
    ["a mail header before", { prefix: "Subject: invoice\n\n" }],
    ["blanks after each segment", { newline: "  \r\n" }],
  ])("%s", (_name, shape) => {
    expect(parse(interchange(BODY, shape)).documents).toEqual(good.documents);
  });

  it("indentation", () => {
    const text = interchange(BODY).replaceAll("\n", "\n\t  ");
    expect(parse(text).documents).toEqual(good.documents);
  });

  it("a space as terminator", () => {
    const text = interchange(BODY, { terminator: " ", newline: "" });
    const [document] = parse(text).documents;
    expect(document).toMatchObject({
      number: "INV-1",
      parties: { ship_to: { name: "ST MARY" } },
    });
  });

  it("lines wrapped at a fixed length", () => {
    const text = interchange(BODY, { newline: "" });
    const wrapped = text.replaceAll(/.{80}/g, "$&\r\n");
    expect(parse(wrapped).documents).toEqual(good.documents);
  });

  it("an ISA that is too short, and one with an element too many", () => {
    const short = interchange(BODY).replaceAll(/ {3,}/g, "");
    expect(parse(short).documents).toEqual(good.documents);
    expect(codes(short)).toEqual(["x12_isa_length"]);
    const long = interchange(BODY).replace("*U*", "*U**");
    expect(parse(long).documents).toHaveLength(1);
  });

  it("a lost terminator before a line break", () => {
    const text = interchange(BODY).replace(
      "EA*10.00**VN*A-1~",
      "EA*10.00**VN*A-1",
    );
    expect(parse(text).documents).toEqual(good.documents);
    expect(codes(text)).toEqual(["x12_missing_terminator"]);
  });

  it("no ISA and no GS at all", () => {
    const text = `${BODY.join("~\n")}~\n`;
    const { documents, diagnostics } = parse(text);
    expect(documents).toMatchObject([{ number: "INV-1" }]);
    expect(diagnostics.map(({ code }) => code)).toEqual([
      "x12_missing_envelope",
    ]);
  });
});

describe("envelopes", () => {
  it.each([
    ["SE*8*0001", "SE*9*0001", "x12_count_mismatch", "SE[1]/01"],
    ["SE*8*0001", "SE*8*0009", "x12_control_mismatch", "SE[1]/02"],
    ["GE*1*7", "GE*3*7", "x12_count_mismatch", "GE[1]/01"],
    ["GE*1*7", "GE*1*8", "x12_control_mismatch", "GE[1]/02"],
    ["IEA*1*000000007", "IEA*2*000000007", "x12_count_mismatch", "IEA[1]/01"],
    ["IEA*1*000000007", "IEA*1*000000001", "x12_control_mismatch", "IEA[1]/02"],
    ["CTT*1", "CTT*4", "x12_count_mismatch", "CTT[1]/01"],
    ["GS*IN", "GS*PO", "x12_functional_id", "ST[1]/01"],
    ["SE*8*0001~\n", "", "x12_missing_trailer", undefined],
    ["GE*1*7~\n", "", "x12_missing_trailer", undefined],
    ["IEA*1*000000007~\n", "", "x12_missing_trailer", undefined],
  ])("%s → %s is %s", (from, to, code, path) => {
    const { documents, diagnostics } = parse(
      interchange(BODY).replace(from, to),
    );
    expect(documents).toEqual(good.documents);
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toMatchObject({ level: "warning", code });
    if (path !== undefined) expect(diagnostics[0]?.path).toBe(path);
    expect(diagnostics[0]?.line).toBeGreaterThan(0);
  });

  it("several interchanges with different delimiters", () => {
    const second = interchange(BODY, { element: "|", terminator: "'" });
    const text =
      interchange(BODY) + second.replaceAll("000000007", "000000008");
    const { documents, diagnostics } = parse(text);
    expect(documents).toEqual([...good.documents, ...good.documents]);
    expect(diagnostics).toEqual([]);
  });

  it("a set that is not read costs no other", () => {
    const body = ["ST*753*0009", "BGN*00*X*20260101", "SE*3*0009", ...BODY];
    const text = interchange(body).replace("GE*1", "GE*2");
    const { documents, diagnostics } = parse(text);
    expect(documents).toEqual(good.documents);
    expect(diagnostics).toMatchObject([
      {
        level: "error",
        code: "x12_unsupported_set",
        line: 3,
        path: "ST[1]/01",
      },
    ]);
  });

  it("the same control number twice", () => {
    const text = interchange([...BODY, ...BODY]).replace("GE*1", "GE*2");
    expect(codes(text)).toEqual(["x12_duplicate_control_number"]);
    expect(parse(text).documents).toHaveLength(2);
  });
});

describe("bad data", () => {
  it.each([
    ["empty", "", "empty"],
    ["blank", " \r\n ", "empty"],
    ["JSON", '{"document_type": "invoice"}', "x12_not_found"],
    ["XML", "<Invoice><ID>1</ID></Invoice>", "x12_not_found"],
    ["ISA alone", "ISA", "x12_not_found"],
    [
      "ISA and nothing else",
      interchange([]).split("~")[0] ?? "",
      "x12_no_document",
    ],
  ])("%s", (_name, text, code) => {
    const { documents, diagnostics } = parse(text);
    expect(documents).toEqual([]);
    expect(diagnostics.map((item) => item.code)).toContain(code);
    expect(diagnostics.some(({ level }) => level === "error")).toBe(true);
  });

  it("binary", () => {
    const bytes = Uint8Array.from(
      { length: 400 },
      (_, index) => (index * 37) % 256,
    );
    expect(codes(bytes)).toContain("binary");
  });

  it("too many bytes or segments", () => {
    const bytes = new TextEncoder().encode(interchange(BODY));
    const few = parseX12(bytes, { maxBytes: 100 });
    expect(few.diagnostics).toMatchObject([
      { level: "error", code: "too_large" },
    ]);
    const short = parseX12(bytes, { maxSegments: 5 });
    expect(short.documents).toEqual([]);
    expect(short.diagnostics).toMatchObject([
      { level: "error", code: "too_many_segments" },
    ]);
  });

  it.each(Array.from({ length: 7 }, (_, index) => index + 2))(
    "cut off after segment %i: nothing of it is used",
    (count) => {
      const text = interchange(BODY).split("~\n").slice(0, count).join("~\n");
      const { documents, diagnostics } = parse(text);
      expect(documents).toEqual([]);
      expect(diagnostics.some(({ level }) => level === "error")).toBe(true);
    },
  );

  it("Latin-1 and UTF-16", () => {
    const body = BODY.map((line) => line.replace("GLOVES", "GLOVES SIZE É"));
    const latin = Uint8Array.from(interchange(body), (c) => c.charCodeAt(0));
    const description = (bytes: Uint8Array) => {
      const [document] = parse(bytes).documents as Invoice[];
      return document?.lines?.[0]?.description;
    };
    expect(description(latin)).toBe("GLOVES SIZE É");
    expect(codes(latin)).toEqual(["encoding"]);
    const wide = new Uint8Array(
      Buffer.from(`\uFEFF${interchange(body)}`, "utf16le"),
    );
    expect(description(wide)).toBe("GLOVES SIZE É");
  });

  it("a quantity that is none: the line stays, the field goes, an error says so", () => {
    const { documents, diagnostics } = parse(
      interchange(BODY).replace("IT1*1*2*EA*10.00", "IT1*1*2,5*EA*1E2"),
    );
    const [invoice] = documents as Invoice[];
    expect(invoice?.lines).toEqual([
      {
        line_number: "1",
        item: { supplier_code: "A-1" },
        unit: "EA",
        unit_as_sent: "EA",
        description: "GLOVES",
      },
    ]);
    expect(diagnostics).toMatchObject([
      {
        level: "error",
        code: "x12_invalid_number",
        path: "IT1[1]/02",
        line: 6,
      },
      {
        level: "error",
        code: "x12_invalid_number",
        path: "IT1[1]/04",
        line: 6,
      },
    ]);
  });

  it.each([
    [
      "BIG*20260306*INV-1*",
      "BIG*20260306**",
      "x12_number_missing",
      "BIG[1]/02",
    ],
    ["BIG*20260306", "BIG*20261306", "x12_invalid_date", "BIG[1]/01"],
    ["*2*EA*", "*2*ZQ*", "x12_unit_unknown", "IT1[1]/03"],
    ["*10.00**VN", "*10.00*JJ*VN", "x12_price_basis", "IT1[1]/05"],
    ["**VN*A-1", "**UK*10614141000018", "gtin_check_digit", "IT1[1]/07"],
    ["**VN*A-1", "**UP*ABC", "x12_invalid_gtin", "IT1[1]/07"],
    ["TDS*2000", "TDS*20.00", "x12_explicit_decimal", "TDS[1]/01"],
    ["TDS*2000", "AMT*9*1", "x12_total_missing", "ST[1]"],
  ])("%s → %s is %s", (from, to, code, path) => {
    const { diagnostics } = parse(interchange(BODY).replace(from, to));
    expect(diagnostics.map((item) => [item.code, item.path])).toContainEqual([
      code,
      path,
    ]);
  });

  it("an explicit decimal point in TDS01 is taken as meant", () => {
    const [invoice] = parse(interchange(BODY).replace("TDS*2000", "TDS*20.00"))
      .documents as Invoice[];
    expect(invoice?.totals).toEqual({ payable: "20.00" });
  });

  it("X12 CS is a cassette, not a case", () => {
    const unit = (code: string) => {
      const text = interchange(BODY).replace("*2*EA*", `*2*${code}*`);
      const [invoice] = parse(text).documents as Invoice[];
      return [invoice?.lines?.[0]?.unit, invoice?.lines?.[0]?.unit_as_sent];
    };
    expect(unit("CA")).toEqual(["XCS", "CA"]);
    expect(unit("CS")).toEqual(["x12:CS", "CS"]);
    expect(unit("PL")).toEqual(["XPX", "PL"]);
    expect(unit("bx")).toEqual(["XBX", "bx"]);
  });

  it("line numbers that are missing or used twice become unique", () => {
    const line = "IT1*1*2*EA*10.00**VN*A-1";
    const body = BODY.flatMap((segment) =>
      segment === line
        ? [line, line.replace("IT1*1", "IT1*"), line]
        : [segment],
    );
    const [invoice] = parse(interchange(body)).documents as Invoice[];
    expect(invoice?.lines?.map(({ line_number }) => line_number)).toEqual([
      "1",
      "2",
      "3",
    ]);
  });
});
