from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Where everything that pays a bill ends, so where the payment gate stands."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._check_match_gate()
        return partials

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"debit_move_id", "credit_move_id", "amount"}:
            self._check_match_gate()
        return result

    def _check_match_gate(self):
        """Refuse a partial by which a held bill would count as paid.

        Credits, exchange differences and cash-basis entries are no payments
        and pass. A bank statement line shows money that is already gone: it
        passes too, and the bill gets the exception `paid_unmatched`.

        :raises UserError: naming the bills that are held
        """
        partials = self.sudo()
        exchange_moves = partials.exchange_move_id
        paid = self.env["account.move"].sudo()
        gone = self.env["account.move"].sudo()
        for partial in partials:
            bill_line, other_line = partial.credit_move_id, partial.debit_move_id
            bill, other = bill_line.move_id, other_line.move_id
            if bill_line.account_type != "liability_payable" or bill == other:
                continue
            if (
                other.move_type == "in_refund"
                or other in exchange_moves
                or other.tax_cash_basis_origin_move_id
            ):
                continue
            if other.statement_line_id:
                gone |= bill
            else:
                paid |= bill
        paid._check_match_gate()
        held = gone._match_held()
        if held:
            held._match_paid_unmatched()
