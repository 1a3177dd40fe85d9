import type { CanonicalDocument } from "../../../canonical/types.ts";
import type { GenerateOptions, GenerateResult } from "../../format.ts";

export function generateX12(
  _documents: readonly CanonicalDocument[],
  _options: GenerateOptions = {},
): GenerateResult {
  return { payloads: [], diagnostics: [] };
}
