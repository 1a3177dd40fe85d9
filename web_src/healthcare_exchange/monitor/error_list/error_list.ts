import { Component } from "@odoo/owl";

import { formatAge, formatMoment, formatNumber } from "../format";
import { directionMark } from "../labels";
import type { ErrorGroup, Filters, IsoDateTime } from "../monitor_types";

interface Props {
  errors: ErrorGroup[];
  now: IsoDateTime;
  endpoint: string;
  onMessages: (filters: Partial<Filters>) => void;
}

/** Errors of the period by code, with what each means and what to do. */
export class ErrorList extends Component<Props> {
  static template = "healthcare_exchange.ErrorList";
  static props = {
    errors: Array,
    now: String,
    endpoint: String,
    onMessages: Function,
  };

  formatNumber = formatNumber;
  formatMoment = formatMoment;
  directionMark = directionMark;

  age(error: ErrorGroup) {
    return formatAge(error.last_at, this.props.now);
  }

  show(error: ErrorGroup) {
    this.props.onMessages({
      error_code: error.code,
      direction: error.direction,
      endpoint: this.props.endpoint,
    });
  }
}
