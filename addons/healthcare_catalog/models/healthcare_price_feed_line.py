from odoo import fields, models


class HealthcarePriceFeedLine(models.Model):
    """One price of a price feed, as sent, with what it changes."""

    _name = "healthcare.price.feed.line"
    _description = "Price Feed Line"
    _order = "feed_id, id"

    feed_id = fields.Many2one("healthcare.price.feed", required=True, index=True, ondelete="cascade")
