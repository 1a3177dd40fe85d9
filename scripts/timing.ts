/** Waiting that a signal ends. */
import { setTimeout as wait } from "node:timers/promises";

/** Waits, or returns early when the signal fires. Never throws. */
export async function pause(
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  await wait(milliseconds, undefined, signal ? { signal } : {}).catch(
    () => undefined,
  );
}

/** A bell: `ring` ends the present or the next `wait`. */
export class Bell {
  private rung = false;
  private waiting: (() => void) | undefined;

  /** Ends a wait; one that begins later returns at once. */
  ring(): void {
    this.rung = true;
    this.waiting?.();
  }

  /** Waits for the bell, at most so long. @returns whether it rang */
  async wait(milliseconds: number): Promise<boolean> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds);
        this.waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const { rung } = this;
    this.waiting = undefined;
    this.rung = false;
    return rung;
  }
}
