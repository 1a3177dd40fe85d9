from odoo import models


class HealthcareFacility(models.Model):
    """Guarded by the system-of-record matrix."""

    _name = "healthcare.facility"
    _inherit = ["healthcare.facility", "healthcare.record.owner.mixin"]
