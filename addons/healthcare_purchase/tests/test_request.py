from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestRequest(PurchaseCommon):
    """Facility and urgency go from the request to the order."""

    def make_request(self, facility=None, urgency="routine"):
        request = (
            self.env["purchase.request"]
            .with_user(self.users["requester"])
            .create(
                {
                    "facility_id": (facility or self.facility).id,
                    "urgency": urgency,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": self.gloves.id,
                                "product_qty": 10,
                                "product_uom_id": self.gloves.uom_id.id,
                            }
                        )
                    ],
                }
            )
        )
        request.button_to_approve()
        request.with_user(self.users["approver"]).button_approved()
        return request

    def order(self, requests, **values):
        wizard = (
            self.env["purchase.request.line.make.purchase.order"]
            .with_user(self.clerk)
            .with_context(active_model="purchase.request", active_ids=requests.ids)
            .create({"supplier_id": self.supplier.id, **values})
        )
        return self.env["purchase.order"].browse(set(wizard.make_purchase_order()["domain"][0][2]))

    def test_facility_and_urgency_are_carried(self):
        warehouse = self.env["stock.warehouse"].create(
            {"name": "Clinic", "code": "CL", "company_id": self.company.id}
        )
        self.clinic.warehouse_id = warehouse
        requests = self.make_request(self.clinic) | self.make_request(self.clinic, "emergency")
        self.assertEqual(requests.picking_type_id, warehouse.in_type_id)
        order = self.order(requests)
        self.assertEqual(order.facility_id, self.clinic)
        self.assertEqual(order.urgency, "emergency")
        self.assertEqual(order.picking_type_id, warehouse.in_type_id)

    def test_who_may_approve(self):
        request = self.make_request()
        request.with_user(self.users["approver"]).button_draft()
        request.button_to_approve()
        for role in ("requester", "clerk", "storeroom", "accounts_payable", "auditor"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                request.with_user(self.users[role]).button_approved()
        with self.assertRaises(AccessError):
            self.env["purchase.request"].with_user(self.users["requester"]).create({"state": "approved"})

    def test_one_order_for_each_facility(self):
        requests = self.make_request() | self.make_request(self.clinic)
        with self.assertRaisesRegex(UserError, "one order for each facility"):
            self.order(requests)

    def test_adding_to_an_order(self):
        order = self.make_order(confirm=False, urgency="urgent")
        self.order(self.make_request(urgency="routine"), purchase_order_id=order.id)
        self.assertEqual(order.urgency, "urgent")
        self.order(self.make_request(urgency="emergency"), purchase_order_id=order.id)
        self.assertEqual(order.urgency, "emergency")
        with self.assertRaisesRegex(UserError, "Choose another order"):
            self.order(self.make_request(self.clinic), purchase_order_id=order.id)
