from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestOrderApproval(ApprovalCommon):
    """Orders under tiers: what was approved is what is ordered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.make_tier(cls.manager)

    def test_without_a_matching_tier_the_order_is_confirmed(self):
        order = self.make_order(quantity=1)
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_a_cancelled_order_is_deleted_by_its_clerk(self):
        without, under_tier = self.make_order(quantity=10), self.make_order()
        under_tier.with_user(self.clerk).request_validation()
        for order in (without, under_tier):
            order = order.with_user(self.clerk)
            order.button_cancel()
            order.unlink()
        self.assertFalse((without | under_tier).exists())

    def test_an_order_needs_its_tier(self):
        order = self.make_order()
        with self.assertRefused("needs approval", ValidationError):
            order.button_confirm()
        order.request_validation()
        self.assertEqual(self.reread(order).review_ids.status, "pending")
        with self.assertRefused("still waits", ValidationError):
            order.with_user(self.clerk).button_confirm()
        order.with_user(self.manager).validate_tier()
        order.with_user(self.clerk).button_confirm()
        order = self.reread(order)
        self.assertEqual(order.state, "purchase")
        self.assertEqual(order.review_ids.done_by, self.manager)
        entries = self.audit_entries(order).mapped("action")
        self.assertIn("approval_requested", entries)
        self.assertIn("approval_approved", entries)

    def test_refusal_needs_a_reason_and_stops_the_order(self):
        order = self.make_order()
        order.request_validation()
        as_manager = order.with_user(self.manager)
        with self.assertRefused("Say why"):
            as_manager._approval_decide("rejected", " ")
        action = as_manager.reject_tier()
        self.env["healthcare.approval.decide"].with_user(self.manager).with_context(
            **action["context"]
        ).create({"reason": "Too dear"}).action_decide()
        order = self.reread(order)
        self.assertEqual(order.validation_status, "rejected")
        self.assertEqual(order.review_ids.comment, "Too dear")
        with self.assertRefused("refused", ValidationError):
            order.with_user(self.clerk).button_confirm()
        order.with_user(self.clerk).restart_validation()
        self.assertFalse(self.reread(order).review_ids)
        order.with_user(self.clerk).order_line.price_unit = 1
        order.with_user(self.clerk).button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_tiers_go_in_sequence(self):
        self.make_tier(self.director, amount=1500, sequence=10)
        order = self.make_order()
        order.request_validation()
        self.assertEqual(self.reread(order).review_ids.mapped("status"), ["pending", "waiting"])
        with self.assertRefused("waits for test_manager", AccessError):
            order.with_user(self.director).validate_tier()
        order.with_user(self.manager).validate_tier()
        self.assertTrue(self.reread(order).with_user(self.director).can_review)
        with self.assertRefused("still waits", ValidationError):
            order.with_user(self.clerk).button_confirm()
        order.with_user(self.director).validate_tier()
        order.with_user(self.clerk).button_confirm()
        self.assertEqual(self.reread(order).state, "purchase")

    def test_one_person_decides_one_tier(self):
        self.make_tier(self.env.ref("healthcare_base.group_approver"), amount=1500, sequence=10)
        order = self.make_order()
        order.request_validation()
        order.with_user(self.manager).validate_tier()
        self.assertFalse(self.reread(order).with_user(self.manager).can_review)
        with self.assertRefused("another person", AccessError):
            order.with_user(self.manager).validate_tier()
        order.with_user(self.director).validate_tier()
        self.assertEqual(self.reread(order).validation_status, "validated")

    def test_where_the_tier_allows_one_person_decides_several(self):
        group = self.env.ref("healthcare_base.group_approver")
        self.make_tier(group, amount=1500, sequence=10, distinct_approver=False)
        order = self.make_order()
        order.request_validation()
        order.with_user(self.manager).validate_tier()
        order.with_user(self.manager).validate_tier()
        self.assertEqual(self.reread(order).validation_status, "validated")

    def test_who_asks_does_not_approve(self):
        buyer = self.make_user(
            "test_buyer_approver", "healthcare_base.group_clerk,healthcare_base.group_approver"
        )
        self.tier.write(
            {"review_type": "group", "reviewer_group_id": self.env.ref("healthcare_base.group_approver").id}
        )
        order = self.make_order()
        order.with_user(buyer).request_validation()
        self.assertFalse(order.with_user(buyer).can_review)
        with self.assertRefused("another person", AccessError):
            order.with_user(buyer).validate_tier()

    def test_who_changed_it_does_not_approve(self):
        buyer = self.make_user(
            "test_buyer_approver", "healthcare_base.group_clerk,healthcare_base.group_approver"
        )
        self.tier.reviewer_id = buyer
        order = self.make_order()
        order.with_user(buyer).order_line.price_unit = 12
        order.with_user(self.other_clerk).write({"partner_ref": "Q-1"})
        order.request_validation()
        self.assertEqual(self.reread(order).approval_authors, [buyer.id])
        with self.assertRefused("You changed", AccessError):
            order.with_user(buyer).validate_tier()

    def test_who_made_it_does_not_approve(self):
        buyer = self.make_user(
            "test_buyer_approver", "healthcare_base.group_clerk,healthcare_base.group_approver"
        )
        self.tier.reviewer_id = buyer
        order = self.make_order(user=buyer)
        order.with_user(self.clerk).request_validation()
        with self.assertRefused("You changed", AccessError):
            order.with_user(buyer).validate_tier()

    def test_content_is_locked_while_it_is_approved(self):
        order = self.make_order()
        order.request_validation()
        for change in (
            lambda: order.order_line.write({"price_unit": 50}),
            lambda: order.order_line.write({"product_qty": 300}),
            lambda: order.order_line.unlink(),
            lambda: order.write({"order_line": [Command.create({"product_id": self.suture.id})]}),
            lambda: (
                self.env["purchase.order.line"]
                .with_user(self.clerk)
                .create({"order_id": order.id, "product_id": self.suture.id, "product_qty": 1})
            ),
        ):
            with self.assertRefused("Restart the validation|under validation", ValidationError):
                change()
        self.assertEqual(self.reread(order).amount_total, 2000)

    def test_what_changed_behind_the_lock_is_neither_approved_nor_confirmed(self):
        order = self.make_order()
        order.request_validation()
        order.sudo().order_line.price_unit = 99
        with self.assertRefused("has changed since"):
            order.with_user(self.manager).validate_tier()
        order = self.make_approved_order()
        order.sudo().order_line.price_unit = 99
        with self.assertRefused("has changed since"):
            order.with_user(self.clerk).button_confirm()

    def test_state_and_content_in_one_write(self):
        order = self.make_approved_order()
        with self.assertRefused("has changed since|Restart|under validation", (UserError, ValidationError)):
            order.with_user(self.clerk).write({"state": "purchase", "partner_id": self.supplier.id})

    def test_cancelling_takes_approvals_away(self):
        order = self.make_approved_order()
        order.with_user(self.clerk).button_cancel()
        self.assertFalse(self.reread(order).review_ids)
        order.with_user(self.clerk).button_draft()
        with self.assertRefused("needs approval", ValidationError):
            order.with_user(self.clerk).button_confirm()

    def test_nothing_grows_after_confirmation(self):
        order = self.make_approved_order()
        order = order.with_user(self.clerk)
        order.button_confirm()
        line = order.order_line
        for values in (
            {"price_unit": 10.01},
            {"product_qty": 201},
            {"product_id": self.suture.id},
        ):
            with self.subTest(values), self.assertRefused("another person's approval|order", ValidationError):
                line.write(values)
        draft = self.make_order(quantity=1)
        with self.assertRefused("is new", ValidationError):
            draft.order_line.order_id = order
        with self.assertRefused("is new", ValidationError):
            order.write(
                {
                    "order_line": [
                        Command.create({"product_id": self.suture.id, "product_qty": 1, "price_unit": 1})
                    ]
                }
            )
        with self.assertRefused("changes", ValidationError):
            order.write({"partner_id": self.supplier.id})
        line.write({"price_unit": 9, "product_qty": 150})
        line.write({"price_unit": 10, "product_qty": 200})
        self.assertEqual(self.reread(order).amount_total, 2000)

    def test_an_order_below_the_tier_does_not_grow_into_it(self):
        order = self.make_order(quantity=90)
        order.button_confirm()
        order.order_line.product_qty = 99
        with self.assertRefused("rises from 99 to 100", ValidationError):
            order.order_line.product_qty = 100
        self.assertEqual(self.reread(order).amount_total, 990)

    def test_a_change_after_confirmation_is_asked_for(self):
        order = self.make_approved_order().with_user(self.clerk)
        order.button_confirm()
        line = order.order_line
        change = (
            self.env["healthcare.approval.order.change"]
            .with_user(self.clerk)
            .create(
                {
                    "order_id": order.id,
                    "reason": "New price list",
                    "line_ids": [Command.create({"line_id": line.id, "price_unit": 11, "product_qty": 200})],
                }
            )
        )
        request = self.env["healthcare.approval.request"].browse(change.action_ask()["res_id"])
        self.assertEqual(line.price_unit, 10)
        with self.assertRefused("already waits"):
            change.action_ask()
        with self.assertRefused("another person", AccessError):
            request.with_user(self.clerk).action_approve()
        self.approve(request, self.manager, "Checked with the supplier")
        line = self.reread(line)
        self.assertEqual(line.price_unit, 11)
        self.assertEqual(request.state, "approved")
        with self.assertRefused("rises from 11 to 12", ValidationError):
            line.with_user(self.clerk).price_unit = 12

    def test_a_change_of_another_change_is_asked_for_again(self):
        order = self.make_approved_order().with_user(self.clerk)
        order.button_confirm()
        request = order._request_approval(
            "override", {"lines": [{"line_id": order.order_line.id, "price_unit": "11"}]}
        )
        order.order_line.product_qty = 150
        with self.assertRefused("has changed since"):
            request.with_user(self.manager).action_approve()
        request.with_user(self.clerk).action_cancel()
        self.assertEqual(self.reread(request).state, "cancelled")

    def test_a_tier_of_another_company_does_not_ask(self):
        self.tier.company_id = self.env.ref("base.main_company")
        order = self.make_order()
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_forwarding(self):
        order = self.make_order()
        self.tier.has_forward = True
        order.request_validation()
        as_manager = order.with_user(self.manager)
        self.assertTrue(as_manager.can_forward)
        with self.assertRefused("choose another"):
            as_manager._approval_forward(self.clerk)
        self.env["tier.validation.forward.wizard"].with_user(self.manager).create(
            {
                "res_model": "purchase.order",
                "res_id": order.id,
                "forward_reviewer_id": self.director.id,
                "forward_description": "You know this supplier",
            }
        ).add_forward()
        order = self.reread(order)
        self.assertEqual(order.validation_status, "pending")
        order.with_user(self.director).validate_tier()
        self.assertEqual(self.reread(order).validation_status, "validated")

    def test_a_bad_condition_is_refused_when_it_is_written(self):
        with self.assertRefused("cannot be evaluated", ValidationError):
            self.tier.definition_domain = "[('no_such_field', '=', 1)]"
