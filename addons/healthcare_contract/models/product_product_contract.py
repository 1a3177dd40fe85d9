from odoo import models


class ProductProduct(models.Model):
    """The contract prices of one variant."""

    _inherit = "product.product"

    def action_view_contract_prices(self):
        """Open the contract prices of these items, those of active contracts first."""
        action = self.product_tmpl_id.action_view_contract_prices()
        return {**action, "domain": [("product_id", "in", self.ids)]}

    def action_price_timeline(self):
        """Open how the item's price came about."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "healthcare_contract.price_timeline",
            "name": self.env._("Price Timeline"),
            "params": {"product_id": self.id},
        }
