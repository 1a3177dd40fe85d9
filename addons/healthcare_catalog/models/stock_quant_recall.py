from odoo import api, fields, models
from odoo.fields import Domain


class StockQuant(models.Model):
    _inherit = "stock.quant"

    is_recalled = fields.Boolean(
        string="Recalled", compute="_compute_is_recalled", search="_search_is_recalled"
    )

    @api.depends("product_id", "lot_id")
    def _compute_is_recalled(self):
        recalls = self.env["healthcare.recall"]._recalls_of(
            (quant.product_id.id, quant.lot_id.name) for quant in self
        )
        for quant in self:
            quant.is_recalled = (quant.product_id.id, quant.lot_id.name) in recalls

    @api.model
    def _search_is_recalled(self, operator, value):
        if operator != "in":
            return NotImplemented
        recalls = self.env["healthcare.recall"]
        # sudo: what is recalled does not depend on who looks
        quants = self.sudo().search([("product_id", "in", list(recalls._stopped_products()))])
        recalled = quants.filtered("is_recalled")
        return [("id", "in" if True in value else "not in", recalled.ids)]

    def _get_gather_domain(
        self, product_id, location_id, lot_id=None, package_id=None, owner_id=None, strict=False
    ):
        """Leave recalled stock out, for reservations.

        The key of the context only ever narrows what is found: what moves is checked when it moves.
        """
        domain = super()._get_gather_domain(product_id, location_id, lot_id, package_id, owner_id, strict)
        if not self.env.context.get("healthcare_without_recalled"):
            return domain
        recalls = self.env["healthcare.recall"]
        if product_id.id not in recalls._stopped_products():
            return domain
        if product_id.tracking == "none":
            return Domain.FALSE
        # sudo: lots of other companies do no harm in the list
        lots = self.env["stock.lot"].sudo().search([("product_id", "=", product_id.id)])
        stopped = recalls._recalls_of((product_id.id, lot.name) for lot in lots)
        free = lots.filtered(lambda lot: (product_id.id, lot.name) not in stopped)
        return Domain(domain) & Domain("lot_id", "in", free.ids)
