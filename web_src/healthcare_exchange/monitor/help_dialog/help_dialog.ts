import { Component, onMounted } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { type ForwardRef, useChildRef } from "@web/core/utils/hooks";

interface Props {
  /** Given by the dialog service. */
  close: () => void;
  keys: { keys: string[]; text: string }[];
}

/** What the keys of a screen do. */
export class HelpDialog extends Component<Props> {
  static template = "healthcare_exchange.HelpDialog";
  static components = { Dialog };
  static props = { close: Function, keys: Array };

  declare modal: ForwardRef;
  title = _t("Keyboard");

  override setup(): void {
    this.modal = useChildRef();
    onMounted(() => this.modal.el?.setAttribute("aria-label", this.title));
  }
}
