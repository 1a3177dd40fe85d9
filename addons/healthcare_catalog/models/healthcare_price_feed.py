from odoo import fields, models


class HealthcarePriceFeed(models.Model):
    """One price list of a supplier, from staging to its application."""

    _name = "healthcare.price.feed"
    _description = "Price Feed"
    _order = "id desc"

    name = fields.Char(required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, index=True)
