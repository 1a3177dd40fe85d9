import type {
  Command,
  Filters,
  History,
  MessageDetail,
  MessagePage,
  Overview,
  Period,
  Selection,
  SliceResult,
} from "./monitor_types";

/** Where the monitor's data come from; in the web client, Odoo. */
export interface MonitorSource {
  loadOverview(period: Period): Promise<Overview>;
  /** `endpoint` is a code; false: all of them. */
  loadHistory(endpoint: string | false, period: Period): Promise<History>;
  loadMessages(
    filters: Partial<Filters>,
    cursor: number | false,
    limit: number,
  ): Promise<MessagePage>;
  loadMessage(uuid: string): Promise<MessageDetail>;
  runCommand(
    command: Command,
    selection: Selection,
    cursor: number | false,
    limit: number,
  ): Promise<SliceResult>;
  /** The action that asks where to send messages instead. */
  rerouteAction(uuids: string[]): Promise<Record<string, unknown>>;
}
