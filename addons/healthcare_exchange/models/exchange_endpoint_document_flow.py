from odoo import fields, models


class HealthcareExchangeEndpointDocument(models.Model):
    """When a document type leaves."""

    _inherit = "healthcare.exchange.endpoint.document"

    timing = fields.Selection(
        [("immediate", "At once"), ("batch", "In batch windows")],
        default="immediate",
        required=True,
        help="In batch windows: only then; at any time where the endpoint has none. Urgent documents "
        "leave at once. Counts for what is queued from now on.",
    )
