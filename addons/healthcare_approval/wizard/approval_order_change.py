from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareApprovalOrderChange(models.TransientModel):
    """Ask for other quantities and prices of an order in force."""

    _name = "healthcare.approval.order.change"
    _description = "Ask for a Change of an Order"

    order_id = fields.Many2one("purchase.order", required=True)
    reason = fields.Text(required=True)
    line_ids = fields.One2many("healthcare.approval.order.change.line", "change_id")

    @api.onchange("order_id")
    def _onchange_order_id(self):
        self.line_ids = [fields.Command.clear()] + [
            fields.Command.create(
                {
                    "line_id": line.id,
                    "product_qty": line.product_qty,
                    "price_unit": line.price_unit,
                }
            )
            for line in self.order_id.order_line
            if not line.display_type
        ]

    def action_ask(self):
        """Make the approval request; the order stays as it is until it is approved."""
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.state != "purchase":
            raise UserError(
                self.env._("%s is not confirmed: change it, and ask for its validation.", order.display_name)
            )
        changes = [change for line in self.line_ids if (change := line._change())]
        if not changes:
            raise UserError(self.env._("Nothing is different: change a quantity or a price."))
        request = order._request_approval("override", {"lines": changes}, self.reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "healthcare.approval.request",
            "res_id": request.id,
            "view_mode": "form",
        }
