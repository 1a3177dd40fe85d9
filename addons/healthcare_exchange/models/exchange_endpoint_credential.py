from urllib.parse import urlsplit

from odoo import fields, models
from odoo.exceptions import UserError


class HealthcareExchangeEndpoint(models.Model):
    """How the partner proves who it is, and how we do."""

    _inherit = "healthcare.exchange.endpoint"

    credential_ids = fields.One2many(
        "healthcare.exchange.credential",
        "endpoint_id",
        string="Credentials",
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
    )
    accept_bearer = fields.Boolean(
        string="Bearer Tokens", default=True, help="Whether partners may present a fixed bearer token here."
    )
    accept_oauth = fields.Boolean(
        string="OAuth 2.0",
        default=True,
        help="Whether partners may ask for short-lived access tokens (client credentials) here.",
    )
    accept_webhook = fields.Boolean(
        string="Signed Webhooks",
        default=True,
        help="Whether requests signed as Standard Webhooks count here.",
    )

    def write(self, vals):
        if "code" in vals:
            # sudo: credentials are bound to the code, whoever may see them
            bound = self.sudo().credential_ids.filtered("sealed_secret").endpoint_id
            if bound.filtered(lambda endpoint: endpoint.code != vals["code"]):
                raise UserError(
                    self.env._(
                        "Endpoint %s has credentials, which are sealed under its code: revoke them before "
                        "the code changes.",
                        bound[0].code,
                    )
                )
        # sudo: credentials are bound to the address, whoever may see them
        presenting = self.sudo().filtered(lambda endpoint: endpoint._presented_credentials())
        before = {endpoint: endpoint._address() for endpoint in presenting}
        result = super().write(vals)
        moved = presenting.filtered(lambda endpoint: endpoint._address() != before[endpoint])
        if moved and not self.env.su:
            raise UserError(
                self.env._(
                    "Endpoint %s has credentials that we present to its partner: revoke them before its "
                    "address changes, and type them again for the new one. Else they would be presented to "
                    "whoever is there.",
                    moved[0].code,
                )
            )
        return result

    def _presented_credentials(self):
        """Return the credentials that the service presents to the partner, in superuser mode."""
        return self.credential_ids.filtered(lambda one: one.direction == "outbound" and one.sealed_secret)

    def _address(self):
        """Return whom a credential is presented to: connector, scheme, host and port."""
        self.ensure_one()
        settings = self.settings or {}
        address = urlsplit(str(settings.get("base_url") or ""))
        return (
            self.connector,
            settings.get("base_url_setting"),
            address.scheme.lower(),
            address.netloc.lower(),
        )

    def action_new_credential(self):
        """Open the dialog for another credential."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Credential"),
            "res_model": "healthcare.exchange.credential.wizard",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_endpoint_id": self.id},
        }
