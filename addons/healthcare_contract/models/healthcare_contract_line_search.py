from odoo import api, models
from odoo.fields import Domain


class HealthcareContractLine(models.Model):
    """Contract lines by any identifier of their item, ours or the contract's."""

    _name = "healthcare.contract.line"
    _inherit = ["healthcare.contract.line", "healthcare.code.search.mixin"]

    @api.model
    def _any_code_domain(self, texts):
        return super()._any_code_domain(texts) | self.env["product.product"]._item_code_domain(texts)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return domain
        texts = [text for text in (value if operator == "in" else [value]) if isinstance(text, str)]
        return Domain.OR([domain, [("any_code", "in", texts)]]) if any(texts) else domain
