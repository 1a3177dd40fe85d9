from odoo import fields, models


class HealthcarePriceFeedDecide(models.TransientModel):
    """Asks for the reason before a price feed, or some of its lines, are decided."""

    _name = "healthcare.price.feed.decide"
    _description = "Decide on a Price Feed"

    action = fields.Selection(
        [
            ("request_approval", "Ask for Approval"),
            ("refuse", "Refuse the Rest"),
            ("roll_back", "Roll Back"),
            ("refuse_lines", "Refuse Lines"),
        ],
        required=True,
        readonly=True,
    )
    feed_id = fields.Many2one("healthcare.price.feed", readonly=True)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Carry it out in the name of the user: the methods check who may do what."""
        self.ensure_one()
        if self.action == "refuse_lines":
            lines = self.env["healthcare.price.feed.line"].browse(self.env.context.get("active_ids") or ())
            lines.action_refuse(self.reason)
        elif self.action == "request_approval":
            self.feed_id.action_request_approval(self.reason)
        elif self.action == "refuse":
            self.feed_id.action_refuse(self.reason)
        else:
            self.feed_id.action_roll_back(self.reason)
        return {"type": "ir.actions.act_window_close"}
