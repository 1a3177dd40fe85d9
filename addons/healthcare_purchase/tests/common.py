"""Builders for orders and what suppliers send about them."""

from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders, canonical


class PurchaseCommon(ExchangeBuilders, HealthcareCommon):
    """The exchange protocol inside the test's transaction, an endpoint of the supplier.

    ``endpoint`` belongs to ``supplier``, ``other_endpoint`` to ``other_supplier``; the buyer of
    orders is the clerk.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.clerk = cls.users["clerk"]
        cls.storeroom = cls.users["storeroom"]

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint(
            "SUPPLIER_T", partner_id=self.supplier.id, company_id=self.company.id
        )
        self.other_endpoint = self.make_endpoint(
            "SUPPLIER_O", partner_id=self.other_supplier.id, company_id=self.company.id
        )

    def make_order(self, *lines, user=None, confirm=True, **values):
        """Return an order of ``(product, quantity, price[, unit])`` lines, confirmed by a clerk."""
        lines = lines or ((self.gloves, 20, 5.0),)
        order = (
            self.env["purchase.order"]
            .with_user(user or self.clerk)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "facility_id": self.facility.id,
                    "user_id": self.clerk.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": line[0].id,
                                "product_qty": line[1],
                                "price_unit": line[2],
                                "product_uom_id": (line[3] if len(line) > 3 else line[0].uom_id).id,
                            }
                        )
                        for line in lines
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.button_confirm()
        return order

    def acknowledgement(self, order, *lines, number="ACK-1", **values):
        """Return a canonical order acknowledgement."""
        return canonical(
            "order_acknowledgement",
            number,
            **{"order_reference": order.name, "lines": list(lines), **values},
        )

    def answer(self, line, *responses, **values):
        """Return a line of an acknowledgement for an order line."""
        return {
            "line_number": str(line.line_number),
            "item": {"buyer_code": line.product_id.default_code},
            "quantity": f"{line.product_qty:g}",
            "unit": line.product_uom_id.unit_code,
            "responses": list(responses),
            **values,
        }

    def ship_notice(self, order, *lines, number="SHIP-1", **values):
        """Return a canonical ship notice."""
        return canonical(
            "ship_notice",
            number,
            **{
                "order_reference": order.name,
                "shipment_number": number,
                "lines": list(lines),
                **values,
            },
        )

    def shipped(self, line, quantity, *lots, **values):
        """Return a line of a ship notice for an order line."""
        return {
            "line_number": str(line.line_number),
            "item": {"buyer_code": line.product_id.default_code},
            "quantity": quantity,
            "unit": line.product_uom_id.unit_code,
            "lots": [dict(lot) for lot in lots],
            **values,
        }

    def take_in(self, document, endpoint=None):
        """Receive one document as the service does; return the record it made."""
        [answer] = self.receive(endpoint or self.endpoint, document)
        self.assertEqual(answer["status"], "accepted", answer["errors"])
        self.env.invalidate_all()
        return self.env[answer["res_model"]].browse(answer["res_id"])

    def refused(self, document, endpoint=None):
        """Receive one document that is rejected; return its error codes."""
        [answer] = self.receive(endpoint or self.endpoint, document)
        self.assertEqual(answer["status"], "rejected")
        self.assertTrue(self.message(answer["message_uuid"]).owner_id)
        return [error["code"] for error in answer["errors"]]
