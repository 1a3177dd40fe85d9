import { beforeEach, expect, test } from "vitest";

import { HELD_FOR, HeldCommand } from "./held_command";
import { type Clock, Live } from "./live";

/** A clock that the test winds. */
class FakeClock implements Clock {
  now = 0;
  next = 1;
  timers = new Map<number, { at: number; run: () => void }>();

  setTimeout(run: () => void, milliseconds: number): number {
    this.timers.set(this.next, { at: this.now + milliseconds, run });
    return this.next++;
  }
  clearTimeout(timer: number): void {
    this.timers.delete(timer);
  }
  async pass(milliseconds: number): Promise<void> {
    const end = this.now + milliseconds;
    for (;;) {
      // What was awaited comes first, as in a real event loop.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const due = [...this.timers]
        .filter(([, { at }]) => at <= end)
        .sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) {
        break;
      }
      this.timers.delete(due[0]);
      this.now = due[1].at;
      due[1].run();
    }
    this.now = end;
  }
}

let clock: FakeClock;
let looks: number[];
let live: Live;

beforeEach(() => {
  clock = new FakeClock();
  looks = [];
  live = new Live(() => {
    looks.push(clock.now);
    return Promise.resolve();
  }, clock);
  live.start();
});

test("each telling means one look now and one after its second", async () => {
  live.tell();
  await clock.pass(10_000);
  expect(looks).toEqual([0, 1200]);
});

test("a burst is no more than a look each 1.2 seconds", async () => {
  for (let second = 0; second < 10; second += 1) {
    live.tell();
    await clock.pass(100);
    live.tell();
    await clock.pass(900);
  }
  await clock.pass(3000);
  expect(looks.length).toBeLessThanOrEqual(11);
  const gaps = looks.slice(1).map((at, index) => at - (looks[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1200);
  expect(looks.at(-1)).toBeGreaterThanOrEqual(9100 + 900);
});

test("without the bus it looks every 15 seconds", async () => {
  await clock.pass(46_000);
  expect(looks).toEqual([15_000, 30_000, 45_000]);
});

test("it goes on after a look that failed", async () => {
  let failed = 0;
  const broken = new Live(() => {
    failed += 1;
    return Promise.reject(new Error("no network"));
  }, clock);
  broken.start();
  live.stop();
  await clock.pass(31_000);
  expect(failed).toBe(2);
});

test("it is silent when the screen is left", async () => {
  live.stop();
  live.tell();
  await clock.pass(60_000);
  expect(looks).toEqual([]);
  expect(clock.timers.size).toBe(0);
});

test("a held command is done in a few seconds, once", async () => {
  let done = 0;
  const held = new HeldCommand(() => {
    done += 1;
    return Promise.resolve();
  }, clock);
  live.stop();
  await clock.pass(HELD_FOR - 1);
  expect([done, held.isHeld]).toEqual([0, true]);
  await clock.pass(1);
  await held.now();
  expect(done).toBe(1);
  expect(held.undo()).toBe(false);
});

test("an undone command is never done; leaving does it at once", async () => {
  let done = 0;
  const carryOut = () => {
    done += 1;
    return Promise.resolve();
  };
  const undone = new HeldCommand(carryOut, clock);
  expect(undone.undo()).toBe(true);
  await clock.pass(HELD_FOR);
  expect(done).toBe(0);
  await new HeldCommand(carryOut, clock).now();
  expect(done).toBe(1);
});
