import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { type ForwardRef, useChildRef } from "@web/core/utils/hooks";

interface Props {
  /** Given by the dialog service. */
  close: () => void;
  title: string;
  /** What happens when it is confirmed. */
  effect: string;
  confirmLabel: string;
  danger?: boolean;
  onConfirm: (reason: string) => void;
}

/** Asks why, before something is done that others read about later. */
export class ReasonDialog extends Component<Props> {
  static template = "healthcare_catalog.ReasonDialog";
  static components = { Dialog };
  static props = {
    close: Function,
    title: String,
    effect: String,
    confirmLabel: String,
    danger: { type: Boolean, optional: true },
    onConfirm: Function,
  };

  declare modal: ForwardRef;
  declare state: { reason: string };

  override setup(): void {
    this.modal = useChildRef();
    this.state = useState({ reason: "" });
    const input = useRef("reason");
    onMounted(() => {
      this.modal.el?.setAttribute("aria-label", this.props.title);
      input.el?.focus();
    });
  }

  get reason() {
    return this.state.reason.trim();
  }

  onInput(event: Event) {
    this.state.reason = (event.target as HTMLTextAreaElement).value;
  }

  confirm() {
    if (this.reason) {
      this.props.close();
      this.props.onConfirm(this.reason);
    }
  }
}
