import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import {
  animationFrame,
  beforeEach,
  Deferred,
  describe,
  expect,
  mockDate,
  press,
  queryAllTexts,
  queryOne,
  runAllTimers,
  test,
} from "@odoo/hoot";
import {
  contains,
  getService,
  makeServerError,
  mountWithCleanup,
  onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

import type { Bill, QueuePage } from "../workbench/workbench_types";
import {
  sampleBill,
  sampleCheck,
  sampleException,
  sampleHeader,
  sampleItem,
  samplePage,
  sampleRow,
} from "./workbench_sample";

defineMailModels();

const WORKBENCH = "healthcare.match.workbench";
const LIST = ".o_hcm_item";
const TITLE = ".o_hcm_header h2";

/** What Odoo would answer; a test changes what it is about. */
let page: QueuePage;
let bills: Record<number, Bill>;

function billOf(moveId: number, supplier: string, values: Partial<Bill> = {}) {
  return sampleBill({
    header: sampleHeader({ move_id: moveId, supplier }),
    ...values,
  });
}

beforeEach(() => {
  mockDate("2026-11-23 12:00:00");
  page = samplePage([
    sampleItem(),
    sampleItem({
      move_id: 2,
      supplier: "Northgate Medical",
      reference: "NG-2",
      families: [],
      match_state: "waiting",
      at_stake: "0.00",
      criticality: "critical",
    }),
  ]);
  bills = {
    1: billOf(1, "Meridian Surgical Supply"),
    2: billOf(2, "Northgate Medical"),
  };
  // What the approvals in the bar at the top ask.
  onRpc("res.users", "review_user_count", () => []);
  onRpc(WORKBENCH, "load_queue", ({ kwargs }) => {
    const { domain_filter, offset, search } = kwargs;
    expect.step(["queue", domain_filter, offset, search].join(" ").trim());
    return page;
  });
  onRpc(WORKBENCH, "load_bill", ({ kwargs }) => {
    expect.step(["bill", kwargs["move_id"]].join(" "));
    return bills[kwargs["move_id"] as number];
  });
});

async function openWorkbench(action: Record<string, unknown> = {}) {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "healthcare_match.workbench",
    name: "Match Workbench",
    ...action,
  });
  // The screen stands before its data: queue, then the first bill.
  await animationFrame();
  await animationFrame();
  await animationFrame();
}

describe("desktop", () => {
  describe.current.tags("desktop");

  test("opens with the queue and its first bill", async () => {
    await openWorkbench();
    expect(LIST).toHaveCount(2);
    expect(`${LIST}[aria-current]`).toHaveAttribute("data-move-id", "1");
    expect(TITLE).toHaveText(/Meridian Surgical Supply/);
    expect(".o_hcm_filters [aria-pressed=true]").toHaveText("To review 2");
    expect(`${LIST}:eq(1)`).toHaveText(/Clinically critical/);
    expect(`${LIST}:eq(0)`).toHaveText(/\$\s*72\.00 at stake/);
    expect(`${LIST}:eq(0)`).toHaveText(/Due in 2 days/);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("a line that differs shows difference and bar, one that agrees is quiet", async () => {
    await openWorkbench();
    const loud = '[data-row-id="11-21"]';
    expect(`${loud} .o_hcm_outside`).toHaveCount(2);
    expect(`${loud} .o_hcm_outside:first`).toHaveText(
      /\+\$\s*0\.60 \(\+12\s*%\)/,
    );
    expect(`${loud} [role=img]`).toHaveCount(1);
    expect(`${loud} [role=img]`).toHaveAttribute(
      "aria-label",
      /Difference \+\$\s*0\.60; accepted from \$\s*0\.00 to \+\$\s*0\.10 \(Company policy\)/,
    );
    const quiet = '[data-row-id="12-22"]';
    expect(`${quiet} .o_hcm_check`).toHaveCount(0);
    expect(`${quiet} .o_hcm_compact`).toHaveCount(1);
    await contains(`${quiet} .o_hcm_row_title`).click();
    expect(`${quiet} .o_hcm_compact`).toHaveCount(0);
    expect(quiet).toHaveText(/next best: P00009/);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("exact decimals keep all their digits", async () => {
    bills[1] = billOf(1, "Meridian", {
      rows: [
        sampleRow({
          compare: {
            ...sampleRow().compare,
            price: sampleCheck({
              state: "tolerance",
              difference: "0.0005",
              limit_upper: "0.001",
              unit: "EA",
            }),
          },
        }),
      ],
    });
    await openWorkbench();
    expect(".o_hcm_check").toHaveText(/\+\$\s*0\.0005/);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("the explanation has its arithmetic, facts and documents", async () => {
    await openWorkbench();
    expect(".o_hcm_arithmetic").toHaveText(/120 EA × 5\.60 = 672\.00/);
    expect(queryAllTexts(".o_hcm_facts dt")).toEqual([
      "Agreed price",
      "Billed price",
      "Limit",
    ]);
    expect(".o_hcm_decision details:first").toHaveText(/INV-88121\.json/);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("j and k go through the bills; Enter goes in, Escape comes out", async () => {
    await openWorkbench();
    await press("j");
    await animationFrame();
    await animationFrame();
    expect(TITLE).toHaveText(/Northgate Medical/);
    await press("k");
    await animationFrame();
    await animationFrame();
    expect(TITLE).toHaveText(/Meridian/);
    expect.verifySteps(["queue open 0", "bill 1", "bill 2", "bill 1"]);

    await press("Enter");
    await animationFrame();
    await press("j");
    await animationFrame();
    expect("tbody.o_hcm_selected").toHaveAttribute("data-row-id", "12-22");
    await press("Escape");
    await animationFrame();
    await press("j");
    await animationFrame();
    await animationFrame();
    expect(TITLE).toHaveText(/Northgate Medical/);
    expect.verifySteps(["bill 2"]);
  });

  test("while the next bill loads, the one before stays on the screen", async () => {
    await openWorkbench();
    const slow = new Deferred<Bill>();
    onRpc(WORKBENCH, "load_bill", () => slow);
    await press("j");
    await animationFrame();
    expect(TITLE).toHaveText(/Meridian/);
    expect(".o_hcm_bill").toHaveAttribute("aria-busy", "true");
    expect(".o_hcm_bill").toHaveClass("o_hcm_stale");
    slow.resolve(bills[2] as Bill);
    await animationFrame();
    await animationFrame();
    expect(TITLE).toHaveText(/Northgate/);
    expect(".o_hcm_bill").not.toHaveClass("o_hcm_stale");
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("a decision needs a reason, goes to Odoo, and shows what changed", async () => {
    onRpc(
      "healthcare.match.exception",
      "action_resolve",
      ({ args, kwargs }) => {
        expect.step([args[0], kwargs["resolution"], kwargs["reason"]]);
        bills[1] = billOf(1, "Meridian", {
          exceptions: [
            sampleException({
              state: "resolved",
              resolution_label: "Accepted",
              resolution_reason: "Agreed by phone",
              resolved_by: "Avery Chen",
            }),
          ],
        });
        return true;
      },
    );
    await openWorkbench();
    await press("a");
    await animationFrame();
    expect(".o_dialog [role=dialog]").toHaveAttribute(
      "aria-label",
      "Price above the order",
    );
    expect(".o_dialog textarea").toBeFocused();
    expect(queryOne("input[value=accept_variance]").matches(":checked")).toBe(
      true,
    );
    await contains(".o_dialog .modal-footer .btn-primary").click();
    expect(".o_dialog [role=alert]").toHaveText(/Say why/);
    expect(".o_dialog textarea").toHaveAttribute("aria-invalid", "true");
    expect.verifySteps(["queue open 0", "bill 1"]);

    await contains(".o_dialog textarea").edit("Agreed by phone", {
      confirm: false,
    });
    await contains(".o_dialog .modal-footer .btn-primary").click();
    await animationFrame();
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect(".o_hcm_resolution").toHaveText(/Agreed by phone/);
    expect.verifySteps([
      [[501], "accept_variance", "Agreed by phone"],
      "queue open 0",
      "bill 1",
    ]);
  });

  test("what Odoo refuses is said in the dialog, with the reason kept", async () => {
    onRpc("healthcare.match.exception", "action_resolve", () => {
      throw makeServerError({ message: "Above your limit of 100.00." });
    });
    await openWorkbench();
    await press("d");
    await animationFrame();
    await contains(".o_dialog textarea").edit("Wrong price", {
      confirm: false,
    });
    await contains(".o_dialog .modal-footer .btn-primary").click();
    await animationFrame();
    expect(".o_dialog [role=alert]").toHaveText("Above your limit of 100.00.");
    expect(".o_dialog textarea").toHaveValue("Wrong price");
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("who may not decide reads who may", async () => {
    bills[1] = billOf(1, "Meridian", {
      exceptions: [
        sampleException({
          can_resolve: false,
          resolutions: [],
          needs_role: "An approver decides above 500.00.",
        }),
      ],
    });
    await openWorkbench();
    expect(".o_hcm_needs").toHaveText("An approver decides above 500.00.");
    expect(".o_hcm_decision [data-resolution]").toHaveCount(0);
    await press("a");
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect(".o_notification").toHaveText(/An approver decides above 500\.00/);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("a key that is no way out for this exception says so", async () => {
    bills[1] = billOf(1, "Meridian", {
      exceptions: [
        sampleException({
          proposed_resolution: "convert_unit",
          resolutions: [
            { code: "convert_unit", label: "Convert", effect: "Learns it." },
          ],
        }),
      ],
    });
    await openWorkbench();
    await press("c");
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect(".o_notification").toHaveText(/not a way to resolve/);
    await contains('[data-resolution="convert_unit"]').click();
    await animationFrame();
    expect(".o_dialog .modal-footer .btn-primary").toHaveText("Convert");
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("filters and search load from the first page", async () => {
    await openWorkbench();
    await contains('[data-filter="waiting"]').click();
    await contains(".o_hcm_search_input").edit("glove", { confirm: false });
    await runAllTimers();
    await animationFrame();
    expect.verifySteps([
      "queue open 0",
      "bill 1",
      "queue waiting 0",
      "queue waiting 0 glove",
    ]);
    // Letters in the search are letters, not commands.
    expect(".o_dialog").toHaveCount(0);
  });

  test("an empty queue says why, and leads out", async () => {
    page = samplePage([]);
    await openWorkbench();
    expect(".o_hcm_empty").toHaveText(/Nothing needs a look/);
    expect(".o_hcm_message").toHaveText(/No bill chosen/);
    await contains(".o_hcm_empty button").click();
    expect.verifySteps(["queue open 0", "queue all 0"]);
  });

  test("a bill that cannot be loaded says why, and can be tried again", async () => {
    let fails = true;
    onRpc(WORKBENCH, "load_bill", () => {
      if (fails) {
        throw makeServerError({ message: "This bill was deleted." });
      }
      return bills[1];
    });
    await openWorkbench();
    expect(".o_hcm_message").toHaveText(/This bill was deleted\./);
    expect(LIST).toHaveCount(2);
    fails = false;
    await contains(".o_hcm_message button").click();
    await animationFrame();
    expect(TITLE).toHaveText(/Meridian/);
    expect.verifySteps(["queue open 0"]);
  });

  test("opened from a bill, it shows that bill", async () => {
    await openWorkbench({
      context: { active_id: 2, active_model: "account.move" },
    });
    expect(TITLE).toHaveText(/Northgate Medical/);
    expect(`${LIST}[aria-current]`).toHaveAttribute("data-move-id", "2");
    expect.verifySteps(["queue open 0", "bill 2"]);
  });

  test("the question mark opens the help, but not while typing", async () => {
    await openWorkbench();
    await contains(".o_hcm_search_input").focus();
    await press("?");
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    await contains(".o_hcm_help").focus();
    await press("?");
    await animationFrame();
    expect(".o_hcm_keys dt").toHaveCount(8);
    await press("Escape");
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect.verifySteps(["queue open 0", "bill 1"]);
  });

  test("a new verdict is asked for and shown", async () => {
    onRpc("account.move", "action_evaluate_match", ({ args }) => {
      expect.step(["evaluate", args[0]]);
      bills[1] = billOf(1, "Meridian", { exceptions: [] });
      return true;
    });
    await openWorkbench();
    await contains(".o_hcm_header button:contains(Match again)").click();
    await animationFrame();
    await animationFrame();
    expect(".o_hcm_card").toHaveText(/No exceptions/);
    expect.verifySteps([
      "queue open 0",
      "bill 1",
      ["evaluate", [1]],
      "queue open 0",
      "bill 1",
    ]);
  });
});

describe("phone", () => {
  describe.current.tags("mobile");

  test("shows one thing at a time, with a way back", async () => {
    await openWorkbench();
    expect(LIST).toHaveCount(2);
    expect(".o_hcm_bill").toHaveCount(0);
    await contains(`${LIST}:eq(1)`).click();
    await animationFrame();
    await animationFrame();
    expect(LIST).toHaveCount(0);
    expect(TITLE).toHaveText(/Northgate Medical/);
    await contains(".o_hcm_back").click();
    await animationFrame();
    expect(LIST).toHaveCount(2);
    expect.verifySteps(["queue open 0", "bill 2"]);
  });
});
