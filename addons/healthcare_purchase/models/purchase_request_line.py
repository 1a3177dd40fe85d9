from odoo import models


class PurchaseRequestLine(models.Model):
    _name = "purchase.request.line"
    _inherit = ["purchase.request.line", "healthcare.approval.document.line"]

    _approval_document_field = "request_id"
