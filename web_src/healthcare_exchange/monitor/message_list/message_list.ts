import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import {
  formatAge,
  formatCount,
  formatDuration,
  formatMoment,
} from "../format";
import {
  commandMark,
  directionMark,
  documentTypeLabel,
  stateMark,
} from "../labels";
import { MarkBadge } from "../mark_badge/mark_badge";
import type { MessageListModel } from "../message_list_model";
import type { MessageRow, OfferedCommand } from "../monitor_types";

interface Props {
  model: MessageListModel;
  canAct: boolean;
  now: string;
  /** Little room: what matters stands in one cell. */
  narrow: boolean;
  onOpen: (uuid: string) => void;
  onCommand: (command: OfferedCommand) => void;
  onClear: () => void;
}

/** Messages, newest first, to open one or to tick many. */
export class MessageList extends Component<Props> {
  static template = "healthcare_exchange.MessageList";
  static components = { MarkBadge };
  static props = {
    model: Object,
    canAct: Boolean,
    now: String,
    narrow: Boolean,
    onOpen: Function,
    onCommand: Function,
    onClear: Function,
  };

  declare model: MessageListModel;
  stateMark = stateMark;
  directionMark = directionMark;
  documentTypeLabel = documentTypeLabel;
  commandMark = commandMark;
  formatMoment = formatMoment;

  override setup(): void {
    this.model = useState(this.props.model);
    const list = useRef("list");
    // Keyboard moves keep the row in sight, and the focus with it where the
    // focus already is in the list or nowhere.
    useEffect(
      (uuid: string | null) => {
        const row = list.el?.querySelector<HTMLElement>(
          `[data-uuid="${uuid}"]`,
        );
        if (!row) {
          return;
        }
        row.scrollIntoView({ block: "nearest" });
        const { activeElement } = document;
        const isInRow = row.contains(activeElement);
        const isFree =
          !activeElement ||
          activeElement === document.body ||
          list.el?.contains(activeElement);
        if (isFree && !isInRow) {
          row
            .querySelector<HTMLElement>(".o_hcx_open")
            ?.focus({ preventScroll: true });
        }
      },
      () => [this.model.currentUuid],
    );
  }

  get isFirstLoad() {
    return this.model.page.value === null && this.model.page.loading;
  }

  get countText() {
    const { rows, total, totalMore } = this.model;
    return _t("%(shown)s of %(total)s", {
      shown: formatCount(rows.length),
      total: formatCount(total, totalMore),
    });
  }

  get tickedText() {
    const { allMatching, tickedCount, totalMore } = this.model;
    return _t(
      "%s selected",
      formatCount(tickedCount, allMatching && totalMore),
    );
  }

  /** Offered where a page is ticked and there is more that matches. */
  get canTakeAll() {
    const { model } = this;
    return (
      model.isEverythingTicked &&
      !model.allMatching &&
      model.total > model.rows.length
    );
  }

  get allText() {
    const { total, totalMore } = this.model;
    return _t("Select all %s that match", formatCount(total, totalMore));
  }

  age(row: MessageRow) {
    return formatAge(row.created_at, this.props.now || row.created_at);
  }

  title(row: MessageRow) {
    return row.number || row.uuid.slice(0, 8);
  }

  latency(row: MessageRow) {
    return row.latency === false ? "" : formatDuration(row.latency);
  }
}
