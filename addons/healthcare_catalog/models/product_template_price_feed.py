from odoo import models

from .healthcare_price_feed_decide import DECIDABLE


class ProductTemplate(models.Model):
    """What price lists say of an item."""

    _inherit = "product.template"

    def action_view_price_feed_lines(self):
        """Open the lines of price lists that changed, or would change, the prices of these items."""
        products = self.with_context(active_test=False).product_variant_ids
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Price Feed Lines"),
            "res_model": "healthcare.price.feed.line",
            "view_mode": "list,form,pivot",
            "domain": [("product_id", "in", products.ids), ("kind", "in", DECIDABLE)],
            "context": {"create": False},
        }
