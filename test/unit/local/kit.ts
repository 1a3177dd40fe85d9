import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

import { createContext } from "../../../scripts/local/lib/context.mjs";

/** Folder of set-up's modules. */
export const LIB = join(
  import.meta.dirname,
  "..",
  "..",
  "..",
  "scripts",
  "local",
  "lib",
);

/** A folder with spaces and other letters in its name, removed afterwards. */
export function makeFolderWithSpaces(): string {
  const folder = join(mkdtempSync(join(tmpdir(), "hcp-")), "a b'ü $x");
  mkdirSync(folder);
  onTestFinished(() => {
    rmSync(join(folder, ".."), { recursive: true, force: true });
  });
  return folder;
}

/** A context of its own, which keeps what is reported in `said`. */
export function makeContext(env: NodeJS.ProcessEnv = process.env) {
  const folder = makeFolderWithSpaces();
  const said: string[] = [];
  const report = {
    say: (text: string) => void said.push(text),
    step: (title: string) => ({
      note: (text: string) => void said.push(`${title}: ${text}`),
      done: () => void said.push(`${title}: done`),
      failed: () => void said.push(`${title}: failed`),
    }),
  };
  const ctx = createContext({ local: folder, shared: folder, env, report });
  return Object.assign(ctx, { said });
}
