from odoo import fields, models


class HealthcareExchangeMinimisationChoiceLine(models.TransientModel):
    """A field of the schema in the tree to tick."""

    _name = "healthcare.exchange.minimisation.choice.line"
    _description = "Field That May Leave"
    _order = "sequence"

    choice_id = fields.Many2one(
        "healthcare.exchange.minimisation.choice", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer()
    path = fields.Char(readonly=True)
    label = fields.Char(string="Field", readonly=True)
    section = fields.Char(readonly=True)
    leaf = fields.Boolean(readonly=True)
    required = fields.Boolean(readonly=True, help="Without it the document is not valid, or says nothing.")
    shipped = fields.Boolean(string="By Default", readonly=True)
    sensitive = fields.Boolean(readonly=True, help="May say something about persons, patients or accounts.")
    allowed = fields.Boolean(string="May Leave")
