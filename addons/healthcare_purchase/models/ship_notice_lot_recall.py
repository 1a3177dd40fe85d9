from odoo import api, fields, models


class HealthcareShipNoticeLot(models.Model):
    _inherit = "healthcare.ship.notice.lot"

    is_recalled = fields.Boolean(string="Recalled", compute="_compute_is_recalled", compute_sudo=True)

    @api.depends("number", "serials", "line_id")
    def _compute_is_recalled(self):
        numbers = {lot: [lot.number, *(lot.serials or ())] for lot in self}
        recalls = self.env["healthcare.recall"]._recalls_of(
            (lot.product_id.id, number) for lot in self for number in filter(None, numbers[lot])
        )
        for lot in self:
            lot.is_recalled = any((lot.product_id.id, number) in recalls for number in numbers[lot])
