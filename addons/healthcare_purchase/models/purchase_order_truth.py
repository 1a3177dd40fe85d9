from odoo import api, models


class PurchaseOrder(models.Model):
    """Where the facility, the supplier or the day of an order changes, so do its prices."""

    _inherit = "purchase.order"

    @api.onchange("facility_id", "date_order")
    def _onchange_price_truth(self):
        if self.facility_id:
            self.order_line._take_price_truth()

    def write(self, vals):
        result = super().write(vals)
        if not {"facility_id", "date_order", "currency_id"}.isdisjoint(vals):
            self.order_line._take_price_truth()
        return result

    def _add_supplier_to_product(self):
        """Leave an order's price out of the catalog: nobody approved it as one.

        Odoo makes a price list line of the first order at a new supplier, so that what a buyer
        typed would be the valid price from then on. It stays the last approved price.
        """
        return super(
            PurchaseOrder, self.filtered(lambda order: not order.facility_id)
        )._add_supplier_to_product()

    def _after_confirmation(self):
        """Keep the evidence of each price before the order leaves."""
        self.order_line._record_price_truth()
        return super()._after_confirmation()
