from odoo import models
from odoo.addons.base.models.res_bank import sanitize_account_number

from ..tools import bank_account


class AccountEdiCommon(models.AbstractModel):
    """An electronic invoice that names a bank account does not make it the supplier's."""

    _inherit = "account.edi.common"

    def _import_partner_bank(self, invoice, bank_details):
        partner = invoice.partner_id
        if invoice.is_inbound() or not partner._bank_controlled():
            return super()._import_partner_bank(invoice, bank_details)
        named = {sanitize_account_number(number) for number in bank_details} - {False}
        accounts = partner.commercial_partner_id.bank_ids | partner.bank_ids
        payable = accounts.sudo().filtered(
            lambda account: account.sanitized_acc_number in named and invoice._bank_payable(account)
        )
        if payable:
            invoice.partner_bank_id = payable[0].id
        elif named:
            invoice.partner_bank_id = False
            invoice.message_post(
                body=self.env._(
                    "The invoice names bank account %(account)s, which is not released for payments to "
                    "%(supplier)s. If the supplier has changed its bank, request a bank change; else "
                    "somebody may be trying a fraud.",
                    account=", ".join(sorted(map(bank_account.mask, named))),
                    supplier=partner.display_name,
                )
            )
        return None
