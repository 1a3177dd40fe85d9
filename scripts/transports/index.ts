/** The transports there are. */
import { transport as folder } from "./folder/index.ts";
import { transport as http } from "./http/index.ts";
import type { Transport } from "./transport.ts";

export const TRANSPORTS: ReadonlyMap<string, Transport> = new Map(
  [folder, http].map((one) => [one.id, one]),
);
