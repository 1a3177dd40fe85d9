from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import sealing


class HealthcareExchangeServiceKey(models.Model):
    """The integration service's public key, with which credentials are sealed.

    One is active. Registering another makes the earlier ones inactive; credentials sealed with
    those are sealed anew by the service, which holds both private keys meanwhile. The private key
    never comes here.
    """

    _name = "healthcare.exchange.service.key"
    _description = "Exchange Service Key"
    _inherit = ["healthcare.audit.mixin"]
    _order = "id desc"
    _rec_name = "key_id"
    _audit_fields = ("key_id", "active")

    public_key = fields.Text(
        required=True,
        help="X25519, PEM: openssl pkey -in service-key.pem -pubout. Never the private key.",
    )
    key_id = fields.Char(readonly=True, index=True, copy=False)
    active = fields.Boolean(default=True, readonly=True)

    _key_unique = models.Constraint("UNIQUE (key_id)", "This key is registered already.")
    # For `_current`: at most one key is sealed with.
    _active_unique = models.UniqueIndex("(active) WHERE active", "One service key is active at a time.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            try:
                vals["key_id"] = sealing.key_id(sealing.read_public_key(vals.get("public_key")))
            except sealing.SealingError as error:
                raise ValidationError(self.env._("Service key: %s.", error)) from error
            vals["active"] = True
        if len(vals_list) > 1:
            raise ValidationError(self.env._("Register one service key at a time."))
        self.search([("active", "=", True)]).write({"active": False})
        self.env.flush_all()
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - {"active"}:
            raise UserError(self.env._("A service key does not change; register another one."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Credentials name the key that they are sealed with."""
        used = self.env["healthcare.exchange.credential"].sudo()
        if used.search_count(
            [("key_id", "in", self.mapped("key_id")), ("sealed_secret", "!=", False)], limit=1
        ):
            raise UserError(self.env._("Credentials are sealed with this key; it cannot be deleted."))

    @api.model
    def _current(self):
        """Return the key to seal with.

        :raise UserError: none is registered.
        """
        key = self._active_key()
        if not key:
            raise UserError(
                self.env._(
                    "The integration service's public key is not registered yet. Register it under "
                    "Integration › Service Keys first."
                )
            )
        return key

    @api.model
    def _active_key(self):
        """Return the active key, in superuser mode; empty for none."""
        # sudo: a public key; who may type a credential is checked where it is typed
        return self.sudo().search([("active", "=", True)], limit=1)

    @api.model
    def _register_key(self, public_key):
        """Make a public key the active one, unless it is already; for set-up.

        :param public_key: PEM.
        :return: the key's record.
        :raise ValidationError: it cannot be used.
        """
        if not self.env.su and not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(self.env._("Service keys are registered by procurement administrators."))
        try:
            name = sealing.key_id(sealing.read_public_key(public_key))
        except sealing.SealingError as error:
            raise ValidationError(self.env._("Service key: %s.", error)) from error
        known = self.with_context(active_test=False).search([("key_id", "=", name)])
        if not known:
            return self.create({"public_key": public_key})
        if not known.active:
            known._activate()
        return known

    def action_activate(self):
        """Seal with this key again; the other one becomes inactive."""
        self.check_access("write")
        self.ensure_one()
        self._activate()
        return True

    def _activate(self):
        (self.search([("active", "=", True)]) - self).write({"active": False})
        self.env.flush_all()
        self.write({"active": True})
