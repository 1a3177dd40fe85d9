/** Collects findings about segments, with a bound on their number. */
import type { Diagnostic } from "../../canonical/types.ts";
import type { Segment } from "./segment.ts";

/** One file's findings beyond this are counted, not kept. */
const MAX_DIAGNOSTICS = 1000;

export class Report {
  readonly diagnostics: Diagnostic[] = [];
  private dropped = 0;

  /**
   * Adds a finding. `element` is the position in the segment, from 1. `owner`
   * names the document, `lineNumber` its line where the finding concerns no
   * other.
   */
  add(
    level: Diagnostic["level"],
    code: string,
    message: string,
    segment?: Segment,
    element?: number,
    owner?: string,
    lineNumber?: string,
  ): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS && level !== "error") {
      this.dropped += 1;
      return;
    }
    const diagnostic: Diagnostic = { level, code, message };
    if (segment !== undefined) {
      diagnostic.line = segment.line;
      diagnostic.segment = segment.index;
      diagnostic.path = pathOf(segment, element);
    }
    if (owner !== undefined) diagnostic.document = owner;
    if (lineNumber !== undefined) {
      diagnostic.scope = "line";
      diagnostic.line_number = lineNumber;
    }
    this.diagnostics.push(diagnostic);
  }

  /** All findings; the last one tells how many were left out. */
  finish(): Diagnostic[] {
    if (this.dropped === 0) return this.diagnostics;
    const message = `${this.dropped} further findings were left out`;
    return [
      ...this.diagnostics,
      { level: "warning", code: "x12_more_findings", message },
    ];
  }
}

/** `PO1[3]/04`: the third PO1 of its transaction set, fourth element. */
export function pathOf(segment: Segment, element?: number): string {
  const base = `${segment.id}[${segment.occurrence}]`;
  return element === undefined
    ? base
    : `${base}/${String(element).padStart(2, "0")}`;
}
