from odoo import models


class ProductProduct(models.Model):
    _inherit = "product.product"

    def action_view_price_feed_lines(self):
        """See ``product.template``."""
        return self.product_tmpl_id.action_view_price_feed_lines()
