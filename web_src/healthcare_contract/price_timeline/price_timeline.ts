/**
 * How the price of an item came about: what contracts and price lists said,
 * what was ordered, answered and billed, and which price holds today.
 */
import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { type Services, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { formatDay, formatPrice } from "./format";
import { kindMark, sourceLabel } from "./labels";
import { TimelineChart } from "./timeline_chart";
import { asAgreed, holdsOn, notDrawn, tableRows } from "./timeline_model";
import type { PriceEvent, Timeline, Truth } from "./timeline_types";

const MODEL = "healthcare.price.timeline";

/** What a timeline is about; the action's `params`. */
export interface TimelineParams {
  product_id?: number;
  partner_id?: number;
  order_line_id?: number;
  facility_id?: number;
}

interface Props {
  action: { params?: TimelineParams };
}

export class PriceTimeline extends Component<Props> {
  static template = "healthcare_contract.PriceTimeline";
  static components = { Layout, TimelineChart };
  static props = { ...standardActionServiceProps };
  static displayName = _t("Price Timeline");

  declare orm: Services["orm"];
  declare action: Services["action"];
  declare state: {
    timeline: Timeline | null;
    error: string;
    losersShown: boolean;
  };
  asAgreed = asAgreed;
  formatDay = formatDay;
  formatPrice = formatPrice;
  kindMark = kindMark;
  sourceLabel = sourceLabel;

  override setup(): void {
    this.orm = useService("orm");
    this.action = useService("action");
    this.state = useState({ timeline: null, error: "", losersShown: false });
    onWillStart(() => this.load());
  }

  async load(): Promise<void> {
    const params = this.props.action.params ?? {};
    try {
      this.state.timeline = (await this.orm.call(MODEL, "load", [], {
        product_id: params.product_id ?? false,
        partner_id: params.partner_id ?? null,
        order_line_id: params.order_line_id ?? null,
        facility_id: params.facility_id ?? null,
      })) as Timeline;
      this.state.error = "";
    } catch (error) {
      this.state.error = messageOf(error);
    }
  }

  /** The way back; a dialog has its own. */
  get display() {
    const { inDialog } = this.env as { inDialog?: boolean };
    return inDialog ? {} : { controlPanel: {} };
  }

  get rows(): PriceEvent[] {
    return this.state.timeline ? tableRows(this.state.timeline) : [];
  }

  get left(): number {
    return this.state.timeline ? notDrawn(this.state.timeline) : 0;
  }

  holdsToday(event: PriceEvent): boolean {
    return holdsOn(event, this.state.timeline?.today ?? "");
  }

  /** Whose price holds today, and until when. */
  truthNote(truth: Truth): string {
    const parts = [
      sourceLabel(truth.source),
      truth.contract_number || "",
      truth.tier || "",
      truth.partner_name || "",
    ];
    if (truth.held_until) {
      parts.push(
        _t("held until %(day)s", { day: formatDay(truth.held_until) }),
      );
    } else if (truth.valid_to) {
      parts.push(_t("until %(day)s", { day: formatDay(truth.valid_to) }));
    }
    return parts.filter(Boolean).join(", ");
  }

  days(event: PriceEvent): string {
    const from = formatDay(event.date);
    return event.until ? `${from} – ${formatDay(event.until)}` : from;
  }

  open(event: PriceEvent): void {
    void this.action.doAction({
      type: "ir.actions.act_window",
      res_model: event.model,
      res_id: event.res_id,
      views: [[false, "form"]],
    });
  }
}

/** The message of whatever was thrown; Odoo puts its own under `data`. */
function messageOf(error: unknown): string {
  if (error instanceof Error) {
    const data = (error as Error & { data?: { message?: unknown } }).data;
    return typeof data?.message === "string" ? data.message : error.message;
  }
  return String(error);
}

registry
  .category("actions")
  .add("healthcare_contract.price_timeline", PriceTimeline);
