from odoo import fields, models


class HealthcareSupplierConflictDecide(models.TransientModel):
    """The form in which a person decides between two systems."""

    _name = "healthcare.supplier.conflict.decide"
    _description = "Decide a Supplier Conflict"

    conflict_id = fields.Many2one("healthcare.supplier.conflict", required=True, readonly=True)
    our_text = fields.Text(related="conflict_id.our_text")
    their_text = fields.Text(related="conflict_id.their_text")
    problem = fields.Text(related="conflict_id.problem")
    decision = fields.Selection(
        [("ours", "Keep Ours"), ("theirs", "Take Theirs")], required=True, default="ours"
    )
    reason = fields.Text(required=True)

    def action_decide(self):
        """Decide the conflict, with the user's own rights."""
        self.ensure_one()
        if self.decision == "theirs":
            self.conflict_id.action_take_theirs(self.reason)
        else:
            self.conflict_id.action_keep_ours(self.reason)
        return {"type": "ir.actions.act_window_close"}
