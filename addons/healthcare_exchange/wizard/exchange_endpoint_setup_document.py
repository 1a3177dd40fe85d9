from odoo import fields, models


class HealthcareExchangeEndpointSetupDocument(models.TransientModel):
    """A document type that the chosen profile can exchange, and whether and how it is wanted."""

    _name = "healthcare.exchange.endpoint.setup.document"
    _description = "Document of an Endpoint"
    _order = "sequence, id"

    setup_id = fields.Many2one("healthcare.exchange.endpoint.setup", required=True, ondelete="cascade")
    sequence = fields.Integer()
    wanted = fields.Boolean(string="Exchange")
    direction = fields.Selection([("outbound", "Outbound"), ("inbound", "Inbound")], readonly=True)
    document_type = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint.document"]._selection_document_type(),
        readonly=True,
    )
    timing = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint.document"]._fields["timing"].selection,
        default="immediate",
        required=True,
    )
    contingency = fields.Selection(
        selection=lambda self: (
            self.env["healthcare.exchange.endpoint.document"]._fields["contingency"].selection
        ),
        string="When Unreachable",
    )
