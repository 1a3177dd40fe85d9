/** A segment of an interchange as it was read. */
export interface Segment {
  /** `PO1`; upper case. */
  id: string;
  /** Elements from 1, trimmed; index 0 is the identifier. */
  elements: string[];
  /** Component separator in force, if there is one. */
  component?: string;
  /** Position in the file, from 1. */
  index: number;
  /** Line of the text, from 1. */
  line: number;
  /** How often this identifier occurred in its transaction set, from 1. */
  occurrence: number;
  /** False when the file ended before the segment's terminator. */
  terminated: boolean;
}
