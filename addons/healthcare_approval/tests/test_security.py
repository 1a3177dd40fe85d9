from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ApprovalCommon

EVERYBODY = ("requester", "clerk", "approver", "accounts_payable", "storeroom", "administrator", "auditor")


@tagged("post_install", "-at_install")
class TestSecurity(ApprovalCommon):
    def test_access(self):
        everybody = dict.fromkeys(EVERYBODY, "r")
        wizard = dict.fromkeys(EVERYBODY, "cru")
        buyers = dict.fromkeys(("clerk", "administrator"), "crud")
        self.assertAccessMatrix(
            {
                "healthcare.approval.request": everybody,
                "healthcare.approval.kind": everybody,
                "healthcare.approval.delegation": dict.fromkeys(EVERYBODY, "cru"),
                "healthcare.approval.decide": wizard,
                "healthcare.approval.order.change": buyers,
                "healthcare.approval.order.change.line": buyers,
                "tier.review": everybody,
                "tier.definition": {**everybody, "administrator": "crud"},
            }
        )

    def test_dialogs_are_ones_own(self):
        for addon in ("healthcare_approval", "base_tier_validation", "base_tier_validation_forward"):
            self.assertDialogsAreOnesOwn(addon)
        approver, requester = self.users["approver"], self.users["requester"]
        dialog = (
            self.env["healthcare.approval.decide"]
            .with_user(approver)
            .create({"model": "purchase.order", "res_ids": [1], "decision": "refuse"})
        )
        self.assertFalse(dialog.with_user(requester).search([]))
        with self.assertRaises(AccessError):
            dialog.with_user(requester).write({"res_ids": [2], "decision": "approve"})

    def test_a_user_of_another_company_sees_nothing(self):
        order = self.make_order()
        request = order._request_approval("override", {"lines": []})
        company = self.make_company("Elsewhere")
        stranger = self.make_user(
            "test_stranger",
            "healthcare_base.group_approver",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.assertFalse(
            self.env["healthcare.approval.request"]
            .with_user(stranger)
            .with_context(allowed_company_ids=company.ids)
            .search([("id", "=", request.id)])
        )

    def test_shipped_tiers_ask_for_each_kind(self):
        requests = self.env["healthcare.approval.request"]
        order = self.make_order()
        for kind, _label in requests._fields["kind"].selection:
            request = order._request_approval(kind, {})
            group = (
                "healthcare_approval.group_integration_approver"
                if kind in ("endpoint", "mapping")
                else "healthcare_base.group_approver"
            )
            definitions = request.sudo().review_ids.definition_id
            self.assertTrue(definitions.reviewer_group_id, kind)
            # Addons with a kind of their own say who approves it, and test that.
            shipped = definitions.filtered(
                lambda one: one.get_external_id()[one.id].startswith("healthcare_approval.")
            )
            if shipped:
                self.assertIn(self.env.ref(group), shipped.reviewer_group_id, kind)
            self.assertEqual(
                self.env["healthcare.approval.kind"].search_count([("code", "=", kind)]), 1, kind
            )
