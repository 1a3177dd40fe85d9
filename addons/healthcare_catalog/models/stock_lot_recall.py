from odoo import api, fields, models
from odoo.exceptions import UserError


class StockLot(models.Model):
    """A lot knows that it is recalled, and cannot hide it under another name."""

    _inherit = "stock.lot"

    recall_id = fields.Many2one("healthcare.recall", compute="_compute_recall_id", compute_sudo=True)
    is_recalled = fields.Boolean(
        string="Recalled", compute="_compute_recall_id", search="_search_is_recalled", compute_sudo=True
    )

    @api.depends("name", "product_id")
    def _compute_recall_id(self):
        recalls = self.env["healthcare.recall"]._recalls_of((lot.product_id.id, lot.name) for lot in self)
        for lot in self:
            lot.recall_id = recalls.get((lot.product_id.id, lot.name))
            lot.is_recalled = bool(lot.recall_id)

    @api.model
    def _search_is_recalled(self, operator, value):
        if operator != "in":
            return NotImplemented
        products = self.env["healthcare.recall"]._stopped_products()
        # sudo: what is recalled does not depend on who looks
        lots = self.sudo().search([("product_id", "in", list(products))]).filtered("is_recalled")
        return [("id", "in" if True in value else "not in", lots.ids)]

    def write(self, vals):
        if not {"name", "product_id"}.isdisjoint(vals):
            self._check_not_hidden(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_recalled(self):
        if recalled := self.filtered("is_recalled"):
            raise UserError(
                self.env._(
                    "Lot %(lot)s is recalled by %(recall)s and is kept.",
                    lot=recalled[0].name,
                    recall=recalled[0].recall_id.display_name,
                )
            )

    def _check_not_hidden(self, vals):
        """Refuse another name or item for a lot that is recalled."""
        changed = self.filtered(
            lambda lot: (
                ("name" in vals and vals["name"] != lot.name)
                or ("product_id" in vals and vals["product_id"] != lot.product_id.id)
            )
        )
        if recalled := changed.filtered("is_recalled"):
            raise UserError(
                self.env._(
                    "Lot %(lot)s is recalled by %(recall)s: it keeps its number and item. If the number was "
                    "mistyped, have the recall lifted.",
                    lot=recalled[0].name,
                    recall=recalled[0].recall_id.display_name,
                )
            )
