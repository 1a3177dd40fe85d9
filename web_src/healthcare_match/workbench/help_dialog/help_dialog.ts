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
  static template = "healthcare_match.HelpDialog";
  static components = { Dialog };
  static props = { close: Function };

  declare modal: ForwardRef;
  title = _t("Keyboard");

  override setup(): void {
    this.modal = useChildRef();
    onMounted(() => this.modal.el?.setAttribute("aria-label", this.title));
  }

  keys = [
    { keys: ["j"], text: _t("Next bill; inside a bill, next line") },
    { keys: ["k"], text: _t("Previous bill; inside a bill, previous line") },
    { keys: ["Enter"], text: _t("Go into the bill") },
    { keys: ["Esc"], text: _t("Back to the list of bills") },
    { keys: ["a"], text: _t("Accept the difference") },
    { keys: ["d"], text: _t("Dispute with the supplier") },
    { keys: ["c"], text: _t("Ask for a credit") },
    { keys: ["?"], text: _t("This help") },
  ];
}
