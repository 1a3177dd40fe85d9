import { Component } from "@odoo/owl";

import type { Mark } from "../labels";

interface Props {
  mark: Mark;
}

/** A state in a word with its icon. */
export class MarkBadge extends Component<Props> {
  static template = "healthcare_exchange.MarkBadge";
  static props = { mark: Object };
}
