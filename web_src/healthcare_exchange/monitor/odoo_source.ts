import type { Services } from "@web/core/utils/hooks";

import type { MonitorSource } from "./monitor_source";
import type {
  History,
  MessageDetail,
  MessagePage,
  Overview,
  SliceResult,
} from "./monitor_types";

/** The monitor's data from Odoo; the payloads are those of monitor_types. */
export function odooSource(orm: Services["orm"]): MonitorSource {
  const model = "healthcare.exchange.monitor";
  const call = (method: string, kwargs: Record<string, unknown>) =>
    orm.call(model, method, [], kwargs);
  // What is on the screen stays while the next loads: no sign of loading.
  const load = (method: string, kwargs: Record<string, unknown>) =>
    orm.silent.call(model, method, [], kwargs);
  return {
    async loadOverview(period) {
      return (await load("load_overview", { period })) as Overview;
    },
    async loadHistory(endpoint, period) {
      return (await load("load_history", { endpoint, period })) as History;
    },
    async loadMessages(filters, cursor, limit) {
      const kwargs = { filters, cursor, limit };
      return (await load("load_messages", kwargs)) as MessagePage;
    },
    async loadMessage(uuid) {
      return (await load("load_message", { uuid })) as MessageDetail;
    },
    async runCommand(command, selection, cursor, limit) {
      const kwargs = { command, selection, cursor, limit };
      return (await call("run_command", kwargs)) as SliceResult;
    },
    async rerouteAction(uuids) {
      return (await call("action_reroute", { uuids })) as Record<
        string,
        unknown
      >;
    },
  };
}
