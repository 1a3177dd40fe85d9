import type { Clock } from "./live";

/** How long something is held back, so that it can be undone. */
export const HELD_FOR = 5000;

/** Something that is done in a few seconds, unless it is undone before. */
export class HeldCommand {
  readonly clock: Clock;
  readonly carryOut: () => Promise<void>;
  timer: number | null;

  constructor(carryOut: () => Promise<void>, clock: Clock) {
    this.carryOut = carryOut;
    this.clock = clock;
    this.timer = clock.setTimeout(() => void this.now(), HELD_FOR);
  }

  get isHeld(): boolean {
    return this.timer !== null;
  }

  /** Does it at once; once only. */
  async now(): Promise<void> {
    if (this.take()) {
      await this.carryOut();
    }
  }

  /** Forgets it; false where it is too late. */
  undo(): boolean {
    return this.take();
  }

  take(): boolean {
    if (this.timer === null) {
      return false;
    }
    this.clock.clearTimeout(this.timer);
    this.timer = null;
    return true;
  }
}
