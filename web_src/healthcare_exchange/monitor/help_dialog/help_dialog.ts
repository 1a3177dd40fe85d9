import { Component, onMounted } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { type ForwardRef, useChildRef } from "@web/core/utils/hooks";

interface Props {
  /** Given by the dialog service. */
  close: () => void;
}

/** What the keys do. */
export class HelpDialog extends Component<Props> {
  static template = "healthcare_exchange.HelpDialog";
  static components = { Dialog };
  static props = { close: Function };

  declare modal: ForwardRef;
  title = _t("Keyboard");

  override setup(): void {
    this.modal = useChildRef();
    onMounted(() => this.modal.el?.setAttribute("aria-label", this.title));
  }

  keys = [
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
  ];
}
