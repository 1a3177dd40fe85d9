import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import {
  chooseSource,
  findDebian,
  parseDeb822,
  parseOsRelease,
  parseSourcesList,
  sourceFile,
} from "../../../scripts/local/lib/debian.mjs";
import { makeFolderWithSpaces } from "./kit.ts";

/** The first of a list that must have one. */
function first<T>([one]: T[]): T {
  if (one === undefined) throw new Error("the list is empty");
  return one;
}

const DEB822 = `# Debian
Types: deb deb-src
# a comment inside
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
`;
const BOOKWORM =
  'ID=debian\nPRETTY_NAME="Debian 12"\nVERSION_CODENAME=bookworm\n';

describe("apt's sources", () => {
  test("in deb822 form", () => {
    const sources = parseDeb822(DEB822);
    expect(sources.map((one) => one.uri)).toEqual([
      "http://mirror.example/debian",
      "http://mirror.example/debian-security",
    ]);
    expect(sources[0]).toMatchObject({
      suites: ["bookworm", "bookworm-updates"],
      components: ["main", "contrib"],
      signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
    });
  });

  test("with a key inside the file", () => {
    const text = `Types: deb\nURIs: http://a.example\nSuites: trixie\nComponents: main\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n`;
    const source = first(parseDeb822(text));
    expect(source.signedBy).toContain("\n -----BEGIN PGP");
    const written = parseDeb822(sourceFile(source, ["sid"]));
    expect(written[0]?.signedBy).toBe(source.signedBy);
  });

  test("in one-line form", () => {
    const text = `
# deb http://commented.example bookworm main
deb [arch=amd64 signed-by=/etc/key.gpg] http://b.example/debian bookworm main contrib # why
deb-src http://b.example/debian bookworm main
deb http://c.example/debian stable main
`;
    expect(parseSourcesList(text)).toEqual([
      {
        uri: "http://b.example/debian",
        suites: ["bookworm"],
        components: ["main", "contrib"],
        signedBy: "/etc/key.gpg",
      },
      {
        uri: "http://c.example/debian",
        suites: ["stable"],
        components: ["main"],
        signedBy: undefined,
      },
    ]);
  });

  test("the archive of the machine's own suite is chosen", () => {
    const others = parseSourcesList(
      "deb https://node.example/node nodistro main",
    );
    const chosen = chooseSource(
      [...others, ...parseDeb822(DEB822)],
      "bookworm",
    );
    expect(chosen?.uri).toBe("http://mirror.example/debian");
  });

  test("our own file names only the suites asked for, with the same key", () => {
    const source = first(parseDeb822(DEB822));
    expect(parseDeb822(sourceFile(source, ["sid", "bookworm"]))).toEqual(
      ["sid", "bookworm"].map((suite) => ({
        uri: source.uri,
        suites: [suite],
        components: ["main"],
        signedBy: source.signedBy,
      })),
    );
  });
});

describe("the machine", () => {
  function etc(osRelease: string, sources = ""): string {
    const folder = makeFolderWithSpaces();
    mkdirSync(join(folder, "apt", "sources.list.d"), { recursive: true });
    writeFileSync(join(folder, "os-release"), osRelease);
    writeFileSync(
      join(folder, "apt", "sources.list.d", "debian.sources"),
      sources,
    );
    return folder;
  }

  test("is Debian with an archive", () => {
    expect(findDebian(etc(BOOKWORM, DEB822))).toMatchObject({
      codename: "bookworm",
      source: { uri: "http://mirror.example/debian" },
    });
  });

  test("is another distribution: says which ways there are", () => {
    const ubuntu =
      'ID=ubuntu\nID_LIKE=debian\nPRETTY_NAME="Ubuntu 24.04.3 LTS"\nVERSION_CODENAME=noble\n';
    expect(() => findDebian(etc(ubuntu, DEB822))).toThrow(
      /^Ubuntu 24\.04\.3 LTS has no package of Odoo 19 .*docker compose up.*HCP_ODOO_SOURCE.*HCP_ODOO_URL/,
    );
    expect(() => findDebian(makeFolderWithSpaces())).toThrow(
      /^This system|this system/,
    );
  });

  test("is Debian without an archive", () => {
    expect(() => findDebian(etc(BOOKWORM))).toThrow(
      /^No Debian archive for bookworm is configured in /,
    );
  });

  test("os-release without quotes", () => {
    expect(parseOsRelease("ID=debian\nNAME=Debian\n")).toEqual({
      id: "debian",
      name: "Debian",
      codename: "",
    });
  });
});
