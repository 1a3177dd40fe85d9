/** Command `test_connection`: can the partner be reached as configured? */
import type { CommandHandler } from "../commands.ts";
import { isProblem, resolveEndpoint } from "../context.ts";
import { presentable } from "../presenting.ts";

/** The result holds `checks`: what the transport found, one by one. */
export const testConnection: CommandHandler = async (
  command,
  context,
  signal,
) => {
  const endpoint = resolveEndpoint(context.config, command.endpoint);
  if (isProblem(endpoint))
    return {
      state: "done",
      result: {
        passed: false,
        checks: [{ name: "settings", passed: false, detail: endpoint.message }],
      },
      message: endpoint.message,
    };
  const found = await presentable(context, command.endpoint.code, endpoint);
  if ("outcome" in found)
    return {
      state: "done",
      result: {
        passed: false,
        checks: [
          { name: "credentials", passed: false, detail: found.message ?? "" },
        ],
      },
      message: found.message ?? "",
    };
  const { connector, settings } = endpoint;
  const bearer = found.credentials[0]?.bearer;
  const checks = await connector.transport.probe({
    settings,
    bearer,
    dataDir: context.config.dataDir,
    signal,
  });
  const failed = checks.filter((one) => !one.passed);
  const shown = failed.length > 0 ? failed : checks;
  return {
    state: "done",
    result: { passed: failed.length === 0, checks },
    message: shown.map((one) => `${one.name}: ${one.detail}`).join("; "),
  };
};
