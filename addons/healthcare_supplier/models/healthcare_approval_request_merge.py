from odoo import fields, models


class HealthcareApprovalRequest(models.Model):
    _inherit = "healthcare.approval.request"

    kind = fields.Selection(
        selection_add=[("supplier_merge", "Merge of Suppliers")], ondelete={"supplier_merge": "cascade"}
    )
