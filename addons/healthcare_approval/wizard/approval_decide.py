from odoo import fields, models


class HealthcareApprovalDecide(models.TransientModel):
    """Approve or refuse with a reason, one document or several."""

    _name = "healthcare.approval.decide"
    _description = "Decide"

    model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    decision = fields.Selection([("approve", "Approve"), ("refuse", "Refuse")], required=True)
    reason = fields.Text()

    def action_decide(self):
        """Decide all of the documents, or none when one cannot be decided."""
        self.ensure_one()
        status = "approved" if self.decision == "approve" else "rejected"
        for record in self.env["tier.review"]._documents(self.model, self.res_ids):
            record._approval_decide(status, self.reason)
        return {"type": "ir.actions.act_window_close"}
