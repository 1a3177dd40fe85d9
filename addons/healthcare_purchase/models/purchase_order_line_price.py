from decimal import Decimal

from odoo import api, models

#: What changes the ordered price, or has it computed anew.
_PRICE_FIELDS = {"price_unit", "discount", "product_qty", "product_uom_id", "product_id"}


class PurchaseOrderLine(models.Model):
    """The price that was confirmed stays the agreed one until a second person saw a higher one.

    A buyer who edits a confirmed order would otherwise settle alone what a bill is held against.
    A lower price holds at once. An approved change and a decision on an exception agree on the
    price that they write, by :meth:`_agree_price`.
    """

    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.order_id.state == "purchase")._agree_price()
        return lines

    def write(self, vals):
        if _PRICE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        confirmed = self.filtered(lambda line: line.order_id.state == "purchase")
        # orders that were confirmed before this was recorded
        confirmed.filtered(lambda line: not line.confirmed_price)._agree_price()
        return super().write(vals)

    def _agree_price(self):
        """Take the price that the lines have now as the one that was agreed on."""
        # sudo: it is recorded by the system
        for line in self.sudo().filtered(lambda line: not line.display_type):
            line.confirmed_price = line._ordered_price_text()

    def _agreed_ordered_price_text(self):
        """Return the ordered price as far as it is agreed on: the lower of what was confirmed
        and what the line says now."""
        self.ensure_one()
        ordered = self._ordered_price_text()
        if self.confirmed_price and Decimal(self.confirmed_price) < Decimal(ordered):
            return self.confirmed_price
        return ordered

    def _approval_agreed(self, name):
        """A price that was raised after confirmation does not hold yet."""
        agreed = self._agreed_ordered_price_text()
        if name == "price_unit" and agreed != self._ordered_price_text():
            return float(agreed)
        return super()._approval_agreed(name)
