from odoo import api, fields, models
from odoo.addons.healthcare_contract.models.healthcare_price_timeline import MAX_EVENTS


class HealthcarePriceTimeline(models.AbstractModel):
    """What was ordered at which price, and what the supplier answered."""

    _inherit = "healthcare.price.timeline"

    @api.model
    def _line_facility(self, line):
        return line.order_id.facility_id

    @api.model
    def _events(self, scope):
        return [*super()._events(scope), *self._order_events(scope), *self._acknowledgement_events(scope)]

    @api.model
    def _order_events(self, scope):
        lines = self.env["purchase.order.line"]
        if not lines.has_access("read"):
            return []
        domain = [
            ("product_id", "=", scope.product.id),
            ("order_id.state", "in", ("purchase", "done")),
            ("order_id.date_approve", ">=", scope.since),
        ]
        if scope.partner:
            domain.append(("partner_id", "child_of", scope.partner.ids))
        if scope.facility and not scope.line:
            domain.append(("order_id.facility_id", "in", (False, scope.facility.id)))
        found = lines.search(domain, order="id desc", limit=MAX_EVENTS) | scope.line
        return [
            self._event(
                scope,
                "order",
                line.order_id,
                fields.Date.to_date(line.order_id.date_approve or line.order_id.date_order),
                line._ordered_price_text(),
                uom=line.product_uom_id,
                partner=line.partner_id,
                currency=line.currency_id,
                title=line.order_id.name,
                note=self._order_note(line),
                key=f"order-{line.id}",
                current=line == scope.line,
            )
            for line in found
        ]

    @api.model
    def _order_note(self, line):
        notes = [line.order_id.facility_id.code]
        if line.order_id.state not in ("purchase", "done"):
            notes.append(self.env._("not confirmed"))
        if line.truth_state == "above":
            notes.append(self.env._("%s above the valid price", line.truth_difference))
        return ", ".join(filter(None, notes))

    @api.model
    def _acknowledgement_events(self, scope):
        answers = self.env["healthcare.order.acknowledgement.line"]
        if not answers.has_access("read"):
            return []
        domain = [
            ("order_line_id.product_id", "=", scope.product.id),
            ("acknowledged_price", "!=", False),
            ("create_date", ">=", scope.since),
        ]
        if scope.partner:
            domain.append(("order_line_id.partner_id", "child_of", scope.partner.ids))
        return [
            self._event(
                scope,
                "acknowledgement",
                answer.acknowledgement_id,
                fields.Date.to_date(answer.create_date),
                answer.acknowledged_price,
                uom=answer.order_line_id.product_uom_id,
                partner=answer.order_line_id.partner_id,
                currency=answer.order_line_id.currency_id,
                title=answer.acknowledgement_id.display_name,
                note=answer.order_id.name or "",
                key=f"acknowledgement-{answer.id}",
                current=answer.order_line_id == scope.line,
            )
            for answer in answers.search(domain, order="id desc", limit=MAX_EVENTS)
        ]
