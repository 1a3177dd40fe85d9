from odoo import fields, models


class HealthcareApprovalRequest(models.Model):
    _inherit = "healthcare.approval.request"

    kind = fields.Selection(
        selection_add=[
            ("item", "Catalog Item"),
            ("substitute", "Substitute"),
            ("recall_lift", "End of a Recall"),
        ],
        ondelete={"item": "cascade", "substitute": "cascade", "recall_lift": "cascade"},
    )
