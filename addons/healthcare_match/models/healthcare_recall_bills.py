from odoo import api, fields, models


class HealthcareRecall(models.Model):
    """Which supplier bills are for recalled lots: what was paid, and may be claimed back.

    Bills that are not paid yet are judged anew when a recall begins, grows or is lifted.
    """

    _inherit = "healthcare.recall"

    bill_count = fields.Integer(string="Bills", compute="_compute_bill_count", compute_sudo=True)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") == "lifted":
            self._match_touch_affected()
        return result

    def _take_effect(self):
        result = super()._take_effect()
        self._match_touch_affected()
        return result

    def _match_touch_affected(self):
        # sudo: who recalls a lot need not see what it was billed for
        received = self.sudo()._affected_move_lines().filtered(lambda line: line.state == "done")
        received.move_id.purchase_line_id._match_touch_bills()

    def _compute_bill_count(self):
        # compute_sudo: totals are for everybody, also for those who may not read bills
        companies = self.env.companies
        for recall in self:
            lines = recall._affected_bill_lines().filtered(lambda line: line.company_id in companies)
            recall.bill_count = len(lines.move_id)

    def action_view_bills(self):
        """Open the bills for recalled lots."""
        return self._list_action(self.env._("Bills"), self._affected_bill_lines().move_id)

    def _affected_bill_lines(self):
        """Return accounting lines of supplier bills for recalled lots: through the receipts that
        brought these, and for items that are recalled altogether."""
        if not self.env["account.move.line"].has_access("read"):
            return self.env["account.move.line"]
        receipts = self._affected_move_lines().filtered(lambda line: line.state == "done").move_id
        allocated = self.env["healthcare.match.allocation"].search([("stock_move_id", "in", receipts.ids)])
        everything = self.line_ids.filtered(
            lambda line: line.all_lots or line.product_id.tracking == "none"
        ).product_id
        return self.env["account.move.line"].search(
            [
                ("move_id.move_type", "in", ("in_invoice", "in_refund", "in_receipt")),
                ("parent_state", "!=", "cancel"),
                ("product_id", "in", self.line_ids.product_id.ids),
                "|",
                "|",
                ("id", "in", allocated.move_line_id.ids),
                ("purchase_line_id", "in", receipts.purchase_line_id.ids),
                ("product_id", "in", everything.ids),
            ]
        )

    @api.model
    def _affected_labels(self):
        return {**super()._affected_labels(), "bill": self.env._("Billed")}

    def _affected(self):
        covers = self.line_ids._covers()
        bills = []
        for line in self._affected_bill_lines():
            received = line.purchase_line_id.move_ids.filtered(
                lambda move: move.state == "done"
            ).move_line_ids
            numbers = {each.lot_id.name or each.lot_name or False for each in received}
            recalled = {number for number in numbers if covers(line.product_id.id, number)}
            bills.append(
                {
                    "kind": "bill",
                    "product_id": line.product_id.id,
                    "lot": ", ".join(sorted(filter(None, recalled))) or False,
                    "quantity": line.product_uom_id._compute_quantity(line.quantity, line.product_id.uom_id),
                    "place": line.partner_id.display_name,
                    "model": "account.move",
                    "res_id": line.move_id.id,
                    "name": line.move_id.display_name,
                    # of an order line that brought other lots too nobody knows which are billed here
                    "certain": recalled == numbers,
                }
            )
        return [*super()._affected(), *bills]
