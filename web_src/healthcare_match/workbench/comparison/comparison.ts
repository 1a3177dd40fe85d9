import { Component, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { isSame, sign } from "../decimal";
import {
  formatDay,
  formatMoney,
  formatPercent,
  formatQuantity,
} from "../format";
import { compareMark } from "../labels";
import { StateBadge } from "../state_badge/state_badge";
import { ToleranceBar } from "../tolerance_bar/tolerance_bar";
import type { WorkbenchModel } from "../workbench_model";
import type {
  Bill,
  BillLineCell,
  Check,
  CompareState,
  Decimal,
  MatchRow,
  OrderLineCell,
  ReceiptCell,
} from "../workbench_types";

interface Props {
  model: WorkbenchModel;
  bill: Bill;
  onOpenOrder: (orderId: number) => void;
  onOpenPicking: (pickingId: number) => void;
}

type CheckName = "price" | "quantity" | "amount";

/** Order, receipts and bill side by side, one group of rows for each line. */
export class Comparison extends Component<Props> {
  static template = "healthcare_match.Comparison";
  static components = { StateBadge, ToleranceBar };
  static props = {
    model: Object,
    bill: Object,
    onOpenOrder: Function,
    onOpenPicking: Function,
  };

  declare model: WorkbenchModel;
  compareMark = compareMark;
  formatDay = formatDay;
  formatPercent = formatPercent;
  isSame = isSame;

  override setup(): void {
    this.model = useState(this.props.model);
    const table = useRef("table");
    useEffect(
      (rowId: string | null, area: string) => {
        if (area !== "bill" || rowId === null) {
          return;
        }
        const row = table.el?.querySelector<HTMLElement>(
          `[data-row-id="${CSS.escape(rowId)}"]`,
        );
        if (table.el?.contains(document.activeElement)) {
          row?.scrollIntoView({ block: "nearest" });
          row
            ?.querySelector<HTMLElement>(".o_hcm_row_title")
            ?.focus({ preventScroll: true });
        }
      },
      () => [this.model.selectedRowId, this.model.area],
    );
  }

  get currency() {
    return this.props.bill.header.currency;
  }

  title(row: MatchRow) {
    return row.order_line
      ? row.order_line.product
      : row.bill_line
        ? row.bill_line.description
        : "";
  }

  /** Agreeing cells are quiet: only what differs is spelled out. */
  isLoud(check: { state: CompareState }) {
    return check.state !== "agree" && check.state !== "not_checked";
  }

  /** A line with nothing to say takes one row, until it is chosen. */
  isCompact(row: MatchRow) {
    const { price, quantity, unit, amount } = row.compare;
    return (
      !this.isSelected(row) &&
      ![price, quantity, unit, amount].some((check) => this.isLoud(check))
    );
  }

  isSelected(row: MatchRow) {
    return row.row_id === this.model.selectedRowId;
  }

  money(value: Decimal | null | false) {
    return formatMoney(value, this.currency);
  }

  quantity(value: Decimal | null | false, unit: string | null | false) {
    return formatQuantity(value, unit);
  }

  /** The quantity in the reference unit, where that is another number. */
  referenceQuantity(line: OrderLineCell) {
    const [number = "", ...unit] = (line.quantity_reference || "").split(" ");
    return isSame(number, line.quantity)
      ? ""
      : formatQuantity(number, unit.join(" "));
  }

  /** The unit in the supplier's own words. */
  billedUnit(line: BillLineCell) {
    return line.unit_as_sent || line.unit;
  }

  /** What the price is per, where that is not the billed unit itself. */
  priceBasis(line: BillLineCell) {
    const { price_basis, unit, unit_as_sent } = line;
    const isUnit = [unit, unit_as_sent].some((u) => price_basis === `1 ${u}`);
    return isUnit ? "" : price_basis;
  }

  /** The supplier's description, where it is not the product's own name. */
  billedDescription(row: MatchRow) {
    const description = row.bill_line ? row.bill_line.description : "";
    const product = row.order_line ? row.order_line.product : description;
    return product.endsWith(description) ? "" : description;
  }

  receiptQuantity(receipt: ReceiptCell) {
    const value = receipt.is_return ? `-${receipt.quantity}` : receipt.quantity;
    return formatQuantity(value, receipt.unit);
  }

  lots(receipt: ReceiptCell) {
    return receipt.lots
      .map(({ name, expires_on }) =>
        expires_on ? `${name} (${formatDay(expires_on)})` : name,
      )
      .join(", ");
  }

  /** Writes a signed value of one check, in its measure. */
  signed(row: MatchRow, name: CheckName) {
    const check: Check = row.compare[name];
    return (value: Decimal) =>
      name === "quantity"
        ? formatQuantity(value, check.unit, { sign: "always" })
        : formatMoney(value, this.currency, { sign: "always" });
  }

  /** The compared price where it is another number than the one beside it. */
  comparedPrice(value: Decimal | null | false, check: Check, shown: Decimal) {
    return value && check.unit && !isSame(value, shown)
      ? _t("= %(price)s per %(unit)s", {
          price: this.money(value),
          unit: check.unit,
        })
      : "";
  }

  /** How far the difference might have gone, on its own side. */
  allowed(check: Check, format: (value: Decimal) => string) {
    const above = sign(check.difference) > 0;
    const limit = above ? check.limit_upper : check.limit_lower;
    if (!limit) {
      return _t("no limit");
    }
    return sign(limit) === 0
      ? _t("no difference allowed")
      : _t("allowed %s", format(above ? limit : `-${limit}`));
  }

  /** An exact limit of a derived amount says nothing that the price did not. */
  showsBar(name: CheckName, check: Check) {
    return (
      (check.state === "outside" || check.state === "tolerance") &&
      (name !== "amount" || sign(check.limit_upper) > 0)
    );
  }

  onSelect(row: MatchRow) {
    this.model.selectRow(row.row_id);
  }
}
