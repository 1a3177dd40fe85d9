from odoo import fields, models


class HealthcareExchangeCredentialShown(models.TransientModel):
    """The dialog that shows a generated secret once. None of its fields is stored."""

    _name = "healthcare.exchange.credential.shown"
    _description = "Generated Exchange Credential"

    secret = fields.Char(store=False, readonly=True)
    client_id = fields.Char(string="Client ID", store=False, readonly=True)
    fingerprint = fields.Char(store=False, readonly=True)
