from odoo import api, models
from odoo.addons.healthcare_contract.models.healthcare_price_timeline import MAX_EVENTS


class HealthcarePriceTimeline(models.AbstractModel):
    """What was billed at which price."""

    _inherit = "healthcare.price.timeline"

    @api.model
    def _events(self, scope):
        return [*super()._events(scope), *self._bill_events(scope)]

    @api.model
    def _bill_events(self, scope):
        allocations = self.env["healthcare.match.allocation"]
        if not (allocations.has_access("read") and self.env["account.move"].has_access("read")):
            return []
        domain = [
            ("purchase_line_id.product_id", "=", scope.product.id),
            ("bill_line_id.price_unit", "!=", False),
            ("bill_line_id.move_id.state", "!=", "cancel"),
            ("bill_line_id.move_id.move_type", "=", "in_invoice"),
            ("bill_line_id.create_date", ">=", scope.since),
        ]
        if scope.partner:
            domain.append(("purchase_line_id.partner_id", "child_of", scope.partner.ids))
        found = allocations.search(domain, order="id desc", limit=MAX_EVENTS)
        # one bill line may stand on several order lines
        lines = {allocation.bill_line_id: allocation for allocation in reversed(found)}
        return [
            self._event(
                scope,
                "bill",
                line.move_id,
                line.move_id.invoice_date or line.create_date.date(),
                line.price_unit,
                base_quantity=line.price_base_quantity or "1",
                unit=line.price_unit_code or line.unit,
                uom=allocation.purchase_line_id.product_uom_id,
                partner=line.partner_id,
                currency=line.currency_id,
                title=line.move_id.ref or line.move_id.display_name,
                note=dict(line._fields["match_state"]._description_selection(self.env)).get(
                    line.match_state, ""
                ),
                key=f"bill-{line.id}",
                current=allocation.purchase_line_id == scope.line,
            )
            for line, allocation in lines.items()
        ]
