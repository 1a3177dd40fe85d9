import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  ROOT,
  code,
  handbook,
  handbooks,
  type Handbook,
} from "../../kit/handbook.ts";

/** npm's own commands that the documents name. */
const NPM = new Set(["ci", "install"]);

/** npm's commands that run a script of the same name. */
const SHORTHANDS = new Set(["start", "test"]);

/** What stands after each `program` in a document's code. */
function named(document: Handbook, program: string): string[] {
  const pattern = new RegExp(
    `\\b${program} ([a-z][\\w:-]*(?: [a-z][\\w:-]*)?)`,
    "g",
  );
  return code(document).flatMap((line) =>
    [...line.matchAll(pattern)].map(([, words = ""]) => words),
  );
}

function help(...args: string[]): string {
  const script = join(ROOT, "scripts", "hcp.mjs");
  const result = spawnSync(process.execPath, [script, ...args, "--help"], {
    encoding: "utf8",
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

/** The commands that a help text lists. */
function listed(text: string): string[] {
  const [, part = ""] = text.split(/^Commands:$/m);
  return [...part.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(
    ([, name = ""]) => name,
  );
}

describe("npm scripts that README and CONTRIBUTING name", () => {
  const { scripts } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  ) as { scripts: Record<string, string> };

  test.each(["README.md", "CONTRIBUTING.md"])("%s", (path) => {
    const names = named(handbook(path), "npm").map((words) => words.split(" "));
    expect(names.length).toBeGreaterThan(2);
    const wrong = names
      .filter(([command = ""]) => !NPM.has(command))
      .map(([command = "", script = ""]) =>
        SHORTHANDS.has(command) ? command : command === "run" ? script : "",
      )
      .filter((script) => !(script in scripts));
    expect(wrong).toEqual([]);
  });

  test("CONTRIBUTING tells of every script", () => {
    const told = new Set(
      named(handbook("CONTRIBUTING.md"), "npm").map((words) =>
        words.replace(/^run /, "").replace(/^(start|test) .*/, "$1"),
      ),
    );
    const silent = Object.keys(scripts).filter(
      (script) => script !== "postinstall" && !told.has(script),
    );
    expect(silent).toEqual([]);
  });
});

describe("commands of hcp that the documents name", () => {
  let commands: Map<string, string[]>;

  beforeAll(() => {
    const names = listed(help());
    commands = new Map(names.map((name) => [name, []]));
    // The only command with commands of its own.
    commands.set("sync", listed(help("sync")));
  }, 60_000);

  test("exist", () => {
    const wrong = handbooks().flatMap((document) =>
      named(document, "npx hcp")
        .filter((words) => {
          const [command = "", next] = words.split(" ");
          const own = commands.get(command);
          return (
            !own ||
            (own.length > 0 && next !== undefined && !own.includes(next))
          );
        })
        .map((words) => `${document.path}: npx hcp ${words}`),
    );
    expect(commands.size).toBeGreaterThan(5);
    expect(wrong).toEqual([]);
  });

  test("are found in the first place", () => {
    expect(named(handbook("README.md"), "npx hcp")).toContain("verify-audit");
    expect(named(handbook("docs/operations.md"), "npx hcp")).toContain(
      "sync once",
    );
  });
});

/** GitHub's name for a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\- _]/gu, "")
    .replaceAll(" ", "-");
}

function anchorsOf(path: string): string[] {
  const headings = handbook(path).text.matchAll(/^#{1,6} (.+)$/gm);
  return [...headings].map(([, heading = ""]) => anchor(heading));
}

/** What is wrong with a link, or undefined. */
function broken(document: Handbook, link: string): string | undefined {
  if (/^(https?|mailto):/.test(link)) return undefined;
  const [path = "", place] = link.split("#");
  const target = path ? join(dirname(document.path), path) : document.path;
  if (!existsSync(join(ROOT, target))) return `${link}: there is no ${target}`;
  if (place && target.endsWith(".md") && !anchorsOf(target).includes(place))
    return `${link}: ${target} has no such heading`;
  return undefined;
}

describe("links and images", () => {
  test.each(handbooks())("of $path", (document) => {
    const links = [...document.text.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(
      ([, link = ""]) => link,
    );
    expect(links.map((link) => broken(document, link)).filter(Boolean)).toEqual(
      [],
    );
  });

  test("a wrong one is noticed", () => {
    const document = { path: "docs/x.md", text: "" };
    expect(broken(document, "nowhere.md")).toContain("docs/nowhere.md");
    expect(broken(document, "errors.md#nowhere")).toContain("heading");
    expect(broken(document, "errors.md")).toBeUndefined();
  });
});
