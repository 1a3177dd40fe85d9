/**
 * Debian packages, fetched by apt in isolation and unpacked without being
 * installed: no root, nothing of the system changes, signatures are checked
 * as always. Addresses and keys are those of the machine's own Debian sources.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { run } from "./commands.mjs";
import { SetupError } from "./errors.mjs";

/**
 * @typedef {object} DebianSource
 * @property {string} uri
 * @property {string[]} suites
 * @property {string[]} components
 * @property {string} [signedBy] key file, or an inline key
 */

/**
 * Reads the deb822 form (`*.sources`).
 * @param {string} text
 * @returns {DebianSource[]} binary sources that are enabled, one per URI
 */
export function parseDeb822(text) {
  return text
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map(parseStanza)
    .filter((fields) => fields.types?.split(/\s+/).includes("deb"))
    .filter((fields) => !/^(no|false|0)$/i.test(fields.enabled ?? "yes"))
    .flatMap((fields) =>
      words(fields.uris).map((uri) => ({
        uri,
        suites: words(fields.suites),
        components: words(fields.components),
        signedBy: fields["signed-by"],
      })),
    );
}

function parseStanza(stanza) {
  const fields = {};
  let name;
  for (const line of stanza.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const field = /^([A-Za-z0-9-]+):[ \t]*(.*)$/.exec(line);
    if (field) {
      name = field[1].toLowerCase();
      fields[name] = field[2].trim();
    } else if (name && /^[ \t]/.test(line)) {
      fields[name] += `\n${line}`;
    }
  }
  return fields;
}

const words = (text) => (text ?? "").split(/\s+/).filter(Boolean);

/**
 * Reads the one-line form (`sources.list`).
 * @param {string} text
 * @returns {DebianSource[]} binary sources only
 */
export function parseSourcesList(text) {
  const sources = [];
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(
      line,
    );
    if (!match) continue;
    const [, options = "", uri, suite, components] = match;
    sources.push({
      uri,
      suites: [suite],
      components: words(components),
      signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1],
    });
  }
  return sources;
}

/**
 * The source of Debian itself among all that the machine has: it carries the
 * machine's own suite in component main.
 * @param {DebianSource[]} sources
 * @param {string} codename such as `bookworm`
 * @returns {DebianSource | undefined}
 */
export function chooseSource(sources, codename) {
  const names = new Set([codename, "stable", "testing", "unstable", "sid"]);
  return sources.find(
    (one) =>
      one.suites.some((suite) => names.has(suite)) &&
      one.components.includes("main") &&
      !one.uri.includes("security"),
  );
}

/**
 * @param {string} osRelease content of /etc/os-release
 * @returns {{ id: string, name: string, codename: string }}
 */
export function parseOsRelease(osRelease) {
  const field = (name) =>
    new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(osRelease)?.[1] ?? "";
  return {
    id: field("ID"),
    name: field("PRETTY_NAME") || field("NAME") || "this system",
    codename: field("VERSION_CODENAME"),
  };
}

/**
 * The machine's Debian source.
 * @param {string} [etc] where /etc is; tests give their own
 * @returns {{ source: DebianSource, codename: string }}
 * @throws {SetupError} on anything that is not Debian, or has no source
 */
export function findDebian(etc = "/etc") {
  const release = readText(join(etc, "os-release"));
  const { id, name, codename } = parseOsRelease(release);
  const remedy =
    "Use `docker compose up`, or set HCP_ODOO_SOURCE to a checkout of Odoo 19.0, or use an existing Odoo (HCP_ODOO_URL; see README).";
  if (id !== "debian" || !codename) {
    throw new SetupError(
      `${name || "This system"} has no package of Odoo 19 that could be used here; only Debian has.`,
      remedy,
    );
  }
  const folder = join(etc, "apt", "sources.list.d");
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  const sources = [
    ...parseSourcesList(readText(join(etc, "apt", "sources.list"))),
    ...files
      .filter((file) => file.endsWith(".list"))
      .flatMap((file) => parseSourcesList(readText(join(folder, file)))),
    ...files
      .filter((file) => file.endsWith(".sources"))
      .flatMap((file) => parseDeb822(readText(join(folder, file)))),
  ];
  const source = chooseSource(sources, codename);
  if (!source) {
    throw new SetupError(
      `No Debian archive for ${codename} is configured in ${join(etc, "apt")}.`,
      `Add Debian's own source there; otherwise: ${remedy}`,
    );
  }
  return { source, codename };
}

function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * The text of an own source file for some suites of a Debian archive.
 * @param {DebianSource} source
 * @param {string[]} suites
 * @returns {string} deb822
 */
export function sourceFile(source, suites) {
  const key =
    source.signedBy ?? "/usr/share/keyrings/debian-archive-keyring.gpg";
  return suites
    .map(
      (suite) =>
        `Types: deb\nURIs: ${source.uri}\nSuites: ${suite}\nComponents: main\nSigned-By: ${key}\n`,
    )
    .join("\n");
}

/**
 * Downloads packages and unpacks them into a folder.
 * @param {import("./context.mjs").Context} ctx
 * @param {object} options
 * @param {string} options.target where to unpack; must exist
 * @param {string} options.work a folder for apt's state and the downloads; it
 *   is kept, so that a second attempt downloads only what is missing or broken
 * @param {{ name: string, suite?: string }[]} options.packages suite: the
 *   machine's own when left out
 * @param {(text: string) => void} [options.note] says what is done just now
 * @param {boolean} [options.dependencies] with what they need (of a system
 *   that has its own packages already)
 * @throws {SetupError} on a system that is not Debian
 */
export async function unpackDebian(ctx, options) {
  const { work, target, packages, note } = options;
  const { source, codename } = findDebian();
  const suites = [...new Set(packages.map((one) => one.suite ?? codename))];
  const apt = aptOptions(work, options.dependencies);
  for (const folder of [
    "state/lists/partial",
    "cache/archives/partial",
    "log",
    "debs",
  ])
    mkdirSync(join(work, folder), { recursive: true });
  writeFileSync(join(work, "list.sources"), sourceFile(source, suites));
  if (!existsSync(join(work, "status")))
    writeFileSync(join(work, "status"), "");
  note?.("reading the package lists");
  await run(ctx, "apt-get", [...apt, "-qq", "update"], APT);
  const wanted = packages.map((one) => `${one.name}/${one.suite ?? codename}`);
  const names = options.dependencies
    ? await withDependencies(ctx, apt, wanted)
    : wanted;
  note?.("downloading");
  const debs = join(work, "debs");
  // apt checks what is already there by its hash and repeats only what fails.
  removeUnfinished(debs);
  await run(ctx, "apt-get", [...apt, "-qq", "download", ...names], {
    ...APT,
    cwd: debs,
  });
  note?.("unpacking");
  const wantedNames = new Set(names.map((name) => name.split(/[/=:]/)[0]));
  for (const file of readdirSync(debs).filter((name) =>
    name.endsWith(".deb"),
  )) {
    if (wantedNames.has(file.split("_")[0]))
      await run(ctx, "dpkg", ["-x", join(debs, file), target]);
  }
}

const APT = { env: { LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" } };

/** Options that keep apt inside `work`, readable by an ordinary user. */
function aptOptions(work, systemStatus) {
  const settings = {
    "Dir::State": join(work, "state"),
    "Dir::Cache": join(work, "cache"),
    "Dir::Log": join(work, "log"),
    "Dir::Etc::SourceList": join(work, "list.sources"),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::Etc::Preferences": "/dev/null",
    "Dir::Etc::PreferencesParts": "/dev/null",
    "Dir::State::status": systemStatus
      ? "/var/lib/dpkg/status"
      : join(work, "status"),
    "Acquire::Check-Valid-Until": "false",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
    "APT::Sandbox::User": "",
    "APT::Update::Error-Mode": "any",
    "Debug::NoLocking": "1",
  };
  return Object.entries(settings).flatMap(([key, value]) => [
    "-o",
    `${key}=${value}`,
  ]);
}

/** Names that apt would install, those with system-wide effects left out. */
async function withDependencies(ctx, apt, wanted) {
  const { stdout } = await run(
    ctx,
    "apt-get",
    [...apt, "-s", "-qq", "install", "--no-install-recommends", ...wanted],
    APT,
  );
  const left =
    /^(perl|libperl|debconf|ucf|ssl-cert|openssl|postgresql-common|postgresql-client-common|locales|libllvm)/;
  const names = [...stdout.matchAll(/^Inst (\S+)/gm)]
    .map((match) => match[1])
    .filter((name) => !left.test(name));
  return [...new Set(names)];
}

function removeUnfinished(folder) {
  for (const name of readdirSync(folder).filter((one) => !one.endsWith(".deb")))
    rmSync(join(folder, name), { recursive: true, force: true });
}
