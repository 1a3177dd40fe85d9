import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

import { documentTypeLabel, periodLabel, stateFilterLabel } from "../labels";
import type { MessageListModel } from "../message_list_model";
import { NO_FILTERS } from "../message_list_model";
import { type MonitorModel, PERIODS } from "../monitor_model";
import type { Filters, StateFilter } from "../monitor_types";

interface Props {
  model: MonitorModel;
  onClear: () => void;
}

const GROUPS: readonly StateFilter[] = [
  "all",
  "waiting",
  "attention",
  "delivered",
];
const STATES: readonly StateFilter[] = [
  "queued",
  "leased",
  "retry",
  "sent",
  "acknowledged",
  "done",
  "dead",
  "rejected",
  "cancelled",
];

/** Which messages are shown. */
export class FilterBar extends Component<Props> {
  static template = "healthcare_exchange.FilterBar";
  static props = { model: Object, onClear: Function };

  declare model: MonitorModel;
  declare messages: MessageListModel;
  groups = GROUPS;
  states = STATES;
  periods = PERIODS;
  stateFilterLabel = stateFilterLabel;
  documentTypeLabel = documentTypeLabel;
  periodLabel = periodLabel;

  override setup(): void {
    this.model = useState(this.props.model);
    this.messages = useState(this.props.model.messages);
  }

  get types(): string[] {
    const { document_type } = this.messages.filters;
    const types = this.model.overview.value?.document_types ?? [];
    return document_type && !types.includes(document_type)
      ? [...types, document_type]
      : types;
  }

  get endpoints(): { code: string; name: string }[] {
    const { endpoint } = this.messages.filters;
    const known = this.model.endpoints;
    // An archived endpoint is not among those in use, its messages are there.
    return endpoint && !known.some((one) => one.code === endpoint)
      ? [...known, { code: endpoint, name: endpoint }]
      : known;
  }

  /** A state beyond the groups, which the buttons show. */
  get singleState(): string {
    const { state } = this.messages.filters;
    return GROUPS.includes(state) ? "" : state;
  }

  /** Filters that have no control of their own; a click takes them off. */
  get tokens(): { name: keyof Filters; label: string }[] {
    const { error_code, overdue } = this.messages.filters;
    return [
      ...(error_code
        ? [{ name: "error_code" as const, label: _t("Error %s", error_code) }]
        : []),
      ...(overdue
        ? [{ name: "overdue" as const, label: _t("Not acknowledged in time") }]
        : []),
    ];
  }

  set(changes: Partial<Filters>) {
    void this.messages.setFilters(changes);
  }

  onSelect(name: keyof Filters, event: Event) {
    const { value } = event.target as HTMLSelectElement;
    this.set({ [name]: value || NO_FILTERS[name] });
  }

  takeOff(name: keyof Filters) {
    this.set({ [name]: NO_FILTERS[name] });
  }
}
