from odoo import models


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "healthcare.approval.document.line"]

    _approval_document_field = "order_id"

    def _approval_agreed(self, name):
        """Return the quantity or price that holds, which a change is asked for against.

        Override where a line may say something that does not hold yet.
        """
        self.ensure_one()
        return self[name]
