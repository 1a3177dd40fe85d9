from odoo import api, models
from odoo.exceptions import UserError


class PurchaseRequestLineMakePurchaseOrder(models.TransientModel):
    """Free-text lines are ordered as the items that they became."""

    _inherit = "purchase.request.line.make.purchase.order"

    @api.model
    def _prepare_item(self, line):
        vals = super()._prepare_item(line)
        if line.item_id and not line.product_uom_id._has_common_reference(line.item_id.uom_id):
            vals["product_uom_id"] = line.item_id.uom_id.id
        return vals

    @api.model
    def _prepare_purchase_order_line(self, po, item):
        line = item.line_id
        if not line.is_placeholder or item.product_id != line.product_id:
            return super()._prepare_purchase_order_line(po, item)
        if not line.item_id:
            raise UserError(
                self.env._(
                    "%(request)s: choose the item of %(text)s first. A placeholder cannot be ordered.",
                    request=line.request_id.name,
                    text=line.name or line.product_id.name,
                )
            )
        product = line.item_id
        quantity = item.product_qty
        if item.product_uom_id != product.uom_id:
            quantity = item.product_uom_id._compute_quantity(quantity, product.uom_id)
        return {
            **super()._prepare_purchase_order_line(po, item),
            "product_id": product.id,
            "product_uom_id": product.uom_id.id,
            "product_qty": max(quantity, line._get_supplier_min_qty(product, po.partner_id)),
        }
