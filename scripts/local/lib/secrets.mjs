/** The instance's secrets: one file that only its owner reads. */
import {
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomInt,
} from "node:crypto";
import { join } from "node:path";

import { ROLES } from "./constants.mjs";
import { readJson, writeJson } from "./files.mjs";

/**
 * @typedef {object} Secrets
 * @property {string} postgres_superuser_password
 * @property {string} postgres_password of the role `odoo`
 * @property {string} odoo_master_password Odoo's database manager (switched off)
 * @property {string} admin_password Odoo's user `admin`
 * @property {string} service_bearer towards the integration service
 * @property {string} sandbox_bearer towards the sandbox partners
 * @property {string} service_private_key PEM; opens the credentials that Odoo
 *   seals. While it is changed, two: the new one first
 * @property {Record<string, string>} demo_passwords by role
 * @property {string} [service_api_key] made with the database
 * @property {string} [service_api_key_expires] ISO date
 */

/** @param {import("./context.mjs").Context} ctx @returns {string} */
export function secretsFile(ctx) {
  return join(ctx.local, "secrets.json");
}

/**
 * Reads the secrets and makes those that are missing, before anything uses
 * them: a kill in between loses none.
 * @param {import("./context.mjs").Context} ctx
 * @returns {Secrets}
 */
export function ensureSecrets(ctx) {
  const kept = readJson(secretsFile(ctx)) ?? {};
  const made = {
    postgres_superuser_password: token(),
    postgres_password: token(),
    odoo_master_password: token(),
    admin_password: readable(),
    service_bearer: token(),
    sandbox_bearer: token(),
    service_private_key: privateKey(),
  };
  const demo = Object.fromEntries(ROLES.map((role) => [role, readable()]));
  const secrets = {
    ...made,
    ...kept,
    demo_passwords: { ...demo, ...kept.demo_passwords },
  };
  if (JSON.stringify(secrets) !== JSON.stringify(kept))
    saveSecrets(ctx, secrets);
  return secrets;
}

/** @param {import("./context.mjs").Context} ctx @param {Secrets} secrets */
export function saveSecrets(ctx, secrets) {
  writeJson(secretsFile(ctx), secrets, 0o600);
}

/** A new X25519 key, as PEM. @returns {string} */
export function privateKey() {
  const { privateKey: key } = generateKeyPairSync("x25519");
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

/**
 * What Odoo seals with: no secret.
 * @param {string} pem one private key or several; the first counts
 * @returns {string} PEM
 */
export function publicKey(pem) {
  const key = createPublicKey(pem);
  return key.export({ format: "pem", type: "spki" }).toString();
}

/** 256 bits; hex, so that it needs no quoting in SQL, URLs and files. */
function token() {
  return randomBytes(32).toString("hex");
}

/** 60 bits that a person can type: three groups without look-alikes. */
function readable() {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const group = () =>
    Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join(
      "",
    );
  return [group(), group(), group()].join("-");
}
