/**
 * Interchanges, functional groups and transaction sets of a file, with their
 * counts and control numbers compared (X12.5, X12.6).
 */
import { table } from "../table.ts";
import type { Report } from "./report.ts";
import type { Segment } from "./segment.ts";

export interface Interchange {
  sender: string;
  receiver: string;
  controlNumber: string;
  /** ISA15 is `T`. */
  test: boolean;
}

export interface Group {
  /** GS01, such as `PO`; empty where GS is missing. */
  functionalId: string;
  /** GS04 as sent. */
  date: string;
  controlNumber: string;
  /** GS08, such as `004010`. */
  version: string;
  /** Positions of GS and GE in the file, where they are there. */
  gs?: number;
  ge?: number;
}

/** One ST…SE. */
export interface TransactionSet {
  /** ST01, such as `850`. */
  set: string;
  /** ST02. */
  controlNumber: string;
  /** ST, everything between, and SE where it is there. */
  segments: Segment[];
  /** False when the file ended in the middle of it. */
  complete: boolean;
  group: Group;
  interchange: Interchange;
}

/** A TA1 segment with the interchange it came in. */
export interface InterchangeAcknowledgement {
  segment: Segment;
  interchange: Interchange;
}

export interface Envelope {
  transactions: TransactionSet[];
  interchangeAcknowledgements: InterchangeAcknowledgement[];
}

/** GS01 for each set that is read or written here. */
export const FUNCTIONAL_IDS = table<string>({
  "810": "IN",
  "832": "SC",
  "850": "PO",
  "855": "PR",
  "856": "SH",
  "997": "FA",
  "999": "FA",
});

/** Sets whose last segment before SE shows that nothing is missing. */
const SUMMARY_SEGMENTS = table<readonly string[]>({
  "810": ["TDS", "CTT"],
  "832": ["CTT"],
  "850": ["CTT"],
  "855": ["CTT"],
  "856": ["CTT"],
  "997": ["AK9"],
  "999": ["AK9"],
});

const NO_INTERCHANGE: Interchange = {
  sender: "",
  receiver: "",
  controlNumber: "",
  test: false,
};
const NO_GROUP: Group = {
  functionalId: "",
  date: "",
  controlNumber: "",
  version: "",
};

/** Groups segments into transaction sets and reports what does not add up. */
export function readEnvelope(segments: Segment[], report: Report): Envelope {
  return new EnvelopeReader(segments, report).run();
}

class EnvelopeReader {
  private readonly transactions: TransactionSet[] = [];
  private readonly acknowledgements: InterchangeAcknowledgement[] = [];
  private interchange = NO_INTERCHANGE;
  private isa: Segment | undefined;
  private group = NO_GROUP;
  private gs: Segment | undefined;
  private current: Segment[] | undefined;
  private groupCount = 0;
  private setCount = 0;
  private readonly seen = new Set<string>();
  private readonly segments: Segment[];
  private readonly report: Report;

  constructor(segments: Segment[], report: Report) {
    this.segments = segments;
    this.report = report;
  }

  run(): Envelope {
    for (const segment of this.segments) this.take(segment);
    const truncated = this.current !== undefined;
    this.endSet(false);
    if (this.gs !== undefined && !truncated) {
      this.report.add(
        "warning",
        "x12_missing_trailer",
        "GE is missing at the end of the group",
        this.gs,
      );
    }
    if (this.isa !== undefined && !truncated) {
      this.report.add(
        "warning",
        "x12_missing_trailer",
        "IEA is missing at the end of the interchange",
        this.isa,
      );
    }
    return {
      transactions: this.transactions,
      interchangeAcknowledgements: this.acknowledgements,
    };
  }

  private take(segment: Segment): void {
    switch (segment.id) {
      case "ISA":
        this.startInterchange(segment);
        break;
      case "GS":
        this.startGroup(segment);
        break;
      case "ST":
        this.startSet(segment);
        break;
      case "SE":
        this.endSet(true, segment);
        break;
      case "GE":
        this.endGroup(segment);
        break;
      case "IEA":
        this.endInterchange(segment);
        break;
      case "TA1":
        this.acknowledgements.push({ segment, interchange: this.interchange });
        break;
      case "ISB":
      case "ISE":
        break;
      default:
        this.inside(segment);
    }
  }

  private inside(segment: Segment): void {
    if (this.current !== undefined) {
      this.current.push(segment);
      return;
    }
    if (/^[A-Z][A-Z0-9]{1,2}$/.test(segment.id)) {
      const message = `${segment.id} stands outside a transaction set; it was skipped`;
      this.report.add("warning", "x12_stray_segment", message, segment);
      return;
    }
    const message = "text that is no segment; it was skipped";
    this.report.add("warning", "x12_stray_text", message, {
      ...segment,
      id: "?",
    });
  }

  private startInterchange(segment: Segment): void {
    this.endSet(true);
    if (this.isa !== undefined) {
      this.report.add(
        "warning",
        "x12_missing_trailer",
        "IEA is missing before the next ISA",
        segment,
      );
    }
    this.isa = segment;
    this.gs = undefined;
    this.group = NO_GROUP;
    this.groupCount = 0;
    this.interchange = {
      sender: segment.elements[6] ?? "",
      receiver: segment.elements[8] ?? "",
      controlNumber: segment.elements[13] ?? "",
      test: segment.elements[15]?.toUpperCase() === "T",
    };
    const key = `ISA ${this.interchange.sender} ${this.interchange.controlNumber}`;
    this.once(key, segment, 13, "interchange");
  }

  private startGroup(segment: Segment): void {
    this.endSet(true);
    if (this.gs !== undefined) {
      this.report.add(
        "warning",
        "x12_missing_trailer",
        "GE is missing before the next GS",
        segment,
      );
    }
    this.gs = segment;
    this.groupCount += 1;
    this.setCount = 0;
    this.group = {
      functionalId: segment.elements[1] ?? "",
      date: segment.elements[4] ?? "",
      controlNumber: segment.elements[6] ?? "",
      version: segment.elements[8] ?? "",
      gs: segment.index,
    };
    this.once(
      `GS ${this.isa?.index} ${this.group.functionalId} ${this.group.controlNumber}`,
      segment,
      6,
      "group",
    );
  }

  private startSet(segment: Segment): void {
    this.endSet(true);
    this.current = [segment];
    this.setCount += 1;
    const set = segment.elements[1] ?? "";
    const expected = FUNCTIONAL_IDS[set];
    const actual = this.group.functionalId;
    if (expected !== undefined && actual !== "" && actual !== expected) {
      const message = `GS01 is ${actual}; a ${set} belongs into a group ${expected}`;
      this.report.add("warning", "x12_functional_id", message, segment, 1);
    }
    this.once(
      `ST ${this.isa?.index} ${this.gs?.index} ${segment.elements[2]}`,
      segment,
      2,
      "transaction set",
    );
  }

  /** `more` tells that the file goes on, so that only the trailer is missing. */
  private endSet(more: boolean, trailer?: Segment): void {
    const segments = this.current;
    const header = segments?.[0];
    if (segments === undefined || header === undefined) {
      if (trailer !== undefined) {
        this.report.add(
          "warning",
          "x12_stray_segment",
          "SE without ST; it was skipped",
          trailer,
        );
      }
      return;
    }
    this.current = undefined;
    if (trailer !== undefined) segments.push(trailer);
    count(segments);
    const set = header.elements[1] ?? "";
    const controlNumber = header.elements[2] ?? "";
    const complete = trailer !== undefined || more || hasSummary(set, segments);
    if (trailer !== undefined) {
      this.compareCount(trailer, segments.length, "segments from ST to SE");
      this.compareControl(trailer, 2, controlNumber, "ST02");
    } else {
      const message = complete
        ? `SE is missing at the end of the ${set}`
        : `the file ends in the middle of the ${set}; nothing of it was used. Ask for it again`;
      this.report.add(
        complete ? "warning" : "error",
        complete ? "x12_missing_trailer" : "x12_truncated",
        message,
        segments.at(-1),
      );
    }
    this.transactions.push({
      set,
      controlNumber,
      segments,
      complete,
      group: this.group,
      interchange: this.interchange,
    });
  }

  private endGroup(segment: Segment): void {
    this.endSet(true);
    if (this.gs === undefined) {
      this.report.add(
        "warning",
        "x12_stray_segment",
        "GE without GS; it was skipped",
        segment,
      );
      return;
    }
    this.group.ge = segment.index;
    this.compareCount(segment, this.setCount, "transaction sets");
    this.compareControl(segment, 2, this.group.controlNumber, "GS06");
    this.gs = undefined;
    this.group = NO_GROUP;
  }

  private endInterchange(segment: Segment): void {
    this.endSet(true);
    if (this.gs !== undefined) {
      this.report.add(
        "warning",
        "x12_missing_trailer",
        "GE is missing before IEA",
        segment,
      );
      this.gs = undefined;
      this.group = NO_GROUP;
    }
    if (this.isa === undefined) {
      this.report.add(
        "warning",
        "x12_stray_segment",
        "IEA without ISA; it was skipped",
        segment,
      );
      return;
    }
    this.compareCount(segment, this.groupCount, "functional groups");
    this.compareControl(segment, 2, this.interchange.controlNumber, "ISA13");
    this.isa = undefined;
    this.interchange = NO_INTERCHANGE;
  }

  private compareCount(trailer: Segment, actual: number, what: string): void {
    const told = trailer.elements[1] ?? "";
    if (/^[0-9]+$/.test(told) && Number(told) === actual) return;
    const message = `${trailer.id}01 says ${told === "" ? "nothing" : told}; there are ${actual} ${what}`;
    this.report.add("warning", "x12_count_mismatch", message, trailer, 1);
  }

  private compareControl(
    trailer: Segment,
    element: number,
    expected: string,
    source: string,
  ): void {
    const told = trailer.elements[element] ?? "";
    if (withoutZeros(told) === withoutZeros(expected)) return;
    const message = `${trailer.id}02 is "${told}", ${source} is "${expected}"; they must be equal`;
    this.report.add(
      "warning",
      "x12_control_mismatch",
      message,
      trailer,
      element,
    );
  }

  private once(
    key: string,
    segment: Segment,
    element: number,
    what: string,
  ): void {
    if (!this.seen.has(key)) {
      this.seen.add(key);
      return;
    }
    const message = `control number ${segment.elements[element]} was used for another ${what} before`;
    this.report.add(
      "warning",
      "x12_duplicate_control_number",
      message,
      segment,
      element,
    );
  }
}

/** Numbers the segments of each kind, for paths such as `PO1[3]`. */
function count(segments: Segment[]): void {
  const counts = new Map<string, number>();
  for (const segment of segments) {
    const occurrence = (counts.get(segment.id) ?? 0) + 1;
    counts.set(segment.id, occurrence);
    segment.occurrence = occurrence;
  }
}

/** Content is complete when its summary was read and nothing was cut off. */
function hasSummary(set: string, segments: Segment[]): boolean {
  if (segments.at(-1)?.terminated !== true) return false;
  const summaries = SUMMARY_SEGMENTS[set] ?? [];
  return segments.some((segment) => summaries.includes(segment.id));
}

function withoutZeros(text: string): string {
  return text.replace(/^0+(?=.)/, "");
}
