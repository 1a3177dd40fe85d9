from odoo import models


class PurchaseOrder(models.Model):
    """Guarded by the system-of-record matrix."""

    _name = "purchase.order"
    _inherit = ["purchase.order", "healthcare.record.owner.mixin"]
