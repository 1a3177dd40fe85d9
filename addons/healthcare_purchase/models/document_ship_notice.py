from odoo import api, models
from odoo.fields import Command


class HealthcareDocumentShipNotice(models.AbstractModel):
    """What a supplier has shipped (X12 856, DESADV, DespatchAdvice)."""

    _name = "healthcare.document.ship_notice"
    _inherit = "healthcare.document.order_reply"
    _description = "Canonical Ship Notice"

    _document_type = "ship_notice"
    _inbound = True

    @api.model
    def _from_canonical(self, documents, messages):
        """Keep each notice as sent, and propose its lots on the open receipts.

        A line that does not fit its order is kept with its problem, and proposes nothing.
        """
        partners = [
            self._resolve_supplier(document, message.endpoint_id)
            for document, message in zip(documents, messages, strict=True)
        ]
        orders = self._orders_of(documents, partners)
        assignments = self._assign_lines(documents, partners, orders)
        digests = [self._digest(document) for document in documents]
        known = {
            (notice.partner_id.id, notice.digest): notice
            for notice in self.env["healthcare.ship.notice"].search(
                [
                    ("partner_id", "in", [partner.id for partner in partners]),
                    ("digest", "in", digests),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        }
        result = []
        for index, (document, message) in enumerate(zip(documents, messages, strict=True)):
            key = (partners[index].id, digests[index])
            if key not in known:
                known[key] = self.env["healthcare.ship.notice"].create(
                    {
                        **self._prepare_vals(document, message, orders[index], partners[index]),
                        "digest": digests[index],
                    }
                )
                self._create_lines(known[key], index, document, assignments)
                known[key]._take_effect()
            result.append({"record": known[key], "exceptions": []})
        return result

    @api.model
    def _prepare_vals(self, document, message, orders, partner):
        header = orders.get(document.get("order_reference"))
        return {
            "name": document["number"],
            "shipment_number": document.get("shipment_number") or document["number"],
            "company_id": self.env.company.id,
            "order_id": (header or next(iter(orders.values()))).id,
            "partner_id": partner.id,
            "message_id": message.id,
            "issued_at": document.get("issued_at"),
            "shipped_at": document.get("shipped_at"),
            "expected_at": document.get("expected_at"),
            "expected_date": (document.get("expected_at") or "")[:10] or False,
            "carrier": document.get("carrier"),
            "tracking_number": document.get("tracking_number"),
            "bill_of_lading": document.get("bill_of_lading"),
            "package_ids": [
                Command.create(
                    {
                        "sequence": position,
                        "sscc": package.get("sscc"),
                        "parent_sscc": package.get("parent_sscc"),
                    }
                )
                for position, package in enumerate(document.get("packages") or ())
            ],
        }

    @api.model
    def _create_lines(self, notice, index, document, assignments):
        packages = notice.package_ids.sorted("sequence")
        contents = self._contents_by_line(document, packages)
        self.env["healthcare.ship.notice.line"].create(
            [
                {
                    "notice_id": notice.id,
                    **self._prepare_line_vals(line, *assignments[index, position]),
                    "lot_ids": [
                        Command.create(vals)
                        for vals in self._prepare_lots(line, contents.get(line["line_number"], ()))
                    ],
                }
                for position, line in enumerate(document.get("lines") or ())
            ]
        )

    @api.model
    def _contents_by_line(self, document, packages):
        """Return ``{line number: [(package record, content)]}``."""
        result = {}
        for record, package in zip(packages, document.get("packages") or (), strict=True):
            for content in package.get("contents") or ():
                result.setdefault(content["line_number"], []).append((record, content))
        return result

    @api.model
    def _prepare_line_vals(self, line, order, assignment):
        problem = assignment.problem if assignment else "order_not_found"
        return {
            **self._item_vals(line.get("item")),
            "line_number": line["line_number"],
            "order_number": line.get("order_number"),
            "order_line_number": line.get("order_line_number"),
            "order_id": order.id,
            "order_line_id": assignment.record_id if assignment else False,
            "assignment_problem": problem or False,
            "description": line.get("description"),
            "quantity": line.get("quantity"),
            "unit": line.get("unit"),
            "unit_as_sent": line.get("unit_as_sent"),
            "backordered_quantity": line.get("backordered_quantity"),
            "backorder_reason": line.get("backorder_reason"),
        }

    @api.model
    def _prepare_lots(self, line, contents):
        """Return the lots of a line: as packed, where the packages name them, else as listed.

        Goods without a lot give one row without a number, so that each quantity stands once.
        """
        packed = [
            {**self._lot_vals(lot), "package_id": package.id}
            for package, content in contents
            for lot in content.get("lots") or ()
        ]
        if packed:
            return packed
        alone = contents[0][0].id if len(contents) == 1 else False
        listed = [{**self._lot_vals(lot), "package_id": alone} for lot in line.get("lots") or ()]
        return listed or [{"package_id": alone}]

    @api.model
    def _lot_vals(self, lot):
        return {
            "number": lot.get("number"),
            "expires_on": lot.get("expires_on"),
            "quantity": lot.get("quantity"),
            "serials": lot.get("serials") or False,
        }
