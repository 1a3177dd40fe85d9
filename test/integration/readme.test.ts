/** The commands that README tells people to type, typed. */
import { describe, expect, it } from "vitest";
import { handbook, shellLines } from "../kit/handbook.ts";
import { Live, hcp } from "../kit/live.ts";

/**
 * Lines that the test run itself proves: it begins with `npm ci`, starts the
 * demo as `npm start` does, and is `npm test`.
 */
const PROVEN = new Set(["npm ci", "npm start", "npm test", "npm run reset"]);

const lines = shellLines(handbook("README.md"));
const commands = lines.filter((line) => !PROVEN.has(line));
const { root } = new Live().config;

describe("README's code blocks", () => {
  it("hold nothing but hcp's commands and what the test run proves", () => {
    expect(lines).toEqual(expect.arrayContaining(["npm start", "npm test"]));
    expect(commands.length).toBeGreaterThan(1);
    expect(commands.filter((line) => !line.startsWith("npx hcp "))).toEqual([]);
  });

  it.each(commands)("%s", async (line) => {
    const args = line.split(/\s+/).slice(2);
    const result = await hcp(root, args);
    expect(result.stderr).toBe("");
    expect(result.code).toBe(0);
    expect(result.stdout).not.toBe("");
  });
});
