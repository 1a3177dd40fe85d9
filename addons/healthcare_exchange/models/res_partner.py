from odoo import models


class ResPartner(models.Model):
    """Guarded by the system-of-record matrix."""

    _name = "res.partner"
    _inherit = ["res.partner", "healthcare.record.owner.mixin"]
