import type { Services } from "@web/core/utils/hooks";

import type { WorkbenchSource } from "./workbench_model";
import type { Bill, QueuePage } from "./workbench_types";

/** The workbench's data from Odoo; the payloads are those of workbench_types. */
export function odooSource(orm: Services["orm"]): WorkbenchSource {
  const model = "healthcare.match.workbench";
  return {
    async loadQueue({ filter, search, offset, limit }) {
      const kwargs = { domain_filter: filter, search, offset, limit };
      return (await orm.call(model, "load_queue", [], kwargs)) as QueuePage;
    },
    async loadBill(moveId) {
      const kwargs = { move_id: moveId };
      return (await orm.call(model, "load_bill", [], kwargs)) as Bill;
    },
    async resolve({ exceptionId, resolution, reason }) {
      await orm.call(
        "healthcare.match.exception",
        "action_resolve",
        [[exceptionId]],
        { resolution, reason },
      );
    },
    async evaluate(moveId) {
      await orm.call("account.move", "action_evaluate_match", [[moveId]]);
    },
  };
}
