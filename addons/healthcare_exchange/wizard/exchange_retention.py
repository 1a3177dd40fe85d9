from odoo import fields, models


class HealthcareExchangeRetention(models.TransientModel):
    """How long contents of a document type shall be kept, on its way to a second person."""

    _name = "healthcare.exchange.retention"
    _description = "Keep Contents Shorter"

    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", required=True, ondelete="cascade")
    document_id = fields.Many2one(
        "healthcare.exchange.endpoint.document",
        string="Document Type",
        required=True,
        domain="[('endpoint_id', '=', endpoint_id)]",
        ondelete="cascade",
    )
    present_days = fields.Integer(related="document_id.keep_payload_days", string="Now (days)")
    days = fields.Integer(string="Keep Contents (days)", default=365, help="At least 30; 0: for ever.")
    reason = fields.Text(help="Why; for the one who decides.")

    def action_ask(self):
        """Ask a second person; what keeps contents longer takes effect at once."""
        self.ensure_one()
        request = self.document_id._keep(self.days, self.reason or "")
        if request:
            return self.document_id.action_view_approval_requests()
        return {"type": "ir.actions.act_window_close"}
