/**
 * Supplier B's documents: X12 004010 as its own small system reads and writes
 * it. Deliberately not the service's format code: an independent second
 * reading of the same standard.
 */
import {
  dayAfter,
  lotOf,
  type SandboxLine,
  type SandboxOrder,
  type Variant,
} from "./order.ts";
import { totalOf, variedLines } from "./variant.ts";

/** An order file that this supplier cannot read. */
export class InterchangeRefused extends Error {
  override name = "InterchangeRefused";
}

/** Product id qualifiers (element 235) to what they are. */
const QUALIFIERS: Record<string, string> = {
  VN: "supplier_code",
  VC: "supplier_code",
  VP: "supplier_code",
  BP: "buyer_code",
  IN: "buyer_code",
  MG: "manufacturer_code",
  UK: "gtin",
};

/** What an 850 file says, and what is needed to answer it. */
export interface ReadInterchange {
  /** ISA13: the same again is the same file again. */
  control: string;
  /** GS06 and ST02, which a 997 names. */
  group: string;
  transaction: string;
  sender: string[];
  receiver: string[];
  order: Pick<
    SandboxOrder,
    "number" | "currency" | "test" | "parties" | "lines"
  >;
}

/**
 * Reads a file with one 850.
 * @throws InterchangeRefused with the reason
 */
export function readInterchange(text: string): ReadInterchange {
  if (!/^ISA.{103}/s.test(text))
    throw new InterchangeRefused("the file does not begin with a whole ISA");
  const element = text.charAt(3);
  const terminator = text.charAt(105);
  const segments = text
    .split(terminator)
    .map((one) => one.trim().split(element))
    .filter((one) => one[0] !== "");
  const isa = segments[0] ?? [];
  const iea = segments.find((one) => one[0] === "IEA");
  if (!iea || iea[2] !== isa[13])
    throw new InterchangeRefused("ISA13 and IEA02 differ, or IEA is missing");
  const beg = segments.find((one) => one[0] === "BEG");
  if (!beg?.[3]) throw new InterchangeRefused("there is no BEG03");
  return {
    control: isa[13] ?? "",
    group: segments.find((one) => one[0] === "GS")?.[6] ?? "",
    transaction: segments.find((one) => one[0] === "ST")?.[2] ?? "",
    sender: [isa[5] ?? "ZZ", (isa[6] ?? "").trim()],
    receiver: [isa[7] ?? "ZZ", (isa[8] ?? "").trim()],
    order: {
      number: beg[3],
      currency: segments.find((one) => one[0] === "CUR")?.[2] ?? "USD",
      test: isa[15] === "T",
      parties: partiesOf(segments),
      lines: linesOf(segments),
    },
  };
}

/** What a 997 says about one of our groups. */
export interface ReadAcknowledgement {
  /** GS06 of the group that it answers. */
  group: string;
  /** AK9: A accepted, E with remarks, P in part, R refused. */
  status: string;
}

/** The 997s in a file; none where it holds something else. */
export function readAcknowledgements(text: string): ReadAcknowledgement[] {
  if (!/^ISA.{103}/s.test(text)) return [];
  const element = text.charAt(3);
  const found: ReadAcknowledgement[] = [];
  let group = "";
  for (const segment of text.split(text.charAt(105))) {
    const parts = segment.trim().split(element);
    if (parts[0] === "AK1") group = parts[2] ?? "";
    if (parts[0] === "AK9") found.push({ group, status: parts[1] ?? "" });
  }
  return found;
}

function partiesOf(segments: string[][]): Record<string, unknown> {
  const parties = segments
    .filter((one) => one[0] === "N1")
    .map((one) => [one[1] ?? "", one.slice(2)] as const);
  return Object.fromEntries(parties);
}

function linesOf(segments: string[][]): SandboxLine[] {
  const lines: SandboxLine[] = [];
  for (const one of segments) {
    const last = lines.at(-1);
    if (one[0] === "PID" && last) last.description = one[5] ?? "";
    if (one[0] !== "PO1") continue;
    const item: Record<string, string> = {};
    for (let index = 6; index + 1 < one.length; index += 2) {
      const kind = QUALIFIERS[one[index] ?? ""];
      const value = one[index + 1];
      if (kind && value) item[kind] ??= value;
    }
    lines.push({
      number: one[1] ?? String(lines.length + 1),
      item,
      description: "",
      quantity: one[2] ?? "0",
      unit: one[3] ?? "EA",
      price: one[4] || "0",
      priceBase: "1",
    });
  }
  return lines;
}

/** A canonical item code back into the qualifier that this supplier writes. */
function itemElements(item: Record<string, string>): string[] {
  return Object.entries({ VN: "supplier_code", BP: "buyer_code", UK: "gtin" })
    .filter(([, name]) => item[name])
    .flatMap(([qualifier, name]) => [qualifier, item[name] ?? ""]);
}

/** Dates as X12 writes them: `YYYYMMDD`. */
const plain = (day: string): string => day.replaceAll("-", "");

type Segment = (string | number)[];

/** Body of an 855. */
export function acknowledgement(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): Segment[] {
  const today = plain(dayAfter(now, 0));
  const promised = plain(dayAfter(now, variant.delivery_days ?? 2));
  const reference = variant.order_reference ?? order.number;
  const status = variant.status ?? "accepted";
  const rejected = status === "rejected";
  const code = rejected ? "IR" : status === "backordered" ? "IB" : "IA";
  const lines = variedLines(order, variant);
  const changed = variant.price_change ? "IP" : code;
  return [
    [
      "BAK",
      "00",
      rejected ? "RD" : "AD",
      reference,
      today,
      "",
      "",
      "",
      `SO-${order.number}`,
    ],
    ["CUR", "SE", order.currency],
    ...lines.flatMap((line): Segment[] => [
      [
        "PO1",
        line.number,
        line.quantity,
        line.unit,
        line.price,
        "",
        ...itemElements(line.item),
      ],
      ["ACK", changed, line.quantity, line.unit, "067", promised],
    ]),
    ["CTT", lines.length],
  ];
}

/** Body of an 856, structure shipment–order–item. */
export function shipNotice(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): Segment[] {
  const today = plain(dayAfter(now, 0));
  const time = now.toISOString().slice(11, 16).replace(":", "");
  const number = variant.number ?? `SHP-${order.number}`;
  const lines = variedLines(order, variant);
  return [
    ["BSN", "00", number, today, time, "0004"],
    ["HL", 1, "", "S"],
    ["TD5", "", "2", "SNDX", "", "Sandbox Freight"],
    ["REF", "CN", `TRK${order.number.replace(/\W/g, "")}`],
    ["DTM", "011", today],
    ["DTM", "017", plain(dayAfter(now, variant.delivery_days ?? 2))],
    ["HL", 2, 1, "O"],
    ["PRF", variant.order_reference ?? order.number],
    ...lines.flatMap((line, index): Segment[] => [
      ["HL", index + 3, 2, "I"],
      ["LIN", line.number, ...itemElements(line.item)],
      ["SN1", line.number, line.quantity, line.unit],
      ["REF", "LT", lotOf(order, line)],
      ["DTM", "036", plain(dayAfter(now, variant.expiry_days ?? 540))],
    ]),
    // In an 856 it counts the HL segments.
    ["CTT", lines.length + 2],
  ];
}

/** Body of an 810. */
export function invoice(
  order: SandboxOrder,
  variant: Variant,
  now: Date,
): Segment[] {
  const today = plain(dayAfter(now, 0));
  const lines = variedLines(order, variant);
  const number = variant.number ?? `INV-${order.number}`;
  const cents = (amount: string): string =>
    amount.replace(".", "").replace(/^(-?)0+(?=\d)/, "$1");
  return [
    [
      "BIG",
      today,
      number,
      "",
      variant.order_reference ?? order.number,
      "",
      "",
      "DI",
    ],
    ["CUR", "SE", order.currency],
    ["REF", "SI", `SHP-${order.number}`],
    ["ITD", "01", "3", "", "", "", "", "30"],
    ...lines.flatMap((line): Segment[] => [
      [
        "IT1",
        line.number,
        line.quantity,
        line.unit,
        line.price,
        "",
        ...itemElements(line.item),
      ],
      ...(line.description
        ? [["PID", "F", "", "", "", line.description.slice(0, 80)]]
        : []),
    ]),
    ["TDS", cents(totalOf(lines, variant.freight))],
    ...(variant.freight
      ? [
          [
            "SAC",
            "C",
            "D240",
            "",
            "",
            cents(Number(variant.freight).toFixed(2)),
          ],
        ]
      : []),
    ["CTT", lines.length],
  ];
}

/** Body of a 997 that accepts one 850. */
export function functionalAcknowledgement(
  received: Pick<ReadInterchange, "group" | "transaction">,
): Segment[] {
  return [
    ["AK1", "PO", received.group],
    ["AK2", "850", received.transaction],
    ["AK5", "A"],
    ["AK9", "A", 1, 1, 1],
  ];
}

/** Functional group codes (GS01) by transaction set. */
const GROUPS: Record<string, string> = {
  "855": "PR",
  "856": "SH",
  "810": "IN",
  "997": "FA",
};

/** A whole interchange around one transaction set. */
export function interchange(
  set: "855" | "856" | "810" | "997",
  body: Segment[],
  envelope: {
    sender: string[];
    receiver: string[];
    control: number;
    test: boolean;
    now: Date;
  },
): string {
  const stamp = envelope.now.toISOString();
  const day = plain(stamp.slice(0, 10));
  const time = stamp.slice(11, 16).replace(":", "");
  const control = String(envelope.control).padStart(9, "0");
  const [fromKind = "ZZ", from = ""] = envelope.sender;
  const [toKind = "ZZ", to = ""] = envelope.receiver;
  const isa = [
    "ISA",
    "00",
    " ".repeat(10),
    "00",
    " ".repeat(10),
    fromKind,
    from.padEnd(15),
    toKind,
    to.padEnd(15),
    day.slice(2),
    time,
    "U",
    "00401",
    control,
    "0",
    envelope.test ? "T" : "P",
    ">",
  ];
  const segments: Segment[] = [
    isa,
    [
      "GS",
      GROUPS[set] ?? "",
      from,
      to,
      day,
      time,
      envelope.control,
      "X",
      "004010",
    ],
    ["ST", set, "0001"],
    ...body,
    ["SE", body.length + 2, "0001"],
    ["GE", 1, envelope.control],
    ["IEA", 1, control],
  ];
  return `${segments.map(written).join("~\n")}~\n`;
}

/** A segment without trailing empty elements; delimiters inside are removed. */
function written(segment: Segment): string {
  const isIsa = segment[0] === "ISA";
  const parts = segment.map((one, index) =>
    isIsa && index > 0 ? String(one) : String(one).replace(/[*~>\r\n]/g, " "),
  );
  while (!isIsa && parts.at(-1) === "") parts.pop();
  return parts.join("*");
}
