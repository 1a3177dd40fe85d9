from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalBuilders
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestAgreedPrice(ApprovalBuilders, PurchaseCommon):
    """A price that one person raised after confirmation is not the agreed one."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order((self.gloves, 20, 5.0))
        self.line = self.order.order_line

    def test_a_raised_price_waits_for_a_second_person(self):
        self.assertEqual(self.line.confirmed_price, "5")
        self.line.price_unit = 6.0
        self.assertEqual(self.line.agreed_price, "5")
        change = (
            self.env["healthcare.approval.order.change"]
            .with_user(self.clerk)
            .create(
                {
                    "order_id": self.order.id,
                    "reason": "New list",
                    "line_ids": [
                        Command.create({"line_id": self.line.id, "price_unit": 6.0, "product_qty": 20})
                    ],
                }
            )
        )
        request = self.env["healthcare.approval.request"].browse(change.action_ask()["res_id"])
        self.assertEqual(request.sudo().facility_id, self.facility)
        self.assertEqual(self.line.agreed_price, "5")
        self.approve(request, self.users["approver"])
        self.assertEqual(self.line.agreed_price, "6")

    def test_a_lower_price_holds_at_once(self):
        self.line.price_unit = 4.5
        self.assertEqual(self.line.agreed_price, "4.5")
        self.line.price_unit = 5.0
        self.assertEqual(self.line.agreed_price, "5")
        self.line.discount = 50
        self.assertEqual(self.line.agreed_price, "2.5")

    def test_a_price_that_the_price_list_raised_waits_too(self):
        self.env["product.supplierinfo"].search([("product_id", "=", self.gloves.id)]).price = 7.0
        self.line.product_qty = 30
        self.assertEqual(self.line.agreed_price, "5")

    def test_orders_confirmed_before_this_was_recorded(self):
        self.line.sudo().confirmed_price = False
        self.line.price_unit = 6.0
        self.assertEqual(self.line.agreed_price, "5")

    def test_accepting_another_quantity_agrees_on_no_price(self):
        self.line.price_unit = 6.0
        response = {"status": "accepted_with_change", "quantity": "18", "unit": "EA"}
        ack = self.take_in(self.acknowledgement(self.order, self.answer(self.line, response)))
        ack.line_ids.with_user(self.clerk).action_decide("accepted", "Fine")
        self.assertEqual(self.line.product_qty, 18)
        self.assertEqual(self.line.agreed_price, "5")

    def test_a_suppliers_price_past_the_approved_one_is_not_accepted(self):
        self.env["tier.definition"].create(
            {
                "name": "All",
                "model_id": self.env["ir.model"]._get_id("purchase.order"),
                "review_type": "individual",
                "reviewer_id": self.users["approver"].id,
                "company_id": self.company.id,
            }
        )
        order = self.make_order((self.gloves, 20, 5.0), confirm=False)
        order.request_validation()
        order.with_user(self.users["approver"]).validate_tier()
        order.button_confirm()
        line = order.order_line
        response = {
            "status": "accepted_with_change",
            "quantity": "20",
            "unit": "EA",
            "price": {"amount": "5.20", "base_quantity": "1", "unit": "EA"},
        }
        ack = self.take_in(self.acknowledgement(order, self.answer(line, response), number="ACK-9"))
        with self.assertRefused("approved at 5 for", ValidationError):
            ack.line_ids.with_user(self.clerk).action_decide("accepted", "Fine")
        request = order._request_approval("override", {"lines": [{"line_id": line.id, "price_unit": "5.2"}]})
        self.approve(request, self.users["approver"])
        self.assertEqual(line.agreed_price, "5.2")

    def test_nobody_writes_it(self):
        with self.assertRaises(AccessError):
            self.line.confirmed_price = "6"

    def test_no_context_key_records_it(self):
        clerk = self.order.with_user(self.users["clerk"])
        context = {
            "default_confirmed_price": "1",
            "default_decided_price": "1",
            "default_acknowledgement_decision": "accepted",
            "default_trace_id": "0" * 32,
        }
        copied = clerk.with_context(**context).copy()
        lines = copied.order_line
        for name in ("confirmed_price", "decided_price", "acknowledgement_decision"):
            self.assertFalse(any(lines.mapped(name)), name)
        self.assertNotEqual(copied.trace_id, "0" * 32)

    def test_facility_and_urgency_are_approved_too(self):
        self.env["tier.definition"].create(
            {
                "name": "Urgent ones",
                "model_id": self.env["ir.model"]._get_id("purchase.order"),
                "review_type": "individual",
                "reviewer_id": self.users["approver"].id,
                "definition_domain": "[('urgency', '=', 'urgent'), ('facility_id.code', '=', 'MAIN')]",
                "company_id": self.company.id,
            }
        )
        self.make_order(urgency="routine")
        order = self.make_order(confirm=False, urgency="urgent")
        order.request_validation()
        order.with_user(self.users["approver"]).validate_tier()
        order.sudo().facility_id = self.clinic
        with self.assertRefused("has changed since"):
            order.with_user(self.clerk).button_confirm()


@tagged("post_install", "-at_install")
class TestRequestApproval(PurchaseCommon):
    """Purchase requests under tiers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.requester, cls.approver = cls.users["requester"], cls.users["approver"]

    def make_tier(self):
        return self.env["tier.definition"].create(
            {
                "name": "Approver",
                "model_id": self.env["ir.model"]._get_id("purchase.request"),
                "review_type": "group",
                "reviewer_group_id": self.env.ref("healthcare_base.group_approver").id,
                "definition_domain": "[('estimated_cost', '>=', 100)]",
                "company_id": self.company.id,
            }
        )

    def make_request(self, user=None, cost=200.0):
        return (
            self.env["purchase.request"]
            .with_user(user or self.requester)
            .create(
                {
                    "facility_id": self.facility.id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": self.gloves.id,
                                "product_qty": 10,
                                "product_uom_id": self.gloves.uom_id.id,
                                "estimated_cost": cost,
                            }
                        )
                    ],
                }
            )
        )

    def test_from_request_to_approval(self):
        self.make_tier()
        request = self.make_request()
        request.button_to_approve()
        as_approver = request.with_user(self.approver)
        for method in ("button_approved", "button_in_progress", "button_done"):
            with self.subTest(method), self.assertRefused("needs approval", ValidationError):
                getattr(as_approver, method)()
        request.request_validation()
        with self.assertRefused("Restart|under validation", ValidationError):
            request.line_ids.product_qty = 20
        as_approver.validate_tier()
        as_approver.button_approved()
        self.assertEqual(request.state, "approved")
        with self.assertRefused("rises from 10 to 20", ValidationError):
            request.line_ids.sudo().product_qty = 20
        request.line_ids.sudo().product_qty = 5

    def test_small_ones_need_no_tier(self):
        self.make_tier()
        request = self.make_request(cost=99)
        request.button_to_approve()
        request.with_user(self.approver).button_approved()
        self.assertEqual(request.state, "approved")

    def test_nobody_approves_what_they_asked_for(self):
        person = self.make_user(
            "test_asking_approver", "healthcare_base.group_requester,healthcare_base.group_approver"
        )
        request = self.make_request(user=person)
        request.button_to_approve()
        for state in ("approved", "in_progress", "done"):
            with self.subTest(state), self.assertRefused("another person", AccessError):
                request.state = state
        self.make_tier()
        request.request_validation()
        with self.assertRaises(AccessError):
            request.validate_tier()

    def test_no_context_key_approves(self):
        for state in ("approved", "in_progress", "done"):
            with self.subTest(state):
                request = self.env["purchase.request"].with_user(self.requester)
                request = request.with_context(default_state=state).create({"facility_id": self.facility.id})
                self.assertEqual(request.state, "draft")

    def test_states_beside_approved_are_no_way_round(self):
        request = self.make_request()
        for state in ("approved", "in_progress", "done"):
            with self.subTest(state), self.assertRefused("by approvers", AccessError):
                request.state = state
            with self.subTest(state), self.assertRefused("by approvers", AccessError):
                self.env["purchase.request"].with_user(self.requester).create({"state": state})
