import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Pager } from "@web/core/pager/pager";

import { daysFromToday, formatDay, formatMoney } from "../format";
import {
  criticalityLabel,
  deadlineLabel,
  familyMark,
  filterLabel,
} from "../labels";
import { StateBadge } from "../state_badge/state_badge";
import { sign } from "../decimal";
import { QUEUE_FILTERS, type WorkbenchModel } from "../workbench_model";
import type { QueueFilter, QueueItem } from "../workbench_types";

interface Props {
  model: WorkbenchModel;
  onSelect: (moveId: number) => void;
  onClearSearch: () => void;
}

/** The bills that need a look, in the order in which they should get it. */
export class QueuePanel extends Component<Props> {
  static template = "healthcare_match.QueuePanel";
  static components = { Pager, StateBadge };
  static props = { model: Object, onSelect: Function, onClearSearch: Function };

  declare model: WorkbenchModel;
  filters = QUEUE_FILTERS;
  filterLabel = filterLabel;
  familyMark = familyMark;
  formatDay = formatDay;

  override setup(): void {
    this.model = useState(this.props.model);
    const list = useRef("list");
    // Keyboard moves choose a bill: keep it in sight, and the focus with it
    // where the focus already is in the list.
    useEffect(
      (selectedId: number | null) => {
        const chosen = list.el?.querySelector<HTMLElement>(
          `[data-move-id="${selectedId}"]`,
        );
        if (!chosen) {
          return;
        }
        chosen.scrollIntoView({ block: "nearest" });
        if (this.model.area === "queue" && isFocusFree(list.el)) {
          chosen.focus({ preventScroll: true });
        }
      },
      () => [this.model.selectedId, this.model.area],
    );
  }

  get isFirstLoad() {
    return this.model.page === null && this.model.queueLoading;
  }

  get emptyTitle() {
    if (this.model.search) {
      return _t("No bill matches “%s”", this.model.search);
    }
    switch (this.model.filter) {
      case "open":
        return _t("Nothing needs a look");
      case "waiting":
        return _t("No bill is waiting for goods");
      case "matched":
        return _t("No matched bills yet");
      case "released":
        return _t("No bill was released by a person");
      case "all":
        return _t("No supplier bills yet");
    }
  }

  get emptyText() {
    if (this.model.search) {
      return _t("The search looks at number, reference, supplier and order.");
    }
    switch (this.model.filter) {
      case "open":
        return _t(
          "Every bill agrees with its order and receipts, or was decided.",
        );
      case "waiting":
        return _t(
          "Bills wait here until the goods are in, or the wait is over.",
        );
      case "matched":
        return _t("Bills that agree with their order and receipts come here.");
      case "released":
        return _t("Bills come here when somebody accepts their differences.");
      case "all":
        return _t("Bills appear here when suppliers send them.");
    }
  }

  count(filter: QueueFilter) {
    return this.model.page?.counts[filter];
  }

  isSelected(item: QueueItem) {
    return item.move_id === this.model.selectedId;
  }

  amount(item: QueueItem) {
    return formatMoney(item.amount, item.currency);
  }

  atStake(item: QueueItem) {
    return sign(item.at_stake) > 0
      ? formatMoney(item.at_stake, item.company_currency)
      : "";
  }

  /** Only above the ordinary, and only while somebody waits for something. */
  criticality(item: QueueItem) {
    const isSettled = !["exception", "waiting"].includes(item.match_state);
    if (isSettled || !item.criticality) {
      return "";
    }
    return item.criticality === "critical" || item.criticality === "high"
      ? criticalityLabel(item.criticality)
      : "";
  }

  deadline(item: QueueItem) {
    return item.deadline ? deadlineLabel(item.deadline) : "";
  }

  isLate(item: QueueItem) {
    return item.deadline ? daysFromToday(item.deadline) < 0 : false;
  }

  onFilter(filter: QueueFilter) {
    void this.model.setFilter(filter);
  }

  onPage({ offset }: { offset: number }) {
    return this.model.setOffset(offset);
  }
}

/** Whether taking the focus would steal it from something in use. */
function isFocusFree(list: HTMLElement | null): boolean {
  const focused = document.activeElement;
  return !focused || focused === document.body || !!list?.contains(focused);
}
