from odoo import models
from odoo.exceptions import AccessError

from .match_resolution import APPROVER

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
        before = {}
        if {"price_unit", "discount"} & vals.keys() and not self.env.su:
            before = {line.id: line.price_unit_discounted for line in self}
        result = super().write(vals)
        self._check_disputed_price(before)
        if vals.keys() & JUDGED_FIELDS:
            self.filtered(lambda line: line.order_id.state == "purchase")._match_touch_bills()
        return result

    def _agree_price(self):
        """Another agreed price is another verdict."""
        result = super()._agree_price()
        self.filtered(lambda line: line.order_id.state == "purchase")._match_touch_bills()
        return result

    def _check_disputed_price(self, before):
        """Refuse to raise an order's price to a bill's that an approver has to decide on.

        Otherwise a buyer would settle by editing what is above the limit of accounts payable.

        :param dict before: prices after discount, by line id
        :raises AccessError: naming the bill
        """
        raised = self.filtered(
            lambda line: line.id in before and line.price_unit_discounted > before[line.id]
        )
        if not raised or self.env.user.has_group(APPROVER):
            return
        # sudo: buyers do not see every bill; what holds is asked of all of them
        disputed = (
            self.env["healthcare.match.exception"]
            .sudo()
            .search(
                [
                    ("purchase_line_id", "in", raised.ids),
                    ("state", "=", "open"),
                    ("family", "=", "price"),
                ]
            )
        )
        for exception in disputed:
            company = exception.company_id
            if company.currency_id.compare_amounts(exception.amount_at_stake, company.match_ap_limit) > 0:
                raise AccessError(
                    self.env._(
                        "Bill %(bill)s disputes this price, with %(stake)s at stake: above %(limit)s an "
                        "approver decides, in the match workbench.",
                        bill=exception.bill_reference or exception.move_id.display_name,
                        stake=company.currency_id.format(exception.amount_at_stake),
                        limit=company.currency_id.format(company.match_ap_limit),
                    )
                )

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
