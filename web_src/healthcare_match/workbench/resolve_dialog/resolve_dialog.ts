import { Component, onMounted, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { type ForwardRef, useChildRef } from "@web/core/utils/hooks";

import { sign } from "../decimal";
import { formatMoney } from "../format";
import { refusalText } from "../labels";
import type { PreparedResolution, WorkbenchModel } from "../workbench_model";
import type { ResolutionCode } from "../workbench_types";

interface Props {
  model: WorkbenchModel;
  prepared: PreparedResolution;
  onResolved: (label: string) => void;
  /** Given by the dialog service. */
  close: () => void;
}

/** One decision on one exception: what, and why. */
export class ResolveDialog extends Component<Props> {
  static template = "healthcare_match.ResolveDialog";
  static components = { Dialog };
  static props = {
    model: Object,
    prepared: Object,
    onResolved: Function,
    close: Function,
  };

  declare state: {
    resolution: ResolutionCode;
    reason: string;
    error: string;
    sending: boolean;
  };
  declare reason: { el: HTMLElement | null };
  declare modal: ForwardRef;

  override setup(): void {
    this.state = useState({
      resolution: this.props.prepared.choice.code,
      reason: "",
      error: "",
      sending: false,
    });
    this.reason = useRef("reason");
    this.modal = useChildRef();
    onMounted(() => {
      // Odoo's dialog has a title that assistive technology does not find.
      this.modal.el?.setAttribute("aria-label", this.exception.label);
      this.reason.el?.focus();
    });
  }

  get exception() {
    return this.props.prepared.exception;
  }

  get choice() {
    return (
      this.exception.resolutions.find(
        ({ code }) => code === this.state.resolution,
      ) ?? this.props.prepared.choice
    );
  }

  get stake() {
    const currency = this.props.model.bill?.header.company_currency;
    return currency && sign(this.exception.amount_at_stake) > 0
      ? formatMoney(this.exception.amount_at_stake, currency)
      : "";
  }

  async onConfirm() {
    if (this.state.sending) {
      return;
    }
    this.state.sending = true;
    const outcome = await this.props.model.resolve({
      exceptionId: this.exception.id,
      resolution: this.state.resolution,
      reason: this.state.reason,
    });
    this.state.sending = false;
    if (outcome.ok) {
      this.props.onResolved(this.choice.label);
      this.props.close();
      return;
    }
    this.state.error = refusalText(outcome.refusal);
    this.reason.el?.focus();
  }
}
