import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { EndpointTable } from "../endpoint_table/endpoint_table";
import { ErrorList } from "../error_list/error_list";
import { formatAge, formatMoment } from "../format";
import { HistoryChart } from "../history_chart/history_chart";
import { periodText } from "../labels";
import type { MonitorModel } from "../monitor_model";
import type { Alert, Filters, Worker } from "../monitor_types";
import { SummaryTiles } from "../summary_tiles/summary_tiles";

interface Props {
  model: MonitorModel;
  onMessages: (filters: Partial<Filters>) => void;
  onMessage: (uuid: string) => void;
  onRecord: (model: string, id: number) => void;
}

const FIRST_ALERTS = 3;

/** How the exchange is doing: endpoints, alerts, workers, charts, errors. */
export class OverviewPanel extends Component<Props> {
  static template = "healthcare_exchange.OverviewPanel";
  static components = { EndpointTable, ErrorList, HistoryChart, SummaryTiles };
  static props = {
    model: Object,
    onMessages: Function,
    onMessage: Function,
    onRecord: Function,
  };

  declare model: MonitorModel;
  declare state: { allAlerts: boolean };
  formatMoment = formatMoment;

  override setup(): void {
    this.model = useState(this.props.model);
    this.state = useState({ allAlerts: false });
  }

  get overview() {
    return this.model.overview.value;
  }

  get now() {
    return this.overview?.now ?? "";
  }

  /** What the charts and errors are about. */
  get subject() {
    const period = periodText(this.model.period);
    return this.model.endpoint
      ? _t("%(endpoint)s, %(period)s", {
          endpoint: this.model.endpoint,
          period,
        })
      : _t("all endpoints, %s", period);
  }

  /** The most pressing ones, for the endpoints stand below them. */
  get alerts(): Alert[] {
    const alerts = this.overview?.alerts ?? [];
    return this.state.allAlerts ? alerts : alerts.slice(0, FIRST_ALERTS);
  }

  get moreAlerts(): number {
    return (this.overview?.alerts.length ?? 0) - this.alerts.length;
  }

  get moreAlertsText() {
    return _t("%s more", this.moreAlerts);
  }

  alertFacts(alert: Alert): string {
    return [
      alert.endpoint_code,
      alert.owner && _t("owner %s", alert.owner),
      alert.escalated_to && _t("escalated to %s", alert.escalated_to),
    ]
      .filter(Boolean)
      .join(" · ");
  }

  isLate(alert: Alert): boolean {
    return (
      !!alert.deadline && Date.parse(alert.deadline) < Date.parse(this.now)
    );
  }

  seen(worker: Worker): string {
    return _t("%s ago", formatAge(worker.last_seen_at, this.now));
  }

  openAlert(alert: Alert) {
    if (alert.message_uuid) {
      this.props.onMessage(alert.message_uuid);
    } else {
      this.props.onRecord("healthcare.exchange.alert", alert.id);
    }
  }
}
