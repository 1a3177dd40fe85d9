import {
  Component,
  onMounted,
  onWillUnmount,
  useExternalListener,
  useRef,
  useState,
} from "@odoo/owl";
import { HelpDialog } from "@healthcare_exchange/monitor/help_dialog/help_dialog";
import type { Result } from "@healthcare_exchange/monitor/outcome";
import { browser } from "@web/core/browser/browser";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SIZES } from "@web/core/ui/ui_service";
import { type Services, useService } from "@web/core/utils/hooks";
import { insertThousandsSep } from "@web/core/utils/numbers";
import { useDebounced } from "@web/core/utils/timing";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { SelectCreateDialog } from "@web/views/view_dialogs/select_create_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { formatDay } from "./format";
import { flagLabel, kindMark, stateTone } from "./labels";
import { LineDetail } from "./line_detail/line_detail";
import { LineTable } from "./line_table/line_table";
import { odooSource } from "./odoo_source";
import type {
  LineCorrection,
  FeedProgress,
  LineDecision,
  LineFlag,
  LineKind,
} from "./price_feed_review_types";
import { percentText } from "./price_text";
import { ReasonDialog } from "./reason_dialog/reason_dialog";
import {
  KINDS,
  NO_FILTERS,
  ReviewModel,
  type ShownFilters,
} from "./review_model";

interface Props {
  action: { params?: { feed_id?: number }; context?: Record<string, unknown> };
  /** What getLocalState gave when the screen was left. */
  state?: { filters: ShownFilters };
}

const SEARCH_DELAY = 250;
const PROGRESS = "healthcare_catalog/price_feed";
/** How often a feed that goes on by itself is looked at where no news comes. */
const LOOK_AGAIN = 3000;

/** A supplier's price list as a difference to what holds, to be decided. */
export class PriceFeedReview extends Component<Props> {
  static path = "price-feed-review";
  static template = "healthcare_catalog.PriceFeedReview";
  static components = { Layout, LineDetail, LineTable };
  static props = { ...standardActionServiceProps };
  static displayName = _t("Price Feed Review");

  declare action: Services["action"];
  declare dialog: Services["dialog"];
  declare notification: Services["notification"];
  declare ui: Services["ui"];
  declare model: ReviewModel;
  declare root: { el: HTMLElement | null };
  declare state: { detail: boolean };
  declare onSearch: ((value: string) => void) & { cancel(): void };
  timer = 0;
  kinds = KINDS;
  kindMark = kindMark;
  flagLabel = flagLabel;
  stateTone = stateTone;
  formatDay = formatDay;

  override setup(): void {
    this.action = useService("action");
    this.dialog = useService("dialog");
    this.notification = useService("notification");
    this.ui = useState(useService("ui"));
    const source = odooSource(useService("orm"));
    this.model = useState(new ReviewModel(source, this.feedId));
    this.state = useState({ detail: false });
    this.root = useRef("root");
    this.onSearch = useDebounced(
      (search: string) => void this.model.setFilters({ search }),
      SEARCH_DELAY,
    );
    this.bindKeys();
    useSetupAction({
      getLocalState: () => ({ filters: { ...this.model.filters } }),
    });
    const bus = useService("bus_service");
    // Odoo's notification that a feed goes on.
    const onProgress = (payload: unknown) => {
      const isThis = (payload as FeedProgress).feed_id === this.model.feedId;
      if (isThis && !this.model.busy) {
        void this.model.refresh();
      }
    };
    onMounted(() => {
      bus.subscribe(PROGRESS, onProgress);
      void this.model.start(this.props.state?.filters);
      this.lookAgain();
    });
    onWillUnmount(() => {
      bus.unsubscribe(PROGRESS, onProgress);
      browser.clearTimeout(this.timer);
    });
  }

  /** Follows a feed that goes on by itself. */
  lookAgain() {
    this.timer = browser.setTimeout(async () => {
      if (this.model.isRunning && !this.model.busy) {
        await this.model.refresh();
      }
      this.lookAgain();
    }, LOOK_AGAIN);
  }

  get feedId(): number {
    const { params, context } = this.props.action;
    return params?.feed_id ?? Number(context?.["active_id"] ?? 0);
  }

  get display() {
    return { controlPanel: {} };
  }

  get feed() {
    return this.model.feed.value;
  }

  /** No room for lines and one line side by side. */
  get isSingle() {
    return this.ui.size < SIZES.XL;
  }

  get isNarrow() {
    return this.ui.size < SIZES.LG;
  }

  get showsList() {
    return !this.isSingle || !this.state.detail;
  }

  get showsDetail() {
    return !this.isSingle || this.state.detail;
  }

  /** Findings that lines of the shown kinds may have, with their counts. */
  get flags(): [string, number][] {
    const flags: Record<string, number> = { ...this.feed?.flags };
    return Object.entries(flags).sort((a, b) => b[1] - a[1]);
  }

  get shareText() {
    const { feed } = this;
    if (!feed || feed.counts.before === 0) {
      return "";
    }
    return _t("%(changed)s of our prices change, %(ended)s end", {
      changed: percentText(feed.shares.changed).replace("+", ""),
      ended: percentText(feed.shares.ended).replace("+", ""),
    });
  }

  count(value: number) {
    return insertThousandsSep(String(value));
  }

  isShown(kind: LineKind) {
    return this.model.filters.kinds.includes(kind);
  }

  // Keys ---------------------------------------------------------------------

  bindKeys() {
    useHotkey("j", () => this.model.move(1), { allowRepeat: true });
    useHotkey("k", () => this.model.move(-1), { allowRepeat: true });
    useHotkey("x", () => this.model.toggle());
    useHotkey("a", () => void this.approve());
    useHotkey("r", () => this.askRefuse());
    useHotkey("escape", () => {
      if (this.state.detail && this.isSingle) {
        this.state.detail = false;
      } else {
        this.model.untick();
      }
    });
    // The question mark is not among the keys of Odoo's hotkey service.
    useExternalListener(window, "keydown", (event: Event) => {
      const { key, target } = event as KeyboardEvent;
      const isTyping =
        target instanceof Element &&
        target.closest("input, textarea, select, [contenteditable=true]");
      const isHere =
        this.ui.activeElement === document ||
        (this.root.el !== null &&
          this.ui.activeElement instanceof Element &&
          this.ui.activeElement.contains(this.root.el));
      if (key === "?" && !isTyping && isHere) {
        event.preventDefault();
        this.showHelp();
      }
    });
  }

  showHelp() {
    this.dialog.add(HelpDialog, {
      keys: [
        { keys: ["j"], text: _t("Next line") },
        { keys: ["k"], text: _t("Previous line") },
        { keys: ["x"], text: _t("Select or unselect the line") },
        { keys: ["a"], text: _t("Approve the selection, or the line") },
        { keys: ["r"], text: _t("Refuse the selection, or the line") },
        { keys: ["Esc"], text: _t("Clear the selection") },
        { keys: ["?"], text: _t("This help") },
      ],
    });
  }

  // Showing ------------------------------------------------------------------

  open(id: number) {
    this.model.open(id);
    this.state.detail = true;
  }

  showKind(kind: LineKind) {
    this.state.detail = false;
    void this.model.show([kind]);
  }

  showAll() {
    this.state.detail = false;
    void this.model.show([]);
  }

  onFlag(event: Event) {
    const flag = (event.target as HTMLSelectElement).value as LineFlag | "";
    void this.model.setFilters({ flags: flag ? [flag] : [] });
  }

  onDecision(event: Event) {
    const decision = (event.target as HTMLSelectElement).value as
      LineDecision | "";
    void this.model.setFilters({ decisions: decision ? [decision] : [] });
  }

  clearFilters() {
    void this.model.setFilters({
      ...NO_FILTERS,
      kinds: this.model.filters.kinds,
    });
  }

  openItem(productId: number) {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "product.product",
      res_id: productId,
      views: [[false, "form"]],
    });
  }

  openFeed() {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "healthcare.price.feed",
      res_id: this.model.feedId,
      views: [[false, "form"]],
    });
  }

  openRequest() {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: "healthcare.approval.request",
      res_id: this.feed?.approval_request_id,
      views: [[false, "form"]],
    });
  }

  // Deciding -----------------------------------------------------------------

  async decide(decision: "open" | "approved" | "refused", reason = "") {
    const result = await this.model.decide(decision, reason);
    if (!result.ok) {
      this.tell(result);
      return;
    }
    const { undo } = result;
    if (!undo) {
      return;
    }
    const text =
      decision === "refused"
        ? _t("%s refused", this.count(undo.decided))
        : decision === "open"
          ? _t("%s to decide again", this.count(undo.decided))
          : _t("%s decided", this.count(undo.decided));
    const canUndo = undo.lineIds.length > 0 && decision !== "open";
    const close = this.notification.add(text, {
      type: "success",
      buttons: canUndo
        ? [
            {
              name: _t("Undo"),
              onClick: () => {
                close();
                void this.model.undo(undo).then((done) => this.tell(done));
              },
            },
          ]
        : [],
    });
  }

  async approve() {
    if (this.feed?.may.decide) {
      await this.decide("approved");
    }
  }

  askRefuse() {
    if (!this.feed?.may.decide || !this.model.selection) {
      return;
    }
    this.ask(
      _t("Refuse Lines"),
      _t("The prices that hold stay. The reason stands on the lines."),
      _t("Refuse"),
      (reason) => void this.decide("refused", reason),
    );
  }

  async approveUnflagged() {
    const before = this.feed?.counts.unflagged ?? 0;
    const result = await this.model.approveUnflagged();
    if (this.tell(result)) {
      this.notification.add(
        _t("%s approved; they hold from their day on", this.count(before)),
        { type: "success" },
      );
    }
  }

  askApproval() {
    this.ask(
      _t("Ask for Approval"),
      _t(
        "A second person sees what is proposed and why one person is not enough.",
      ),
      _t("Ask"),
      async (reason) => {
        this.tell(await this.model.requestApproval(reason));
      },
    );
  }

  askRefuseFeed() {
    this.ask(
      _t("Refuse the Price List"),
      _t("Nothing of it takes effect that has not been applied yet."),
      _t("Refuse the list"),
      async (reason) => {
        this.tell(await this.model.refuse(reason));
      },
      true,
    );
  }

  askRollBack() {
    this.ask(
      _t("Roll Back"),
      _t(
        "Another person has to agree. Then all prices become again what they were before this list.",
      ),
      _t("Ask to roll back"),
      async (reason) => {
        this.tell(await this.model.rollBack(reason));
      },
      true,
    );
  }

  async retry() {
    this.tell(await this.model.retry());
  }

  async correct(values: LineCorrection) {
    this.tell(await this.model.correct(values));
  }

  /** Chooses the item of a line in Odoo's own dialog of items. */
  chooseItem() {
    this.dialog.add(SelectCreateDialog, {
      resModel: "product.product",
      title: _t("Which item is it?"),
      noCreate: true,
      multiSelect: false,
      domain: [["purchase_ok", "=", true]],
      onSelected: (ids: number[]) =>
        void this.correct({ product_id: ids[0] ?? null }),
    });
  }

  ask(
    title: string,
    effect: string,
    confirmLabel: string,
    onConfirm: (reason: string) => void,
    danger = false,
  ) {
    this.dialog.add(ReasonDialog, {
      title,
      effect,
      confirmLabel,
      danger,
      onConfirm,
    });
  }

  /** Says what Odoo refused. @returns whether it was done */
  tell(result: Result): boolean {
    if (result.ok) {
      return true;
    }
    const { refusal } = result;
    if (refusal.code === "failed") {
      this.notification.add(refusal.detail, { type: "danger" });
    }
    return false;
  }

  onSearchInput(event: Event) {
    this.onSearch((event.target as HTMLInputElement).value);
  }
}

registry
  .category("actions")
  .add("healthcare_catalog.price_feed_review", PriceFeedReview);
