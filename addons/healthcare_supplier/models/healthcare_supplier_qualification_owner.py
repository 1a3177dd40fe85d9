from odoo import models


class HealthcareSupplierQualification(models.Model):
    """Guarded by the system-of-record matrix."""

    _name = "healthcare.supplier.qualification"
    _inherit = ["healthcare.supplier.qualification", "healthcare.record.owner.mixin"]
