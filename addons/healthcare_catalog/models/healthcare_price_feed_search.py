from odoo import api, models
from odoo.fields import Domain


class HealthcarePriceFeed(models.Model):
    """Price feeds by their number, by who sent them, and by any identifier of an item in them."""

    _name = "healthcare.price.feed"
    _inherit = ["healthcare.price.feed", "healthcare.code.search.mixin"]

    @api.model
    def _any_code_domain(self, texts):
        domain = super()._any_code_domain(texts)
        partners = self.env["res.partner"]._find_by_any_code(texts)
        lines = self.env["healthcare.price.feed.line"]._search([("any_code", "in", texts)])
        return Domain.OR(
            [
                domain,
                Domain("number", "in", texts),
                Domain("partner_id.commercial_partner_id", "in", partners),
                Domain("id", "in", lines.subselect("feed_id")),
            ]
        )
