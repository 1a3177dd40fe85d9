from odoo.tools import SQL


def post_init_hook(env):
    """Make the secret wake-up channel once, at installation."""
    env["healthcare.exchange.message"]._wake_channel_name()


def uninstall_hook(env):
    """Drop the control number sequences, which the ORM does not know of."""
    env.cr.execute(
        "SELECT sequencename FROM pg_sequences WHERE schemaname = current_schema"
        " AND sequencename ~ '^healthcare_exchange_control_[0-9]+$'"
    )
    for (name,) in env.cr.fetchall():
        env.cr.execute(SQL("DROP SEQUENCE %s", SQL.identifier(name)))
