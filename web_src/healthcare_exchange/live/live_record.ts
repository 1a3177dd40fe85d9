/**
 * Keeps an open form up to date with what the integration service answers: the
 * form's record is loaded again when a command of its endpoint ends. Where the
 * bus does not tell, the form looks every few seconds while an answer is
 * awaited, and has a button for the same.
 */
import { Component, onWillUnmount } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

/** Milliseconds between looks while an answer is awaited. */
const LOOK = 3_000;

const TYPE = "healthcare_exchange/command";
const UPLOAD_TYPE = "healthcare_exchange/upload";
const UPLOAD = "healthcare.exchange.upload";

/** What Odoo tells who asked; the result itself is read with the record. */
export interface CommandEnded {
  id: number;
  endpoint_id: number;
}

/** What Odoo tells who handed a file in. */
export interface UploadChanged {
  id: number;
}

/** The form's record, as far as it is needed here. */
export interface LiveRecord {
  resModel: string;
  resId: number | false;
  dirty: boolean;
  data: Record<string, unknown>;
  load(): Promise<unknown>;
}

interface Props {
  record: LiveRecord;
}

/** Whether an ended command is this record's, or its endpoint's. */
export function concerns(record: LiveRecord, ended: CommandEnded): boolean {
  if (record.resModel === UPLOAD) return false;
  if (record.resModel === "healthcare.exchange.command")
    return record.resId === ended.id;
  return record.resId === ended.endpoint_id;
}

/** Whether an imported file is this record. */
export function isUpload(record: LiveRecord, changed: UploadChanged): boolean {
  return record.resModel === UPLOAD && record.resId === changed.id;
}

/** Whether the service has still to answer, or Odoo to process. */
export function isAwaited({ resModel, data }: LiveRecord): boolean {
  if (resModel === UPLOAD) return data.is_open === true;
  const isCommand = resModel === "healthcare.exchange.command";
  const state = isCommand ? data.state : data.last_command_state;
  return state === "queued" || state === "leased";
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
    const onUpload = (payload: unknown) => {
      const { record } = this.props;
      if (isUpload(record, payload as UploadChanged)) void record.load();
    };
    bus.subscribe(TYPE, onEnded);
    bus.subscribe(UPLOAD_TYPE, onUpload);
    const look = () => {
      const { record } = this.props;
      if (isAwaited(record) && !record.dirty) void record.load();
      timer = browser.setTimeout(look, LOOK);
    };
    let timer = browser.setTimeout(look, LOOK);
    onWillUnmount(() => {
      bus.unsubscribe(TYPE, onEnded);
      bus.unsubscribe(UPLOAD_TYPE, onUpload);
      browser.clearTimeout(timer);
    });
  }
}

registry.category("view_widgets").add("healthcare_exchange_live", {
  component: LiveRecordWidget,
});
