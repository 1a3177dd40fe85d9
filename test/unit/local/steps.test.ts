import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";

import { SetupError } from "../../../scripts/local/lib/errors.mjs";
import { makeFolder } from "../../../scripts/local/lib/files.mjs";
import { runStep } from "../../../scripts/local/lib/steps.mjs";
import { LIB, makeContext } from "./kit.ts";

/** A step that unpacks two files; `slow` waits for its death in between. */
const SCRIPT = `
  import { appendFileSync, writeFileSync } from "node:fs";
  import { join } from "node:path";
  import { setTimeout as sleep } from "node:timers/promises";
  const [lib, local, slow] = process.argv.slice(2);
  const load = (name) => import(new URL(name, lib));
  const { createContext } = await load("context.mjs");
  const { makeFolder } = await load("files.mjs");
  const { runStep } = await load("steps.mjs");
  const ctx = createContext({ local });
  await runStep(ctx, {
    id: "unpack",
    title: "Unpack",
    digest: "1",
    results: [join(local, "target")],
    run: () =>
      makeFolder(join(local, "target"), async (folder) => {
        appendFileSync(join(local, "runs"), "x");
        writeFileSync(join(folder, "first"), "1");
        if (slow) await sleep(60_000);
        writeFileSync(join(folder, "second"), "2");
      }),
  });
`;

async function runScript(local: string, slow: boolean, killWhen?: string) {
  const script = join(local, "script.mjs");
  writeFileSync(script, SCRIPT);
  const child = spawn(process.execPath, [
    script,
    pathToFileURL(`${LIB}/`).href,
    local,
    ...(slow ? ["slow"] : []),
  ]);
  const ended = new Promise<NodeJS.Signals | number | null>((resolve) =>
    child.once("exit", (code, signal) => resolve(signal ?? code)),
  );
  if (killWhen) {
    while (!existsSync(killWhen)) await sleep(20);
    child.kill("SIGKILL");
  }
  return ended;
}

describe("a step", () => {
  test("that was killed in the middle is done again, and then kept", async () => {
    const { local } = makeContext();
    const target = join(local, "target");
    const half = join(local, "target.unfinished", "first");
    expect(await runScript(local, true, half)).toBe("SIGKILL");
    expect(existsSync(target)).toBe(false);
    expect(await runScript(local, false)).toBe(0);
    expect(readFileSync(join(target, "second"), "utf8")).toBe("2");
    expect(existsSync(join(local, "target.unfinished"))).toBe(false);
    expect(await runScript(local, false)).toBe(0);
    expect(readFileSync(join(local, "runs"), "utf8")).toBe("xx");
  });

  test("is done again when its input or its result has changed", async () => {
    const ctx = makeContext();
    let count = 0;
    const result = join(ctx.local, "made");
    const step = (digest: string) =>
      runStep(ctx, {
        id: "make",
        title: "Make",
        digest,
        results: [result],
        run: () => {
          count += 1;
          return makeFolder(result, () => undefined).then(() => ({ count }));
        },
      });
    expect(await step("a")).toEqual({ count: 1 });
    expect(await step("a")).toEqual({ count: 1 });
    expect(await step("b")).toEqual({ count: 2 });
    const { rmSync } = await import("node:fs");
    rmSync(result, { recursive: true });
    expect(await step("b")).toEqual({ count: 3 });
  });

  test("without a digest runs each time", async () => {
    const ctx = makeContext();
    let count = 0;
    const step = { id: "serve", title: "Serve", run: () => (count += 1) };
    await runStep(ctx, step);
    await runStep(ctx, step);
    expect(count).toBe(2);
  });

  test("that fails leaves no marker and says what to do", async () => {
    const ctx = makeContext();
    let fails = true;
    const step = {
      id: "load",
      title: "Load",
      digest: "1",
      run: () => {
        if (fails) throw new Error("it broke");
        return "loaded";
      },
    };
    await expect(runStep(ctx, step)).rejects.toThrow(SetupError);
    await expect(runStep(ctx, step)).rejects.toThrow(
      /Load failed: it broke\.[\s\S]*setup\.log; running the same command again/,
    );
    fails = false;
    expect(await runStep(ctx, step)).toBe("loaded");
  });
});
