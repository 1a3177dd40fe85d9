from odoo import models


class HealthcareSupplierQualification(models.Model):
    """Other systems hear of what was verified."""

    _inherit = "healthcare.supplier.qualification"

    def write(self, vals):
        result = super().write(vals)
        if "decision" in vals or "valid_to" in vals:
            self.partner_id._mark_changed()
        return result
