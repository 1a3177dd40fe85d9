import { MarkBadge } from "@healthcare_exchange/monitor/mark_badge/mark_badge";
import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { formatDay } from "../format";
import { decisionMark, kindMark } from "../labels";
import type { LineCorrection, FeedLine } from "../price_feed_review_types";
import { percentText, priceText, unitText } from "../price_text";
import type { ReviewModel } from "../review_model";

type Field =
  "amount" | "unit" | "base_quantity" | "gtin" | "valid_from" | "valid_to";

interface Props {
  model: ReviewModel;
  canDecide: boolean;
  canCorrect: boolean;
  onApprove: () => void;
  onRefuse: () => void;
  onReopen: () => void;
  onCorrect: (values: LineCorrection) => void;
  onChooseItem: () => void;
  onOpenItem: (productId: number) => void;
  onClose: () => void;
  /** Over the list, not beside it. */
  single: boolean;
}

/** One line: as sent, as understood, what was found, and how to correct it. */
export class LineDetail extends Component<Props> {
  static template = "healthcare_catalog.LineDetail";
  static components = { MarkBadge };
  static props = {
    model: Object,
    canDecide: Boolean,
    canCorrect: Boolean,
    onApprove: Function,
    onRefuse: Function,
    onReopen: Function,
    onCorrect: Function,
    onChooseItem: Function,
    onOpenItem: Function,
    onClose: Function,
    single: Boolean,
  };

  declare model: ReviewModel;
  declare state: { editing: boolean; values: Partial<Record<Field, string>> };
  formatDay = formatDay;
  kindMark = kindMark;
  decisionMark = decisionMark;
  percentText = percentText;
  priceText = priceText;

  override setup(): void {
    this.model = useState(this.props.model);
    this.state = useState({ editing: false, values: {} });
    const form = useRef("form");
    useEffect(
      () => {
        this.state.editing = false;
        this.state.values = {};
      },
      () => [this.model.currentId],
    );
    useEffect(
      (editing: boolean) => {
        if (editing) {
          form.el?.querySelector<HTMLElement>("input")?.focus();
        }
      },
      () => [this.state.editing],
    );
  }

  get line(): FeedLine | undefined {
    return this.model.current;
  }

  get fields(): { name: Field; label: string; type: string }[] {
    return [
      { name: "amount", label: _t("Price"), type: "text" },
      { name: "base_quantity", label: _t("Per quantity"), type: "text" },
      { name: "unit", label: _t("Unit"), type: "text" },
      { name: "gtin", label: _t("GTIN"), type: "text" },
      { name: "valid_from", label: _t("Valid from"), type: "date" },
      { name: "valid_to", label: _t("Valid until"), type: "date" },
    ];
  }

  /** What was sent, with what a person put in its place. */
  get sentRows() {
    const { line } = this;
    if (!line) {
      return [];
    }
    const { sent, correction } = line;
    const labels: [keyof FeedLine["sent"], string][] = [
      ["supplier_code", _t("Supplier's code")],
      ["manufacturer_code", _t("Manufacturer's code")],
      ["buyer_code", _t("Our code")],
      ["gtin", _t("GTIN")],
      ["description", _t("Description")],
      ["packaging", _t("Packaging")],
      ["unit", _t("Unit")],
      ["amount", _t("Price")],
      ["base_quantity", _t("Per quantity")],
      ["min_quantity", _t("Minimum quantity")],
      ["list_price", _t("List price")],
      ["valid_from", _t("Valid from")],
      ["valid_to", _t("Valid until")],
    ];
    const isDay = (name: string) => name.startsWith("valid");
    return labels
      .map(([name, label]) => {
        const corrected = (correction as Record<string, unknown>)[name];
        return {
          label,
          value: isDay(name) ? formatDay(sent[name]) : sent[name],
          corrected: typeof corrected === "string" ? corrected || "–" : "",
        };
      })
      .filter((row) => row.value || row.corrected);
  }

  get factorText() {
    const { line } = this;
    return line && line.price.factor > 1
      ? _t("1 %(unit)s = %(factor)s of the item's unit", {
          unit: unitText(line.price.unit),
          factor: line.price.factor,
        })
      : "";
  }

  get canDecideLine() {
    const { line } = this;
    return (
      this.props.canDecide && !!line && line.decision !== "" && !line.applied
    );
  }

  get canCorrectLine() {
    const { line } = this;
    return (
      this.props.canCorrect &&
      !!line &&
      !line.applied &&
      !line.generated &&
      line.decision !== "approved" &&
      line.decision !== "proposed"
    );
  }

  get isCorrected() {
    return Object.keys(this.line?.correction ?? {}).length > 0;
  }

  value(name: Field): string {
    const { line } = this;
    const corrected = line?.correction[name];
    return this.state.values[name] ?? corrected ?? line?.sent[name] ?? "";
  }

  onInput(name: Field, event: Event) {
    this.state.values[name] = (event.target as HTMLInputElement).value.trim();
  }

  /** Sends only what differs from what was sent; what is as sent goes back to it. */
  save() {
    const { line } = this;
    const values: LineCorrection = {};
    for (const { name } of this.fields) {
      const typed = this.state.values[name];
      if (
        typed === undefined ||
        typed === (line?.correction[name] ?? line?.sent[name])
      ) {
        continue;
      }
      values[name] =
        typed === line?.sent[name] || (typed === "" && name !== "gtin")
          ? null
          : typed;
    }
    this.state.editing = false;
    this.state.values = {};
    if (Object.keys(values).length) {
      this.props.onCorrect(values);
    }
  }

  takeBack() {
    const names = Object.keys(this.line?.correction ?? {});
    this.props.onCorrect(Object.fromEntries(names.map((name) => [name, null])));
  }
}
