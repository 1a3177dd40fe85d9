/** At least so many milliseconds between two looks. */
const GAP = 1200;
/** Looks again after so long even when nothing is told: the bus may be down. */
const POLL = 15_000;

export interface Clock {
  setTimeout(run: () => void, milliseconds: number): number;
  clearTimeout(timer: number): void;
}

/**
 * When to look again. Odoo tells at most once a second that something
 * happened; what happens within the second after it is not told. So each
 * telling means one look now, and one when that second is over.
 */
export class Live {
  readonly clock: Clock;
  readonly look: () => Promise<void>;
  active = false;
  looking = false;
  /** Looks that are still owed. */
  pending = 0;
  gap: number | null = null;
  poll: number | null = null;

  constructor(look: () => Promise<void>, clock: Clock) {
    this.look = look;
    this.clock = clock;
  }

  start(): void {
    this.active = true;
    this.waitForPoll();
  }

  stop(): void {
    this.active = false;
    this.pending = 0;
    for (const timer of [this.gap, this.poll]) {
      if (timer !== null) {
        this.clock.clearTimeout(timer);
      }
    }
    this.gap = null;
    this.poll = null;
  }

  /** Something happened. */
  tell(): void {
    if (this.active) {
      this.pending = 2;
      this.next();
    }
  }

  next(): void {
    if (this.pending > 0 && !this.looking && this.gap === null) {
      void this.lookOnce();
    }
  }

  async lookOnce(): Promise<void> {
    this.looking = true;
    this.pending -= 1;
    try {
      await this.look();
    } catch {
      // Whoever looks tells what went wrong; the next look comes all the same.
    } finally {
      this.looking = false;
      if (this.active) {
        this.gap = this.clock.setTimeout(() => {
          this.gap = null;
          this.next();
        }, GAP);
        this.waitForPoll();
      }
    }
  }

  waitForPoll(): void {
    if (this.poll !== null) {
      this.clock.clearTimeout(this.poll);
    }
    this.poll = this.clock.setTimeout(() => {
      this.poll = null;
      this.pending = Math.max(1, this.pending);
      this.next();
      if (this.poll === null) {
        this.waitForPoll();
      }
    }, POLL);
  }
}
