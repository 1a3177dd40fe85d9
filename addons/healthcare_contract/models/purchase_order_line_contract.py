from odoo import api, models

#: What an order's amount comes from.
_AMOUNT_FIELDS = {
    "product_qty",
    "price_unit",
    "discount",
    "order_id",
    "product_uom_id",
    "product_id",
    "tax_ids",
}


class PurchaseOrderLine(models.Model):
    """A line of a confirmed call-off that grows is held against the contract's amount again."""

    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.order_id._check_confirmed_call_off()
        return lines

    def write(self, vals):
        orders = self.order_id
        result = super().write(vals)
        if not _AMOUNT_FIELDS.isdisjoint(vals):
            (orders | self.order_id)._check_confirmed_call_off()
        return result
