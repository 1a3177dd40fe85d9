from odoo import models
from odoo.addons.healthcare_approval.models.purchase_order import HEAD_FIELDS


class PurchaseOrder(models.Model):
    """Who the order is for and how urgent it is are approved too, and decide on the tier."""

    _inherit = "purchase.order"

    _approval_head_fields = (*HEAD_FIELDS, "facility_id", "urgency", "order_kind")

    def _approval_facts(self, kind):
        return {
            **super()._approval_facts(kind),
            "facility_id": self.facility_id.id,
            "urgency": self.urgency,
        }
