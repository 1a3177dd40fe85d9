from odoo import models


class AccountBankStatementLine(models.Model):
    """A statement shows where money came from; it does not make bank data of suppliers."""

    _inherit = "account.bank.statement.line"

    def _find_or_create_bank_account(self):
        self.ensure_one()
        partner = self.partner_id
        if partner._bank_controlled():
            # sudo: as Odoo looks for it
            accounts = self.env["res.partner.bank"].sudo().with_context(active_test=False)
            known = accounts.search(
                [("acc_number", "=", self.account_number), ("partner_id", "=", partner.id)]
            )
            if not known:
                return self.env["res.partner.bank"]
        return super()._find_or_create_bank_account()
