import {
  Component,
  onMounted,
  onWillUnmount,
  useEffect,
  useExternalListener,
  useRef,
  useState,
} from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SIZES } from "@web/core/ui/ui_service";
import { type Services, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import type { BulkRun } from "./bulk_run";
import { CommandDialog } from "./command_dialog/command_dialog";
import { FilterBar } from "./filter_bar/filter_bar";
import { formatCount } from "./format";
import { HeldCommand, HELD_FOR } from "./held_command";
import { HelpDialog } from "./help_dialog/help_dialog";
import {
  commandMark,
  documentTypeLabel,
  doneText,
  leftText,
  periodLabel,
  refusalText,
} from "./labels";
import { Live } from "./live";
import { MessageDetail } from "./message_detail/message_detail";
import { MessageList } from "./message_list/message_list";
import { NO_FILTERS } from "./message_list_model";
import {
  MonitorModel,
  type MonitorState,
  PERIODS,
  type View,
} from "./monitor_model";
import { odooSource } from "./odoo_source";
import type { Refusal } from "./outcome";
import { OverviewPanel } from "./overview_panel/overview_panel";
import type {
  Command,
  Filters,
  LeftReason,
  OfferedCommand,
  Period,
  StateFilter,
} from "./monitor_types";

interface Props {
  action: {
    params?: {
      endpoint?: string;
      view?: View;
      state?: StateFilter;
      uuid?: string;
    };
  };
  /** What getLocalState gave when the screen was left. */
  state?: MonitorState;
}

const SEARCH_DELAY = 250;
/** Odoo's notification that something happened; it has no content. */
const PULSE = "healthcare_exchange/pulse";
/** Where Enter already means something. */
const ACTIVATED_BY_ENTER = "a, button, input, select, summary, textarea";
const ROW = ".o_hcx_row";

/** How the exchange with partners is doing, and what to do about it. */
export class IntegrationMonitor extends Component<Props> {
  static path = "integration-monitor";
  static template = "healthcare_exchange.IntegrationMonitor";
  static components = {
    FilterBar,
    Layout,
    MessageDetail,
    MessageList,
    OverviewPanel,
  };
  static props = { ...standardActionServiceProps };
  static displayName = _t("Integration Monitor");

  declare action: Services["action"];
  declare dialog: Services["dialog"];
  declare notification: Services["notification"];
  declare ui: Services["ui"];
  declare model: MonitorModel;
  declare live: Live;
  declare root: { el: HTMLElement | null };
  declare search: { el: HTMLElement | null };
  declare onSearch: ((value: string) => void) & { cancel(): void };
  held: HeldCommand | null = null;
  closeHeld: () => void = () => undefined;
  periods = PERIODS;
  periodLabel = periodLabel;

  override setup(): void {
    this.action = useService("action");
    this.dialog = useService("dialog");
    this.notification = useService("notification");
    this.ui = useState(useService("ui"));
    this.model = useState(new MonitorModel(odooSource(useService("orm"))));
    this.root = useRef("root");
    this.search = useRef("search");
    this.onSearch = useDebounced(
      (value: string) => void this.setSearch(value),
      SEARCH_DELAY,
    );
    this.bindKeys();
    this.bindLive();
    useSetupAction({ getLocalState: () => ({ ...this.localState }) });
    // A message that opens over the list on a phone begins at its top.
    useEffect(
      (uuid: string | null) => {
        if (uuid && this.isSingle) {
          this.focus(".o_hcx_detail h2");
        }
      },
      () => [this.messages.openUuid],
    );
    onMounted(() => void this.model.start(this.initialState));
    onWillUnmount(() => void this.held?.now());
  }

  get messages() {
    return this.model.messages;
  }

  get localState(): MonitorState {
    const { endpoint, period, view } = this.model;
    const { filters, openUuid } = this.messages;
    return { endpoint, period, view, filters, uuid: openUuid };
  }

  get initialState(): MonitorState {
    const { action, state } = this.props;
    if (state) {
      return state;
    }
    const { endpoint = "", state: wanted, uuid, view } = action.params ?? {};
    return {
      view: uuid ? "messages" : (view ?? "overview"),
      endpoint,
      uuid: uuid ?? null,
      filters: view === "messages" ? { endpoint, state: wanted ?? "all" } : {},
    };
  }

  get display() {
    return { controlPanel: {} };
  }

  get now() {
    return this.model.overview.value?.now ?? "";
  }

  /** No room for list and message side by side. */
  get isSingle() {
    return this.ui.size < SIZES.XL;
  }

  get showsList() {
    return this.messages.openUuid === null || !this.isSingle;
  }

  get isNarrow() {
    return this.ui.isSmall || this.messages.openUuid !== null;
  }

  // Keys and news ------------------------------------------------------------

  bindKeys() {
    const inMessages = { isAvailable: () => this.model.view === "messages" };
    useHotkey("j", () => this.move(1), { ...inMessages, allowRepeat: true });
    useHotkey("k", () => this.move(-1), { ...inMessages, allowRepeat: true });
    useHotkey("x", () => this.messages.toggle(), inMessages);
    useHotkey("r", () => this.command("replay"), inMessages);
    useHotkey("t", () => this.command("retry"), inMessages);
    useHotkey("o", () => void this.model.showOverview());
    useHotkey("m", () => void this.model.showMessages());
    useHotkey("enter", () => this.openAtFocus(), {
      isAvailable: (target) =>
        this.model.view === "messages" &&
        (!(target instanceof Element) ||
          !target.closest(ACTIVATED_BY_ENTER) ||
          !!target.closest(ROW)),
    });
    useHotkey("escape", () => this.leave(), inMessages);
    // The question mark is not among the keys of Odoo's hotkey service.
    useExternalListener(window, "keydown", (event: Event) => {
      const { key, target } = event as KeyboardEvent;
      const isTyping =
        target instanceof HTMLElement &&
        (target.isContentEditable || target.matches("input, textarea, select"));
      if (key === "?" && !isTyping && this.ui.activeElement === document) {
        this.showHelp();
      }
    });
  }

  /** Looks again when Odoo tells that something happened, and now and then. */
  bindLive() {
    const bus = useService("bus_service");
    this.live = new Live(async () => {
      if (document.visibilityState !== "hidden") {
        await this.model.refresh();
      }
    }, browser);
    const tell = () => this.live.tell();
    useExternalListener(document, "visibilitychange", tell);
    onMounted(() => {
      bus.subscribe(PULSE, tell);
      void bus.start();
      this.live.start();
    });
    onWillUnmount(() => {
      bus.unsubscribe(PULSE, tell);
      this.live.stop();
    });
  }

  move(step: 1 | -1) {
    const outcome = this.messages.move(step);
    if (!outcome.ok && step === 1 && this.messages.canLoadMore) {
      void this.messages.loadMore().then(() => this.messages.move(1));
    }
  }

  /** Opens the row that has the focus, else the one that the keys are at. */
  openAtFocus() {
    const row = document.activeElement?.closest<HTMLElement>(ROW);
    void this.messages.open(row?.dataset["uuid"] ?? this.messages.currentUuid);
  }

  /** Closes the message, or else clears the selection. */
  leave() {
    if (this.messages.openUuid !== null) {
      this.closeMessage();
    } else {
      this.messages.untick();
    }
  }

  closeMessage() {
    this.messages.close();
    this.focus(".o_hcx_row.o_hcx_selected .o_hcx_open");
  }

  /** After the screen has changed. */
  focus(selector: string) {
    requestAnimationFrame(() =>
      this.root.el?.querySelector<HTMLElement>(selector)?.focus(),
    );
  }

  // Choosing -----------------------------------------------------------------

  async setSearch(value: string) {
    const search = value.trim();
    if (search === this.messages.filters.search) {
      return;
    }
    if (this.model.view === "overview") {
      await this.model.showMessages({ search });
    } else {
      await this.messages.setFilters({ search });
    }
  }

  clearFilters() {
    this.onSearch.cancel();
    if (this.search.el instanceof HTMLInputElement) {
      this.search.el.value = "";
    }
    void this.messages.setFilters({ ...NO_FILTERS });
  }

  onSearchInput(event: InputEvent) {
    this.onSearch((event.target as HTMLInputElement).value);
  }

  onSearchKeydown(event: KeyboardEvent) {
    if (event.key === "Escape" && this.messages.filters.search) {
      event.stopPropagation();
      this.onSearch.cancel();
      (event.target as HTMLInputElement).value = "";
      void this.setSearch("");
    }
  }

  onPeriod(period: Period) {
    void this.model.setPeriod(period);
  }

  showMessages(filters: Partial<Filters>) {
    void this.model.showMessages(filters);
  }

  showMessage(uuid: string) {
    void this.model.showMessage(uuid);
  }

  showTrace(traceId: string) {
    void this.model.showMessages({ search: traceId });
  }

  showHelp() {
    this.dialog.add(HelpDialog, {
      keys: [
        { keys: ["o"], text: _t("Overview") },
        { keys: ["m"], text: _t("Messages") },
        { keys: ["j"], text: _t("Next message") },
        { keys: ["k"], text: _t("Previous message") },
        { keys: ["Enter"], text: _t("Open the message") },
        { keys: ["Esc"], text: _t("Close the message; clear the selection") },
        { keys: ["x"], text: _t("Select or unselect the message") },
        { keys: ["r"], text: _t("Replay the selection, or the message") },
        { keys: ["t"], text: _t("Retry now what waits for its next attempt") },
        { keys: ["?"], text: _t("This help") },
      ],
    });
  }

  openRecord(resModel: string, resId: number) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: resModel,
      res_id: resId,
      views: [[false, "form"]],
      target: "current",
    });
  }

  // Acting -------------------------------------------------------------------

  tell(refusal: Refusal) {
    const text = refusalText(refusal);
    if (text) {
      this.notification.add(text, { type: "warning" });
    }
  }

  command(command: OfferedCommand) {
    if (command === "reroute") {
      void this.reroute();
      return;
    }
    const prepared = this.model.prepare(command);
    if (!prepared.ok) {
      this.tell(prepared.refusal);
      return;
    }
    const isBulk = this.messages.tickedCount > 0;
    // What the partner has already goes out again only after a question.
    const delivered = ["sent", "acknowledged"].includes(
      this.messages.atHand?.state ?? "",
    );
    if (isBulk || command === "cancel" || delivered) {
      this.dialog.add(CommandDialog, {
        run: prepared.run,
        subject: isBulk ? this.tickedText : this.atHandText,
        onDone: () => this.afterRun(isBulk),
      });
    } else {
      this.hold(command, prepared.run);
    }
  }

  get tickedText() {
    const { allMatching, tickedCount, totalMore } = this.messages;
    return tickedCount === 1
      ? _t("1 message")
      : _t("%s messages", formatCount(tickedCount, allMatching && totalMore));
  }

  get atHandText() {
    const message = this.messages.atHand;
    return message
      ? `${documentTypeLabel(message.document_type)} ${message.number || ""}`.trim()
      : "";
  }

  /** Does it in a few seconds, with a way to undo it until then. */
  hold(command: Command, run: BulkRun) {
    void this.held?.now();
    this.closeHeld();
    const subject = this.atHandText;
    const held = new HeldCommand(async () => {
      this.closeHeld();
      await run.run();
      this.tellResult(command, run);
      this.afterRun(false);
    }, browser);
    this.held = held;
    this.closeHeld = this.notification.add(subject, {
      type: "info",
      title: _t("%s in a few seconds", commandMark(command).label),
      autocloseDelay: HELD_FOR,
      buttons: [
        {
          name: _t("Undo"),
          primary: true,
          onClick: () => {
            if (held.undo()) {
              this.closeHeld();
              this.notification.add(_t("Undone: nothing was changed."), {
                type: "info",
              });
            }
          },
        },
      ],
    });
  }

  tellResult(command: Command, run: BulkRun) {
    if (run.error) {
      this.notification.add(run.error, { type: "danger" });
    } else if (run.done) {
      const text = doneText(command, formatCount(run.done));
      this.notification.add(text, { type: "success" });
    } else {
      const [reason] = Object.keys(run.left) as LeftReason[];
      this.notification.add(
        _t("Left alone: %s", reason ? leftText(reason) : ""),
        { type: "warning" },
      );
    }
  }

  afterRun(isBulk: boolean) {
    if (isBulk) {
      this.messages.untick();
    }
    this.live.tell();
  }

  async reroute() {
    const prepared = await this.model.prepareReroute();
    if (!prepared.ok) {
      this.tell(prepared.refusal);
      return;
    }
    await this.action.doAction(prepared.action, {
      onClose: () => this.afterRun(true),
    });
  }
}

registry
  .category("actions")
  .add("healthcare_exchange.monitor", IntegrationMonitor);
