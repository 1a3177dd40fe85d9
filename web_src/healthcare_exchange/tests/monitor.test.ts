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

import type {
  MessageDetail,
  MessagePage,
  Overview,
  SliceResult,
} from "../monitor/monitor_types";
import {
  sampleContent,
  sampleDetail,
  sampleHistory,
  sampleOverview,
  samplePage,
  sampleRow,
} from "./monitor_sample";

defineMailModels();

const MONITOR = "healthcare.exchange.monitor";
const ROW = ".o_hcx_row";

/** What Odoo would answer; a test changes what it is about. */
let overview: Overview;
let page: MessagePage;
let details: Record<string, Partial<MessageDetail>>;
let slices: (SliceResult | Promise<SliceResult>)[];

const FIRST = sampleRow({ uuid: "one", number: "P00001", id: 101 });
const SECOND = sampleRow({
  uuid: "two",
  number: "INV-9",
  id: 100,
  document_type: "invoice",
  direction: "inbound",
  state: "done",
  error_code: false,
  actions: [],
});

beforeEach(() => {
  mockDate("2026-11-23 12:00:00");
  overview = sampleOverview();
  page = samplePage([FIRST, SECOND]);
  details = {};
  slices = [];
  // What the approvals in the bar at the top ask.
  onRpc("res.users", "review_user_count", () => []);
  onRpc(MONITOR, "load_overview", ({ kwargs }) => {
    expect.step(`overview ${String(kwargs["period"])}`);
    return overview;
  });
  onRpc(MONITOR, "load_history", ({ kwargs }) => {
    expect.step(`history ${String(kwargs["endpoint"] || "all")}`);
    return sampleHistory();
  });
  onRpc(MONITOR, "load_messages", ({ kwargs }) => {
    expect.step(`messages ${JSON.stringify(kwargs["filters"])}`);
    return page;
  });
  onRpc(MONITOR, "load_message", ({ kwargs }) => {
    const uuid = kwargs["uuid"] as string;
    expect.step(`message ${uuid}`);
    const row = page.items.find((one) => one.uuid === uuid);
    return sampleDetail({ ...row, ...details[uuid], uuid });
  });
  onRpc(MONITOR, "run_command", ({ kwargs }) => {
    const { command, selection } = kwargs;
    expect.step(`${String(command)} ${JSON.stringify(selection)}`);
    return slices.shift();
  });
});

async function settle() {
  await animationFrame();
  await animationFrame();
  await animationFrame();
}

async function openMonitor(params: Record<string, unknown> = {}) {
  await mountWithCleanup(WebClient);
  await getService("action").doAction({
    type: "ir.actions.client",
    tag: "healthcare_exchange.monitor",
    name: "Integration Monitor",
    params,
  });
  await settle();
}

async function openMessages(uuid?: string) {
  await openMonitor({ view: "messages", ...(uuid ? { uuid } : {}) });
  const opened = uuid ? [`message ${uuid}`] : [];
  expect.verifySteps(["overview day", "messages {}", ...opened]);
}

describe("desktop", () => {
  describe.current.tags("desktop");

  test("opens with figures, endpoints, alerts and workers", async () => {
    await openMonitor();
    expect(".o_hcx_tile").toHaveCount(7);
    expect("[data-tile=waiting]").toHaveText(/3\s*oldest for 7\smin/);
    expect("[data-tile=attention]").toHaveText(/2 dead letters, 1 rejected/);
    expect("[data-tile=latency]").toHaveText(
      /870\sms\s*p50 320\sms, p99 2.4\ss/,
    );
    expect("[data-tile=errors]").toHaveText(/10\s%\s*4 of 40 attempts/);
    expect(queryAllTexts(".o_hcx_endpoint_name")).toEqual([
      "Northgate Medical",
      "Meridian Surgical Supply",
    ]);
    expect("[data-endpoint=SUPPLIER_B] .o_hcx_health").toHaveText(
      /Circuit open\s*next try at/,
    );
    expect(".o_hcx_alerts li").toHaveText(/Down since 11:40/);
    expect(".o_hcx_workers li").toHaveText(/service:1/);
    expect(".o_hcx_errors li").toHaveText(/timeout.*It is sent again/s);
    expect.verifySteps(["overview day", "history all"]);
  });

  test("charts are pictures with a text, and tables", async () => {
    await openMonitor();
    expect("[data-chart=attempts] canvas").toHaveAttribute(
      "aria-label",
      /Delivered: 36; Not sent: 3; Unknown: 1; Received: 12/,
    );
    await contains("[data-chart=attempts] .o_hcx_as_table").click();
    expect("[data-chart=attempts] tbody tr").toHaveCount(2);
    expect.verifySteps(["overview day", "history all"]);
  });

  test("period, and charts of one endpoint", async () => {
    await openMonitor();
    await contains("[data-period=week]").click();
    await contains("[data-endpoint=SUPPLIER_B] .o_hcx_endpoint_name").click();
    expect("[data-endpoint=SUPPLIER_B]").toHaveClass("o_hcx_selected");
    expect.verifySteps([
      "overview day",
      "history all",
      "overview week",
      "history all",
      "history SUPPLIER_B",
    ]);
  });

  test("a figure opens its messages", async () => {
    await openMonitor();
    await contains(
      "[data-endpoint=SUPPLIER_A] [data-figure=attention] button",
    ).click();
    await settle();
    expect(ROW).toHaveCount(2);
    expect("[data-state=attention]").toHaveAttribute("aria-pressed", "true");
    expect("select[name=endpoint]").toHaveValue("SUPPLIER_A");
    expect.verifySteps([
      "overview day",
      "history all",
      'messages {"endpoint":"SUPPLIER_A","state":"attention"}',
    ]);
  });

  test("no endpoints, no service: it says so", async () => {
    overview = sampleOverview({ endpoints: [], alerts: [], workers: [] });
    await openMonitor();
    expect(".o_hcx_empty").toHaveText(/No endpoints yet/);
    expect.verifySteps(["overview day", "history all"]);
  });

  test("what failed is told, what was there stays", async () => {
    await openMonitor();
    onRpc(MONITOR, "load_overview", () => {
      throw makeServerError({ message: "Out of order" });
    });
    await contains("[data-period=hour]").click();
    await settle();
    expect(".alert-danger").toHaveText(/Out of order/);
    expect(".o_hcx_tile").toHaveCount(7);
    expect.verifySteps(["overview day", "history all", "history all"]);
  });

  test("the keyboard moves, opens, selects and closes", async () => {
    await openMessages();
    expect(`${ROW}[aria-current]`).toHaveAttribute("data-uuid", "one");
    await press("j");
    await settle();
    expect(`${ROW}[aria-current]`).toHaveAttribute("data-uuid", "two");
    expect(".o_hcx_detail").toHaveCount(0);
    await press("k");
    await press("x");
    await settle();
    expect(".o_hcx_ticked").toHaveText("1 selected");
    expect(`${ROW}:eq(0) input`).toHaveCount(1);
    await press("Enter");
    await settle();
    expect(".o_hcx_detail h2").toHaveText(/Purchase order P00001/);
    await press("j");
    await settle();
    expect(".o_hcx_detail h2").toHaveText(/Invoice INV-9/);
    await press("Escape");
    await settle();
    expect(".o_hcx_detail").toHaveCount(0);
    await press("Escape");
    await settle();
    expect(".o_hcx_ticked").toHaveCount(0);
    expect.verifySteps(["message one", "message two"]);
  });

  test("the question mark shows the keys", async () => {
    await openMessages();
    await press("?");
    await animationFrame();
    expect(".o_hcx_keys dt").toHaveCount(10);
  });

  test("a message shows what went, attempts, trace and records", async () => {
    await openMessages("one");
    await settle();
    expect(".o_hcx_content_view").toHaveCount(2);
    expect(".o_hcx_content_view:eq(1) .o_hcx_line").toHaveCount(2);
    expect(".o_hcx_download").toHaveAttribute(
      "href",
      /payload\?download=true&filename=order.txt/,
    );
    expect(".o_hcx_problem").toHaveText(/No answer in 30 s/);
    expect(".o_hcx_attempts li").toHaveText(/Unknown whether it arrived/);
    expect(".o_hcx_trace li").toHaveCount(2);
    expect(".o_hcx_records").toHaveText(/P00001\s*Purchase Order/);
  });

  test("a stranger's markup is text", async () => {
    details["one"] = {
      payload: sampleContent({ text: "<img src=x onerror=alert(1)>\u0000" }),
    };
    await openMessages("one");
    await settle();
    expect(".o_hcx_content_view:eq(1) .o_hcx_line").toHaveText(
      "<img src=x onerror=alert(1)>␀",
    );
    expect(".o_hcx_detail img").toHaveCount(0);
  });

  test("a replay can be undone for a few seconds", async () => {
    await openMessages();
    await press("r");
    await animationFrame();
    expect(".o_notification").toHaveText(/Replay in a few seconds/);
    await contains(".o_notification button:contains(Undo)").click();
    await runAllTimers();
    await settle();
    expect(queryAllTexts(".o_notification").join()).toMatch(/Undone|^$/);
    expect.verifySteps(["overview day", "messages {}"]);
  });

  test("what was not undone is done, and seen", async () => {
    await openMessages();
    slices.push({ seen: 1, done: 1, left: [], next_cursor: false });
    await press("r");
    await animationFrame();
    expect.verifySteps([]);
    page = samplePage([{ ...FIRST, state: "queued", actions: ["cancel"] }]);
    await runAllTimers();
    await settle();
    expect(`${ROW} .o_hcx_state`).toHaveText("Queued");
    expect.verifySteps([
      'replay {"uuids":["one"]}',
      "overview day",
      "messages {}",
    ]);
  });

  test("many are asked for, done in slices, and summed up", async () => {
    page = samplePage([FIRST, SECOND], { total: 150, next_cursor: 100 });
    await openMessages();
    await contains(".o_hcx_rows thead input").click();
    await contains(".o_hcx_take_all").click();
    expect(".o_hcx_ticked").toHaveText("150 selected");
    await contains(".o_hcx_bar [data-command=replay]").click();
    expect(".modal").toHaveText(/Replay: 150 messages/);
    expect.verifySteps([]);
    const slow = new Deferred<SliceResult>();
    slices.push(
      {
        seen: 100,
        done: 98,
        left: [{ reason: "on_its_way", number: 2 }],
        next_cursor: 50,
      },
      slow,
    );
    await contains(".o_hcx_confirm").click();
    await settle();
    expect(".modal [role=progressbar]").toHaveAttribute("aria-valuenow", "67");
    slow.resolve({ seen: 50, done: 50, left: [], next_cursor: false });
    await settle();
    expect(".o_hcx_result").toHaveText("148 replayed");
    expect(".o_hcx_left").toHaveText("2 queued or on its way already");
    await contains(".o_hcx_finish").click();
    expect(".o_hcx_ticked").toHaveCount(0);
    const slice = 'replay {"filters":{},"until":101}';
    expect.verifySteps([slice, slice, "overview day", "messages {}"]);
  });

  test("cancelling asks, and can be left", async () => {
    await openMessages("one");
    await settle();
    await contains(".o_hcx_detail [data-command=cancel]").click();
    expect(".modal").toHaveText(/cannot be replayed/);
    expect(".o_hcx_confirm").toHaveClass("btn-danger");
    await contains(".modal .btn-secondary").click();
    expect.verifySteps([]);
  });

  test("who may only look is offered nothing", async () => {
    overview = sampleOverview({ can_act: false });
    page = samplePage([{ ...FIRST, actions: [] }]);
    await openMessages();
    await contains(`${ROW} input`).click();
    expect(".o_hcx_bar [data-command]").toHaveCount(0);
    await press("r");
    await animationFrame();
    expect(".o_notification").toHaveText(/not for you/);
    expect.verifySteps([]);
  });

  test("search and filters, and nothing found", async () => {
    await openMessages();
    page = samplePage([]);
    await contains(".o_hcx_search_input").edit("nothing like it", {
      confirm: false,
    });
    await runAllTimers();
    await settle();
    expect(".o_hcx_empty").toHaveText(/No message matches/);
    page = samplePage([FIRST]);
    await contains(".o_hcx_clear_all").click();
    await settle();
    expect(queryOne(".o_hcx_search_input")).toHaveValue("");
    expect(ROW).toHaveCount(1);
    expect.verifySteps([
      'messages {"search":"nothing like it"}',
      "overview day",
      'messages {"search":"nothing like it"}',
      "messages {}",
    ]);
  });
});

describe("phone", () => {
  describe.current.tags("mobile");

  test("one thing at a time", async () => {
    await openMessages();
    expect(`${ROW}:eq(0) td`).toHaveCount(3);
    await contains(`${ROW}:eq(0) .o_hcx_open`).click();
    await settle();
    expect(".o_hcx_detail").toHaveCount(1);
    expect(ROW).toHaveCount(0);
    await contains(".o_hcx_close").click();
    await settle();
    expect(ROW).toHaveCount(2);
    expect.verifySteps(["message one"]);
  });

  test("the overview is there, too", async () => {
    await openMonitor();
    expect(".o_hcx_tile").toHaveCount(7);
    expect("[data-endpoint]").toHaveCount(2);
    expect.verifySteps(["overview day", "history all"]);
  });
});
