from odoo import models

#: Changes of these may change a verdict. Agreed price and promised date are computed, and follow
#: a decision and an answer of the supplier.
JUDGED_FIELDS = {
    "price_unit",
    "discount",
    "decided_price",
    "product_qty",
    "product_uom_id",
    "product_id",
    "acknowledgement_line_id",
    "date_planned",
}


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & JUDGED_FIELDS:
            self.filtered(lambda line: line.order_id.state == "purchase")._match_touch_bills()
        return result

    def _match_touch_bills(self):
        """Judge anew the open bills that bill these lines, or have exceptions about their orders."""
        self._match_bills()._match_touched()

    def _match_bills(self):
        """Return the open bills that bill these lines, or have exceptions about their orders."""
        bills = self.env["account.move"].sudo()  # who receives or buys does not read bills
        if not self:
            return bills
        touched = bills._match_touched_domain(self.ids, self.order_id.ids)
        return bills.search(bills._match_open_domain() & touched)
