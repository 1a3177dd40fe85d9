/**
 * Makes the secrets that docker-compose.yml reads, each a file of its own in
 * `.local/docker/`; those that are there are kept. Plain Node.
 */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { ROLES } from "../scripts/local/lib/constants.mjs";
import { writeFileAtomic } from "../scripts/local/lib/files.mjs";
import { privateKey, publicKey } from "../scripts/local/lib/secrets.mjs";

const folder = join(
  dirname(fileURLToPath(import.meta.url)),
  "..",
  ".local",
  "docker",
);
const token = () => randomBytes(32).toString("hex");
const word = () => randomBytes(9).toString("base64url");

const secrets = {
  postgres_password: token,
  admin_password: word,
  service_bearer: token,
  sandbox_bearer: token,
  service_private_key: privateKey,
  // After the private key: it is made out of that.
  service_public_key: () =>
    publicKey(readFileSync(join(folder, "service_private_key"), "utf8")),
  "demo_passwords.json": () =>
    JSON.stringify(Object.fromEntries(ROLES.map((role) => [role, word()]))),
};

mkdirSync(folder, { recursive: true });
// Others of this machine cannot enter the folder; the containers' users, who
// have other ids, can read the files that are mounted for them.
chmodSync(folder, 0o700);
for (const [name, make] of Object.entries(secrets)) {
  const file = join(folder, name);
  if (!existsSync(file)) writeFileAtomic(file, make(), 0o444);
}
console.log(`The secrets are in ${folder}; next: docker compose up`);
