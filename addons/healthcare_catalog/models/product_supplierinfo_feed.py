from odoo import fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal


class ProductSupplierinfo(models.Model):
    """What a price feed says of a price, exactly as it was sent.

    ``price`` and ``product_uom_id`` are Odoo's view of the same price, rounded to a float per one
    ``product_uom_id``. A row made by hand has no ``exact_price``: there ``price`` is the truth.
    """

    _inherit = "product.supplierinfo"

    exact_price = ExactDecimal(
        readonly=True,
        copy=False,
        help="The price as the supplier sent it, per base quantity of the unit code.",
    )
    base_quantity = ExactDecimal(
        readonly=True, copy=False, help="How many of the unit code the exact price is for. Empty: one."
    )
    unit_code = fields.Char(
        readonly=True, copy=False, help="UN/ECE code of the unit that the exact price is for."
    )
    price_class = fields.Selection(
        [("own_use", "Own Use"), ("gpo", "Buying Group"), ("340b", "340B"), ("wac", "WAC")],
        readonly=True,
        copy=False,
        help="Empty: for every class of account.",
    )
    contract_number = fields.Char(readonly=True, copy=False, help="Contract that the supplier names.")
    buying_group_number = fields.Char(readonly=True, copy=False)
    feed_id = fields.Many2one(
        "healthcare.price.feed",
        string="Price Feed",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The feed that brought this price.",
    )
    feed_line_id = fields.Many2one(
        "healthcare.price.feed.line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    ended_by_feed_id = fields.Many2one(
        "healthcare.price.feed",
        string="Ended by Feed",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The feed that set the last day of this price.",
    )
