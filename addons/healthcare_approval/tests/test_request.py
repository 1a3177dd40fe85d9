from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestRequest(ApprovalCommon):
    """Requests: asked once, decided once, applied once. Orders serve as the record."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order(quantity=10)
        self.order.button_confirm()
        self.line = self.order.order_line

    def ask(self, price="11", user=None):
        order = self.order.with_user(user or self.clerk)
        return order._request_approval(
            "override", {"lines": [{"line_id": self.line.id, "price_unit": price}]}, "Why not"
        )

    def test_the_record_is_untouched_until_the_decision(self):
        request = self.ask()
        self.assertEqual(request.state, "pending")
        self.assertEqual(request.requester_id, self.clerk)
        self.assertEqual(request.company_id, self.company)
        self.assertTrue(self.order.approval_pending)
        self.assertIn(self.order, self.env["purchase.order"].search([("approval_pending", "=", True)]))
        self.assertEqual(self.reread(self.line).price_unit, 10)
        self.approve(request, self.manager, "Fine")
        self.assertEqual(self.reread(self.line).price_unit, 11)
        self.assertEqual(request.decided_by_id, self.manager)
        self.assertEqual(request.decision_reason, "Fine")
        self.assertEqual(request.review_ids.status, "approved")
        self.assertFalse(self.order.approval_pending)
        with self.assertRefused("Approved already"):
            request.with_user(self.director).action_approve()

    def test_a_person_asks_once(self):
        request = self.ask()
        with self.assertRefused("already waits"):
            self.ask("12", user=self.other_clerk)
        request.with_user(self.clerk).action_cancel()
        self.assertEqual(self.ask("12", user=self.other_clerk).state, "pending")

    def test_refusal_changes_nothing(self):
        request = self.ask()
        with self.assertRefused("Say why"):
            request.with_user(self.manager).action_refuse("")
        request.with_user(self.manager).action_refuse("The contract says 10")
        request = self.reread(request)
        self.assertEqual(request.state, "refused")
        self.assertEqual(request.decision_reason, "The contract says 10")
        self.assertEqual(self.line.price_unit, 10)
        self.assertIn("approval_refused", self.audit_entries(request).mapped("action"))
        self.assertTrue(
            request.message_ids.filtered(lambda message: self.clerk.partner_id in message.partner_ids)
            or self.env["mail.message"].search([("partner_ids", "in", self.clerk.partner_id.ids)])
        )

    def test_an_approval_that_cannot_be_applied_is_none(self):
        request = self.ask()
        self.order.with_user(self.clerk).button_cancel()
        self.line.sudo().unlink()
        with self.assertRefused("has changed since"):
            request.with_user(self.manager).action_approve()
        self.assertEqual(self.reread(request).state, "pending")

    def test_without_a_tier_nobody_decides(self):
        self.env["tier.definition"].search([("model", "=", "healthcare.approval.request")]).active = False
        request = self.ask()
        self.assertEqual(request.state, "pending")
        with self.assertRefused("Nothing about", AccessError):
            request.with_user(self.manager).action_approve()
        self.env["tier.definition"].with_context(active_test=False).search(
            [("model", "=", "healthcare.approval.request")]
        ).active = True
        request.with_user(self.users["administrator"]).action_apply_tiers()
        request = self.reread(request)
        self.assertEqual(request.review_ids.requested_by, self.clerk)
        self.approve(request, self.manager)
        self.assertEqual(request.state, "approved")

    def test_kinds_go_to_their_approvers(self):
        request = self.ask()
        self.assertFalse(request.with_user(self.users["integration_approver"]).can_review)
        self.assertTrue(request.with_user(self.manager).can_review)

    def test_waiting_for_me(self):
        request = self.ask()
        requests = self.env["healthcare.approval.request"]
        mine = [("can_review", "=", True)]
        self.assertIn(request, requests.with_user(self.manager).search(mine))
        self.assertNotIn(request, requests.with_user(self.clerk).search(mine))
        self.assertIn(request, requests.with_user(self.clerk).search([("can_review", "=", False)]))
        self.approve(request, self.manager)
        self.assertNotIn(request, requests.with_user(self.manager).search(mine))

    def test_who_decides_gets_an_activity(self):
        request = self.ask()
        self.assertIn(self.manager, request.sudo().activity_ids.user_id)
        self.assertNotIn(self.clerk, request.sudo().activity_ids.user_id)
        self.approve(request, self.manager)
        self.assertFalse(self.reread(request).activity_ids)

    def test_approvers_of_other_companies_do_not_hinder(self):
        elsewhere = self.make_company("Elsewhere")
        stranger = self.make_user("test_stranger", "healthcare_base.group_approver")
        stranger.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.order = self.order.with_context(allowed_company_ids=self.company.ids)
        request = self.ask()
        self.assertIn(self.manager, request.sudo().activity_ids.user_id)
        self.assertNotIn(stranger, request.sudo().activity_ids.user_id)

    def test_who_left_the_group_does_not_decide(self):
        request = self.ask()
        self.manager.group_ids -= self.env.ref("healthcare_base.group_approver")
        with self.assertRaises(AccessError):
            request.with_user(self.manager).action_approve()

    def test_who_may_withdraw(self):
        request = self.ask()
        with self.assertRefused("withdrawn by who asked", AccessError):
            request.with_user(self.manager).action_cancel()
        request.with_user(self.users["administrator"]).action_cancel()
        self.assertEqual(self.reread(request).state, "cancelled")
        self.assertFalse(request.decided_by_id)

    def test_forms_of_several_at_once(self):
        request = self.ask()
        self.env["healthcare.approval.decide"].with_user(self.manager).create(
            {
                "model": "healthcare.approval.request",
                "res_ids": request.ids,
                "decision": "approve",
                "reason": "All fine",
            }
        ).action_decide()
        self.assertEqual(self.reread(request).state, "approved")
        self.assertEqual(self.line.price_unit, 11)
