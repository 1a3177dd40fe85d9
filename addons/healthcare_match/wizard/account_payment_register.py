from odoo import Command, models


class AccountPaymentRegister(models.TransientModel):
    """Says at once which bills the payment gate holds, for one bill or for many."""

    _inherit = "account.payment.register"

    def _create_payments(self):
        self.line_ids.move_id._check_match_gate()
        return super()._create_payments()

    def _create_payment_vals_from_wizard(self, batch_result):
        vals = super()._create_payment_vals_from_wizard(batch_result)
        return self._with_gated_bills(vals, batch_result)

    def _create_payment_vals_from_batch(self, batch_result):
        vals = super()._create_payment_vals_from_batch(batch_result)
        return self._with_gated_bills(vals, batch_result)

    def _with_gated_bills(self, vals, batch_result):
        """Name the bills on the payment from its creation, where a gate is on.

        Odoo links them only after it has posted the payment, which the gate
        would refuse as a payment without a bill.
        """
        bills = batch_result["lines"].move_id
        if bills.company_id._match_gate_closed() and any(
            bill.move_type in ("in_invoice", "in_receipt") for bill in bills
        ):
            vals["invoice_ids"] = [Command.set(bills.ids)]
        return vals
