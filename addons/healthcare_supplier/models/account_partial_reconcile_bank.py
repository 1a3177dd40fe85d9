from odoo import api, models
from odoo.exceptions import UserError

#: Documents that ask for our money.
_BILL_TYPES = ("in_invoice", "in_receipt")


class AccountPartialReconcile(models.Model):
    """What a supplier is owed is paid to that supplier: a payment to somebody else, on whatever
    account, does not settle its bill."""

    _inherit = "account.partial.reconcile"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_payee()
        return partials

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"debit_move_id", "credit_move_id"}:
            self._check_payee()
        return result

    def _check_payee(self):
        """Refuse to settle a bill by a payment to another, where the supplier's bank data are under
        control.

        :raises UserError: naming bill, supplier and who was paid
        """
        companies = self.env["res.company"]._bank_hold_companies()
        # sudo: what is refused does not depend on who may read the payment
        for partial in self.sudo():
            bill = partial.credit_move_id.move_id
            payment = partial.debit_move_id.move_id.origin_payment_id
            if (
                bill.move_type not in _BILL_TYPES
                or bill.company_id not in companies
                or payment.payment_type != "outbound"
            ):
                continue
            supplier = bill.commercial_partner_id
            if payment.partner_id.commercial_partner_id == supplier or not supplier._bank_controlled():
                continue
            raise UserError(
                self.env._(
                    "Bill %(bill)s of %(supplier)s: payment %(payment)s pays another than the supplier "
                    "(%(payee)s). Pay the supplier, on an account that is released.",
                    bill=bill.ref or bill.name,
                    supplier=supplier.display_name,
                    payment=payment.name or "",
                    payee=payment.partner_id.display_name or self.env._("nobody"),
                )
            )
