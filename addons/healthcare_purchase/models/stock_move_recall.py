from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _prefill_announced(self, lots):
        """Leave recalled lots out of the receipt: they stay announced, and are seen on the recall."""
        return super()._prefill_announced(lots - lots.filtered("is_recalled"))
