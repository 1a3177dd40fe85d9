import { Component, useState } from "@odoo/owl";

import { sign } from "../decimal";
import { formatMoment, formatMoney } from "../format";
import { deadlineLabel, familyMark, severityLabel } from "../labels";
import type { WorkbenchModel } from "../workbench_model";
import type {
  Bill,
  MatchException,
  ResolutionChoice,
  ResolutionCode,
  SourceDocument,
} from "../workbench_types";

interface Props {
  model: WorkbenchModel;
  bill: Bill;
  onResolve: (code: ResolutionCode) => void;
  onOpenDocument: (document: SourceDocument) => void;
}

/** Why the bill is held, how that was calculated, and what can be done. */
export class DecisionPanel extends Component<Props> {
  static template = "healthcare_match.DecisionPanel";
  static props = {
    model: Object,
    bill: Object,
    onResolve: Function,
    onOpenDocument: Function,
  };

  declare model: WorkbenchModel;
  familyMark = familyMark;
  severityLabel = severityLabel;
  deadlineLabel = deadlineLabel;
  formatMoment = formatMoment;

  override setup(): void {
    this.model = useState(this.props.model);
  }

  isSelected(exception: MatchException) {
    return exception.id === this.model.selectedExceptionId;
  }

  stake(exception: MatchException) {
    return sign(exception.amount_at_stake) > 0
      ? formatMoney(
          exception.amount_at_stake,
          this.props.bill.header.company_currency,
        )
      : "";
  }

  /** The proposed way out, where this user may take it. */
  proposed(exception: MatchException): ResolutionChoice | undefined {
    return exception.resolutions.find(
      ({ code }) => code === exception.proposed_resolution,
    );
  }

  others(exception: MatchException): ResolutionChoice[] {
    return exception.resolutions.filter(
      ({ code }) => code !== exception.proposed_resolution,
    );
  }

  /** A button below a chosen exception acts on that one. */
  onResolve(exception: MatchException, code: ResolutionCode) {
    this.model.selectException(exception.id);
    this.props.onResolve(code);
  }
}
