from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal


class HealthcareRecall(models.Model):
    """What of a recall is on order: lots that suppliers announced, and lines that may bring some."""

    _inherit = "healthcare.recall"

    order_line_count = fields.Integer(
        string="Open Order Lines", compute="_compute_order_counts", compute_sudo=True
    )
    announced_count = fields.Integer(
        string="Announced Lots", compute="_compute_order_counts", compute_sudo=True
    )

    def _compute_order_counts(self):
        # compute_sudo: totals are for everybody, also for those who may not read orders
        companies = self.env.companies
        for recall in self:
            lines = recall._affected_order_lines().filtered(lambda line: line.company_id in companies)
            lots = recall._affected_announced_lots().filtered(lambda lot: lot.company_id in companies)
            recall.order_line_count = len(lines)
            recall.announced_count = len(lots)

    def action_view_order_lines(self):
        """Open the orders that may still bring recalled lots."""
        return self._list_action(self.env._("Orders"), self._affected_order_lines().order_id)

    def action_view_announced(self):
        """Open the ship notices that announce recalled lots."""
        return self._list_action(self.env._("Ship Notices"), self._affected_announced_lots().notice_id)

    def _affected_order_lines(self):
        """Return lines of confirmed orders of the items that are not received in full."""
        if not self.env["purchase.order.line"].has_access("read"):
            return self.env["purchase.order.line"]
        lines = self.env["purchase.order.line"].search(
            [("product_id", "in", self.line_ids.product_id.ids), ("state", "=", "purchase")]
        )
        return lines.filtered(
            lambda line: line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
        )

    def _affected_announced_lots(self):
        """Return announced lots that the recalls name and that have not come."""
        if not self.env["healthcare.ship.notice.lot"].has_access("read"):
            return self.env["healthcare.ship.notice.lot"]
        covers = self.line_ids._covers()
        lots = self.env["healthcare.ship.notice.lot"].search(
            [
                ("line_id.order_line_id.product_id", "in", self.line_ids.product_id.ids),
                ("notice_id.superseded", "=", False),
                ("state", "!=", "received"),
            ]
        )
        return lots.filtered(
            lambda lot: any(
                covers(lot.product_id.id, number) for number in (lot.serials or [lot.number]) if number
            )
        )

    @api.model
    def _affected_labels(self):
        return {
            **super()._affected_labels(),
            "announced": self.env._("Announced by the supplier"),
            "order": self.env._("On order"),
        }

    def _affected(self):
        everything = {line.product_id for line in self.line_ids if line.all_lots}
        return [
            *super()._affected(),
            *(
                {
                    "kind": "announced",
                    "product_id": lot.product_id.id,
                    "lot": lot.number or ", ".join(lot.serials or ()) or False,
                    "quantity": float(to_decimal(lot.reference_quantity or "0")),
                    "place": lot.order_line_id.order_id.facility_id.display_name or "",
                    "model": lot.notice_id._name,
                    "res_id": lot.notice_id.id,
                    "name": lot.notice_id.display_name,
                    "certain": True,
                }
                for lot in self._affected_announced_lots()
            ),
            *(
                {
                    "kind": "order",
                    "product_id": line.product_id.id,
                    "lot": False,
                    "quantity": line.product_uom_id._compute_quantity(
                        line.product_qty - line.qty_received, line.product_id.uom_id
                    ),
                    "place": line.order_id.facility_id.display_name or "",
                    "model": "purchase.order",
                    "res_id": line.order_id.id,
                    "name": line.order_id.name,
                    "certain": line.product_id in everything,
                }
                for line in self._affected_order_lines()
            ),
        ]
