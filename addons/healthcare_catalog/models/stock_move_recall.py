from odoo import models


class StockMove(models.Model):
    """Recalled stock is not reserved, unless it goes where recalled stock may go."""

    _inherit = "stock.move"

    def _may_move_recalled(self, source, destination):
        """Tell whether recalled lots may move so: back to the supplier, to scrap, into
        quarantine, or as a count that finds them."""
        if destination.usage in ("supplier", "inventory") or destination._is_in_quarantine():
            return True
        return source.usage == "inventory" and bool(self) and all(move.is_inventory for move in self)

    def _without_recalled(self, source):
        """Return the move with reservations kept off recalled stock, where that may not go."""
        if self.product_id.id not in self.env["healthcare.recall"]._stopped_products():
            return self
        if self._may_move_recalled(source, self.location_dest_id):
            return self
        return self.with_context(healthcare_without_recalled=True)

    def _update_reserved_quantity_vals(
        self, need, location_id, lot_id=None, package_id=None, owner_id=None, strict=True
    ):
        moves = self._without_recalled(location_id)
        return super(StockMove, moves)._update_reserved_quantity_vals(
            need, location_id, lot_id, package_id, owner_id, strict
        )

    def _get_available_quantity(
        self, location_id, lot_id=None, package_id=None, owner_id=None, strict=False, allow_negative=False
    ):
        moves = self._without_recalled(location_id)
        return super(StockMove, moves)._get_available_quantity(
            location_id, lot_id, package_id, owner_id, strict, allow_negative
        )
