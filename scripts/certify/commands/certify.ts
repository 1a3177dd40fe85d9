/** Command `certify`: the conformance suite over an endpoint. */
import { certify } from "../index.ts";
import type { CommandHandler } from "../../sync/commands.ts";

/** The result is the report; Odoo stores it as a certification. */
export const certifyEndpoint: CommandHandler = async (
  command,
  context,
  signal,
) => {
  const { code } = command.endpoint;
  // The command's own key: handed out again, it sends nothing twice.
  const report = await certify(context, code, command.uuid, signal);
  signal.throwIfAborted();
  const failed = report.checks.filter((one) => !one.passed);
  return {
    state: "done",
    result: { ...report },
    message:
      failed.length === 0
        ? `All ${report.checks.length} checks passed.`
        : failed.map((one) => `${one.name}: ${one.detail}`).join("; "),
  };
};
