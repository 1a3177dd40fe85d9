from odoo import api, models

PAYING_STATES = ("in_process", "paid")
GATED_FIELDS = {
    "state",
    "partner_id",
    "partner_type",
    "payment_type",
    "company_id",
    "destination_account_id",
}


class AccountPayment(models.Model):
    """No money goes out to a supplier that must not be paid."""

    _inherit = "account.payment"

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments.filtered(lambda payment: payment.state in PAYING_STATES)._check_supplier_payable()
        return payments

    def write(self, vals):
        outside = self.filtered(lambda payment: payment.state not in PAYING_STATES)
        if vals.get("state") in PAYING_STATES:
            # Odoo posts the payment's entry inside `write`: refuse before it does.
            outside._check_supplier_payable()
        result = super().write(vals)
        if vals.keys() & GATED_FIELDS:
            # What is written together with the state counts too. Money that was on its way
            # before the supplier was stopped only becomes what it is.
            looked_at = self if vals.keys() & GATED_FIELDS - {"state"} else outside
            looked_at.filtered(lambda payment: payment.state in PAYING_STATES)._check_supplier_payable()
        return result

    def action_post(self):
        self._check_supplier_payable()
        return super().action_post()

    def action_validate(self):
        self._check_supplier_payable()
        return super().action_validate()

    def _check_supplier_payable(self):
        """Refuse outgoing payments to suppliers that must not be paid.

        What pays a payable is a supplier payment, whatever its partner type says.

        :raises UserError: naming the payments and why
        """
        # sudo: the gate holds whoever pays, and whatever they may read
        payments = self.sudo().filtered(
            lambda payment: (
                payment.payment_type == "outbound"
                and (
                    payment.partner_type == "supplier"
                    or payment.destination_account_id.account_type == "liability_payable"
                )
            )
        )
        self.env["res.partner"]._check_supplier_gate(
            "pay",
            [
                (payment.company_id, payment.partner_id, payment._supplier_document_name())
                for payment in payments
            ],
        )

    def _supplier_document_name(self):
        """Return how a refusal names this payment; a draft has no number yet."""
        self.ensure_one()
        return self.name or self.env._("Payment of %s", self.currency_id.format(self.amount))
