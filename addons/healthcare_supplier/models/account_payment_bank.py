from odoo import api, models
from odoo.exceptions import UserError

_PAYING_STATES = ("in_process", "paid")
_BANK_FIELDS = {
    "state",
    "partner_bank_id",
    "partner_id",
    "payment_type",
    "partner_type",
    "company_id",
    "journal_id",
}


class AccountPayment(models.Model):
    """Money goes to released bank accounts only."""

    _inherit = "account.payment"

    @api.depends("partner_id", "company_id", "payment_type")
    def _compute_available_partner_bank_ids(self):
        """Offer released accounts of suppliers only."""
        result = super()._compute_available_partner_bank_ids()
        for payment in self._bank_held_payments():
            accounts = payment.available_partner_bank_ids
            payment.available_partner_bank_ids = accounts.filtered("released")
        return result

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments._check_bank_account()
        return payments

    def write(self, vals):
        if vals.get("state") in _PAYING_STATES:
            # Odoo posts the payment's entry inside `write`: refuse before it does.
            self._check_bank_account(paying=True)
        result = super().write(vals)
        if vals.keys() & _BANK_FIELDS:
            self._check_bank_account()
        return result

    def action_post(self):
        self._check_bank_account(paying=True)
        return super().action_post()

    def action_validate(self):
        self._check_bank_account(paying=True)
        return super().action_validate()

    def _bank_held_payments(self):
        """Return those of these payments that pay suppliers whose accounts are under control."""
        outgoing = self.filtered(lambda payment: payment.payment_type == "outbound" and payment.partner_id)
        companies = self.env["res.company"]._bank_hold_companies() if outgoing else self.company_id.browse()
        outgoing = outgoing.filtered(lambda payment: payment.company_id in companies)
        controlled = outgoing.partner_id._bank_controlled()
        return outgoing.filtered(lambda payment: payment.partner_id in controlled)

    def _bank_held_accounts(self):
        """Return those of these payments that name a supplier's account under control, whoever they
        say is paid: money goes by the account."""
        outgoing = self.filtered(
            lambda payment: payment.payment_type == "outbound" and payment.partner_bank_id
        )
        companies = self.env["res.company"]._bank_hold_companies() if outgoing else self.company_id.browse()
        outgoing = outgoing.filtered(lambda payment: payment.company_id in companies)
        controlled = outgoing.partner_bank_id.partner_id._bank_controlled()
        return outgoing.filtered(lambda payment: payment.partner_bank_id.partner_id in controlled)

    def _check_bank_account(self, paying=False):
        """Refuse to pay to an account that two people have not released, or that is not the payee's.

        That payments wait while a change waits is ``res.partner._supplier_problems``'s.

        :param bool paying: treat drafts as if they paid already
        :raises UserError: naming payment, supplier and account
        """
        # sudo: what is refused does not depend on who may read the account
        payments = self.sudo()
        payments = payments._bank_held_payments() | payments._bank_held_accounts()
        payments = payments.filtered(lambda payment: paying or payment.state in _PAYING_STATES)
        for payment in payments:
            account, supplier = payment.partner_bank_id, payment.partner_id
            if not account:
                continue
            names = {
                "amount": payment.currency_id.format(payment.amount),
                "supplier": supplier.display_name or self.env._("nobody"),
                "account": account.masked_number,
            }
            if account.partner_id.commercial_partner_id != supplier.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "The payment of %(amount)s to %(supplier)s names bank account %(account)s, which is "
                        "not this supplier's. Choose an account of the supplier.",
                        **names,
                    )
                )
            if not account.released:
                raise UserError(
                    self.env._(
                        "The payment of %(amount)s to %(supplier)s names bank account %(account)s, which is "
                        "not released for payments. Request a bank change on the supplier, or choose "
                        "another account.",
                        **names,
                    )
                )
