import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { compareMark } from "../labels";
import type { Check } from "../workbench_types";
import { toleranceScale } from "./tolerance_scale";

interface Props {
  check: Check;
  /** Writes a signed value of this check. */
  format: (value: string) => string;
}

/** Where a difference lies inside or outside its limits. */
export class ToleranceBar extends Component<Props> {
  static template = "healthcare_match.ToleranceBar";
  static props = { check: Object, format: Function };

  get scale() {
    return toleranceScale(this.props.check);
  }

  get tone() {
    return compareMark(this.props.check.state).tone;
  }

  get lower() {
    const { limit_lower } = this.props.check;
    return limit_lower ? this.props.format(`-${limit_lower}`) : _t("no limit");
  }

  get upper() {
    const { limit_upper } = this.props.check;
    return limit_upper ? this.props.format(limit_upper) : _t("no limit");
  }

  get description() {
    const { difference, level } = this.props.check;
    return _t(
      "Difference %(difference)s; accepted from %(lower)s to %(upper)s (%(level)s)",
      {
        difference: difference ? this.props.format(difference) : "",
        lower: this.lower,
        upper: this.upper,
        level,
      },
    );
  }
}
