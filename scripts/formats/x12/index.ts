/** The `x12` format: 832, 850, 855, 856, 810, 997 (999 and TA1 are only read). */
import type { Format } from "../format.ts";
import { generateX12 } from "./generate/index.ts";
import { parseX12 } from "./parse/index.ts";

export const x12: Format = {
  id: "x12",
  contentType: "application/edi-x12",
  parse: parseX12,
  generate: generateX12,
};
