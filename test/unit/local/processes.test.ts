import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";

import { run } from "../../../scripts/local/lib/commands.mjs";
import { tryLock } from "../../../scripts/local/lib/lock.mjs";
import {
  cleanLeftovers,
  startProcess,
  startTime,
  stopAll,
} from "../../../scripts/local/lib/processes.mjs";
import { LIB, makeContext } from "./kit.ts";

const WAIT = "setInterval(() => {}, 1000)";
const STUBBORN = `process.on("SIGTERM", () => console.log("no")); console.log("up"); ${WAIT}`;

const node = (name: string, code: string, stopTimeout?: number) => ({
  name,
  command: process.execPath,
  args: ["-e", code],
  ...(stopTimeout === undefined ? {} : { stopTimeout }),
});

const logged = async (file: string, text: string) => {
  while (!existsSync(file) || !readFileSync(file, "utf8").includes(text))
    await sleep(20);
};

describe("processes", () => {
  test("are stopped in reverse order, and none is left", async () => {
    const ctx = makeContext();
    const first = await startProcess(ctx, node("first", WAIT));
    const second = await startProcess(ctx, node("second", WAIT));
    const order: string[] = [];
    await stopAll(ctx, { onStop: (name: string) => order.push(name) });
    expect(order).toEqual(["second", "first"]);
    expect([first.pid, second.pid].map(startTime)).toEqual([
      undefined,
      undefined,
    ]);
    expect(existsSync(join(ctx.local, "processes.json"))).toBe(false);
  });

  test("one that does not want to end is killed, with its children", async () => {
    const ctx = makeContext();
    const code = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(WAIT)}]).once("spawn", function () { console.log("child", this.pid); }); ${STUBBORN}`;
    const parent = await startProcess(ctx, node("stubborn", code, 200));
    await logged(parent.logFile, "child");
    const child = Number(
      /child (\d+)/.exec(readFileSync(parent.logFile, "utf8"))?.[1],
    );
    expect(startTime(child)).toBeDefined();
    await stopAll(ctx);
    expect(startTime(parent.pid)).toBeUndefined();
    while (startTime(child) !== undefined) await sleep(20);
  });

  test("a program that is not there is an error", async () => {
    const ctx = makeContext();
    const options = { name: "none", command: "/no/program", args: [] };
    await expect(startProcess(ctx, options)).rejects.toThrow("ENOENT");
    expect(ctx.processes).toEqual([]);
  });
});

describe("after a start that was killed", () => {
  const SCRIPT = `
    const [lib, local, code] = process.argv.slice(2);
    const { createContext } = await import(new URL("context.mjs", lib));
    const { startProcess } = await import(new URL("processes.mjs", lib));
    const ctx = createContext({ local });
    const one = await startProcess(ctx, { name: "server", command: process.execPath, args: ["-e", code] });
    console.log(one.pid);
    setInterval(() => {}, 1000);
  `;

  /** Starts a server from a process that is then killed. */
  async function orphan(local: string): Promise<number> {
    const script = join(local, "script.mjs");
    writeFileSync(script, SCRIPT);
    const lib = pathToFileURL(`${LIB}/`).href;
    const parent = spawn(process.execPath, [script, lib, local, WAIT]);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (data: Buffer) => resolve(Number(data))),
    );
    const gone = new Promise((resolve) => parent.once("exit", resolve));
    parent.kill("SIGKILL");
    await gone;
    return pid;
  }

  test("what it left is ended, written down or not", async () => {
    const ctx = makeContext();
    const registered = await orphan(ctx.local);
    const registry = readFileSync(join(ctx.local, "processes.json"), "utf8");
    const unregistered = await orphan(ctx.local);
    writeFileSync(join(ctx.local, "processes.json"), registry);
    expect(startTime(registered)).toBeDefined();
    expect(startTime(unregistered)).toBeDefined();
    expect(await cleanLeftovers(ctx)).toBe(2);
    expect(startTime(registered)).toBeUndefined();
    expect(startTime(unregistered)).toBeUndefined();
    expect(await cleanLeftovers(ctx)).toBe(0);
  });

  test("other people's processes are left alone", async () => {
    const ctx = makeContext();
    const stranger = spawn(process.execPath, ["-e", WAIT]);
    onTestFinished(() => void stranger.kill("SIGKILL"));
    const pid = stranger.pid ?? 0;
    const other = makeContext();
    const theirs = await startProcess(other, node("theirs", WAIT));
    // A pid that has been given to somebody else since.
    writeFileSync(
      join(ctx.local, "processes.json"),
      JSON.stringify([
        { name: "server", pid, startTime: "another:1", stopSignal: "SIGKILL" },
      ]),
    );
    expect(await cleanLeftovers(ctx)).toBe(0);
    expect(startTime(pid)).toBeDefined();
    expect(theirs.running).toBe(true);
    await stopAll(other);
  });
});

describe("a lock", () => {
  test("is held by one, and free again afterwards", () => {
    const file = join(makeContext().local, "a.lock");
    const lock = tryLock(file);
    expect(tryLock(file)).toMatchObject({ holder: { pid: process.pid } });
    if (!("release" in lock)) throw new Error("not locked");
    lock.release();
    expect("release" in tryLock(file)).toBe(true);
  });

  test("of a dead holder is taken over", () => {
    const file = join(makeContext().local, "a.lock");
    // This process's number, but of an earlier boot.
    writeFileSync(
      file,
      JSON.stringify({ pid: process.pid, startTime: "before:1" }),
    );
    expect("release" in tryLock(file)).toBe(true);
    expect(tryLock(file)).toMatchObject({ holder: { pid: process.pid } });
  });

  test("that a kill left empty is taken over", () => {
    const file = join(makeContext().local, "a.lock");
    writeFileSync(file, "");
    expect("release" in tryLock(file)).toBe(true);
  });
});

describe("a command", () => {
  test("gets its arguments unchanged, and its secrets stay out of the log", async () => {
    const ctx = makeContext();
    const code =
      "console.log(process.argv[1], process.env.A_SECRET.length); process.stdin.resume()";
    const { stdout } = await run(
      ctx,
      process.execPath,
      ["-e", code, "a b'\"$HOME"],
      { env: { A_SECRET: "hunter2" }, input: "hunter3" },
    );
    expect(stdout).toBe("a b'\"$HOME 7\n");
    await logged(ctx.logFile, "a b'\"$HOME");
    expect(readFileSync(ctx.logFile, "utf8")).not.toMatch(/hunter/);
  });

  test("that fails carries the end of what it said", async () => {
    const ctx = makeContext();
    const code = "console.error('why'); process.exit(3)";
    await expect(
      run(ctx, process.execPath, ["-e", code]),
    ).rejects.toMatchObject({ code: 3, output: "why\n" });
  });
});
