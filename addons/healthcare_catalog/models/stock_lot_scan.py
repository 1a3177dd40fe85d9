from odoo import api, models
from odoo.fields import Domain


class StockLot(models.Model):
    """Lots by what a scanner reads."""

    _inherit = "stock.lot"

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator in Domain.NEGATIVE_OPERATORS:
            return domain
        products = self.env["product.product"]
        for text in value if operator == "in" else [value]:
            label = products._read_label(text) if isinstance(text, str) else {"kind": "code"}
            numbers = [label[name] for name in ("lot", "serial") if label.get(name)]
            if label["kind"] != "code" and numbers:
                own = Domain("name", "in", numbers)
                if label["code"]:
                    own &= Domain("product_id", "in", products._find_by_any_code([label["code"]]))
                domain = Domain.OR([domain, own])
        return domain
