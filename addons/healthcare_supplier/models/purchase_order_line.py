from odoo import api, models


class PurchaseOrderLine(models.Model):
    """A confirmed order does not grow once its supplier may not be ordered from."""

    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_supplier_approved()
        return lines

    def write(self, vals):
        if not {"order_id", "product_id", "product_uom_id"}.isdisjoint(vals):
            # another item, or the same number of a larger unit, is more
            grown = self
        elif "product_qty" in vals:
            grown = self.filtered(lambda line: (vals["product_qty"] or 0.0) > line.product_qty)
        else:
            grown = self.browse()
        result = super().write(vals)
        grown._check_supplier_approved()
        return result

    def _check_supplier_approved(self):
        """Refuse more of anything on confirmed orders to suppliers that are not approved.

        In superuser mode a supplier's own answer to what was ordered is written down; it places
        no order.
        """
        if not self.env.su:
            self.order_id._check_supplier_approved()
