from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestEscalation(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.make_tier(cls.manager, deadline_hours=8, escalation_user_id=cls.director.id)
        cls.now = fields.Datetime.now()

    def escalate(self, hours):
        with freeze_time(self.now + timedelta(hours=hours)):
            self.env.flush_all()
            with self.enter_registry_test_mode():
                self.env.ref("healthcare_approval.ir_cron_escalate").method_direct_trigger()
        self.env.invalidate_all()

    def asked(self):
        with freeze_time(self.now):
            order = self.make_order()
            order.request_validation()
        return order.sudo()

    def test_the_next_person_and_then_administrators(self):
        order = self.asked()
        self.assertEqual(order.review_ids.deadline, self.now + timedelta(hours=8))
        self.escalate(7)
        self.assertEqual(order.review_ids.escalation_level, 0)
        with self.assertRaises(AccessError):
            order.with_user(self.director).validate_tier()
        self.escalate(9)
        self.assertEqual(order.review_ids.escalation_level, 1)
        self.assertEqual(order.review_ids.reviewer_ids, self.manager | self.director)
        self.assertIn(self.director, order.activity_ids.user_id)
        self.assertIn("approval_escalated", self.audit_entries(order).mapped("action"))
        self.escalate(16)
        self.assertEqual(order.review_ids.escalation_level, 1)
        administrator = self.users["administrator"]
        self.assertNotIn(administrator, order.activity_ids.user_id)
        self.escalate(18)
        self.assertEqual(order.review_ids.escalation_level, 2)
        self.assertIn(administrator, order.activity_ids.user_id)
        with self.assertRaises(AccessError):
            order.with_user(administrator).validate_tier()
        entries = len(self.audit_entries(order, "approval_escalated"))
        self.escalate(99)
        self.assertEqual(len(self.audit_entries(order, "approval_escalated")), entries)
        order.with_user(self.director).validate_tier()
        self.assertEqual(self.reread(order).validation_status, "validated")
        self.assertFalse(order.activity_ids.filtered(lambda each: each.user_id == self.director))

    def test_who_asked_is_no_next_person(self):
        self.tier.escalation_user_id = self.clerk
        order = self.asked()
        self.escalate(9)
        self.assertEqual(order.review_ids.escalation_level, 2)
        self.assertEqual(order.review_ids.reviewer_ids, self.manager)

    def test_the_time_of_a_tier_begins_with_its_turn(self):
        self.make_tier(self.director, amount=1500, sequence=10, deadline_hours=2)
        order = self.asked()
        first, second = order.review_ids
        self.assertFalse(second.deadline)
        later = self.now + timedelta(hours=5)
        with freeze_time(later):
            order.with_user(self.manager).validate_tier()
        second = self.reread(second)
        self.assertEqual(second.deadline, later + timedelta(hours=2))
        self.escalate(8)
        self.assertEqual(self.reread(first).escalation_level, 0)
        self.assertEqual(second.escalation_level, 2)

    def test_requests_have_the_deadline_of_their_tier(self):
        self.env.ref("healthcare_approval.tier_business").deadline_hours = 4
        with freeze_time(self.now):
            order = self.make_order()
            request = order._request_approval("override", {"lines": []})
        self.assertEqual(request.sudo().deadline, self.now + timedelta(hours=4))
