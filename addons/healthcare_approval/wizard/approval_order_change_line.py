from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.digest import jsonable


class HealthcareApprovalOrderChangeLine(models.TransientModel):
    """The quantity and price that a line of an order should have."""

    _name = "healthcare.approval.order.change.line"
    _description = "Line of a Change of an Order"

    change_id = fields.Many2one("healthcare.approval.order.change", required=True, ondelete="cascade")
    line_id = fields.Many2one("purchase.order.line", required=True, ondelete="cascade")
    product_qty = fields.Float(string="Quantity", digits="Product Unit")
    price_unit = fields.Float(string="Unit Price", digits="Product Price")

    def _change(self):
        """Return what is asked for of this line, as ``purchase.order._approval_apply`` takes it;
        empty when nothing."""
        self.ensure_one()
        line = self.line_id
        if line.order_id != self.change_id.order_id:
            raise UserError(self.env._("A line of another order is not changed with this one."))
        change = {
            name: jsonable(self[name])
            for name in ("product_qty", "price_unit")
            if jsonable(self[name]) != jsonable(line._approval_agreed(name))
        }
        return {"line_id": line.id, "product": line.product_id.display_name, **change} if change else {}
