import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import {
  formatAge,
  formatCount,
  formatDuration,
  formatMoment,
  formatNumber,
  formatShare,
} from "../format";
import { healthMark, reasonLabel } from "../labels";
import { MarkBadge } from "../mark_badge/mark_badge";
import type { EndpointRow, Filters, IsoDateTime } from "../monitor_types";

interface Props {
  rows: EndpointRow[];
  now: IsoDateTime;
  /** Code of the endpoint whose charts are shown; empty: all. */
  chosen: string;
  onChoose: (code: string) => void;
  onMessages: (filters: Partial<Filters>) => void;
  onOpen: (endpointId: number) => void;
}

interface Figure {
  id: string;
  label: string;
  value: string;
  note: string;
  tone: string;
  filters: Partial<Filters> | null;
}

/** Each endpoint's health with the figures behind it. */
export class EndpointTable extends Component<Props> {
  static template = "healthcare_exchange.EndpointTable";
  static components = { MarkBadge };
  static props = {
    rows: Array,
    now: String,
    chosen: String,
    onChoose: Function,
    onMessages: Function,
    onOpen: Function,
  };

  healthMark = healthMark;
  headings = [
    _t("Waiting"),
    _t("Attention"),
    _t("Overdue"),
    _t("Delivery p50 / p95 / p99"),
    _t("Attempt p95"),
    _t("Errors"),
    _t("Retries"),
  ];

  /** Why an endpoint is not simply up. */
  explanation(row: EndpointRow): string {
    if (row.health === "open" && row.open_until) {
      return _t("next try at %s", formatMoment(row.open_until));
    }
    if (row.health === "paused") {
      return _t("until %s", formatMoment(row.paused_until));
    }
    return row.reasons.map(reasonLabel).join(", ");
  }

  figures(row: EndpointRow): Figure[] {
    const endpoint = row.code;
    const trouble = row.dead + row.rejected;
    const { latency } = row;
    return [
      {
        id: "waiting",
        label: _t("Waiting"),
        value: formatCount(row.waiting, row.waiting_more),
        note: row.waiting
          ? formatAge(row.oldest_waiting_at, this.props.now)
          : "",
        tone: row.retrying ? "warning" : "",
        filters: row.waiting ? { endpoint, state: "waiting" } : null,
      },
      {
        id: "attention",
        label: _t("Need attention"),
        value: formatCount(trouble),
        note: "",
        tone: trouble ? "danger" : "",
        filters: trouble ? { endpoint, state: "attention" } : null,
      },
      {
        id: "overdue",
        label: _t("Overdue"),
        value: formatCount(row.overdue),
        note: "",
        tone: row.overdue ? "danger" : "",
        filters: row.overdue ? { endpoint, overdue: true } : null,
      },
      {
        id: "latency",
        label: _t("Delivery p50 / p95 / p99"),
        value: latency
          ? [latency.p50, latency.p95, latency.p99]
              .map(formatDuration)
              .join(" / ")
          : formatDuration(false),
        note: "",
        tone: "",
        filters: null,
      },
      {
        id: "duration",
        label: _t("Attempt p95"),
        value: formatDuration(row.duration && row.duration.p95),
        note: "",
        tone: "",
        filters: null,
      },
      {
        id: "errors",
        label: _t("Errors"),
        value: formatShare(row.error_rate),
        note: row.failed
          ? _t("%(failed)s of %(attempts)s", {
              failed: formatNumber(row.failed),
              attempts: formatNumber(row.attempts),
            })
          : "",
        tone: row.error_rate && row.error_rate >= 0.2 ? "danger" : "",
        filters: null,
      },
      {
        id: "retries",
        label: _t("Retries"),
        value: formatNumber(row.retries),
        note: "",
        tone: "",
        filters: null,
      },
    ];
  }
}
