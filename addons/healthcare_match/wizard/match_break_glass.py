from odoo import fields, models


class MatchBreakGlass(models.TransientModel):
    """Opens the payment gate for some hours, with a reason that auditors read."""

    _name = "healthcare.match.break.glass"
    _description = "Open the Payment Gate"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    hours = fields.Integer(default=4, required=True, help="1 to 24, from now.")
    reason = fields.Text(required=True)

    def action_open(self):
        """Open the gate; see ``res.company.action_match_break_glass``."""
        self.ensure_one()
        self.company_id.action_match_break_glass(self.reason, self.hours)
        return {"type": "ir.actions.act_window_close"}
