/**
 * What reached the suppliers, counted apart from what they do with it: a test
 * compares these counts with what Odoo believes.
 *
 * Terms: a *copy* is one arrival of a document; an *effect* is a copy that the
 * supplier took as new, for it came under a key that it had not taken before.
 * Of a file the key is the interchange's sender and control number.
 */

/** One arrival. */
export interface Arrival {
  /** The document's own number; empty for what could not be read. */
  number: string;
  key: string;
  sha256: string;
  /** Name of the file, where it was one. */
  filename?: string;
  /** W3C trace context that it came with. */
  traceparent?: string;
  /** False: it arrived and was refused or broken off. */
  taken: boolean;
}

/** Everything that was seen of one document number. */
export interface Count {
  number: string;
  copies: number;
  /** Copies that were refused or broken off. */
  refused: number;
  effects: number;
  /** Distinct ones, in order of arrival. */
  keys: string[];
  contents: string[];
  filenames: string[];
  traceparents: string[];
  /** Positions among all arrivals of the supplier, from 1. */
  first_copy: number;
  last_copy: number;
  /** Position of the first copy that was taken; 0: none was. */
  first_effect: number;
  /** Milliseconds since 1970 at which the first copy was there. */
  first_at: number;
}

export class Ledger {
  private readonly counts = new Map<string, Count>();
  private readonly taken = new Set<string>();
  private position = 0;

  /** Counts an arrival. @returns whether it is an effect */
  record(arrival: Arrival): boolean {
    this.position++;
    const count = this.countOf(arrival.number);
    count.copies++;
    count.last_copy = this.position;
    addOnce(count.keys, arrival.key);
    addOnce(count.contents, arrival.sha256);
    addOnce(count.filenames, arrival.filename);
    addOnce(count.traceparents, arrival.traceparent);
    if (!arrival.taken) {
      count.refused++;
      return false;
    }
    const identity = JSON.stringify([arrival.number, arrival.key]);
    if (this.taken.has(identity)) return false;
    this.taken.add(identity);
    count.effects++;
    count.first_effect ||= this.position;
    return true;
  }

  /** By position of the first copy. */
  all(): Count[] {
    return [...this.counts.values()];
  }

  private countOf(number: string): Count {
    let count = this.counts.get(number);
    if (!count) {
      count = {
        number,
        copies: 0,
        refused: 0,
        effects: 0,
        keys: [],
        contents: [],
        filenames: [],
        traceparents: [],
        first_copy: this.position,
        last_copy: this.position,
        first_effect: 0,
        first_at: Date.now(),
      };
      this.counts.set(number, count);
    }
    return count;
  }
}

function addOnce(list: string[], value: string | undefined): void {
  if (value !== undefined && value !== "" && !list.includes(value))
    list.push(value);
}
