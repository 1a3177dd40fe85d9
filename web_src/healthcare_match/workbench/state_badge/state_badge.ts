import { Component } from "@odoo/owl";

import { stateMark } from "../labels";
import type { MatchState } from "../workbench_types";

interface Props {
  state: MatchState;
}

/** The verdict on a bill or line, in a word with its icon. */
export class StateBadge extends Component<Props> {
  static template = "healthcare_match.StateBadge";
  static props = { state: String };

  get mark() {
    return stateMark(this.props.state);
  }
}
