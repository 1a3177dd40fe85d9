/** The connectors there are. A new one is a folder and a line here. */
import type { Connector } from "./connector.ts";
import { connector as csvFolder } from "./csv-folder/index.ts";
import { connector as restJson } from "./rest-json/index.ts";
import { connector as x12Folder } from "./x12-folder/index.ts";

export const CONNECTORS: ReadonlyMap<string, Connector> = new Map(
  [csvFolder, restJson, x12Folder].map((one) => [one.id, one]),
);
