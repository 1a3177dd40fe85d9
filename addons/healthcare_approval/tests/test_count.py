from odoo.addons.base_tier_validation.models.res_users import Users as OcaUsers
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestCount(ApprovalCommon):
    """The counter on each page gives what OCA's gives."""

    def counts(self, user):
        users = self.env["res.users"].with_user(user)
        ours = sorted(users.review_user_count(), key=lambda entry: entry["model"])
        oca = sorted(OcaUsers.review_user_count(users), key=lambda entry: entry["model"])
        return ours, oca

    def test_as_oca_counts(self):
        group = self.env.ref("healthcare_base.group_approver")
        self.make_tier(self.manager)
        self.make_tier(group, amount=1500, sequence=10)
        self.make_tier(self.director, amount=1800, sequence=5, approve_sequence=False)
        orders = [self.make_order(quantity=quantity) for quantity in (90, 100, 120, 150, 170, 180, 200)]
        for order in orders:
            order.request_validation()
        orders[3].with_user(self.manager).validate_tier()
        orders[4].with_user(self.manager)._approval_decide("rejected", "No")
        orders[5].with_user(self.clerk).button_cancel()
        orders[0].with_user(self.clerk)._request_approval("override", {"lines": []})
        orders[1].with_user(self.clerk)._request_approval("override", {"lines": []})
        self.env.flush_all()
        people = (self.manager, self.director, self.clerk, self.users["approver"], self.users["auditor"])
        for user in people:
            ours, oca = self.counts(user)
            for entries in (ours, oca):
                for entry in entries:
                    entry.pop("id")  # any of the records
            self.assertEqual(ours, oca, user.login)
        ours, _oca = self.counts(self.director)
        self.assertEqual(
            {entry["model"]: entry["pending_count"] for entry in ours},
            {"purchase.order": 2, "healthcare.approval.request": 2},
        )

    def test_the_counter_asks_the_database_a_set_number_of_times(self):
        self.make_tier(self.manager)
        count = self.env["res.users"].with_user(self.manager).review_user_count

        def queries():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            count()
            return self.env.cr.sql_log_count - before

        for number in range(2):
            self.make_order(quantity=200 + number).request_validation()
        count()
        few = queries()
        for number in range(20):
            self.make_order(quantity=200 + number).request_validation()
        self.assertEqual(count()[0]["pending_count"], 22)
        self.assertEqual(queries(), few)
