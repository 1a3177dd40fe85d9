/**
 * Keeps an open form up to date with what the integration service answers: the
 * form's record is loaded again when a command of its endpoint ends. Without
 * the bus nothing breaks; the form has a button for the same.
 */
import { Component, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

const TYPE = "healthcare_exchange/command";

/** What Odoo tells who asked; the result itself is read with the record. */
export interface CommandEnded {
  id: number;
  endpoint_id: number;
}

/** The form's record, as far as it is needed here. */
export interface LiveRecord {
  resModel: string;
  resId: number | false;
  dirty: boolean;
  load(): Promise<unknown>;
}

interface Props {
  record: LiveRecord;
}

/** Whether an ended command is this record's, or its endpoint's. */
export function concerns(record: LiveRecord, ended: CommandEnded): boolean {
  if (record.resModel === "healthcare.exchange.command")
    return record.resId === ended.id;
  return record.resId === ended.endpoint_id;
}

export class LiveRecordWidget extends Component {
  static template = "healthcare_exchange.LiveRecord";
  static props = ["*"];
  declare props: Props;

  setup(): void {
    const bus = useService("bus_service");
    const onEnded = (payload: unknown) => {
      const ended = payload as CommandEnded;
      const { record } = this.props;
      // What somebody is typing is not thrown away.
      if (concerns(record, ended) && !record.dirty) void record.load();
    };
    bus.subscribe(TYPE, onEnded);
    onWillUnmount(() => bus.unsubscribe(TYPE, onEnded));
  }
}

registry.category("view_widgets").add("healthcare_exchange_live", {
  component: LiveRecordWidget,
});
