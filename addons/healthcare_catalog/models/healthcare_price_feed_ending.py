from odoo import fields, models


class HealthcarePriceFeedEnding(models.Model):
    """A price row that a feed ended, as it was before: what a roll-back puts back."""

    _name = "healthcare.price.feed.ending"
    _description = "Price Ended by a Feed"
    _log_access = False

    feed_id = fields.Many2one(
        "healthcare.price.feed", required=True, readonly=True, index=True, ondelete="restrict"
    )
    line_id = fields.Many2one(
        "healthcare.price.feed.line", required=True, readonly=True, index=True, ondelete="restrict"
    )
    info_id = fields.Many2one(
        "product.supplierinfo", required=True, readonly=True, index=True, ondelete="cascade"
    )
    date_end_before = fields.Date(readonly=True)
    ended_by_before_id = fields.Many2one("healthcare.price.feed", readonly=True, ondelete="restrict")
