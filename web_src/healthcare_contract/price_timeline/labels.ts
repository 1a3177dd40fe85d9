import { _t } from "@web/core/l10n/translation";

import type { EventKind } from "./timeline_types";

/** Words, signs and colours. Colour never stands alone: a word or shape is beside it. */

export interface Mark {
  label: string;
  icon: string;
  /** Shape of its points in the chart. */
  shape: string;
  /** The theme's colour, and one for themes without it. */
  variable: string;
  color: string;
}

export function kindMark(kind: EventKind): Mark {
  switch (kind) {
    case "contract":
      return {
        label: _t("Contract"),
        icon: "fa-file-text-o",
        shape: "line",
        variable: "--success",
        color: "#28a745",
      };
    case "feed":
      return {
        label: _t("Price list"),
        icon: "fa-list-alt",
        shape: "line",
        variable: "--info",
        color: "#17a2b8",
      };
    case "order":
      return {
        label: _t("Order"),
        icon: "fa-shopping-cart",
        shape: "circle",
        variable: "--primary",
        color: "#714b67",
      };
    case "acknowledgement":
      return {
        label: _t("Acknowledgement"),
        icon: "fa-reply",
        shape: "triangle",
        variable: "--warning",
        color: "#d7860b",
      };
    case "bill":
      return {
        label: _t("Bill"),
        icon: "fa-money",
        shape: "rectRot",
        variable: "--danger",
        color: "#d44c59",
      };
  }
}

export function sourceLabel(source: string | false): string {
  switch (source) {
    case "gpo_contract":
      return _t("GPO contract");
    case "local_contract":
      return _t("Local contract");
    case "catalog":
      return _t("Catalog");
    case "last_approved":
      return _t("Last approved price");
    default:
      return _t("No valid price");
  }
}
