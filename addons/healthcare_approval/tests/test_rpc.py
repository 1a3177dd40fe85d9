"""What can be tried from outside, tried from outside: every hole of OCA's modules, by RPC."""

import json
from contextlib import suppress
from datetime import timedelta
from xmlrpc.client import Fault

from odoo import Command, fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ApprovalCommon

#: All by which a caller could hope to switch checks off.
SWITCHES = {
    "skip_validation_check": True,
    "skip_check_state_condition": True,
    "tier_validation_defer_compute_can_review": True,
    "active_test": False,
    "default_state": "purchase",
}


@tagged("post_install", "-at_install")
class TestRpc(ApprovalCommon, HttpCase):
    """A plain purchase user, a portal user and reviewers, each with their own login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tier = cls.make_tier(cls.manager)
        cls.buyer = cls.make_user("rpc_buyer_user", "purchase.group_purchase_user")
        cls.portal = new_test_user(cls.env, "rpc_portal_user", groups="base.group_portal")

    def setUp(self):
        super().setUp()
        self.order = self.make_order(user=self.buyer)
        self.env.flush_all()

    def rpc(self, user, model, method, *args, **kwargs):
        """Call a method over XML-RPC as ``user``; passwords of test users are their logins."""
        password = user.login + "x" * (8 - len(user.login))
        args, kwargs = json.loads(json.dumps([args, kwargs]))  # commands as plain numbers
        self.env.flush_all()
        try:
            with mute_logger("odoo.addons.rpc.controllers.xmlrpc"):
                return self.xmlrpc_object.execute_kw(
                    self.env.cr.dbname, user.id, password, model, method, args, kwargs
                )
        finally:
            self.env.invalidate_all()

    def assertFault(self, regex, user, model, method, *args, **kwargs):
        with self.assertRaisesRegex(Fault, regex), mute_logger("odoo.http"):
            self.rpc(user, model, method, *args, **kwargs)

    def ask(self):
        self.rpc(self.buyer, "purchase.order", "request_validation", self.order.ids)
        return self.reread(self.order).review_ids

    def assertNotOrdered(self, order=None):
        self.assertNotEqual(self.reread(order or self.order).state, "purchase")

    # Reviews

    def test_reviews_are_not_written(self):
        review = self.ask()
        for user in (self.buyer, self.manager, self.clerk):
            self.assertFault("", user, "tier.review", "write", review.ids, {"status": "approved"})
            self.assertFault("", user, "tier.review", "unlink", review.ids)
            self.assertFault(
                "",
                user,
                "tier.review",
                "create",
                {"model": "purchase.order", "res_id": self.order.id, "status": "approved"},
            )
            self.assertFault(
                "by hand|not allowed|under validation",
                user,
                "purchase.order",
                "write",
                self.order.ids,
                {"review_ids": [Command.update(review.id, {"status": "approved"})]},
            )
            self.assertFault(
                "by hand|not allowed|under validation",
                user,
                "purchase.order",
                "write",
                self.order.ids,
                {"review_ids": [Command.clear()]},
            )
        self.assertEqual(self.reread(review).status, "pending")

    def test_reviews_are_not_written_whatever_the_rights_say(self):
        review = self.ask()
        self.env["ir.model.access"].create(
            {
                "name": "too much",
                "model_id": self.env["ir.model"]._get_id("tier.review"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
                "perm_unlink": True,
            }
        )
        self.assertFault(
            "by decisions", self.buyer, "tier.review", "write", review.ids, {"status": "approved"}
        )
        self.assertFault("by decisions", self.buyer, "tier.review", "unlink", review.ids)

    def test_the_status_is_not_written(self):
        for values in (
            {"validation_status": "validated"},
            {"approval_digest": "0" * 64},
            {"approval_content": {}},
            {"approval_authors": []},
        ):
            self.assertFault(
                "by hand|not allowed", self.buyer, "purchase.order", "write", self.order.ids, values
            )

    def test_portal_users_and_the_public_read_no_reviews(self):
        self.ask()
        for model in ("tier.review", "tier.definition", "healthcare.approval.request"):
            self.assertFault("", self.portal, model, "search_read", [])
            public = self.env[model].with_user(self.env.ref("base.public_user"))
            self.assertFalse(public.has_access("read"), model)

    # The order's state

    def test_no_way_into_the_state(self):
        ways = [
            ("button_confirm", ()),
            ("button_approve", ()),
            ("button_approve", (True,)),
            ("write", ({"state": "purchase"},)),
            ("write", ({"state": "to approve"},)),
        ]
        for start in ("draft", "sent", "to approve", "cancel"):
            for context in ({}, SWITCHES):
                for method, args in ways:
                    order = self.make_order(user=self.buyer)
                    order.sudo().write({"state": start})
                    with self.subTest(start=start, method=method, context=context):
                        with suppress(Fault), mute_logger("odoo.http"):
                            self.rpc(self.buyer, "purchase.order", method, order.ids, *args, context=context)
                        self.assertNotOrdered(order)

    def test_no_way_by_creating(self):
        values = {
            "partner_id": self.supplier.id,
            "state": "purchase",
            "order_line": [
                Command.create({"product_id": self.gloves.id, "product_qty": 200, "price_unit": 10})
            ],
        }
        for context in ({}, {"skip_validation_check": True}):
            self.assertFault("needs", self.buyer, "purchase.order", "create", values, context=context)
        self.assertFault("needs", self.buyer, "purchase.order", "copy", self.order.ids, {"state": "purchase"})
        header = {"partner_id": self.supplier.id, "state": "purchase"}
        order_id = self.rpc(self.buyer, "purchase.order", "create", header)
        self.assertFault(
            "needs another person",
            self.buyer,
            "purchase.order.line",
            "create",
            {"order_id": order_id, "product_id": self.gloves.id, "product_qty": 200, "price_unit": 10},
        )

    def test_lines_after_approval(self):
        self.ask()
        self.rpc(self.manager, "purchase.order", "validate_tier", self.order.ids)
        line = self.reread(self.order).order_line
        for context in ({}, {"skip_validation_check": True}):
            self.assertFault(
                "Restart",
                self.buyer,
                "purchase.order.line",
                "write",
                line.ids,
                {"price_unit": 999},
                context=context,
            )
        self.rpc(self.buyer, "purchase.order", "button_confirm", self.order.ids)
        self.assertEqual(self.reread(self.order).state, "purchase")
        for context in ({}, {"skip_validation_check": True}):
            self.assertFault(
                "another person",
                self.buyer,
                "purchase.order.line",
                "write",
                line.ids,
                {"price_unit": 999},
                context=context,
            )
            self.assertFault(
                "another person",
                self.buyer,
                "purchase.order",
                "write",
                self.order.ids,
                {"order_line": [Command.update(line.id, {"product_qty": 999})]},
                context=context,
            )
        self.assertEqual(self.reread(self.order).amount_total, 2000)

    # Decisions by who may not decide

    def test_who_is_no_reviewer_does_not_decide(self):
        review = self.ask()
        for user in (self.buyer, self.clerk, self.director):
            for method in ("validate_tier", "reject_tier", "forward_tier"):
                self.assertFault("", user, "purchase.order", method, self.order.ids)
        self.assertEqual(self.reread(review).status, "pending")

    def test_the_wizards_decide_nothing_by_themselves(self):
        review = self.ask()
        for user in (self.buyer, self.clerk):
            for decision in ("validate", "reject", "forward"):
                wizard = self.rpc(
                    user,
                    "comment.wizard",
                    "create",
                    {
                        "res_model": "purchase.order",
                        "res_id": self.order.id,
                        "review_ids": [Command.set(review.ids)],
                        "validate_reject": decision,
                        "comment": "Done",
                    },
                )
                self.assertFault("", user, "comment.wizard", "add_comment", [wizard])
            wizard = self.rpc(
                user,
                "tier.validation.forward.wizard",
                "create",
                {
                    "res_model": "purchase.order",
                    "res_id": self.order.id,
                    "forward_reviewer_id": user.id,
                    "forward_description": "To me",
                },
            )
            self.assertFault("", user, "tier.validation.forward.wizard", "add_forward", [wizard])
            wizard = self.rpc(
                user,
                "healthcare.approval.decide",
                "create",
                {
                    "model": "purchase.order",
                    "res_ids": self.order.ids,
                    "decision": "approve",
                    "reason": "Done",
                },
            )
            self.assertFault("", user, "healthcare.approval.decide", "action_decide", [wizard])
        review = self.reread(review)
        self.assertEqual(review.status, "pending")
        self.assertFalse(review.comment)
        self.assertEqual(self.order.review_ids, review)

    def test_a_reviewer_comments_through_the_wizard(self):
        review = self.ask()
        wizard = self.rpc(
            self.manager,
            "comment.wizard",
            "create",
            {
                "res_model": "purchase.order",
                "res_id": self.order.id,
                "review_ids": [Command.set(review.ids)],
                "validate_reject": "validate",
                "comment": "As discussed",
            },
        )
        self.rpc(self.manager, "comment.wizard", "add_comment", [wizard])
        self.assertEqual(self.reread(review).comment, "As discussed")
        self.assertEqual(review.status, "approved")

    def test_wizards_name_no_other_model(self):
        for model, method, values in (
            (
                "comment.wizard",
                "add_comment",
                {"res_model": "res.users", "comment": "x", "validate_reject": "validate"},
            ),
            (
                "tier.validation.forward.wizard",
                "add_forward",
                {"res_model": "res.users", "forward_reviewer_id": self.director.id},
            ),
        ):
            wizard = self.rpc(self.manager, model, "create", {"res_id": self.buyer.id, **values})
            self.assertFault("nothing that is approved", self.manager, model, method, [wizard])

    def test_confirming_is_no_approving(self):
        """OCA's lets a reviewer who confirms approve the order on the way."""
        buyer = self.make_user("rpc_buyer_reviewer", "purchase.group_purchase_user")
        self.tier.reviewer_id = buyer
        self.assertFault("needs approval", buyer, "purchase.order", "button_confirm", self.order.ids)
        self.assertNotOrdered()

    def test_tiers_are_set_by_administrators(self):
        for user in (self.buyer, self.clerk, self.manager):
            self.assertFault(
                "not allowed", user, "tier.definition", "write", self.tier.ids, {"active": False}
            )
            self.assertFault(
                "not allowed",
                user,
                "tier.validation.exception",
                "create",
                {"model_id": self.tier.model_id.id, "field_ids": []},
            )
        administrator = self.users["administrator"]
        self.rpc(administrator, "tier.definition", "write", self.tier.ids, {"sequence": 7})
        self.assertIn("sequence", self.audit_entries(self.tier)[-1].changes)

    def test_private_methods_stay_private(self):
        self.ask()
        for method in ("_validate_tier", "_approval_decide", "_approval_apply", "_request_approval"):
            self.assertFault("", self.manager, "purchase.order", method, self.order.ids)
        self.assertEqual(self.reread(self.order).validation_status, "pending")

    def test_reviewers_are_not_given(self):
        review = self.ask()
        admin = self.env.ref("base.user_admin")
        admin.password = admin.login + "xxx"  # as new_test_user makes them
        self.assertFault(
            "by decisions",
            admin,
            "res.users",
            "write",
            self.clerk.ids,
            {"review_ids": [Command.link(review.id)]},
        )
        self.assertEqual(self.reread(review).reviewer_ids, self.manager)

    # Context keys

    def test_defaults_make_no_approval(self):
        context = {
            "default_status": "approved",
            "default_done_by": self.manager.id,
            "default_validation_status": "validated",
            "default_review_ids": [],
        }
        self.rpc(self.buyer, "purchase.order", "request_validation", self.order.ids, context=context)
        self.assertEqual(self.reread(self.order).review_ids.status, "pending")
        self.assertFault(
            "still waits",
            self.buyer,
            "purchase.order",
            "button_confirm",
            self.order.ids,
            context=context,
        )

    def test_defaults_make_no_approved_content(self):
        values = {"partner_id": self.other_supplier.id}
        order_id = self.rpc(
            self.buyer,
            "purchase.order",
            "create",
            values,
            context={
                "default_approval_digest": "0" * 64,
                "default_approval_content": {"head": {}, "lines": {}},
                "default_approval_authors": [self.clerk.id],
            },
        )
        order = self.env["purchase.order"].browse(order_id).sudo()
        self.assertFalse(order.approval_digest or order.approval_content or order.approval_authors)

    def test_defaults_make_no_approved_request(self):
        small = self.make_order(quantity=10, user=self.buyer)
        self.rpc(self.buyer, "purchase.order", "button_confirm", small.ids)
        wizard = self.rpc(
            self.buyer,
            "healthcare.approval.order.change",
            "create",
            {
                "order_id": small.id,
                "reason": "Why not",
                "line_ids": [
                    Command.create({"line_id": small.order_line.id, "price_unit": 11, "product_qty": 10})
                ],
            },
        )
        self.rpc(
            self.buyer,
            "healthcare.approval.order.change",
            "action_ask",
            [wizard],
            context={"default_state": "approved", "default_decided_by_id": self.manager.id},
        )
        request = self.reread(small).approval_request_ids
        self.assertEqual(request.state, "pending")
        self.assertFalse(request.decided_by_id)
        self.assertEqual(request.review_ids.status, "pending")

    def test_an_ended_delegation_is_ended_whatever_the_context(self):
        delegation = (
            self.env["healthcare.approval.delegation"]
            .with_user(self.manager)
            .create({"delegate_id": self.director.id, "date_to": fields.Date.today()})
        )
        delegation.active = False
        self.ask()
        self.assertFault(
            "No open tier",
            self.director,
            "purchase.order",
            "validate_tier",
            self.order.ids,
            context={"active_test": False},
        )

    def test_suppliers_still_open_their_orders(self):
        self.ask()
        supplier_user = new_test_user(
            self.env, "rpc_supplier", groups="base.group_portal", partner_id=self.order.partner_id.id
        )
        self.order.sudo().state = "sent"
        self.authenticate(supplier_user.login, supplier_user.login)
        response = self.url_open(f"/my/purchase/{self.order.id}")
        self.assertEqual(response.status_code, 200)
        self.assertIn(self.order.name, response.text)

    # Requests

    def test_requests_are_neither_made_nor_written(self):
        request = self.order.with_user(self.buyer)._request_approval("override", {"lines": []}, "Why")
        for user in (self.buyer, self.manager, self.users["administrator"]):
            self.assertFault(
                "",
                user,
                "healthcare.approval.request",
                "create",
                {"name": "x", "model": "purchase.order", "res_id": self.order.id, "kind": "override"},
            )
            for values in (
                {"state": "approved"},
                {"proposed_values": {"lines": [{"line_id": 1, "price_unit": "1"}]}},
                {"requester_id": self.clerk.id},
                {"digest": ""},
            ):
                self.assertFault("", user, "healthcare.approval.request", "write", request.ids, values)
            self.assertFault("", user, "healthcare.approval.request", "unlink", request.ids)
            self.assertFault("", user, "healthcare.approval.request", "request_validation", request.ids)
            self.assertFault("", user, "healthcare.approval.request", "restart_validation", request.ids)
        self.assertFault("", self.buyer, "healthcare.approval.request", "action_approve", request.ids)
        self.assertFault("", self.clerk, "healthcare.approval.request", "action_approve", request.ids)
        self.assertEqual(self.reread(request).state, "pending")
        self.rpc(self.manager, "healthcare.approval.request", "action_approve", request.ids, "Fine")
        self.assertEqual(self.reread(request).state, "approved")

    def test_requests_are_seen_by_those_they_concern(self):
        request = self.order.with_user(self.buyer)._request_approval("override", {"lines": []}, "Why")
        for user, seen in (
            (self.buyer, True),
            (self.manager, True),
            (self.users["auditor"], True),
            (self.users["storeroom"], False),
            (self.clerk, False),
        ):
            found = self.rpc(user, "healthcare.approval.request", "search_count", [("id", "in", request.ids)])
            self.assertEqual(bool(found), seen, user.login)

    def test_json2(self):
        """The same over JSON-2, with a bearer key."""
        self.ask()
        headers = {}
        for user in (self.buyer, self.manager):
            key = (
                self.env["res.users.apikeys"]
                .with_user(user)
                .sudo()
                ._generate("rpc", "test", fields.Datetime.now() + timedelta(days=1))
            )
            headers[user] = {"Authorization": f"bearer {key}"}
        self.env.flush_all()

        def call(user, model, method, **kwargs):
            return self.url_open(f"/json/2/{model}/{method}", json=kwargs, headers=headers[user])

        with mute_logger("odoo.http"):
            review = self.order.review_ids
            refused = call(self.buyer, "tier.review", "write", ids=review.ids, vals={"status": "approved"})
            self.assertEqual(refused.status_code, 403)
            refused = call(
                self.buyer,
                "purchase.order",
                "write",
                ids=self.order.ids,
                vals={"state": "purchase"},
                context={"skip_validation_check": True},
            )
            self.assertEqual(refused.status_code, 422)
            refused = call(self.buyer, "purchase.order", "validate_tier", ids=self.order.ids)
            self.assertEqual(refused.status_code, 403)
        allowed = call(self.manager, "purchase.order", "validate_tier", ids=self.order.ids)
        self.assertEqual(allowed.status_code, 200)
        self.assertEqual(self.reread(self.order).validation_status, "validated")
