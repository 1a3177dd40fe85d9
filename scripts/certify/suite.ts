/**
 * The conformance suite: what an endpoint has to do before it may carry real
 * documents. The same checks run over every connector in the tests, and over
 * one endpoint as it is configured by `hcp certify` and from Odoo.
 *
 * Terms: the *subject* is what is checked; a *check* returns a sentence, or
 * throws {@link CheckFailed} with what is wrong and what to do; a *sample* is
 * a document marked as a test that goes the way of real ones.
 */
import type { ResolvedEndpoint } from "../sync/context.ts";
import type { InboundRules } from "../sync/translation.ts";
import type { CanonicalJson, CodeTables } from "../odoo/exchange.ts";

/** A document type that an endpoint lists. */
export interface ListedDocument {
  document_type: string;
  direction: "inbound" | "outbound";
}

/** A sample of an outbound document type, prepared by Odoo. */
export interface Sample {
  document_type: string;
  document: CanonicalJson;
  /** Texts of the whole document that must not be in the bytes. */
  withheld: string[];
  mapping: { version: number; expression: string } | false;
  code_tables: CodeTables;
  control_number: number;
  /** ISO 8601 with Z. */
  document_time: string;
}

/** What is checked. */
export interface Subject {
  code: string;
  endpoint: ResolvedEndpoint;
  documents: ListedDocument[];
  samples: Sample[];
  /** How the endpoint's documents are read. */
  rules: InboundRules;
  /** The partner acknowledges what it gets, by a document or by its answer. */
  expectsFunctionalAck: boolean;
  bearer: string | undefined;
  dataDir: string;
  /** Key of what is sent: the same run sends nothing twice. */
  runId: string;
  signal: AbortSignal;
}

/** One check's outcome. */
export interface Check {
  name: string;
  passed: boolean;
  detail: string;
  duration_ms: number;
}

/** Thrown by a check: what is wrong. */
export class CheckFailed extends Error {
  override name = "CheckFailed";
}

/** One thing that has to hold. */
export interface Conformance {
  name: string;
  /** Whether it makes sense here; always unless told. */
  applies?(subject: Subject): boolean;
  /** @returns a sentence. @throws CheckFailed */
  run(subject: Subject): Promise<string> | string;
}

/** Throws unless something holds. */
export function must(holds: unknown, otherwise: string): asserts holds {
  if (!holds) throw new CheckFailed(otherwise);
}

/** Runs checks one after the other; a failing one stops no other. */
export async function runSuite(
  suite: readonly Conformance[],
  subject: Subject,
  onCheck: (check: Check) => void = () => undefined,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const one of suite) {
    if (one.applies && !one.applies(subject)) continue;
    const began = performance.now();
    const check: Check = {
      name: one.name,
      passed: true,
      detail: "",
      duration_ms: 0,
    };
    try {
      subject.signal.throwIfAborted();
      check.detail = await one.run(subject);
    } catch (error) {
      check.passed = false;
      check.detail = error instanceof Error ? error.message : String(error);
    }
    check.duration_ms = Math.round(performance.now() - began);
    checks.push(check);
    onCheck(check);
  }
  return checks;
}
