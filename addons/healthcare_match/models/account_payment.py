from odoo import api, models
from odoo.exceptions import UserError

from .account_move_gate import BILL_TYPES

PAYING_STATES = ("in_process", "paid")
GATED_FIELDS = {
    "state",
    "invoice_ids",
    "amount",
    "currency_id",
    "partner_id",
    "partner_type",
    "payment_type",
    "company_id",
    "destination_account_id",
}


class AccountPayment(models.Model):
    """The payment gate on outgoing payments to suppliers."""

    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments._check_match_gate()
        return payments

    def write(self, vals):
        if vals.get("state") in PAYING_STATES:
            # Odoo posts the payment's entry inside `write`: refuse before it does.
            self._check_match_gate(paying=True)
        result = super().write(vals)
        if vals.keys() & GATED_FIELDS:
            self._check_match_gate()
        return result

    def action_post(self):
        self._check_match_gate(paying=True)
        return super().action_post()

    def action_validate(self):
        self._check_match_gate(paying=True)
        return super().action_validate()

    def _check_match_gate(self, paying=False):
        """Refuse an outgoing supplier payment that no payable bill covers.

        A draft may be prepared without a bill; a bill it names must be payable.
        Once it pays, it needs bills, and pays no more than what they are open
        for: there is no released prepayment that would cover the rest.

        What pays a payable is a supplier payment, whatever its partner type says.

        :param bool paying: treat drafts as if they paid already
        :raises UserError: naming the bills that are held, or the payment that has none
        """
        payments = self.sudo().filtered(
            lambda payment: (
                payment.payment_type == "outbound"
                and (
                    payment.partner_type == "supplier"
                    or payment.destination_account_id.account_type == "liability_payable"
                )
            )
        )
        closed = payments.company_id._match_gate_closed()
        payments = payments.filtered(lambda payment: payment.company_id in closed)
        payments.invoice_ids._check_match_gate()
        for payment in payments:
            if not paying and payment.state not in PAYING_STATES:
                continue
            if not payment._match_bills_paid():
                raise UserError(
                    self.env._(
                        "The payment of %(amount)s to %(supplier)s names no bill. While the payment "
                        "gate is on, register payments from the bills that they pay.",
                        amount=payment.currency_id.format(payment.amount),
                        supplier=payment.partner_id.display_name or "",
                    )
                )
            payment._check_match_amount()

    def _match_bills_paid(self):
        """Return the supplier bills that this payment names; a journal entry is none."""
        return self.invoice_ids.filtered(lambda move: move.move_type in BILL_TYPES)

    def _check_match_amount(self):
        """Refuse to pay more than what is open on the named bills.

        Once the payment is posted its own amount is no longer open, so then the
        bills' totals are the limit.

        :raises UserError: with both amounts, in the payment's currency
        """
        self.ensure_one()
        settled = self.state in PAYING_STATES
        total = sum(
            bill.currency_id._convert(
                bill.amount_total if settled or bill.state != "posted" else bill.amount_residual,
                self.currency_id,
                bill.company_id,
                self.date or bill.date,
            )
            for bill in self._match_bills_paid()
        )
        if self.currency_id.compare_amounts(self.amount, total) > 0:
            raise UserError(
                self.env._(
                    "The payment of %(amount)s to %(supplier)s is more than what is open on its bills "
                    "(%(total)s). "
                    "Reduce it, or add the bills that it pays.",
                    amount=self.currency_id.format(self.amount),
                    supplier=self.partner_id.display_name or "",
                    total=self.currency_id.format(total),
                )
            )
