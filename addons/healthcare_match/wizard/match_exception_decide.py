from odoo import api, fields, models

from ..models.healthcare_match_exception import RESOLUTIONS


class MatchExceptionDecide(models.TransientModel):
    """One decision and one reason for one or many exceptions, from a list or a form."""

    _name = "healthcare.match.exception.decide"
    _description = "Decide on Match Exceptions"

    exception_ids = fields.Many2many(
        "healthcare.match.exception",
        relation="healthcare_match_decide_exception_rel",
        string="Exceptions",
        required=True,
        readonly=True,
        default=lambda self: self._default_exception_ids(),
    )
    resolution = fields.Selection(RESOLUTIONS, string="Decision", required=True)
    reason = fields.Text(required=True)

    @api.model
    def _default_exception_ids(self):
        if self.env.context.get("active_model") != "healthcare.match.exception":
            return self.env["healthcare.match.exception"]
        return self.env["healthcare.match.exception"].browse(self.env.context.get("active_ids", []))

    def action_decide(self):
        """Take the decision; see ``healthcare.match.exception.action_resolve``."""
        self.ensure_one()
        self.exception_ids.action_resolve(self.resolution, self.reason)
        return {"type": "ir.actions.act_window_close"}
