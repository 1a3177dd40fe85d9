/** Sealed credentials: the same vectors as in Odoo's tests. */
import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  SealingError,
  derivedKey,
  keyId,
  openSealed,
  readServiceKeys,
  seal,
  type ServiceKey,
} from "../../../scripts/sync/sealing.ts";

interface Vector {
  endpoint_code: string;
  uuid: string;
  direction: string;
  kind: string;
  secret: string;
  private_key: string;
  key_id: string;
  ephemeral_private_key: string;
  sealed: string;
}

const { vectors } = JSON.parse(
  readFileSync(
    join("addons", "healthcare_exchange", "tests", "sealing_vectors.json"),
    "utf8",
  ),
) as { vectors: Vector[] };

const PKCS8_PREFIX = "302e020100300506032b656e04220420";

function keyOf(pem: string): ServiceKey {
  const [key] = readServiceKeys(pem);
  if (!key) throw new Error("no key");
  return key;
}

function freshPem(): string {
  return generateKeyPairSync("x25519")
    .privateKey.export({ format: "pem", type: "pkcs8" })
    .toString();
}

describe("vectors shared with Odoo", () => {
  it("are there", () => expect(vectors.length).toBeGreaterThan(2));

  it.each(vectors)("$endpoint_code", (vector) => {
    const key = keyOf(vector.private_key);
    expect(key.id).toBe(vector.key_id);
    expect(keyId(key.publicBytes)).toBe(vector.key_id);
    expect(openSealed(vector.sealed, key, vector)).toBe(vector.secret);
    const ephemeral = createPrivateKey({
      key: Buffer.from(PKCS8_PREFIX + vector.ephemeral_private_key, "hex"),
      format: "der",
      type: "pkcs8",
    });
    expect(seal(vector.secret, key.publicBytes, vector, ephemeral)).toBe(
      vector.sealed,
    );
  });
});

describe("sealed bytes", () => {
  const key = keyOf(freshPem());
  const one = {
    endpoint_code: "A",
    uuid: "u",
    direction: "inbound",
    kind: "bearer",
  };

  it("give back any text, and differ each time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = Buffer.from(text, "utf8").toString("utf8");
        const sealed = seal(clean, key.publicBytes, one);
        expect(openSealed(sealed, key, one)).toBe(clean);
        expect(seal(clean, key.publicBytes, one)).not.toBe(sealed);
      }),
      { numRuns: 50 },
    );
  });

  it("open for no other credential and no other key", () => {
    const sealed = seal("secret", key.publicBytes, one);
    for (const part of Object.keys(one) as (keyof typeof one)[])
      expect(() =>
        openSealed(sealed, key, { ...one, [part]: `${one[part]}x` }),
      ).toThrow(SealingError);
    expect(() => openSealed(sealed, keyOf(freshPem()), one)).toThrow(
      SealingError,
    );
  });

  it("that were changed at any place do not open", () => {
    const sealed = Buffer.from(seal("secret", key.publicBytes, one), "base64");
    for (let index = 0; index < sealed.length; index++) {
      // The highest bit of an X25519 coordinate is ignored (RFC 7748, 5).
      const bit = index === 32 ? 1 : 0x80;
      const broken = Buffer.from(sealed);
      broken[index] = (broken[index] ?? 0) ^ bit;
      expect(() => openSealed(broken.toString("base64"), key, one)).toThrow(
        SealingError,
      );
    }
    for (const text of ["", "AQ==", "?"])
      expect(() => openSealed(text, key, one)).toThrow(SealingError);
  });
});

describe("the service's key", () => {
  it("may be two while it changes, the present one first", () => {
    const [old, fresh] = [freshPem(), freshPem()];
    const keys = readServiceKeys(`${fresh}\n${old}`);
    expect(keys.map((one) => one.id)).toEqual([keyOf(fresh).id, keyOf(old).id]);
  });

  it("that cannot be used says why and not what it is", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const other = privateKey.export({ format: "pem", type: "pkcs8" });
    const damaged =
      "-----BEGIN PRIVATE KEY-----\nplanted\n-----END PRIVATE KEY-----";
    expect(() => readServiceKeys("planted")).toThrow(/PEM/);
    expect(() => readServiceKeys(damaged)).toThrow(/cannot be read/);
    expect(() => readServiceKeys(damaged)).not.toThrow(/planted/);
    expect(() => readServiceKeys(other.toString())).toThrow(/not an X25519/);
  });

  it("gives a key per purpose, the same in every process", () => {
    const pem = freshPem();
    const one = derivedKey(keyOf(pem), "a");
    expect(one).toHaveLength(32);
    expect(derivedKey(keyOf(pem), "a").equals(one)).toBe(true);
    expect(derivedKey(keyOf(pem), "b").equals(one)).toBe(false);
    expect(derivedKey(keyOf(freshPem()), "a").equals(one)).toBe(false);
  });
});
