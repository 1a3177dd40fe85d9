import {
  Component,
  onMounted,
  useEffect,
  useExternalListener,
  useRef,
  useState,
} from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SIZES } from "@web/core/ui/ui_service";
import { type Services, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { BillHeader } from "./bill_header/bill_header";
import { Comparison } from "./comparison/comparison";
import { DecisionPanel } from "./decision_panel/decision_panel";
import { HelpDialog } from "./help_dialog/help_dialog";
import { refusalText } from "./labels";
import { odooSource } from "./odoo_source";
import { QueuePanel } from "./queue_panel/queue_panel";
import { ResolveDialog } from "./resolve_dialog/resolve_dialog";
import { type Outcome, WorkbenchModel } from "./workbench_model";
import type {
  QueueFilter,
  ResolutionCode,
  SourceDocument,
} from "./workbench_types";

interface Props {
  action: {
    context?: { active_id?: number; active_model?: string };
    params?: { move_id?: number };
  };
  resId?: number | false;
  /** What getLocalState gave when the screen was left. */
  state?: { moveId?: number; filter?: QueueFilter; search?: string };
  updateActionState?: (state: { resId: number | false }) => void;
}

const SEARCH_DELAY = 250;
/** Where Enter already means something. */
const ACTIVATED_BY_ENTER = "a, button, input, select, summary, textarea";

/** Queue, comparison and decision on one screen. */
export class MatchWorkbench extends Component<Props> {
  /** The action's own path: it tells Odoo that no list stands before a bill. */
  static path = "match-workbench";
  static template = "healthcare_match.MatchWorkbench";
  static components = {
    BillHeader,
    Comparison,
    DecisionPanel,
    Layout,
    QueuePanel,
  };
  static props = { ...standardActionServiceProps };
  static displayName = _t("Match Workbench");

  declare action: Services["action"];
  declare dialog: Services["dialog"];
  declare notification: Services["notification"];
  declare ui: Services["ui"];
  declare model: WorkbenchModel;
  declare root: { el: HTMLElement | null };
  declare search: { el: HTMLElement | null };
  declare onSearch: ((value: string) => void) & { cancel(): void };

  override setup(): void {
    this.action = useService("action");
    this.dialog = useService("dialog");
    this.notification = useService("notification");
    this.ui = useState(useService("ui"));
    this.model = useState(new WorkbenchModel(odooSource(useService("orm"))));
    this.root = useRef("root");
    this.search = useRef("search");
    this.onSearch = useDebounced(
      (value: string) => void this.model.setSearch(value),
      SEARCH_DELAY,
    );
    this.bindKeys();
    useSetupAction({
      getLocalState: () => ({
        moveId: this.model.selectedId,
        filter: this.model.filter,
        search: this.model.search,
      }),
    });
    useEffect(
      (moveId: number | null) => {
        this.props.updateActionState?.({ resId: moveId ?? false });
      },
      () => [this.model.selectedId],
    );
    onMounted(() => void this.start());
  }

  /** The screen is there at once; what it shows follows. */
  async start() {
    const { state } = this.props;
    this.model.filter = state?.filter ?? "open";
    this.model.search = state?.search ?? "";
    await this.model.start(
      this.initialBill,
      this.ui.isSmall ? "bill" : "queue",
    );
    const first = this.model.items[0];
    if (first && this.model.selectedId === null && !this.ui.isSmall) {
      await this.model.select(first.move_id);
    }
  }

  get initialBill(): number | null {
    const { action, resId, state } = this.props;
    const { active_id, active_model } = action.context ?? {};
    const fromBill =
      !active_model || active_model === "account.move" ? active_id : undefined;
    return state?.moveId || resId || action.params?.move_id || fromBill || null;
  }

  get display() {
    return { controlPanel: {} };
  }

  /** Without room for three panes, the decision stands above the lines. */
  get isStacked() {
    return this.ui.size < SIZES.XL;
  }

  get showsQueue() {
    return !this.ui.isSmall || this.model.area === "queue";
  }

  get showsBill() {
    return !this.ui.isSmall || this.model.area === "bill";
  }

  bindKeys() {
    useHotkey("j", () => void this.move(1), { allowRepeat: true });
    useHotkey("k", () => void this.move(-1), { allowRepeat: true });
    useHotkey("a", () => this.resolve("accept_variance"));
    useHotkey("d", () => this.resolve("dispute"));
    useHotkey("c", () => this.resolve("request_credit"));
    useHotkey("enter", () => this.enterBill(), {
      isAvailable: (target) =>
        !(target instanceof Element && target.closest(ACTIVATED_BY_ENTER)),
    });
    useHotkey("escape", () => this.leaveBill());
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

  // Commands -----------------------------------------------------------------

  /** Says why a command was refused; true where it was not. */
  tell<T>(outcome: Outcome<T>): outcome is { ok: true; value: T } {
    if (!outcome.ok) {
      const text = refusalText(outcome.refusal);
      if (text) {
        this.notification.add(text, { type: "warning" });
      }
    }
    return outcome.ok;
  }

  async move(step: 1 | -1) {
    // A failed load is told in the bill's own place.
    await this.model.move(step);
  }

  async select(moveId: number) {
    if (moveId === this.model.selectedId && !this.ui.isSmall) {
      this.enterBill();
      return;
    }
    this.model.area = this.ui.isSmall ? "bill" : "queue";
    await this.model.select(moveId);
  }

  enterBill() {
    if (this.model.area === "bill" || !this.tell(this.model.enterBill())) {
      return;
    }
    const row = this.model.selectedRow ?? this.model.bill?.rows[0];
    if (row) {
      this.model.selectRow(row.row_id);
    }
    this.focus(".o_hcm_comparison tbody.o_hcm_selected .o_hcm_row_title");
  }

  leaveBill() {
    this.model.leaveBill();
    this.focus(".o_hcm_item.o_hcm_selected");
  }

  /** After the screen has changed. */
  focus(selector: string) {
    requestAnimationFrame(() =>
      this.root.el?.querySelector<HTMLElement>(selector)?.focus(),
    );
  }

  resolve(code: ResolutionCode) {
    const outcome = this.model.prepareResolution(code);
    if (!this.tell(outcome)) {
      return;
    }
    this.dialog.add(ResolveDialog, {
      model: this.model,
      prepared: outcome.value,
      onResolved: (label: string) =>
        this.notification.add(_t("Done: %s", label), { type: "success" }),
    });
  }

  async evaluate() {
    if (this.tell(await this.model.evaluate())) {
      this.notification.add(_t("Matched again."), { type: "success" });
    }
  }

  clearSearch() {
    if (this.search.el instanceof HTMLInputElement) {
      this.search.el.value = "";
      this.search.el.focus();
    }
    this.onSearch.cancel();
    void this.model.setSearch("");
  }

  onSearchInput(event: InputEvent) {
    this.onSearch((event.target as HTMLInputElement).value);
  }

  onSearchKeydown(event: KeyboardEvent) {
    if (event.key === "Escape" && this.model.search) {
      event.stopPropagation();
      this.clearSearch();
    }
  }

  showHelp() {
    this.dialog.add(HelpDialog, {});
  }

  // Ways out -----------------------------------------------------------------

  openRecord(resModel: string, resId: number) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: resModel,
      res_id: resId,
      views: [[false, "form"]],
      target: "current",
    });
  }

  openBill() {
    if (this.model.selectedId !== null) {
      this.openRecord("account.move", this.model.selectedId);
    }
  }

  openOrder(orderId: number) {
    this.openRecord("purchase.order", orderId);
  }

  openPicking(pickingId: number) {
    this.openRecord("stock.picking", pickingId);
  }

  openDocument(document: SourceDocument) {
    this.openRecord("healthcare.exchange.message", document.message_id);
  }
}

registry.category("actions").add("healthcare_match.workbench", MatchWorkbench);
