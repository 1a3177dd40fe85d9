"""Makes a fresh database usable on this machine; run inside `odoo shell`.

Told by the environment: HCP_ADMIN_PASSWORD, HCP_DEMO_PASSWORDS (JSON, by
role), HCP_KEY_FILE (where the service user's new API key is written, with
mode 0600), HCP_KEY_EXPIRES (ISO date), HCP_SERVICE_PUBLIC_KEY (PEM). May be run again. Prints one line of
JSON, `{"logins": [{"login", "role"}]}`. Names no secret.
"""

import json
import os
from datetime import datetime

KEY_NAME = "Integration service (local instance)"

# Scheduled work that would go out to the internet. A local instance needs no
# network and must not send anything to anybody.
OUTSIDE_CRONS = (
    "mail.ir_cron_module_update_notification",
    "mail.ir_cron_mail_scheduler_action",
    "mail.ir_cron_mail_gateway_action",
    "mail.ir_cron_web_push_notification",
    "auth_signup.ir_cron_auth_signup_send_pending_user_reminder",
    "digest.ir_cron_digest_scheduler_action",
    "purchase.purchase_send_reminder_mail",
    "sms.ir_cron_sms_scheduler_action",
    "snailmail.snailmail_print",
)
# Roles of the demo that are no group of their own name in healthcare_base.
ROLE_GROUPS = {
    "compliance": "healthcare_supplier.group_compliance",
    "supplier": "base.group_portal",
}
# Nobody listens there: Odoo's paid online services fail at once.
NOWHERE = "http://127.0.0.1:1"


def stay_inside(env):
    """Switch off what calls outside."""
    for name in OUTSIDE_CRONS:
        cron = env.ref(name, raise_if_not_found=False)
        if cron:
            cron.active = False
    parameters = env["ir.config_parameter"]
    for key in ("iap.endpoint", "iap.partner_autocomplete.endpoint", "iap.sms.endpoint"):
        parameters.set_param(key, NOWHERE)


def demo_user(env, role):
    """Return the demo's user of a role, made here where the demo has none."""
    user = env.ref(f"healthcare_demo.user_{role}", raise_if_not_found=False)
    if user:
        return user
    group = env.ref(ROLE_GROUPS.get(role, f"healthcare_base.group_{role}"), raise_if_not_found=False)
    if not group:
        return env["res.users"]
    found = env["res.users"].search([("login", "=", role)], limit=1)
    if found:
        return found
    values = {
        "name": role.replace("_", " ").capitalize(),
        "login": role,
        "group_ids": [(6, 0, group.ids)],
    }
    if role == "supplier":
        supplier = env.ref("healthcare_demo.supplier_sutura", raise_if_not_found=False)
        if not supplier:
            return env["res.users"]
        contact = {"name": values.pop("name"), "email": "supplier@sutura.example", "parent_id": supplier.id}
        values["partner_id"] = env["res.partner"].create(contact).id
    return env["res.users"].create(values)


def new_roles(env):
    """Give a demo that an earlier version made the roles that came since."""
    for user, group in (
        ("healthcare_demo.user_approver", "healthcare_approval.group_integration_approver"),
        ("healthcare_demo.user_accounts_payable", "healthcare_supplier.group_finance"),
    ):
        user = env.ref(user, raise_if_not_found=False)
        group = env.ref(group, raise_if_not_found=False)
        if user and group:
            user.group_ids += group


def service_key(env, path, expires):
    """Replace the service user's key and write it to its file."""
    user = env["healthcare.exchange.message"]._ensure_service_user()
    keys = env["res.users.apikeys"].sudo()
    keys.search([("user_id", "=", user.id), ("name", "=", KEY_NAME)]).unlink()
    # As superuser the key may live longer than Odoo's default of one day for
    # users without a group that says otherwise.
    key = keys.with_user(user).sudo()._generate("rpc", KEY_NAME, datetime.fromisoformat(expires))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(key)


def prepare(env):
    """Do everything in one transaction."""
    stay_inside(env)
    passwords = json.loads(os.environ.get("HCP_DEMO_PASSWORDS", "{}"))
    logins = []
    for role, password in passwords.items():
        user = demo_user(env, role)
        if user:
            user.password = password
            logins.append({"login": user.login, "role": role})
    new_roles(env)
    env.ref("base.user_admin").password = os.environ["HCP_ADMIN_PASSWORD"]
    if "healthcare.exchange.message" in env:
        service_key(env, os.environ["HCP_KEY_FILE"], os.environ["HCP_KEY_EXPIRES"])
        env["healthcare.exchange.service.key"]._register_key(os.environ["HCP_SERVICE_PUBLIC_KEY"])
    env.cr.commit()
    return {"logins": logins}


print(json.dumps(prepare(env)))  # noqa: F821 (`env` is odoo shell's)
