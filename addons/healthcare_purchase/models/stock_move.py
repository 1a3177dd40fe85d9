from datetime import datetime, time

from odoo import models
from odoo.addons.healthcare_base.tools.exact import to_decimal


class StockMove(models.Model):
    _inherit = "stock.move"

    def _prefill_announced(self, lots):
        """Fill in announced lots on open receipt moves: lot, expiry and quantity, unvalidated.

        Lines that Odoo made without a lot give way; what is not announced stays open, so that
        confirming the receipt as it stands leaves a backorder for the rest.

        :param lots: ``healthcare.ship.notice.lot``; those on a receipt already are left out
        """
        wanted = {}
        for lot in lots.filtered(lambda lot: lot.state == "expected" and lot.reference_quantity):
            wanted.setdefault(lot.order_line_id, []).append(lot)
        moves = self.filtered(lambda move: move.purchase_line_id in wanted)
        blank = moves.move_line_ids.filtered(
            lambda line: (
                not line.lot_id and not line.lot_name and not line.ship_notice_lot_id and not line.picked
            )
        )
        blank.unlink()
        vals_list = []
        for order_line, own_moves in moves.grouped("purchase_line_id").items():
            room = [
                [move, move.product_qty - sum(move.move_line_ids.mapped("quantity_product_uom"))]
                for move in own_moves.sorted(lambda move: (move.date, move.id))
            ]
            for lot in wanted[order_line]:
                vals_list += self._prepare_announced_lines(lot, room)
        self.env["stock.move.line"].create(vals_list)

    def _prepare_announced_lines(self, lot, room):
        """Return move line values for one lot.

        :param room: list of ``[move, quantity it still takes]`` in the order to fill them;
            quantities are in the item's reference unit and go down as lots are placed
        """
        product = lot.product_id
        if product.tracking == "serial" and lot.serials:
            parts = [(serial, 1.0) for serial in lot.serials]
        else:
            parts = [(lot.number, float(to_decimal(lot.reference_quantity)))]
        vals_list = []
        for name, quantity in parts:
            for place in room:
                move, free = place
                part = min(quantity, free)
                if product.uom_id.compare(part, 0) <= 0:
                    continue
                vals = move._prepare_move_line_vals(quantity=part)
                vals["ship_notice_lot_id"] = lot.id
                if product.tracking != "none":
                    vals["lot_name"] = name
                    if lot.expires_on:
                        # noon: the same day for readers on either side of Greenwich
                        vals["expiration_date"] = datetime.combine(lot.expires_on, time(12))
                vals_list.append(vals)
                place[1] -= part
                quantity -= part
        return vals_list
