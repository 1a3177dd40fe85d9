from odoo import api, models


class AccountPaymentRegister(models.TransientModel):
    """The dialog that pays bills offers released accounts only."""

    _inherit = "account.payment.register"

    @api.model
    def _get_batch_available_partner_banks(self, batch_result, journal):
        accounts = super()._get_batch_available_partner_banks(batch_result, journal)
        companies = self.env["res.company"]._bank_hold_companies()
        if (
            batch_result["payment_values"]["payment_type"] != "outbound"
            or journal.company_id not in companies
        ):
            return accounts
        held = accounts.filtered(lambda account: not account.released)
        controlled = held.partner_id._bank_controlled()
        return accounts.filtered(lambda account: account not in held or account.partner_id not in controlled)
