import { _t } from "@web/core/l10n/translation";

import { daysFromToday } from "./format";
import type { Refusal } from "./workbench_model";
import type {
  CompareState,
  Criticality,
  Family,
  IsoDate,
  MatchState,
  QueueFilter,
  Severity,
} from "./workbench_types";

/** Words, icons and colours. Colour never stands alone: a word or icon is beside it. */

export interface Mark {
  label: string;
  icon: string;
  /** Bootstrap contextual name: `danger`, `warning`, … */
  tone: string;
}

export function stateMark(state: MatchState): Mark {
  switch (state) {
    case "matched":
      return { label: _t("Matched"), icon: "fa-check", tone: "success" };
    case "matched_tolerance":
      return {
        label: _t("Matched within limits"),
        icon: "fa-check-circle-o",
        tone: "success",
      };
    case "waiting":
      return {
        label: _t("Waiting for goods"),
        icon: "fa-clock-o",
        tone: "info",
      };
    case "exception":
      return {
        label: _t("Exception"),
        icon: "fa-exclamation-triangle",
        tone: "danger",
      };
    case "released":
      return { label: _t("Released"), icon: "fa-unlock-alt", tone: "primary" };
    case "not_applicable":
      return {
        label: _t("Not applicable"),
        icon: "fa-minus",
        tone: "secondary",
      };
  }
}

export function familyMark(family: Family): { label: string; icon: string } {
  switch (family) {
    case "price":
      return { label: _t("Price"), icon: "fa-tag" };
    case "quantity":
      return { label: _t("Quantity"), icon: "fa-cubes" };
    case "unit_item":
      return { label: _t("Unit or item"), icon: "fa-balance-scale" };
    case "charges_tax_total":
      return { label: _t("Charges, tax, total"), icon: "fa-percent" };
    case "duplicate":
      return { label: _t("Duplicate"), icon: "fa-files-o" };
    case "control":
      return { label: _t("Supplier or control"), icon: "fa-shield" };
  }
}

export function severityLabel(severity: Severity): string {
  switch (severity) {
    case "high":
      return _t("High severity");
    case "medium":
      return _t("Medium severity");
    case "low":
      return _t("Low severity");
  }
}

export function criticalityLabel(criticality: Criticality): string {
  switch (criticality) {
    case "critical":
      return _t("Clinically critical");
    case "high":
      return _t("High criticality");
    case "medium":
      return _t("Medium criticality");
    case "low":
      return _t("Low criticality");
  }
}

export function filterLabel(filter: QueueFilter): string {
  switch (filter) {
    case "open":
      return _t("To review");
    case "waiting":
      return _t("Waiting");
    case "matched":
      return _t("Matched");
    case "released":
      return _t("Released");
    case "all":
      return _t("All");
  }
}

/** What a check says where it does not simply agree. */
export function compareMark(state: CompareState): Mark {
  switch (state) {
    case "agree":
      return { label: _t("Agrees"), icon: "fa-check", tone: "success" };
    case "tolerance":
      return {
        label: _t("Within limits"),
        icon: "fa-check-circle-o",
        tone: "warning",
      };
    case "outside":
      return {
        label: _t("Outside limits"),
        icon: "fa-exclamation-triangle",
        tone: "danger",
      };
    case "waiting":
      return { label: _t("Waits for goods"), icon: "fa-clock-o", tone: "info" };
    case "unknown":
      return {
        label: _t("Nothing to compare with"),
        icon: "fa-question-circle-o",
        tone: "warning",
      };
    case "not_checked":
      return { label: _t("Not checked"), icon: "fa-minus", tone: "secondary" };
  }
}

export function deadlineLabel(deadline: IsoDate): string {
  const days = daysFromToday(deadline);
  if (days < -1) {
    return _t("%s days late", -days);
  }
  if (days === -1) {
    return _t("1 day late");
  }
  if (days === 0) {
    return _t("Due today");
  }
  if (days === 1) {
    return _t("Due tomorrow");
  }
  return _t("Due in %s days", days);
}

/** A refusal as a sentence; empty where silence is best (the end of a list). */
export function refusalText(refusal: Refusal): string {
  switch (refusal.code) {
    case "no_bill":
      return _t("Choose a bill first.");
    case "nothing_open":
      return _t("This bill has no open exception.");
    case "not_allowed":
      return refusal.detail || _t("You do not have the right to resolve this.");
    case "not_offered":
      return (
        refusal.detail ||
        _t("This is not a way to resolve the chosen exception.")
      );
    case "reason_missing":
      return _t("Say why: the reason is kept with the decision.");
    case "busy":
      return _t("The last command is still being carried out.");
    case "failed":
      return refusal.detail;
    case "at_end":
      return "";
  }
}
