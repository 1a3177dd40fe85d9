import {
  Component,
  onMounted,
  onWillUnmount,
  useEffect,
  useRef,
  useState,
} from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { _t } from "@web/core/l10n/translation";

import {
  axisLabel,
  type ChartKind,
  chartLabels,
  chartSeries,
  type Series,
} from "../chart_series";
import { formatDuration, formatMoment, formatNumber } from "../format";
import type { History } from "../monitor_types";

interface Props {
  history: History;
  kind: ChartKind;
  /** Which documents the chart is about. */
  subject: string;
}

/** As much of Chart.js as is used here. */
interface Chart {
  data: { labels: string[]; datasets: Record<string, unknown>[] };
  update(mode: "none"): void;
  destroy(): void;
}

declare const Chart: new (
  canvas: HTMLElement,
  config: Record<string, unknown>,
) => Chart;

/** Bars or lines over the chosen period, and the same figures as a table. */
export class HistoryChart extends Component<Props> {
  static template = "healthcare_exchange.HistoryChart";
  static props = { history: Object, kind: String, subject: String };

  declare canvas: { el: HTMLElement | null };
  declare state: { tableShown: boolean; ready: boolean };
  chart: Chart | null = null;
  formatMoment = formatMoment;

  override setup(): void {
    this.canvas = useRef("canvas");
    this.state = useState({ tableShown: false, ready: false });
    // The rest of the screen does not wait for the library.
    onMounted(async () => {
      await loadBundle("web.chartjs_lib");
      this.state.ready = true;
    });
    useEffect(
      () => this.draw(),
      () => [this.props.history, this.state.ready],
    );
    onWillUnmount(() => this.chart?.destroy());
  }

  get title() {
    return this.props.kind === "attempts"
      ? _t("Attempts and documents received")
      : _t("Time from order to receipt");
  }

  get series(): Series[] {
    return chartSeries(this.props.kind, this.props.history.bars);
  }

  get isEmpty() {
    return this.series.every((one) => one.values.every((value) => !value));
  }

  /** What the picture says, in a sentence. */
  get summary() {
    const parts = this.series.map((one) => {
      const values = one.values.filter((value) => value !== null);
      const figure =
        this.props.kind === "attempts"
          ? formatNumber(values.reduce((sum, value) => sum + value, 0))
          : formatDuration(values.length ? Math.max(...values) : false);
      return this.props.kind === "attempts"
        ? `${this.label(one)}: ${figure}`
        : _t("%(name)s at most %(figure)s", { name: this.label(one), figure });
    });
    return `${this.title}, ${this.props.subject}. ${parts.join("; ")}`;
  }

  label(series: Series): string {
    switch (series.id) {
      case "delivered":
        return _t("Delivered");
      case "not_sent":
        return _t("Not sent");
      case "unknown":
        return _t("Unknown");
      case "received":
        return _t("Received");
      case "p50":
        return _t("p50");
      case "p95":
        return _t("p95");
    }
  }

  value(value: number | null): string {
    return this.props.kind === "attempts"
      ? formatNumber(value ?? 0)
      : formatDuration(value ?? false);
  }

  /** Bars with something in them; the rest of the table would say nothing. */
  get tableRows() {
    return this.props.history.bars
      .map((bar, at) => ({
        at: bar.at,
        values: this.series.map((one) => one.values[at] ?? null),
      }))
      .filter((row) => row.values.some((value) => value));
  }

  /** Draws the first time, and moves what is there afterwards. */
  draw() {
    if (!this.canvas.el || !this.state.ready) {
      return;
    }
    const labels = chartLabels(this.props.history, (at) => formatMoment(at));
    const datasets = this.datasets();
    if (this.chart) {
      this.chart.data.labels = labels;
      datasets.forEach((dataset, index) =>
        Object.assign(this.chart?.data.datasets[index] ?? {}, dataset),
      );
      this.chart.update("none");
      return;
    }
    this.chart = new Chart(this.canvas.el, {
      type: this.props.kind === "attempts" ? "bar" : "line",
      data: { labels, datasets },
      options: this.options(),
    });
  }

  color(name: string, fallback: string): string {
    const style = getComputedStyle(this.canvas.el ?? document.body);
    return style.getPropertyValue(name).trim() || fallback;
  }

  datasets(): Record<string, unknown>[] {
    return this.series.map((one) => {
      const color = this.color(one.variable, one.color);
      return {
        label: this.label(one),
        data: one.values,
        backgroundColor: color,
        borderColor: color,
        borderWidth: this.props.kind === "attempts" ? 0 : 2,
        borderDash: one.dashed ? [5, 4] : [],
        pointRadius: 2,
        spanGaps: true,
        stack: one.stack,
        maxBarThickness: 18,
      };
    });
  }

  options(): Record<string, unknown> {
    const text = this.color("color", "#374151");
    const grid = this.color("--border-color", "#d8dadd");
    const { kind } = this.props;
    const ticks = { color: text, font: { size: 11 } };
    return {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: {
          stacked: kind === "attempts",
          grid: { display: false },
          ticks: {
            ...ticks,
            maxRotation: 0,
            autoSkipPadding: 16,
            callback: (_value: unknown, index: number) =>
              axisLabel(this.props.history, index),
          },
        },
        y: {
          stacked: kind === "attempts",
          beginAtZero: true,
          grid: { color: grid },
          border: { display: false },
          ticks: {
            ...ticks,
            precision: 0,
            maxTicksLimit: 5,
            callback: (value: number) => this.value(value),
          },
        },
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: { color: text, boxWidth: 12, font: { size: 12 } },
        },
        tooltip: {
          callbacks: {
            label: (item: { dataset: { label: string }; raw: number | null }) =>
              `${item.dataset.label}: ${this.value(item.raw)}`,
          },
        },
      },
    };
  }
}
