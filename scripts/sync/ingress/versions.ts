/**
 * The versions in the paths. One is current; an old one is served for as long
 * as this table, or the configuration, says, and tells its callers so
 * (RFC 9745 `Deprecation`, RFC 8594 `Sunset`).
 */
import { ConfigError, type Config } from "../../config.ts";

/** One version of the interface. */
export interface ApiVersion {
  /** As it stands in the path, such as `v1`. */
  name: string;
  /** Since when it is old. Absent: it is not. */
  deprecated?: Date;
  /** From when on it answers 410. */
  sunset?: Date;
  /** A page that says what to do. */
  link?: string;
}

/** Name of the present version. */
export const CURRENT_VERSION = "v1";

/** What is served by default. */
const VERSIONS: readonly ApiVersion[] = [{ name: CURRENT_VERSION }];

/**
 * The versions to serve: the table, with what `HCP_API_OLD_VERSIONS` declares
 * old: `{"v1": {"deprecated": "2027-01-01", "sunset": "2028-01-01", "link":
 * "https://…"}}`.
 * @throws ConfigError for a declaration that cannot be used
 */
export function servedVersions(config: Config): ApiVersion[] {
  const declared = config.env.HCP_API_OLD_VERSIONS;
  const old = declared ? readDeclaration(declared) : [];
  const others = VERSIONS.filter(
    (one) => !old.some((version) => version.name === one.name),
  );
  return [...old, ...others];
}

/** Headers that a version's answers carry. */
export function versionHeaders(version: ApiVersion): Record<string, string> {
  const headers: Record<string, string> = {};
  if (!version.deprecated) return headers;
  const seconds = Math.floor(version.deprecated.getTime() / 1_000);
  headers.deprecation = `@${seconds}`;
  if (version.sunset) headers.sunset = version.sunset.toUTCString();
  if (version.link)
    headers.link = `<${version.link}>; rel="deprecation"; type="text/html"`;
  return headers;
}

/** True when a version is not served any more. */
export function isGone(version: ApiVersion, now: number = Date.now()): boolean {
  return version.sunset !== undefined && version.sunset.getTime() <= now;
}

function readDeclaration(text: string): ApiVersion[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong("is not JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong("must be an object of versions");
  return Object.entries(value).map(([name, one]) => readVersion(name, one));
}

function readVersion(name: string, value: unknown): ApiVersion {
  if (!/^v\d{1,3}$/.test(name)) throw wrong(`names "${name}", not v1 or so`);
  const given = (value ?? {}) as Record<string, unknown>;
  const deprecated = dateIn(name, given.deprecated);
  if (!deprecated) throw wrong(`${name}: deprecated is missing`);
  const sunset = dateIn(name, given.sunset);
  // RFC 9745, section 4: not before it is deprecated.
  if (sunset && sunset < deprecated)
    throw wrong(`${name}: sunset is before deprecated`);
  const { link } = given;
  if (link !== undefined && !(typeof link === "string" && isAddress(link)))
    throw wrong(`${name}: link is not an address`);
  return {
    name,
    deprecated,
    ...(sunset ? { sunset } : {}),
    ...(typeof link === "string" ? { link } : {}),
  };
}

/** An address that a header can hold. */
function isAddress(text: string): boolean {
  return URL.canParse(text) && /^[\x21\x23-\x3b\x3d\x3f-\x7e]+$/.test(text);
}

function dateIn(name: string, value: unknown): Date | undefined {
  if (value === undefined) return undefined;
  const date = new Date(typeof value === "string" ? value : "");
  if (Number.isNaN(date.getTime()))
    throw wrong(`${name}: dates are ISO 8601, such as 2027-01-31`);
  return date;
}

function wrong(why: string): ConfigError {
  return new ConfigError(`HCP_API_OLD_VERSIONS ${why}.`);
}
