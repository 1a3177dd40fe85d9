/**
 * Opens credentials that Odoo sealed for this service, and seals them anew
 * when the service's own key changes.
 *
 * The construct (docs/decisions/0013): an ephemeral X25519 agreement (RFC
 * 7748), HKDF-SHA256 (RFC 5869), AES-256-GCM. The other half is
 * addons/healthcare_exchange/tools/sealing.py; both are tested with the same
 * vectors.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from "node:crypto";

const VERSION = 1;
const INFO = "hcp credential v1";
const PUBLIC_BYTES = 32;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** DER of an X25519 public key (RFC 8410) is this and the 32 bytes. */
const SPKI_PREFIX = Buffer.from("302a300506032b656e032100", "hex");

/** What a credential is; sealed bytes open for nothing else. */
export interface SealedFor {
  endpoint_code: string;
  uuid: string;
  direction: string;
  kind: string;
}

/** A private key of the service. */
export interface ServiceKey {
  /** 16 hex digits of the public key's SHA-256. */
  id: string;
  privateKey: KeyObject;
  publicBytes: Buffer;
}

/** Why something could not be opened, or is no key; holds no secret. */
export class SealingError extends Error {
  override name = "SealingError";
}

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

/**
 * The private keys in a text of PEM blocks, the present one first; while the
 * key is changed there are two.
 * @throws SealingError for a text without one, or with another kind of key
 */
export function readServiceKeys(text: string): ServiceKey[] {
  const blocks = text.match(PEM) ?? [];
  if (blocks.length === 0)
    throw new SealingError(
      "The service's private key is not in PEM form (openssl genpkey -algorithm X25519).",
    );
  return blocks.map(readServiceKey);
}

function readServiceKey(pem: string): ServiceKey {
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(pem);
  } catch {
    // Node's reason may quote the text.
    throw new SealingError("The service's private key cannot be read.");
  }
  if (privateKey.asymmetricKeyType !== "x25519")
    throw new SealingError("The service's private key is not an X25519 key.");
  const publicBytes = rawPublic(createPublicKey(privateKey));
  return { id: keyId(publicBytes), privateKey, publicBytes };
}

/** Name of a public key. */
export function keyId(publicBytes: Uint8Array): string {
  return createHash("sha256").update(publicBytes).digest("hex").slice(0, 16);
}

/**
 * The secret in sealed bytes.
 * @param sealed base64, as Odoo stores it
 * @throws SealingError when they are for another key or credential, or damaged
 */
export function openSealed(
  sealed: string,
  key: ServiceKey,
  sealedFor: SealedFor,
): string {
  const bytes = Buffer.from(sealed, "base64");
  const least = 1 + PUBLIC_BYTES + TAG_BYTES;
  if (bytes.length < least || bytes[0] !== VERSION)
    throw new SealingError("These are not sealed bytes of a known form.");
  const theirs = bytes.subarray(1, 1 + PUBLIC_BYTES);
  const tag = bytes.subarray(-TAG_BYTES);
  const text = bytes.subarray(1 + PUBLIC_BYTES, -TAG_BYTES);
  try {
    const agreed = diffieHellman({
      privateKey: key.privateKey,
      publicKey: publicKeyOf(theirs),
    });
    const { secretKey, nonce } = derive(agreed, theirs, key.publicBytes);
    const decipher = createDecipheriv("aes-256-gcm", secretKey, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(sealedFor));
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(text), decipher.final()]).toString(
      "utf8",
    );
  } catch {
    throw new SealingError(
      `Sealed bytes of ${sealedFor.endpoint_code} cannot be opened with key ${key.id}: damaged, or of another credential.`,
    );
  }
}

/**
 * Seals a secret for a key.
 * @param ephemeral private key of a test vector; never given otherwise
 */
export function seal(
  secret: string,
  publicBytes: Uint8Array,
  sealedFor: SealedFor,
  ephemeral: KeyObject = generateKeyPairSync("x25519").privateKey,
): string {
  const ours = rawPublic(createPublicKey(ephemeral));
  const agreed = diffieHellman({
    privateKey: ephemeral,
    publicKey: publicKeyOf(publicBytes),
  });
  const { secretKey, nonce } = derive(agreed, ours, publicBytes);
  const cipher = createCipheriv("aes-256-gcm", secretKey, nonce, {
    authTagLength: TAG_BYTES,
  });
  cipher.setAAD(associatedData(sealedFor));
  return Buffer.concat([
    Buffer.from([VERSION]),
    ours,
    cipher.update(secret, "utf8"),
    cipher.final(),
    cipher.getAuthTag(),
  ]).toString("base64");
}

/**
 * A key for another purpose out of the service's private key, the same in
 * every process that holds it.
 */
export function derivedKey(key: ServiceKey, purpose: string): Buffer {
  const own = key.privateKey.export({ format: "der", type: "pkcs8" });
  return Buffer.from(
    hkdfSync("sha256", own, key.publicBytes, purpose, KEY_BYTES),
  );
}

/** None of the parts holds a line break. */
function associatedData(one: SealedFor): Buffer {
  return Buffer.from(
    [INFO, one.endpoint_code, one.uuid, one.direction, one.kind].join("\n"),
  );
}

function derive(
  agreed: Uint8Array,
  ephemeral: Uint8Array,
  recipient: Uint8Array,
): { secretKey: Buffer; nonce: Buffer } {
  const salt = Buffer.concat([ephemeral, recipient]);
  const bytes = Buffer.from(
    hkdfSync("sha256", agreed, salt, INFO, KEY_BYTES + NONCE_BYTES),
  );
  return {
    secretKey: bytes.subarray(0, KEY_BYTES),
    nonce: bytes.subarray(KEY_BYTES),
  };
}

function publicKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({
    key: Buffer.concat([SPKI_PREFIX, bytes]),
    format: "der",
    type: "spki",
  });
}

function rawPublic(key: KeyObject): Buffer {
  return key
    .export({ format: "der", type: "spki" })
    .subarray(SPKI_PREFIX.length);
}
