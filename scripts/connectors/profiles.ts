/**
 * Connectors as Odoo sees them: what an administrator chooses from, and what
 * the form asks for. `npm run gen` writes them into the addon.
 */
import { CONNECTORS } from "./index.ts";

/** A connector without code. */
export interface Profile {
  id: string;
  title: string;
  description: string;
  transport: string;
  format: string;
  /** JSON Schema (2020-12) of the settings. */
  settings: Record<string, unknown>;
  sample_settings: Record<string, unknown>;
  outbound: string[];
  inbound: string[];
  credentials: { outbound: string[]; inbound: string[] };
}

/** All profiles, by id. */
export function profiles(): Profile[] {
  return [...CONNECTORS.values()]
    .map((one) => ({
      id: one.id,
      title: one.title,
      description: one.description,
      transport: one.transport.id,
      format: one.format,
      settings: one.settingsSchema,
      sample_settings: one.sampleSettings,
      outbound: one.outbound,
      inbound: one.inbound,
      credentials: one.transport.credentials,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}
