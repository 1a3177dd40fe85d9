from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestDelegation(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.make_tier(cls.manager)
        cls.deputy = cls.make_user("test_deputy", "healthcare_base.group_approver")
        cls.today = fields.Date.today()

    def delegate(self, user=None, delegate=None, by=None, days=(0, 7), kinds=()):
        user = user or self.manager
        return (
            self.env["healthcare.approval.delegation"]
            .with_user(by or user)
            .create(
                {
                    "user_id": user.id,
                    "delegate_id": (delegate or self.deputy).id,
                    "date_from": self.today + timedelta(days=days[0]),
                    "date_to": self.today + timedelta(days=days[1]),
                    "kind_ids": [
                        Command.link(self.env.ref(f"healthcare_approval.kind_{kind}").id) for kind in kinds
                    ],
                }
            )
        )

    def asked(self, **values):
        order = self.make_order(**values)
        order.request_validation()
        return order

    def test_the_delegate_decides_in_the_name_of(self):
        self.delegate()
        order = self.asked()
        as_deputy = order.with_user(self.deputy)
        self.assertTrue(as_deputy.can_review)
        self.assertIn(order, as_deputy.search([("can_review", "=", True)]))
        self.assertEqual(
            self.env["res.users"].with_user(self.deputy).review_user_count()[0]["pending_count"], 1
        )
        as_deputy.validate_tier()
        review = self.reread(order).review_ids
        self.assertEqual(review.done_by, self.deputy)
        self.assertEqual(review.delegated_by, self.manager)
        self.assertIn("in the name of test_manager", order.message_ids.mapped("body")[0])
        entry = self.audit_entries(order, "approval_approved")
        self.assertEqual(entry.login, "test_deputy")
        self.assertIn('"delegated_by":"test_manager"', entry.changes)

    def test_only_from_to(self):
        self.delegate(days=(1, 3))
        order = self.asked()
        with self.assertRaises(AccessError):
            order.with_user(self.deputy).validate_tier()
        for days, decides in ((1, True), (3, True), (4, False)):
            with freeze_time(self.today + timedelta(days=days)):
                self.env.invalidate_all()
                self.assertEqual(order.with_user(self.deputy).can_review, decides, days)

    def test_only_the_kinds(self):
        self.delegate(kinds=("endpoint", "mapping"))
        self.assertFalse(self.asked().with_user(self.deputy).can_review)
        self.delegate(kinds=("purchase_order",))
        self.assertTrue(self.asked().with_user(self.deputy).can_review)

    def test_neither_decides_what_one_of_them_asked_for_or_changed(self):
        group = self.env.ref("healthcare_base.group_approver")
        self.tier.write({"review_type": "group", "reviewer_group_id": group.id})
        buyer = self.make_user(
            "test_buying_manager", "healthcare_base.group_clerk,healthcare_base.group_approver"
        )
        self.delegate(user=buyer, delegate=self.deputy)
        self.deputy.group_ids -= group
        order = self.make_order()
        order.with_user(buyer).request_validation()
        with self.assertRaises(AccessError):
            order.with_user(self.deputy).validate_tier()
        self.deputy.group_ids += self.env.ref("healthcare_base.group_clerk")
        self.delegate(user=self.manager, delegate=self.deputy)
        order = self.make_order(user=self.deputy)
        order.with_user(self.clerk).request_validation()
        with self.assertRefused("You changed", AccessError):
            order.with_user(self.deputy).validate_tier()

    def test_a_delegate_and_the_delegator_are_one_person_over_tiers(self):
        self.make_tier(self.deputy, amount=1500, sequence=10)
        self.delegate()
        order = self.asked()
        order.with_user(self.deputy).validate_tier()
        with self.assertRefused("another person", AccessError):
            order.with_user(self.deputy).validate_tier()

    def test_a_delegation_is_not_passed_on(self):
        self.delegate()
        self.delegate(user=self.deputy, delegate=self.director)
        self.assertFalse(self.asked().with_user(self.director).can_review)

    def test_the_delegation_of_who_left_ends(self):
        self.delegate()
        order = self.asked()
        self.manager.active = False
        self.assertFalse(self.reread(order).with_user(self.deputy).can_review)

    def test_who_may_delegate(self):
        with self.assertRefused("People delegate their own", AccessError):
            self.delegate(by=self.deputy)
        administrator = self.users["administrator"]
        self.delegate(by=administrator)
        with self.assertRefused("Nobody gives themselves", AccessError):
            self.delegate(by=administrator, delegate=administrator)
        delegation = self.delegate()
        with self.assertRefused("ended or extended", AccessError):
            delegation.with_user(self.manager).delegate_id = self.director
        with self.assertRaises(AccessError):
            delegation.with_user(self.deputy).date_to = self.today + timedelta(days=99)
        with self.assertRaises(AccessError):
            delegation.with_user(self.director).read(["reason"])
        delegation.with_user(self.manager).active = False
        self.assertEqual(delegation.state, "past")
        with self.assertRefused("evidence", AccessError):
            delegation.sudo().unlink()
        self.assertEqual(self.audit_entries(delegation).mapped("action"), ["create", "write"])

    def test_what_makes_no_delegation(self):
        with mute_logger("odoo.sql_db"), self.assertRefused("delegation_dates", IntegrityError):
            self.delegate(days=(3, 1))
        with mute_logger("odoo.sql_db"), self.assertRefused("delegation_another", IntegrityError):
            self.delegate(delegate=self.manager)
        portal = self.make_user("test_portal_person", "base.group_portal")
        with self.assertRefused("internal users", ValidationError):
            self.delegate(delegate=portal)
