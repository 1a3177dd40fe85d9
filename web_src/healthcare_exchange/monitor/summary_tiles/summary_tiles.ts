import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import {
  formatAge,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
} from "../format";
import { periodText } from "../labels";
import type { Filters, Overview } from "../monitor_types";

interface Props {
  overview: Overview;
  /** Shows the messages behind a figure. */
  onMessages: (filters: Partial<Filters>) => void;
}

export interface Tile {
  id: string;
  label: string;
  value: string;
  note: string;
  tone: string;
  /** The messages behind the figure; absent where there is no list of them. */
  filters: Partial<Filters> | null;
}

/** The figures of all endpoints together, each with its messages behind it. */
export class SummaryTiles extends Component<Props> {
  static template = "healthcare_exchange.SummaryTiles";
  static props = { overview: Object, onMessages: Function };

  get tiles(): Tile[] {
    return [...this.queueTiles, ...this.trafficTiles];
  }

  get queueTiles(): Tile[] {
    const { now, total } = this.props.overview;
    return [
      {
        id: "waiting",
        label: _t("Waiting"),
        value: formatCount(total.waiting, total.waiting_more),
        note: total.waiting
          ? _t("oldest for %s", formatAge(total.oldest_waiting_at, now))
          : _t("nothing waits"),
        tone: total.retrying ? "warning" : "",
        filters: { state: "waiting" },
      },
      {
        id: "attention",
        label: _t("Need attention"),
        value: formatCount(total.dead + total.rejected),
        note: _t("%(dead)s dead letters, %(rejected)s rejected", {
          dead: formatNumber(total.dead),
          rejected: formatNumber(total.rejected),
        }),
        tone: total.dead + total.rejected ? "danger" : "",
        filters: { state: "attention" },
      },
      {
        id: "overdue",
        label: _t("Overdue"),
        value: formatCount(total.overdue),
        note: _t("not acknowledged in time"),
        tone: total.overdue ? "danger" : "",
        filters: { overdue: true },
      },
    ];
  }

  get trafficTiles(): Tile[] {
    const { period, total } = this.props.overview;
    const { latency } = total;
    return [
      {
        id: "latency",
        label: _t("Delivery, p95"),
        value: formatDuration(latency && latency.p95),
        note: latency
          ? _t("p50 %(p50)s, p99 %(p99)s", {
              p50: formatDuration(latency.p50),
              p99: formatDuration(latency.p99),
            })
          : _t("nothing sent in the %s", periodText(period)),
        tone: "",
        filters: { state: "delivered", direction: "outbound", period },
      },
      {
        id: "errors",
        label: _t("Error rate"),
        value: formatShare(total.error_rate),
        note: _t("%(failed)s of %(attempts)s attempts", {
          failed: formatNumber(total.failed),
          attempts: formatNumber(total.attempts),
        }),
        tone: total.error_rate && total.error_rate >= 0.2 ? "danger" : "",
        filters: null,
      },
      {
        id: "retries",
        label: _t("Retries"),
        value: formatNumber(total.retries),
        note: _t("%s wait for the next attempt", formatNumber(total.retrying)),
        tone: total.retrying ? "warning" : "",
        filters: { state: "retry" },
      },
      {
        id: "traffic",
        label: _t("Sent"),
        value: formatNumber(total.sent),
        note: _t("%(received)s received, %(period)s", {
          received: formatNumber(total.received),
          period: periodText(period),
        }),
        tone: "",
        filters: { period },
      },
    ];
  }
}
