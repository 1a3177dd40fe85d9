from odoo import models


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "healthcare.approval.document.line"]

    _approval_document_field = "order_id"
