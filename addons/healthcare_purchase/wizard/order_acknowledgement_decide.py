from odoo import fields, models


class HealthcareOrderAcknowledgementDecide(models.TransientModel):
    """Asks for decision and reason; the lines themselves check who may."""

    _name = "healthcare.order.acknowledgement.decide"
    _description = "Decide on a Supplier's Answer"

    line_ids = fields.Many2many(
        "healthcare.order.acknowledgement.line",
        "healthcare_order_ack_decide_line_rel",
        string="Answers",
    )
    decision = fields.Selection(
        [("accepted", "Accept"), ("refused", "Refuse")], default="accepted", required=True
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Decide on all chosen lines."""
        self.ensure_one()
        self.line_ids.action_decide(self.decision, self.reason)
        return {"type": "ir.actions.act_window_close"}
