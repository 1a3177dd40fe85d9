from odoo import fields, models


class HealthcareExchangeEndpointSetupSetting(models.TransientModel):
    """One setting of the chosen profile, with its title and help."""

    _name = "healthcare.exchange.endpoint.setup.setting"
    _description = "Setting of an Endpoint"
    _order = "sequence, id"

    setup_id = fields.Many2one("healthcare.exchange.endpoint.setup", required=True, ondelete="cascade")
    sequence = fields.Integer()
    name = fields.Char(required=True, readonly=True)
    title = fields.Char(string="Setting", readonly=True)
    type = fields.Char(readonly=True)
    required = fields.Boolean(readonly=True)
    help = fields.Char(string="Meaning", readonly=True)
    example = fields.Char(readonly=True)
    value = fields.Char()
