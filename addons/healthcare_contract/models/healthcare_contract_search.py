from odoo import api, models
from odoo.fields import Domain


class HealthcareContract(models.Model):
    """Contracts by number, by any identifier of a party, and by any of an item in them."""

    _name = "healthcare.contract"
    _inherit = ["healthcare.contract", "healthcare.code.search.mixin"]

    @api.model
    def _any_code_domain(self, texts):
        domain = super()._any_code_domain(texts)
        partners = self.env["res.partner"]._find_by_any_code(texts)
        lines = self.env["healthcare.contract.line"]._search([("any_code", "in", texts)])
        return Domain.OR(
            [
                domain,
                Domain("number", "in", texts),
                *(
                    Domain(f"{name}.commercial_partner_id", "in", partners)
                    for name in ("partner_id", "owner_id", "distributor_ids")
                ),
                Domain("id", "in", lines.subselect("contract_id")),
            ]
        )
