from odoo import api, fields, models

from ..tools import errors


class HealthcareExchangeErrorMixin(models.AbstractModel):
    """A record with an ``error_code``, which it explains: what happened, and what to do."""

    _name = "healthcare.exchange.error.mixin"
    _description = "Explained Error Code"

    error_code = fields.Char(readonly=True, copy=False)
    error_title = fields.Char(string="What Happened", compute="_compute_error_help")
    error_hint = fields.Char(string="What to Do", compute="_compute_error_help")

    @api.depends("error_code")
    def _compute_error_help(self):
        for record in self:
            record.error_title, record.error_hint = errors.explain(record.error_code)
