from odoo import api, models
from odoo.fields import Command


class HealthcareDocumentOrderAcknowledgement(models.AbstractModel):
    """A supplier's answer to an order (X12 855 and 865, ORDRSP, OrderResponse)."""

    _name = "healthcare.document.order_acknowledgement"
    _inherit = "healthcare.document.order_reply"
    _description = "Canonical Order Acknowledgement"

    _document_type = "order_acknowledgement"
    _inbound = True

    @api.model
    def _from_canonical(self, documents, messages):
        """Keep each answer as sent and show its effect on the order.

        What differs from the order is not applied: it waits for a decision. The same content
        again is the same answer.
        """
        partners = [
            self._resolve_supplier(document, message.endpoint_id)
            for document, message in zip(documents, messages, strict=True)
        ]
        orders = self._orders_of(documents, partners)
        assignments = self._assign_lines(documents, partners, orders)
        digests = [self._digest(document) for document in documents]
        known = {
            (ack.order_id.id, ack.digest): ack
            for ack in self.env["healthcare.order.acknowledgement"].search(
                [
                    ("order_id", "in", [o.id for own in orders for o in own.values()]),
                    ("digest", "in", digests),
                ]
            )
        }
        result = []
        for index, (document, message) in enumerate(zip(documents, messages, strict=True)):
            order = self._order_of(document, orders[index])
            key = (order.id, digests[index])
            if key not in known:
                known[key] = self.env["healthcare.order.acknowledgement"].create(
                    {
                        **self._prepare_vals(document, message, order, partners[index]),
                        "digest": digests[index],
                        "line_ids": [
                            Command.create(
                                self._prepare_line_vals(line, *assignments[index, position], order)
                            )
                            for position, line in enumerate(document.get("lines") or ())
                        ]
                        or self._prepare_header_lines(document, order),
                    }
                )
                known[key]._take_effect()
            result.append({"record": known[key], "exceptions": []})
        return result

    @api.model
    def _order_of(self, document, orders):
        """Return the one order that is answered."""
        order = orders.get(document.get("order_reference")) or next(iter(orders.values()))
        if order.state != "purchase" and not order.exchange_message_id:
            self._reject(
                "order_not_found",
                self.env._(
                    "Order %s was never sent to this supplier, so there is nothing to answer.",
                    order.name,
                ),
                path="order_reference",
            )
        return order

    @api.model
    def _prepare_vals(self, document, message, order, partner):
        return {
            "name": document["number"],
            "order_id": order.id,
            "partner_id": partner.id,
            "message_id": message.id,
            "issued_at": document.get("issued_at"),
            "currency": document.get("currency"),
            "supplier_order_number": document.get("supplier_order_number"),
            "supersedes": document.get("supersedes"),
            "header_status": document.get("status"),
        }

    @api.model
    def _prepare_line_vals(self, line, order, assignment, header_order):
        problem = assignment.problem if assignment else "order_not_found"
        if order and order != header_order:
            # an answer speaks of one order; a line of another is for a person to sort out
            problem = "order_not_found"
        price = line.get("price") or {}
        return {
            **self._item_vals(line.get("item")),
            "line_number": line["line_number"],
            "order_line_number": line.get("order_line_number"),
            "order_line_id": assignment.record_id if assignment and problem != "order_not_found" else False,
            "problem": problem or False,
            "description": line.get("description"),
            "quantity": line.get("quantity"),
            "unit": line.get("unit"),
            "unit_as_sent": line.get("unit_as_sent"),
            **self._price_vals(price),
            "response_ids": [
                Command.create(self._prepare_response_vals(position, response))
                for position, response in enumerate(line.get("responses") or ())
            ],
        }

    @api.model
    def _prepare_header_lines(self, document, order):
        """Return an answer to every order line where the header alone has one (X12 BAK02)."""
        if not document.get("status"):
            return []
        return [
            Command.create(
                {
                    "line_number": str(line.line_number),
                    "order_line_id": line.id,
                    "from_header": True,
                    "response_ids": [Command.create({"status": document["status"]})],
                }
            )
            for line in order.order_line
            if not line.display_type
        ]

    @api.model
    def _prepare_response_vals(self, position, response):
        return {
            "sequence": position,
            "status": response.get("status"),
            "quantity": response.get("quantity"),
            "unit": response.get("unit"),
            **self._price_vals(response.get("price") or {}),
            "promised_ship_date": response.get("promised_ship_date"),
            "promised_delivery_date": response.get("promised_delivery_date"),
            "reason_code": response.get("reason_code"),
            **self._item_vals(response.get("substitute")),
        }

    @api.model
    def _price_vals(self, price):
        return {
            "price_amount": price.get("amount"),
            "price_base_quantity": price.get("base_quantity"),
            "price_unit_code": price.get("unit"),
            "price_kind": price.get("kind"),
        }
