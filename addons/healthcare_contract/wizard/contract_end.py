from odoo import fields, models


class HealthcareContractEnd(models.TransientModel):
    """Ask for the early end of a contract, with the last day and why."""

    _name = "healthcare.contract.end"
    _description = "End a Contract Early"

    contract_id = fields.Many2one("healthcare.contract", required=True, ondelete="cascade")
    date = fields.Date(string="Last Day", required=True, default=fields.Date.context_today)
    reason = fields.Text(required=True)

    def action_confirm(self):
        """Ask a second person."""
        self.ensure_one()
        self.contract_id.action_end(self.date, self.reason)
        return {"type": "ir.actions.act_window_close"}
