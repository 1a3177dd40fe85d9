from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_done(self, cancel_backorder=False):
        """Judge anew the bills that a receipt or return touches."""
        moves = super()._action_done(cancel_backorder=cancel_backorder)
        lines = moves.filtered(lambda move: move.state == "done").purchase_line_id
        lines._match_touch_bills()
        return moves
