/** How a supplier becomes one that can be ordered from: by four people. */
import type { Live } from "./live.ts";

const REQUEST = "healthcare.approval.request";
const CATEGORY = "healthcare.supplier.category";

/** A category that asks for no documents, made by compliance where missing. */
const NO_CHECKLIST = "Nothing to show (tests)";

/**
 * Takes suppliers through what people do: a clerk submits them, and
 * procurement, compliance and finance approve.
 * @throws Error with Odoo's words where one is not ready
 */
export async function approveSuppliers(
  live: Live,
  ids: number[],
): Promise<void> {
  const clerk = live.as("clerk");
  await clerk.call("res.partner", "write", {
    ids,
    vals: { supplier_category_id: await category(live) },
  });
  await clerk.call("res.partner", "action_submit_supplier", { ids });
  const requests = await clerk.call<{ id: number }[]>(REQUEST, "search_read", {
    domain: [
      ["model", "=", "res.partner"],
      ["res_id", "in", ids],
      ["state", "=", "pending"],
    ],
    fields: ["id"],
  });
  for (const role of ["approver", "compliance", "accounts_payable"])
    await live.as(role).call(REQUEST, "action_approve", {
      ids: requests.map((one) => one.id),
    });
}

async function category(live: Live): Promise<number> {
  const compliance = live.as("compliance");
  const [known] = await compliance.call<{ id: number }[]>(
    CATEGORY,
    "search_read",
    { domain: [["name", "=", NO_CHECKLIST]], fields: ["id"] },
  );
  if (known) return known.id;
  const [id = 0] = await compliance.call<number[]>(CATEGORY, "create", {
    vals_list: [{ name: NO_CHECKLIST }],
  });
  return id;
}
