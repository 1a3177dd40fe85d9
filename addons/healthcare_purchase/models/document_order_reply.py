import hashlib
import json
from fractions import Fraction

from odoo import api, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

from ..tools.line_assignment import OrderLineRef, assign_line


class HealthcareDocumentOrderReply(models.AbstractModel):
    """What documents have in common that answer an order: whose it is, which line is meant."""

    _name = "healthcare.document.order_reply"
    _inherit = "healthcare.document"
    _description = "Canonical Document that Answers an Order"

    @api.model
    def _digest(self, document):
        """Return the SHA-256 of a document's content: equal content, however it arrived."""
        text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @api.model
    def _orders_of(self, documents, partners):
        """Return ``[{order number: purchase.order}]``, aligned with the documents.

        The header's order must exist and be the supplier's. Orders that only lines name may be
        missing: those lines are kept with their problem.

        :raise DocumentRejected: ``order_not_found``, ``order_of_other_supplier``
        """
        result = []
        named = [self._order_numbers(document) for document in documents]
        candidates = self.env["purchase.order"].search(
            [
                ("name", "in", [number for numbers in named for number in numbers]),
                ("company_id", "=", self.env.company.id),
            ]
        )
        for document, partner, numbers in zip(documents, partners, named, strict=True):
            if not numbers:
                self._reject(
                    "order_not_found",
                    self.env._(
                        "Document %s names no order; state our order number.",
                        document.get("number"),
                    ),
                    path="order_reference",
                )
            own = {
                order.name: order
                for order in candidates
                if order.name in numbers
                and order.partner_id.commercial_partner_id == partner.commercial_partner_id
            }
            header = document.get("order_reference")
            if not own or (header and header not in own):
                # raises: it tells an unknown order from another supplier's
                own.update(self._find_orders([header] if header else numbers, partner))
            result.append(own)
        return result

    @api.model
    def _order_numbers(self, document):
        numbers = [document.get("order_reference")]
        numbers += [line.get("order_number") for line in document.get("lines") or ()]
        return list(dict.fromkeys(filter(None, numbers)))

    @api.model
    def _assign_lines(self, documents, partners, orders):
        """Find the order line of each line of the documents.

        :param orders: as :meth:`_orders_of` returned them
        :return: ``{(document index, line index): (purchase.order, Assignment or None)}``; no
            assignment where the line names an order that is not there
        """
        requests = [
            {
                "key": (index, position),
                "partner_id": partners[index].id,
                "item": line.get("item") or {},
            }
            for index, document in enumerate(documents)
            for position, line in enumerate(document.get("lines") or ())
        ]
        products = self.env["healthcare.packaging"]._find_products(requests)
        refs = {}
        for order in {order for own in orders for order in own.values()}:
            refs[order.id] = [
                OrderLineRef(line.id, line.line_number, line.product_id.id)
                for line in order.order_line
                if not line.display_type
            ]
        result = {}
        for index, document in enumerate(documents):
            own = orders[index]
            default = document.get("order_reference") or next(iter(own))
            for position, line in enumerate(document.get("lines") or ()):
                order = own.get(line.get("order_number") or default)
                result[index, position] = (
                    order or self.env["purchase.order"],
                    order and assign_line(line, refs[order.id], products[index, position]),
                )
        return result

    @api.model
    def _unit_ratios(self, requests):
        """Say how many of the order line's unit one of a supplier's unit is, exactly.

        :param requests: ``{key: (purchase.order.line, unit code or False)}``; no unit means the
            order line's own
        :return: ``{key: Fraction}``, ``None`` where the unit is unknown for the item
        """
        ratios = {}
        unknown = []
        for key, (line, unit) in requests.items():
            if not unit or normalise_unit_code(unit) == line.product_uom_id.unit_code:
                ratios[key] = Fraction(1)
            else:
                unknown.append(
                    {
                        "key": key,
                        "product_id": line.product_id.id,
                        "partner_id": line.order_id.partner_id.id,
                        "unit_code": unit,
                        "date": line.order_id.date_order,
                    }
                )
        found = self.env["healthcare.packaging"]._resolve_units(unknown) if unknown else {}
        for key, unit in found.items():
            line = requests[key][0]
            ratios[key] = Fraction(unit["factor"]) / line._unit_factor() if unit else None
        return ratios

    @api.model
    def _item_vals(self, item):
        """Return an item's codes as values of a line's fields."""
        item = item or {}
        names = ("buyer_code", "supplier_code", "manufacturer_code", "gtin")
        return {name: item.get(name) or False for name in names}

    @api.model
    def _fraction(self, text):
        """Return a canonical decimal as a fraction; ``None`` where there is none."""
        return Fraction(to_decimal(text)) if text else None
