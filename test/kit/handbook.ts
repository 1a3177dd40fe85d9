/** The project's documents for people: what they tell to run and link to. */
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";

/** The project's folder. */
export const ROOT = join(import.meta.dirname, "..", "..");

export interface Handbook {
  /** Path below the project's folder. */
  path: string;
  text: string;
}

/** Reads a document. @throws Error where it is missing */
export function handbook(path: string): Handbook {
  return { path, text: readFileSync(join(ROOT, path), "utf8") };
}

/** README, CONTRIBUTING, CHANGELOG and everything below `docs/`. */
export function handbooks(): Handbook[] {
  const docs = readdirSync(join(ROOT, "docs"), {
    recursive: true,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
  return ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...docs.sort()].map(
    handbook,
  );
}

/** The lines of the shell's code blocks, without blanks and comments. */
export function shellLines({ text }: Handbook): string[] {
  return [...text.matchAll(/^[ ]*```sh\n(.*?)^[ ]*```$/gms)]
    .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Everything that is set as code: blocks line by line, and code in a line. */
export function code({ text }: Handbook): string[] {
  const blocks = [...text.matchAll(/^[ ]*```\w*\n(.*?)^[ ]*```$/gms)];
  const inline = [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)];
  return [...blocks, ...inline].flatMap(([, found = ""]) => found.split("\n"));
}
