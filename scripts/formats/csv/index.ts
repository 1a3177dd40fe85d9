/** The `csv` format: supplier lists, contract sheets and price files. */
import type { Format } from "../format.ts";
import { generateCsv } from "./generate.ts";
import { parseCsv } from "./parse.ts";

export const csv: Format = {
  id: "csv",
  contentType: "text/csv",
  parse: parseCsv,
  generate: generateCsv,
};
