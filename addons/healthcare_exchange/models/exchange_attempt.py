from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class HealthcareExchangeAttempt(models.Model):
    """One try to deliver a message: append-only, and the source of an endpoint's health."""

    _name = "healthcare.exchange.attempt"
    _inherit = ["healthcare.exchange.error.mixin"]
    _description = "Delivery Attempt"
    _order = "id desc"
    _rec_name = "outcome"
    _log_access = False

    message_id = fields.Many2one(
        "healthcare.exchange.message", required=True, index=True, readonly=True, ondelete="restrict"
    )
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    lease_token = fields.Char(required=True, readonly=True)
    started_at = fields.Datetime(required=True, readonly=True)
    duration_ms = fields.Integer(string="Duration (ms)", readonly=True)
    outcome = fields.Selection(
        [("not_sent", "Not sent"), ("delivered", "Delivered"), ("unknown", "Unknown")],
        required=True,
        readonly=True,
        help="Unknown: the partner may or may not have it; it is repeated with the same key.",
    )
    acknowledged = fields.Boolean(readonly=True)
    error_code = fields.Char(readonly=True)
    error_kind = fields.Char(readonly=True)
    message = fields.Char(string="Explanation", readonly=True)
    http_status = fields.Integer(string="HTTP Status", readonly=True)
    worker = fields.Char(readonly=True)

    # `report` told again: a lease reports a message once.
    _lease_unique = models.UniqueIndex("(message_id, lease_token)", "This attempt is recorded already.")
    # Health of an endpoint over the last minutes, and clean-up by age.
    _health_idx = models.Index("(endpoint_id, started_at)")
    # The circuit breaker: the last attempts of an endpoint.
    _recent_idx = models.Index("(endpoint_id, id)")
    # `claim` asks whether a token is spent.
    _token_idx = models.Index("(lease_token)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Attempts are recorded by the exchange itself."))
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("An attempt is evidence and does not change."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Evidence is never deleted."""
        raise UserError(self.env._("An attempt is evidence and cannot be deleted."))
