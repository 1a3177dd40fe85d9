from odoo import fields, models

from ..tools import canonical


class HealthcareExchangeEndpointDocument(models.Model):
    """A document type that an endpoint sends or takes. What is not listed is refused."""

    _name = "healthcare.exchange.endpoint.document"
    _description = "Document Type of an Endpoint"
    _inherit = ["healthcare.audit.mixin"]
    _order = "endpoint_id, direction, document_type"
    _audit_fields = ("endpoint_id", "document_type", "direction", "active", "contingency")

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    document_type = fields.Selection(selection="_selection_document_type", required=True)
    direction = fields.Selection([("inbound", "Inbound"), ("outbound", "Outbound")], required=True)
    active = fields.Boolean(default=True)
    contingency = fields.Selection(
        [("queue", "Queue and wait")],
        default="queue",
        required=True,
        help="What happens while the partner cannot be reached.",
    )

    _document_unique = models.Constraint(
        "UNIQUE (endpoint_id, document_type, direction)",
        "An endpoint lists a document type once per direction.",
    )

    def _selection_document_type(self):
        return [(name, name.replace("_", " ").capitalize()) for name in canonical.document_types()]
