from odoo import fields, models


class HealthcareBankChangeWithdraw(models.TransientModel):
    """The form in which a bank change is withdrawn or refused without a call."""

    _name = "healthcare.bank.change.withdraw"
    _description = "Do Not Carry Out a Bank Change"

    change_id = fields.Many2one("healthcare.bank.change", required=True, readonly=True)
    reason = fields.Text(required=True)

    def action_withdraw(self):
        """End the change without effect."""
        self.ensure_one()
        self.change_id.action_withdraw(self.reason)
        return {"type": "ir.actions.act_window_close"}
