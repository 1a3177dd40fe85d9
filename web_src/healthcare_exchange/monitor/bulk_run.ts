import type { MonitorSource } from "./monitor_source";
import { messageOf } from "./outcome";
import type { Command, LeftReason, Selection } from "./monitor_types";

/** Messages of one call: a call is one short transaction. */
const SLICE = 100;

/**
 * A command on one message or a thousand, slice by slice: it can be stopped
 * between two slices, and says what was done and what was left alone, and why.
 */
export class BulkRun {
  readonly source: MonitorSource;
  readonly command: Command;
  readonly selection: Selection;
  /** How many it will look at, as far as known. */
  readonly expected: number;

  state: "ready" | "running" | "stopping" | "stopped" | "finished" | "failed" =
    "ready";
  seen = 0;
  done = 0;
  left: Partial<Record<LeftReason, number>> = {};
  error = "";

  constructor(
    source: MonitorSource,
    command: Command,
    selection: Selection,
    expected: number,
  ) {
    this.source = source;
    this.command = command;
    this.selection = selection;
    this.expected = expected;
  }

  get isOver(): boolean {
    return ["stopped", "finished", "failed"].includes(this.state);
  }

  /** Done so far, 0 to 1. */
  get progress(): number {
    if (this.state === "finished") {
      return 1;
    }
    return this.expected ? Math.min(1, this.seen / this.expected) : 0;
  }

  get leftCount(): number {
    return Object.values(this.left).reduce((sum, each) => sum + each, 0);
  }

  stop(): void {
    if (this.state === "running") {
      this.state = "stopping";
    }
  }

  async run(): Promise<void> {
    if (this.state !== "ready") {
      return;
    }
    this.state = "running";
    try {
      for (const slice of this.slices()) {
        if (!(await this.runSlice(slice))) {
          return;
        }
      }
      this.state = "finished";
    } catch (error) {
      this.error = messageOf(error);
      this.state = "failed";
    }
  }

  /** Named messages in slices; all that match as one, which has a cursor. */
  slices(): Selection[] {
    if (!("uuids" in this.selection)) {
      return [this.selection];
    }
    const { uuids } = this.selection;
    const slices: Selection[] = [];
    for (let at = 0; at < uuids.length; at += SLICE) {
      slices.push({ uuids: uuids.slice(at, at + SLICE) });
    }
    return slices;
  }

  /** False where it was stopped on the way. */
  async runSlice(selection: Selection): Promise<boolean> {
    let cursor: number | false = false;
    do {
      if (this.state === "stopping") {
        this.state = "stopped";
        return false;
      }
      const result = await this.source.runCommand(
        this.command,
        selection,
        cursor,
        SLICE,
      );
      this.seen += result.seen;
      this.done += result.done;
      const left = { ...this.left };
      for (const { reason, number } of result.left) {
        left[reason] = (left[reason] ?? 0) + number;
      }
      this.left = left;
      cursor = result.next_cursor;
    } while (cursor !== false);
    return true;
  }
}
