import { Component } from "@odoo/owl";

import { formatDay, formatMoment, formatMoney } from "../format";
import { StateBadge } from "../state_badge/state_badge";
import type { Bill } from "../workbench_types";

interface Props {
  bill: Bill;
  evaluating: boolean;
  onOpenBill: () => void;
  onOpenOrder: (orderId: number) => void;
  onEvaluate: () => void;
}

/** Which bill it is, the verdict, and whether it may be paid. */
export class BillHeader extends Component<Props> {
  static template = "healthcare_match.BillHeader";
  static components = { StateBadge };
  static props = {
    bill: Object,
    evaluating: Boolean,
    onOpenBill: Function,
    onOpenOrder: Function,
    onEvaluate: Function,
  };

  formatDay = formatDay;
  formatMoment = formatMoment;

  get header() {
    return this.props.bill.header;
  }

  /** Left out where an exception says the same beside it. */
  get explanation() {
    const { explanation, payable_reason } = this.header;
    const isSaid =
      explanation === payable_reason ||
      this.props.bill.exceptions.some((e) => e.explanation === explanation);
    return isSaid ? "" : explanation;
  }

  get amount() {
    return formatMoney(this.header.amount, this.header.currency);
  }
}
