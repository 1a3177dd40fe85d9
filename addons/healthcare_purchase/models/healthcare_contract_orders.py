from odoo import api, fields, models
from odoo.tools import SQL


class HealthcareContract(models.Model):
    """What was bought beside a contract, or above its price."""

    _inherit = "healthcare.contract"

    leakage_count = fields.Integer(compute="_compute_leakage")
    leakage_amount = fields.Monetary(compute="_compute_leakage", help="Paid above its prices.")

    @api.depends("root_id")
    def _compute_leakage(self):
        rows = self.env["healthcare.contract.leakage"]._read_group(
            [("contract_id.root_id", "in", self.root_id.ids), ("verdict", "!=", "on_contract")],
            ["contract_id"],
            ["__count", "overpaid:sum"],
        )
        for contract in self:
            mine = [row for row in rows if row[0].root_id == contract.root_id]
            contract.leakage_count = sum(row[1] for row in mine)
            contract.leakage_amount = sum(row[2] for row in mine)

    def action_view_leakage(self):
        """Open what was bought beside these contracts, or above their prices."""
        action = self.env["ir.actions.act_window"]._for_xml_id("healthcare_purchase.contract_leakage_action")
        action["domain"] = [("contract_id.root_id", "in", self.root_id.ids)]
        return action

    def _activated(self, others):
        """Days gone by may have other prices now: their orders are looked at again."""
        products = (self | others).line_ids.product_id
        self._forget_leakage(products, self.effective_from)
        return super()._activated(others)

    @api.model
    def _forget_leakage(self, products, day):
        """Have the order lines of items since a day held against the contracts again."""
        self.env["purchase.order.line"].flush_model(["leakage_checked_at"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE purchase_order_line line
                   SET leakage_checked_at = NULL
                  FROM purchase_order po
                 WHERE po.id = line.order_id AND po.date_order >= %s AND line.product_id = ANY(%s)
                   AND line.leakage_checked_at IS NOT NULL
                """,
                day,
                products.ids,
            )
        )
        self.env["purchase.order.line"].invalidate_model(["leakage_checked_at"], flush=False)
