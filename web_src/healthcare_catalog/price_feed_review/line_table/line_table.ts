import { MarkBadge } from "@healthcare_exchange/monitor/mark_badge/mark_badge";
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { insertThousandsSep } from "@web/core/utils/numbers";

import { formatDay } from "../format";
import { decisionMark, kindMark } from "../labels";
import type { FeedLine } from "../price_feed_review_types";
import { percentText, priceText, trend } from "../price_text";
import type { ReviewModel } from "../review_model";

interface Props {
  model: ReviewModel;
  /** Little room: a line is one cell. */
  narrow: boolean;
  canDecide: boolean;
  onOpen: (id: number) => void;
  onApprove: () => void;
  onRefuse: () => void;
  onClear: () => void;
}

/** The lines of a price list: what was, what is to be, and what was found. */
export class LineTable extends Component<Props> {
  static template = "healthcare_catalog.LineTable";
  static components = { MarkBadge };
  static props = {
    model: Object,
    narrow: Boolean,
    canDecide: Boolean,
    onOpen: Function,
    onApprove: Function,
    onRefuse: Function,
    onClear: Function,
  };

  declare model: ReviewModel;
  decisionMark = decisionMark;
  formatDay = formatDay;
  kindMark = kindMark;
  percentText = percentText;
  priceText = priceText;
  trend = trend;

  override setup(): void {
    this.model = useState(this.props.model);
    const rows = useRef("rows");
    // Keyboard moves keep the line in sight.
    useEffect(
      (id: number | null) => {
        rows.el
          ?.querySelector<HTMLElement>(`[data-line="${id}"]`)
          ?.scrollIntoView({ block: "nearest" });
      },
      () => [this.model.currentId],
    );
  }

  get isFirstLoad() {
    return this.model.list.value === null && this.model.list.loading;
  }

  get countText() {
    const { lines, total } = this.model;
    return _t("%(shown)s of %(total)s", {
      shown: this.count(lines.length),
      total: this.count(total),
    });
  }

  get tickedText() {
    return _t("%s selected", this.count(this.model.tickedCount));
  }

  get allText() {
    return _t("Select all %s that match", this.count(this.model.total));
  }

  /** Offered where a page is ticked and there is more that matches. */
  get canTakeAll() {
    const { model } = this;
    return (
      model.isEverythingTicked &&
      !model.allMatching &&
      model.total > model.lines.length
    );
  }

  /** Columns that most price lists leave empty, and whether these lines do. */
  get shows() {
    const { lines } = this.model;
    return {
      contract: lines.some((line) => line.contract),
      from: lines.some((line) => this.firstDay(line)),
    };
  }

  firstDay(line: FeedLine) {
    return line.price.valid_from || line.sent.valid_from;
  }

  count(value: number) {
    return insertThousandsSep(String(value));
  }

  title(line: FeedLine) {
    return line.product
      ? line.product.name
      : line.sent.description || line.sent.supplier_code || _t("Unknown item");
  }

  position(line: FeedLine) {
    const { supplier_code } = line.sent;
    const where = line.generated
      ? _t("not in the list")
      : _t("line %s", line.line_number || "?");
    return supplier_code ? `${where} · ${supplier_code}` : where;
  }

  before(line: FeedLine) {
    return line.before ? priceText(line.before) : "";
  }

  /** What is to hold; of a line that is broken, what was sent. */
  after(line: FeedLine) {
    if (line.kind === "ended") {
      return _t("ends");
    }
    const { amount, unit, base_quantity } = line.sent;
    return priceText(line.price) || priceText({ amount, unit, base_quantity });
  }
}
