from fractions import Fraction

from odoo import fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal

from ..tools.order_reply import Ordered, Response, exact_text, summarise


class HealthcareOrderAcknowledgementLine(models.Model):
    """What an answer comes to in the order's unit, and what it changes."""

    _inherit = "healthcare.order.acknowledgement.line"

    def _evaluate(self):
        """Work out what each answer comes to in the order's unit, and what it changes.

        From what was sent alone, so that it can be repeated; open answers only.
        """
        reply = self.env["healthcare.document.order_reply"]
        found = self.filtered("order_line_id")
        ratios = reply._unit_ratios(found._unit_requests())
        substitutes = self.env["healthcare.packaging"]._find_products(found._item_requests())
        for line in self - found:
            line.decision = "pending"
        for line in found:
            order_line = line.order_line_id
            answers = line.response_ids or [line]
            responses = [line._response(answer, ratios, substitutes.get(answer.id, [])) for answer in answers]
            agreed = order_line.agreed_price or order_line._ordered_price_text()
            summary = summarise(
                responses,
                Ordered(
                    quantity=Fraction(repr(order_line.product_qty)),
                    price=Fraction(to_decimal(agreed)),
                    backorder_policy=order_line.order_id.backorder_policy or "allow",
                ),
            )
            line.write(line._prepare_summary_vals(summary, agreed, substitutes))

    def _prepare_summary_vals(self, summary, agreed, substitutes):
        self.ensure_one()
        order_line = self.order_line_id
        changes = set(summary.changes)
        if self._currency_differs() and self._names_price():
            changes.add("price")
        if self.problem:
            changes.add("substitution")
        offered = [
            product_id
            for response in self.response_ids
            for product_id in substitutes.get(response.id, [])[:1]
            if product_id != order_line.product_id.id
        ]
        return {
            "status": summary.status,
            "acknowledged_quantity": exact_text(summary.acknowledged_quantity),
            "backordered_quantity": exact_text(summary.backordered_quantity),
            "acknowledged_price": exact_text(summary.price),
            "promised_date": summary.promised_date or False,
            "substitute_product_id": offered[0] if offered else False,
            "ordered_quantity": exact_text(Fraction(repr(order_line.product_qty))),
            "ordered_price": agreed,
            "changes_price": "price" in changes,
            "changes_quantity": bool(changes & {"quantity", "backorder"}),
            "changes_item": "substitution" in changes,
            "unit_unknown": "unit" in changes,
            "decision": "pending" if changes else "none",
        }

    def _currency_differs(self):
        currency = self.acknowledgement_id.currency
        return bool(currency and currency != self.order_line_id.currency_id.name)

    def _names_price(self):
        return bool(self.price_amount or any(self.response_ids.mapped("price_amount")))

    def _unit_requests(self):
        """Return every unit that these answers use, for ``_unit_ratios``."""
        requests = {}
        for line in self:
            for answer in [line, *line.response_ids]:
                unit = answer.unit or line.unit
                price_unit = answer.price_unit_code or line.price_unit_code or unit
                for name in {unit, price_unit}:
                    requests[line.id, name] = (line.order_line_id, name)
        return requests

    def _item_requests(self):
        """Return the substitutes that are offered, for ``_find_products``."""
        names = ("buyer_code", "supplier_code", "manufacturer_code", "gtin")
        return [
            {
                "key": response.id,
                "partner_id": response.line_id.acknowledgement_id.partner_id.id,
                "item": {name: response[name] for name in names if response[name]},
            }
            for response in self.response_ids
            if any(response[name] for name in names)
        ]

    def _response(self, answer, ratios, products):
        """Return one answer in the order line's unit.

        :param answer: one of the line's responses, or the line itself where it has none
        """
        unit = answer.unit or self.unit
        ratio = ratios[self.id, unit]
        alone = len(self.response_ids) <= 1
        quantity = answer.quantity or (self.quantity if alone else False)
        price = answer if answer.price_amount else self
        price_ratio = ratios[self.id, price.price_unit_code or self.price_unit_code or unit]
        base = to_decimal(price.price_base_quantity or "1")
        named = answer._name != self._name and any(
            answer[name] for name in ("buyer_code", "supplier_code", "manufacturer_code", "gtin")
        )
        net = price.price_amount and price.price_kind != "list"
        return Response(
            status=answer.status if answer._name != self._name and answer.status else "accepted",
            quantity=Fraction(to_decimal(quantity)) * ratio if quantity and ratio else None,
            price=(
                Fraction(to_decimal(price.price_amount)) / Fraction(base) / price_ratio
                if net and base > 0 and price_ratio
                else None
            ),
            promised_date=self._promised(answer),
            unit_unknown=bool((quantity and ratio is None) or (net and (price_ratio is None or base <= 0))),
            other_item=named and self.order_line_id.product_id.id not in products,
        )

    def _promised(self, answer):
        """The delivery date as promised; the ship date where that is all there is."""
        if answer._name == self._name:
            return ""
        date = answer.promised_delivery_date or answer.promised_ship_date
        return fields.Date.to_string(date) if date else ""

    def _put_on_order(self):
        """Make these the answers that stand on their order lines."""
        for line in self.filtered("order_line_id"):
            line.order_line_id.acknowledgement_line_id = line
