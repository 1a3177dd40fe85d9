from odoo import api, models


class HealthcarePriceFeedLine(models.Model):
    """Lines of price feeds by any identifier of their item, as sent or as ours."""

    _name = "healthcare.price.feed.line"
    _inherit = ["healthcare.price.feed.line", "healthcare.code.search.mixin"]

    @api.model
    def _any_code_domain(self, texts):
        return super()._any_code_domain(texts) | self.env["product.product"]._item_code_domain(texts)
