from odoo import api, fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _inherit = "stock.picking"

    # compute_sudo: every stock user may fill in a receipt, also those who may not read notices
    announced_lot_ids = fields.Many2many(
        "healthcare.ship.notice.lot",
        string="Announced by the Supplier",
        compute="_compute_announced_lot_ids",
        compute_sudo=True,
    )
    to_fill_in = fields.Boolean(compute="_compute_announced_lot_ids", compute_sudo=True)

    @api.depends("move_ids.purchase_line_id", "move_line_ids.ship_notice_lot_id", "state")
    def _compute_announced_lot_ids(self):
        """Lots on this receipt, and those expected for its order lines that are on none yet."""
        lots_by_line = {
            line: lines.lot_ids
            for line, lines in self.env["healthcare.ship.notice.line"]
            .search(
                [
                    ("order_line_id", "in", self.move_ids.purchase_line_id.ids),
                    ("problem", "=", False),
                    ("notice_id.superseded", "=", False),
                ]
            )
            .grouped("order_line_id")
            .items()
        }
        for picking in self:
            lots = picking.move_line_ids.ship_notice_lot_id
            expected = lots.browse()
            if picking.state not in ("done", "cancel") and picking.picking_type_code == "incoming":
                for order_line in picking.move_ids.purchase_line_id:
                    own = lots_by_line.get(order_line, lots.browse())
                    expected |= own.filtered(lambda lot: lot.state == "expected")
            picking.announced_lot_ids = lots | expected
            picking.to_fill_in = bool(expected)

    def action_fill_in_announced(self):
        """Fill in what the supplier announced and is on no receipt yet; nothing is validated."""
        self.check_access("write")
        for picking in self:
            if picking.state in ("done", "cancel"):
                raise UserError(self.env._("Receipt %s is closed: nothing can be filled in.", picking.name))
            picking.move_ids._prefill_announced(picking.sudo().announced_lot_ids)
