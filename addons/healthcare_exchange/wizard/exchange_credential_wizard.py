from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.orm.models import NO_ACCESS

from ..tools.secret_text import new_secret

#: What the sealed bytes are bound to; changed, they are of no use.
_BOUND = frozenset({"endpoint_id", "direction", "kind"})


class HealthcareExchangeCredentialWizard(models.TransientModel):
    """Type a credential, or have one made for a partner.

    A typed secret is sealed in the very call that brings it; only the sealed bytes are written,
    even to this transient table. A generated one is shown once, in the answer to the button.
    """

    _name = "healthcare.exchange.credential.wizard"
    _description = "New Exchange Credential"

    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", required=True, ondelete="cascade")
    origin = fields.Selection(
        [("typed", "Typed here"), ("generated", "Generated here and shown once")],
        required=True,
        default="typed",
    )
    name = fields.Char(required=True, help="What it is for, such as 'token of 2027'. Never the secret.")
    direction = fields.Selection(
        selection=lambda self: self._credential_selection("direction"), required=True, default="inbound"
    )
    kind = fields.Selection(
        selection=lambda self: self._credential_selection("kind"), required=True, default="bearer"
    )
    client_id = fields.Char(
        string="Client ID", help="Name under which the partner asks for access tokens; no secret."
    )
    secret = fields.Char(
        store=False,
        help="Sealed for the integration service at once; it cannot be shown again.",
    )
    sealed_secret = fields.Text(groups=NO_ACCESS)
    uuid = fields.Char(readonly=True)
    key_id = fields.Char(readonly=True)
    fingerprint = fields.Char(readonly=True)
    valid_from = fields.Datetime(required=True, default=fields.Datetime.now)
    valid_to = fields.Datetime()
    replaced_id = fields.Many2one(
        "healthcare.exchange.credential",
        string="Replaces",
        ondelete="cascade",
        domain="[('endpoint_id', '=', endpoint_id), ('direction', '=', direction), "
        "('kind', '=', kind), ('state', '=', 'active')]",
        help="Stays valid beside the new one, for the days below.",
    )
    overlap_days = fields.Integer(default=7)

    def _credential_selection(self, name):
        return self.env["healthcare.exchange.credential"]._fields[name]._description_selection(self.env)

    @api.model_create_multi
    def create(self, vals_list):
        secrets = [vals.pop("secret", None) for vals in vals_list]
        self._refuse_sealed(vals_list)
        wizards = super().create(vals_list)
        for wizard, secret in zip(wizards, secrets, strict=True):
            if secret:
                wizard._seal(secret)
        return wizards

    def write(self, vals):
        secret = vals.pop("secret", None)
        self._refuse_sealed([vals])
        result = super().write(vals)
        if secret:
            for wizard in self:
                wizard._seal(secret)
        elif _BOUND & vals.keys():
            self.sudo().filtered("sealed_secret")._keep_sealed({"sealed_secret": False, "fingerprint": False})
        return result

    def _refuse_sealed(self, vals_list):
        """Sealed bytes come from here alone, never from a caller."""
        made = {"sealed_secret", "uuid", "key_id", "fingerprint"}
        if not self.env.su and any(made & vals.keys() for vals in vals_list):
            raise UserError(self.env._("Give the secret itself; it is sealed here."))

    def _seal(self, secret):
        """Seal a typed secret; the text goes no further than this call."""
        credentials = self.env["healthcare.exchange.credential"]
        credentials._check_administrator(self.endpoint_id)
        self._keep_sealed(credentials._prepare_sealed(self.endpoint_id, self.direction, self.kind, secret))

    def _keep_sealed(self, vals):
        # sudo: the field of the sealed bytes is closed to people
        self.sudo().write(vals)

    @api.onchange("direction")
    def _onchange_direction(self):
        if self.direction == "outbound":
            self.kind = "bearer"
            self.origin = "typed"

    @api.onchange("endpoint_id", "direction", "kind")
    def _onchange_kind(self):
        self.replaced_id = False

    def action_save(self):
        """Keep the typed credential."""
        self.ensure_one()
        # sudo: the field of the sealed bytes is closed to people
        if not self.sudo().sealed_secret:
            raise UserError(self.env._("Type the secret first."))
        names = ("uuid", "sealed_secret", "key_id", "fingerprint")
        sealed = self.sudo().read(names)[0]
        self._keep({name: sealed[name] for name in names})
        # One copy is enough: a revoked credential is to be forgotten wholly.
        self._keep_sealed({"sealed_secret": False})
        return {"type": "ir.actions.act_window_close"}

    def action_generate(self):
        """Make a secret for the partner, keep it sealed, and show it once."""
        self.ensure_one()
        if self.direction != "inbound":
            raise UserError(self.env._("What we present to a partner is the partner's to make; type it."))
        credentials = self.env["healthcare.exchange.credential"]
        credentials._check_administrator(self.endpoint_id)
        secret = new_secret(self.kind)
        credential = self._keep(
            credentials._prepare_sealed(self.endpoint_id, self.direction, self.kind, secret)
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give This to the Partner Now"),
            "res_model": "healthcare.exchange.credential.shown",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            # Goes to the browser that asked and nowhere else: the dialog's fields are not stored.
            "context": {
                "default_secret": secret,
                "default_client_id": self.client_id or False,
                "default_fingerprint": credential.fingerprint,
            },
        }

    def _keep(self, sealed):
        if self.replaced_id:
            if self.overlap_days < 0:
                raise UserError(self.env._("The days of overlap cannot be negative."))
            self.replaced_id._expire(
                max(self.valid_from, fields.Datetime.now()) + timedelta(days=self.overlap_days)
            )
        if self.kind == "oauth_client" and not (self.client_id or "").strip():
            raise UserError(self.env._("An OAuth 2.0 client needs a client ID."))
        return self.env["healthcare.exchange.credential"]._keep(
            {
                **sealed,
                "endpoint_id": self.endpoint_id.id,
                "name": self.name,
                "direction": self.direction,
                "kind": self.kind,
                "client_id": (self.client_id or "").strip() if self.kind == "oauth_client" else False,
                "valid_from": self.valid_from,
                "valid_to": self.valid_to,
            }
        )
