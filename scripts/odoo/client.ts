/**
 * Connects to Odoo: JSON-2 is the default; XML-RPC stands behind the same
 * interface for instances where JSON-2 cannot be reached.
 */
import type { OdooSettings } from "../config.ts";
import type { OdooClient } from "./call.ts";
import { Json2Client } from "./json2.ts";
import { XmlRpcClient } from "./xmlrpc.ts";

export {
  OdooError,
  type CallOptions,
  type Json,
  type OdooClient,
  type OdooErrorKind,
} from "./call.ts";

/** The client for the settings' protocol. */
export function createOdooClient(settings: OdooSettings): OdooClient {
  return settings.protocol === "xmlrpc"
    ? new XmlRpcClient(settings)
    : new Json2Client(settings);
}
