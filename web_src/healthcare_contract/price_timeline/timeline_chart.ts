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

import { formatPrice } from "./format";
import { kindMark } from "./labels";
import {
  chartSeries,
  mainCurrency,
  type Point,
  type Series,
} from "./timeline_model";
import type { Timeline } from "./timeline_types";

interface Props {
  timeline: Timeline;
}

/** As much of Chart.js as is used here. */
interface Chart {
  destroy(): void;
}

declare const Chart: new (
  canvas: HTMLElement,
  config: Record<string, unknown>,
) => Chart;

/** Room beside the first and the last event: one event alone is no span of time. */
const MARGIN = 30 * 24 * 60 * 60 * 1000;

/** The prices of an item over time; the table beside it says the same. */
export class TimelineChart extends Component<Props> {
  static template = "healthcare_contract.TimelineChart";
  static props = { timeline: Object };

  declare canvas: { el: HTMLElement | null };
  declare state: { ready: boolean };
  chart: Chart | null = null;

  override setup(): void {
    this.canvas = useRef("canvas");
    this.state = useState({ ready: false });
    // The table does not wait for the library.
    onMounted(async () => {
      await loadBundle("web.chartjs_lib");
      this.state.ready = true;
    });
    useEffect(
      () => this.draw(),
      () => [this.props.timeline, this.state.ready],
    );
    onWillUnmount(() => this.chart?.destroy());
  }

  get series(): Series[] {
    return chartSeries(this.props.timeline);
  }

  /** What the picture says, in a sentence. */
  get summary(): string {
    const parts = this.series.map((one) => {
      const values = one.points.flatMap(({ y }) => (y === null ? [] : [y]));
      const from = formatPrice(String(Math.min(...values)));
      const to = formatPrice(String(Math.max(...values)));
      const range = from === to ? from : _t("%(from)s to %(to)s", { from, to });
      return `${kindMark(one.kind).label}: ${range}`;
    });
    const title = _t("Prices of %(item)s per %(unit)s in %(currency)s", {
      item: this.props.timeline.item,
      unit: this.props.timeline.unit,
      currency: mainCurrency(this.props.timeline.events),
    });
    return `${title}. ${parts.join("; ")}`;
  }

  draw() {
    this.chart?.destroy();
    this.chart = null;
    if (!this.canvas.el || !this.state.ready) {
      return;
    }
    this.chart = new Chart(this.canvas.el, {
      type: "scatter",
      data: { datasets: this.series.map((one) => this.dataset(one)) },
      options: this.options(),
    });
  }

  color(name: string, fallback: string): string {
    const style = getComputedStyle(this.canvas.el ?? document.body);
    return style.getPropertyValue(name).trim() || fallback;
  }

  dataset(series: Series): Record<string, unknown> {
    const mark = kindMark(series.kind);
    const color = this.color(mark.variable, mark.color);
    const size = series.isLine ? 0 : 5;
    return {
      label: mark.label,
      data: series.points,
      showLine: series.isLine,
      spanGaps: false,
      borderColor: color,
      backgroundColor: color,
      borderWidth: series.isLine ? 3 : 1,
      borderDash: series.kind === "feed" ? [6, 4] : [],
      pointStyle: mark.shape,
      pointRadius: series.points.map(({ event }) =>
        event.current ? size + 3 : size,
      ),
      pointHitRadius: 8,
    };
  }

  options(): Record<string, unknown> {
    const days = this.series.flatMap(({ points }) => points.map(({ x }) => x));
    const text = this.color("color", "#374151");
    const grid = this.color("--border-color", "#d8dadd");
    const ticks = { color: text, font: { size: 11 } };
    return {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "nearest", intersect: false },
      scales: {
        x: {
          type: "linear",
          suggestedMin: Math.min(...days) - MARGIN,
          suggestedMax: Math.max(...days) + MARGIN,
          grid: { display: false },
          ticks: {
            ...ticks,
            maxRotation: 0,
            autoSkipPadding: 16,
            maxTicksLimit: 7,
            callback: (value: number) => monthOf(value),
          },
        },
        y: {
          grid: { color: grid },
          border: { display: false },
          grace: "15%",
          ticks: {
            ...ticks,
            maxTicksLimit: 6,
            callback: (value: number) =>
              formatPrice(String(Math.round(value * 10_000) / 10_000)),
          },
        },
      },
      plugins: {
        legend: {
          position: "bottom",
          labels: {
            color: text,
            usePointStyle: true,
            font: { size: 12 },
          },
        },
        tooltip: {
          callbacks: {
            label: ({ raw }: { raw: Point }) => {
              const { event } = raw;
              const price = formatPrice(event.unit_price);
              return `${kindMark(event.kind).label} ${event.title}: ${price}`;
            },
          },
        },
      },
    };
  }
}

/** `Mar 2026`, as the user's browser writes it. */
function monthOf(at: number): string {
  return new Date(at).toLocaleDateString(undefined, {
    month: "short",
    year: "numeric",
  });
}
