/**
 * Command `mapping_test`: runs the samples of a mapping version, as real
 * documents would be treated, and says where each result is not the expected.
 */
import type { CanonicalJson, CodeTables } from "../../odoo/exchange.ts";
import type { CommandHandler } from "../commands.ts";
import { differences } from "../differences.ts";
import { fromPartner, toPartner } from "../translation.ts";

/** What Odoo says about the version. */
interface Arguments {
  document_type: string;
  direction: "inbound" | "outbound";
  version: number;
  expression: string;
  code_tables: CodeTables;
  samples: Sample[];
}

interface Sample {
  id: number;
  /** Tells Odoo what this result is about; goes back as it came. */
  digest: string;
  input: CanonicalJson;
  expected: CanonicalJson | false;
  document_time: string;
}

/** What came of one sample. */
export interface SampleResult {
  id: number;
  digest: string;
  passed: boolean;
  actual: CanonicalJson | false;
  /** One sentence each, for people. */
  differences: string[];
}

export const mappingTest: CommandHandler = async (
  command,
  _context,
  signal,
) => {
  const version = command.arguments as unknown as Arguments;
  const samples: SampleResult[] = [];
  for (const sample of version.samples) {
    signal.throwIfAborted();
    samples.push(await runSample(version, sample));
  }
  const failed = samples.filter((one) => !one.passed).length;
  const message =
    failed === 0
      ? `${samples.length} of ${samples.length} samples pass`
      : `${failed} of ${samples.length} samples fail`;
  return { state: "done", result: { passed: failed === 0, samples }, message };
};

/** Runs one sample. */
export async function runSample(
  version: Omit<Arguments, "samples">,
  sample: Sample,
): Promise<SampleResult> {
  const { id, digest, expected } = sample;
  const made = await translate(version, sample);
  if (expected === false)
    made.problems.push(
      "nothing is expected yet: look at the result and take it over",
    );
  else if (made.actual)
    made.problems.push(...differences(expected, made.actual));
  return {
    id,
    digest,
    passed: made.problems.length === 0,
    actual: made.actual ?? false,
    differences: made.problems,
  };
}

async function translate(
  version: Omit<Arguments, "samples">,
  { input, document_time }: Sample,
): Promise<{ actual: CanonicalJson | undefined; problems: string[] }> {
  const { expression, code_tables } = version;
  if (version.direction === "outbound") {
    const made = await toPartner(
      input,
      code_tables,
      expression,
      document_time || "",
    );
    return "error" in made
      ? { actual: undefined, problems: [made.error] }
      : { actual: made.value, problems: [] };
  }
  const { document_type } = version;
  const made = await fromPartner(input, {
    code_tables,
    mappings: [{ document_type, version: version.version, expression }],
  });
  const errors = made.diagnostics.filter((one) => one.level === "error");
  return {
    actual: made.document ?? undefined,
    problems: errors.map((one) => one.message),
  };
}
