#!/bin/bash
# Makes the database, or brings it up to the addons of this image; then the
# service user, its API key and the demo logins, with the same script that
# `npm start` uses. Runs once per `docker compose up` and ends.
#
# HOST, USER, PASSWORD_FILE as in the official image; HCP_DB, HCP_MODULE.
# Secrets: HCP_ADMIN_PASSWORD_FILE, HCP_DEMO_PASSWORDS_FILE (JSON by role);
# HCP_SERVICE_PUBLIC_KEY_FILE is none: with it Odoo seals credentials.
# Writes: /run/hcp/service_api_key, /run/hcp/addons.sha256.
set -euo pipefail

db=${HCP_DB:-hcp}
module=${HCP_MODULE:-healthcare_demo}
wanted=$(cat /opt/hcp/addons.sha256)
made=$(cat /run/hcp/addons.sha256 2>/dev/null || true)
begun=/run/hcp/database-begun
export PGPASSWORD
PGPASSWORD=$(cat "$PASSWORD_FILE")

launcher() {
  local command=$1
  shift
  # By environment, never by argument: arguments are visible to everybody.
  python3 /opt/hcp/py/odoo_launcher.py "$command" -c /etc/odoo/odoo.conf \
    --db_host "$HOST" --db_user "$USER" -d "$db" --no-http "$@"
}

exists=$(psql -h "$HOST" -U "$USER" -d postgres -tAc \
  "SELECT 1 FROM pg_database WHERE datname = '$db'")

# A database that was begun and never finished is made anew.
if [ -e "$begun" ] && [ -n "$exists" ]; then
  dropdb -h "$HOST" -U "$USER" --force "$db"
  rm -rf "/var/lib/odoo/filestore/${db:?}"
  exists=
fi

if [ -z "$exists" ]; then
  touch "$begun"
  createdb -h "$HOST" -U "$USER" --template template0 -E UTF8 "$db"
  launcher server -i "$module" --stop-after-init
elif [ "$made" != "$wanted" ]; then
  # By name, for an update does not install what has become a dependency.
  addons=$(cd /mnt/extra-addons && printf '%s,' healthcare_*)
  if [ "$module" != healthcare_demo ]; then
    addons=${addons/healthcare_demo,/}
  fi
  launcher server -i "${addons%,}" -u healthcare_base --stop-after-init
elif [ -s /run/hcp/service_api_key ]; then
  # Renewed while at least a month is left.
  age=$(( $(date +%s) - $(stat -c %Y /run/hcp/service_api_key) ))
  [ "$age" -lt $(( 300 * 86400 )) ] && exit 0
fi

HCP_ADMIN_PASSWORD=$(cat "$HCP_ADMIN_PASSWORD_FILE")
HCP_DEMO_PASSWORDS=$(cat "$HCP_DEMO_PASSWORDS_FILE")
HCP_SERVICE_PUBLIC_KEY=$(cat "$HCP_SERVICE_PUBLIC_KEY_FILE")
HCP_KEY_FILE=/run/hcp/service_api_key.new
HCP_KEY_EXPIRES=$(date -d '+365 days' +%F)
export HCP_ADMIN_PASSWORD HCP_DEMO_PASSWORDS HCP_SERVICE_PUBLIC_KEY
export HCP_KEY_FILE HCP_KEY_EXPIRES
launcher shell --log-level=warn < /opt/hcp/py/prepare.py
# The service runs as another user, in a container that sees this volume only.
chmod 0444 "$HCP_KEY_FILE"
mv "$HCP_KEY_FILE" /run/hcp/service_api_key
echo "$wanted" > /run/hcp/addons.sha256
rm -f "$begun"
