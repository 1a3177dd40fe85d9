import { messageOf } from "./outcome";

/**
 * One thing that is loaded again and again: the last value stays while the
 * next one loads or fails, and an answer that was overtaken is ignored.
 */
export class Latest<T> {
  value: T | null = null;
  loading = false;
  error: string | null = null;
  ticket = 0;

  /** Loads; false where it failed or was overtaken. */
  async load(ask: () => Promise<T>): Promise<boolean> {
    const ticket = ++this.ticket;
    this.loading = true;
    try {
      const value = await ask();
      if (ticket !== this.ticket) {
        return false;
      }
      this.value = value;
      this.error = null;
      return true;
    } catch (error) {
      if (ticket === this.ticket) {
        this.error = messageOf(error);
      }
      return false;
    } finally {
      if (ticket === this.ticket) {
        this.loading = false;
      }
    }
  }

  /** Forgets the value, and answers that are on their way. */
  clear(): void {
    this.ticket += 1;
    this.value = null;
    this.loading = false;
    this.error = null;
  }
}
