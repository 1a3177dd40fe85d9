import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { type ForwardRef, useChildRef } from "@web/core/utils/hooks";

import type { BulkRun } from "../bulk_run";
import { formatNumber } from "../format";
import { commandEffect, commandMark, doneText, leftText } from "../labels";
import type { LeftReason } from "../monitor_types";

interface Props {
  run: BulkRun;
  /** What it is about: “Order P00012”, “1,000 messages”. */
  subject: string;
  onDone: () => void;
  /** Given by the dialog service. */
  close: () => void;
}

/** Asks before a command, shows how far it is, and says what came of it. */
export class CommandDialog extends Component<Props> {
  static template = "healthcare_exchange.CommandDialog";
  static components = { Dialog };
  static props = {
    run: Object,
    subject: String,
    onDone: Function,
    close: Function,
  };

  declare run: BulkRun;
  declare confirm: { el: HTMLElement | null };
  declare modal: ForwardRef;

  override setup(): void {
    this.run = useState(this.props.run);
    this.confirm = useRef("confirm");
    this.modal = useChildRef();
    onMounted(() => {
      // Odoo's dialog has a title that assistive technology does not find.
      this.modal.el?.setAttribute("aria-label", this.title);
      this.confirm.el?.focus();
    });
  }

  get mark() {
    return commandMark(this.props.run.command);
  }

  get title() {
    return _t("%(command)s: %(subject)s", {
      command: this.mark.label,
      subject: this.props.subject,
    });
  }

  get effect() {
    return commandEffect(this.props.run.command);
  }

  get isDangerous() {
    return this.props.run.command === "cancel";
  }

  get percent() {
    return Math.round(this.run.progress * 100);
  }

  get progressText() {
    return _t("%(seen)s of %(expected)s", {
      seen: formatNumber(this.run.seen),
      expected: formatNumber(Math.max(this.run.expected, this.run.seen)),
    });
  }

  get doneText() {
    return doneText(this.props.run.command, formatNumber(this.run.done));
  }

  get leftText() {
    return _t("%s left alone:", formatNumber(this.run.leftCount));
  }

  get leftReasons(): { reason: string; text: string }[] {
    return Object.entries(this.run.left).map(([reason, number]) => ({
      reason,
      text: `${formatNumber(number)} ${leftText(reason as LeftReason)}`,
    }));
  }

  async start() {
    await this.run.run();
    this.props.onDone();
    this.confirm.el?.focus();
  }
}
