from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Where everything that pays a bill ends, so where the supplier is looked at too."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_supplier_payable()
        return partials

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"debit_move_id", "credit_move_id", "amount"}:
            self._check_supplier_payable()
        return result

    def _check_supplier_payable(self):
        """Refuse a partial by which something owed to a stopped supplier would count as paid.

        Credits, exchange differences and cash-basis entries are no payments. A bank statement
        line shows money that is already gone: refusing it would only hide that.

        :raises UserError: naming the documents and why
        """
        # sudo: the gate holds whoever reconciles, and whatever they may read
        partials = self.sudo()
        exchange_moves = partials.exchange_move_id
        documents = []
        for partial in partials:
            owed, other = partial.credit_move_id, partial.debit_move_id.move_id
            if owed.account_type != "liability_payable" or owed.move_id == other:
                continue
            if (
                other.move_type == "in_refund"
                or other in exchange_moves
                or other.tax_cash_basis_origin_move_id
                or other.statement_line_id
            ):
                continue
            bill = owed.move_id
            documents.append(
                (bill.company_id, owed.partner_id or bill.partner_id, bill.ref or bill.display_name)
            )
        self.env["res.partner"]._check_supplier_gate("pay", documents)
