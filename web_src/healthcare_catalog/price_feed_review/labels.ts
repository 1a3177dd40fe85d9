import type { Mark } from "@healthcare_exchange/monitor/labels";
import { _t } from "@web/core/l10n/translation";

import type {
  FeedState,
  LineDecision,
  LineKind,
} from "./price_feed_review_types";

/** Words, icons and colours. Colour never stands alone: a word or icon is beside it. */

export function kindMark(kind: LineKind | ""): Mark {
  switch (kind) {
    case "suspicious":
      return {
        label: _t("Suspicious"),
        icon: "fa-exclamation-triangle",
        tone: "warning",
      };
    case "broken":
      return { label: _t("Broken"), icon: "fa-chain-broken", tone: "danger" };
    case "changed":
      return { label: _t("Changed"), icon: "fa-exchange", tone: "info" };
    case "new":
      return { label: _t("New"), icon: "fa-plus", tone: "success" };
    case "ended":
      return { label: _t("Ended"), icon: "fa-minus", tone: "secondary" };
    case "unchanged":
      return { label: _t("Unchanged"), icon: "fa-check", tone: "secondary" };
    case "ignored":
      return { label: _t("Ignored"), icon: "fa-ban", tone: "secondary" };
    case "":
      return {
        label: _t("Not compared yet"),
        icon: "fa-hourglass-o",
        tone: "secondary",
      };
  }
}

export function decisionMark(decision: LineDecision | ""): Mark | null {
  switch (decision) {
    case "open":
      return { label: _t("To decide"), icon: "fa-circle-o", tone: "secondary" };
    case "proposed":
      return {
        label: _t("Second person"),
        icon: "fa-user-plus",
        tone: "warning",
      };
    case "approved":
      return { label: _t("Approved"), icon: "fa-check", tone: "success" };
    case "refused":
      return { label: _t("Refused"), icon: "fa-times", tone: "danger" };
    case "":
      return null;
  }
}

export function stateTone(state: FeedState): string {
  switch (state) {
    case "applied":
      return "success";
    case "failed":
    case "refused":
      return "danger";
    case "waiting_approval":
    case "review":
      return "warning";
    case "rolled_back":
      return "secondary";
    default:
      return "info";
  }
}

/** What a finding is called in the filter; the sentence stands on the line. */
export function flagLabel(flag: string): string {
  const labels: Record<string, string> = {
    cost_plus: _t("Cost-plus"),
    currency_changed: _t("Currency changed"),
    currency_unknown: _t("Currency unknown"),
    above_contract: _t("Above contract"),
    backdated: _t("Backdated"),
    corrected: _t("Corrected by hand"),
    dates_reversed: _t("Dates reversed"),
    decimal_slip: _t("Decimal slip"),
    gtin_invalid: _t("GTIN wrong"),
    item_ambiguous: _t("Several items"),
    item_contradiction: _t("Codes contradict"),
    item_unknown: _t("Item unknown"),
    large_decrease: _t("Large decrease"),
    large_increase: _t("Large increase"),
    list_incomplete: _t("List incomplete"),
    list_price_only: _t("List price only"),
    overlapping_validity: _t("Overlapping validity"),
    pack_factor: _t("Pack factor"),
    packaging_mismatch: _t("Packaging differs"),
    price_absurd: _t("Absurd price"),
    price_missing: _t("Price missing"),
    price_negative: _t("Negative price"),
    price_zero: _t("Price zero"),
    quantity_invalid: _t("Quantity wrong"),
    read_with_doubt: _t("Read with doubt"),
    repeated_line: _t("Repeated line"),
    same_item_twice: _t("Same item twice"),
    same_price: _t("Same price"),
    tier_price: _t("Tier price"),
    unit_changed: _t("Unit changed"),
    unit_flip: _t("Unit flip"),
    unit_missing: _t("Unit missing"),
    unit_unknown: _t("Unit unknown"),
    unreadable: _t("Not readable"),
    validity_changed: _t("Validity changed"),
    validity_over: _t("Validity over"),
  };
  return labels[flag] ?? flag.replaceAll("_", " ");
}
