from odoo import api, models


class PurchaseOrder(models.Model):
    """An order is confirmed with approved items only, for people who may have them."""

    _inherit = "purchase.order"

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders.filtered(lambda order: order.state == "purchase").order_line._check_formulary()
        return orders

    def write(self, vals):
        entering = self.browse()
        if vals.get("state") == "purchase":
            entering = self.filtered(lambda order: order.state != "purchase")
        result = super().write(vals)
        entering.order_line._check_formulary()
        if "facility_id" in vals:
            (self - entering).filtered(lambda order: order.state == "purchase").order_line._check_formulary()
        return result

    def _formulary_facilities(self):
        """Return ``{order: facility}``: its own, else that of the warehouse which receives."""
        # sudo: which facility a warehouse belongs to is no secret
        warehouses = self.sudo().picking_type_id.warehouse_id
        by_warehouse = self.env["healthcare.facility"].sudo()._of_warehouses(warehouses)
        return {
            order: order.facility_id
            or by_warehouse.get(order.sudo().picking_type_id.warehouse_id)
            or order.facility_id
            for order in self
        }

    def _formulary_users(self):
        """Return who answers for lines that nobody requested: who made the order, else who
        confirms it; nobody where the system did both."""
        self.ensure_one()
        for user in (self.create_uid, self.env.user):
            if user and not user._is_superuser():
                return user
        return self.env["res.users"]
