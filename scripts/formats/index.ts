/** All formats by name. A new one is a folder and a line here. */
import { csv } from "./csv/index.ts";
import type { Format } from "./format.ts";
import { json } from "./json/index.ts";
import { x12 } from "./x12/index.ts";

/** Formats by name. */
export const FORMATS: ReadonlyMap<string, Format> = new Map(
  [csv, json, x12].map((format) => [format.id, format]),
);

/** Names of all formats, in alphabetical order. */
export const FORMAT_IDS: readonly string[] = [...FORMATS.keys()].sort();

/** The format of that name; undefined when there is none. */
export function getFormat(id: string): Format | undefined {
  return FORMATS.get(id);
}

export type {
  Format,
  GenerateOptions,
  GenerateResult,
  ParseOptions,
  ParseResult,
  Payload,
  X12Party,
  X12Settings,
} from "./format.ts";
