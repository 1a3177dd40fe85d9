/** How an endpoint gets into use: certified, and approved by a second person. */
import { expect } from "vitest";
import { hcp, type Live } from "./live.ts";

const ENDPOINT = "healthcare.exchange.endpoint";
const REQUEST = "healthcare.approval.request";

/** The demo's approver agrees to what was asked about a record. */
export async function approve(
  live: Live,
  model: string,
  id: number,
): Promise<void> {
  const approver = live.as("approver");
  const requests = await approver.call<{ id: number }[]>(
    REQUEST,
    "search_read",
    {
      domain: [
        ["model", "=", model],
        ["res_id", "=", id],
        ["state", "=", "pending"],
      ],
      fields: ["id"],
    },
  );
  expect(requests).toHaveLength(1);
  await approver.call(REQUEST, "action_approve", { ids: [requests[0]?.id] });
}

/**
 * Takes a draft to active.
 * @param env how `hcp certify` finds Odoo, where not as the running service
 */
export async function activate(
  live: Live,
  id: number,
  code: string,
  env: Record<string, string> = {},
): Promise<void> {
  const certified = await hcp(
    live.config.root,
    ["certify", "--endpoint", code],
    env,
  );
  expect(certified.code, certified.stdout + certified.stderr).toBe(0);
  const administrator = live.as("administrator");
  await administrator.call(ENDPOINT, "action_activate", { ids: [id] });
  await approve(live, ENDPOINT, id);
  const [endpoint] = await administrator.call<{ state: string }[]>(
    ENDPOINT,
    "read",
    { ids: [id], fields: ["state"] },
  );
  expect(endpoint?.state).toBe("active");
}
