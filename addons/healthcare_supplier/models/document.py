from odoo import api, models


class HealthcareDocument(models.AbstractModel):
    """Suppliers are found by all of their identifiers, wherever they carry them."""

    _inherit = "healthcare.document"

    @api.model
    def _partners_by_identifier(self, identifiers, company):
        wanted = [
            {"scheme": scheme, "value": value} for scheme, values in identifiers.items() for value in values
        ]
        partners = self.env["res.partner"]
        found = partners._find_by_identifiers([{"key": 0, "identifiers": wanted}], company=company)
        return partners.browse(found[0])
