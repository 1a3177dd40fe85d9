from odoo import api, fields, models

#: Changes of these make the bill's verdict stale.
JUDGED_FIELDS = {
    "product_id",
    "product_uom_id",
    "quantity",
    "price_unit",
    "discount",
    "tax_ids",
    "purchase_line_id",
    "debit",
    "credit",
    "balance",
    "amount_currency",
}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    bill_line_id = fields.Many2one(
        "healthcare.bill.line",
        string="Line as Sent",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The supplier's line that this one accounts for.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._match_stale()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & JUDGED_FIELDS:
            self._match_stale()
        return result

    def unlink(self):
        moves = self.move_id
        result = super().unlink()
        moves = moves.exists()
        if moves and not moves._match_busy():
            moves._match_stale()
        return result

    def _match_stale(self):
        """Take back the verdict on the bills of these lines, unless the match itself writes."""
        moves = self.move_id
        if moves and not moves._match_busy():
            moves._match_stale()
