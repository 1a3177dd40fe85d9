from odoo import api, models
from odoo.exceptions import UserError


class ResBank(models.Model):
    """The bank's code is part of where money goes, for accounts that are no IBAN."""

    _inherit = "res.bank"

    def write(self, vals):
        if "bic" in vals:
            self.filtered(lambda bank: (bank.bic or "") != (vals["bic"] or "").upper())._check_bank_in_use()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self._check_bank_in_use()

    def _check_bank_in_use(self):
        """Refuse to redirect the accounts of suppliers by changing their bank.

        :raises UserError: naming the bank and one supplier
        """
        # sudo: who changes a bank need not see the suppliers' accounts
        accounts = self.env["res.partner.bank"].sudo().search([("bank_id", "in", self.ids)])
        held = accounts.filtered(lambda account: account.acc_type != "iban")
        controlled = held.partner_id._bank_controlled()
        if controlled:
            raise UserError(
                self.env._(
                    "Bank %(bank)s: its code routes payments to %(supplier)s. Make another bank, and "
                    "request a bank change on the supplier.",
                    bank=self[:1].name,
                    supplier=controlled[:1].display_name,
                )
            )
