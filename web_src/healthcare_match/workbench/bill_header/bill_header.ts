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

  get amount() {
    return formatMoney(this.header.amount, this.header.currency);
  }
}
