from odoo.tests import Form, tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestForms(ApprovalCommon):
    """The path a person takes."""

    def test_asking_for_a_change_and_deciding(self):
        order = self.make_order(quantity=10).with_user(self.clerk)
        order.button_confirm()
        action = order.action_ask_for_change()
        form = Form(self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"]))
        form.reason = "New price list"
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.product_qty, line.price_unit), (10, 10))
            line.price_unit = 11
        opened = form.save().action_ask()
        request = self.env["healthcare.approval.request"].with_user(self.manager).browse(opened["res_id"])
        self.assertEqual(request.name, f"Change of order {order.name}")
        self.assertIn("Unit Price 10 → 11", request.proposal_text)
        self.assertEqual(request.waiting_for, "Approver (Group Approver)")
        decide = request.reject_tier()
        form = Form(self.env[decide["res_model"]].with_user(self.manager).with_context(**decide["context"]))
        form.reason = "Not agreed"
        form.save().action_decide()
        self.assertEqual(self.reread(request).state, "refused")

    def test_forms_open(self):
        order = self.make_order(quantity=10)
        request = order.with_user(self.clerk)._request_approval("override", {"lines": []}, "Why")
        with Form(request.with_user(self.manager)) as form:
            self.assertEqual(form.state, "pending")
        with Form(self.env["healthcare.approval.delegation"].with_user(self.manager)) as form:
            form.delegate_id = self.director
            form.date_to = "2099-01-01"
        for model in ("healthcare.approval.request", "tier.definition", "purchase.order"):
            views = (
                self.env[model]
                .with_user(self.users["administrator"])
                .get_views(
                    [(False, kind) for kind in ("list", "form", "search", "kanban")]
                    if model != "tier.definition"
                    else [(False, kind) for kind in ("list", "form", "search")]
                )
            )
            self.assertTrue(views["views"])
        action = order.action_view_approval_requests()
        self.assertEqual(action["res_id"], request.id)
