from odoo import api, models


class HealthcareFacility(models.Model):
    _inherit = "healthcare.facility"

    @api.model
    def _of_warehouses(self, warehouses):
        """Return ``{warehouse: facility}``: of several at one warehouse the one that is part of
        none of them; warehouses without a facility are left out."""
        facilities = self.search([("warehouse_id", "in", warehouses.ids)], order="parent_path, id")
        found = {}
        for facility in facilities:
            found.setdefault(facility.warehouse_id, facility)
        return found
