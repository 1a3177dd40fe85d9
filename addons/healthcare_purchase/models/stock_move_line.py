from odoo import fields, models


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"

    ship_notice_lot_id = fields.Many2one(
        "healthcare.ship.notice.lot",
        string="Announced Lot",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The supplier's ship notice that this line was filled in from.",
    )
