from odoo import api, models
from odoo.fields import Domain

from ..tools.gs1 import Gs1Error, parse_element_string


class ResPartner(models.Model):
    """Suppliers by what a scanner reads: a label that names a party, or an item that they sell."""

    _inherit = "res.partner"

    @api.model
    def _codes_of_text(self, text):
        """A label's party is its GLN: (410) to (417), GS1 General Specifications 3.8."""
        codes = super()._codes_of_text(text)
        if not self.env["product.product"]._looks_like_gs1(text):
            return codes
        try:
            elements = parse_element_string(text)
        except Gs1Error:
            return codes
        return codes + [value for identifier, value in elements if identifier[:2] == "41"]

    @api.model
    def _any_code_domain(self, texts):
        """An item's number or label finds who sells it."""
        domain = super()._any_code_domain(texts)
        products = self.env["product.product"]
        found = products.browse(products._find_by_any_code(texts))
        if not found:
            return domain
        # sudo: who sells an item is no secret to those who may see the supplier
        sellers = (
            self.env["product.supplierinfo"]
            .sudo()
            .search([("product_tmpl_id", "in", found.product_tmpl_id.ids)])
            .partner_id
        )
        return domain | Domain("id", "in", (sellers | sellers.commercial_partner_id).ids)
