/** Certification of one endpoint as Odoo has it configured. */
import type {
  CertificationPlan,
  CertificationReport,
} from "../odoo/exchange.ts";
import {
  isProblem,
  resolveEndpoint,
  type SyncContext,
} from "../sync/context.ts";
import { presentable } from "../sync/presenting.ts";
import { BYTES } from "./bytes.ts";
import { INBOUND } from "./inbound.ts";
import {
  runSuite,
  type Check,
  type Conformance,
  type Subject,
} from "./suite.ts";
import { TRANSPORT } from "./transport.ts";

/** Every check, in the order in which they run: the partner is asked last. */
export const SUITE: readonly Conformance[] = [
  ...BYTES,
  ...INBOUND,
  ...TRANSPORT,
];

/** What stands in the way before the first check. */
export interface NoSubject {
  check: Check;
}

/**
 * An endpoint with everything that the suite needs.
 * @param runId key of what is sent; a repeated run sends nothing twice
 * @throws OdooError when Odoo does not answer or does not know the endpoint
 */
export async function subjectOf(
  context: SyncContext,
  plan: CertificationPlan,
  runId: string,
  signal: AbortSignal,
): Promise<Subject | NoSubject> {
  const { endpoint } = plan;
  const failed = (name: string, detail: string): NoSubject => ({
    check: { name, passed: false, detail, duration_ms: 0 },
  });
  const resolved = resolveEndpoint(context.config, endpoint);
  if (isProblem(resolved)) return failed("settings", resolved.message);
  const found = await presentable(context, endpoint.code, resolved);
  if ("outcome" in found) return failed("credentials", found.message ?? "");
  return {
    code: endpoint.code,
    endpoint: resolved,
    documents: endpoint.documents ?? [],
    samples: plan.samples,
    rules: {
      ...(endpoint.mappings ? { mappings: endpoint.mappings } : {}),
      ...(endpoint.code_tables ? { code_tables: endpoint.code_tables } : {}),
    },
    expectsFunctionalAck: endpoint.expects_functional_ack,
    bearer: found.credentials[0]?.bearer,
    dataDir: context.config.dataDir,
    runId,
    signal,
  };
}

/**
 * Runs the whole suite over an endpoint.
 * @returns what Odoo keeps as evidence; nothing is stored yet
 */
export async function certify(
  context: SyncContext,
  code: string,
  runId: string,
  signal: AbortSignal,
  onCheck?: (check: Check) => void,
): Promise<CertificationReport> {
  const plan = await context.exchange.certificationPlan(code);
  const subject = await subjectOf(context, plan, runId, signal);
  const { digest } = plan;
  if ("check" in subject) {
    onCheck?.(subject.check);
    return { digest, passed: false, checks: [subject.check] };
  }
  const checks = await runSuite(SUITE, subject, onCheck);
  return { digest, passed: checks.every((one) => one.passed), checks };
}
