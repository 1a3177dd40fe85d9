from odoo import fields, models


class HealthcareApprovalKind(models.Model):
    """A kind of decision, for choosing what is delegated.

    Codes are those of ``healthcare.approval.request.kind``, and for documents that are approved
    themselves their model with underscores (``purchase_order``).
    """

    _name = "healthcare.approval.kind"
    _description = "Kind of Approval"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Two kinds of approval have the same code.")
