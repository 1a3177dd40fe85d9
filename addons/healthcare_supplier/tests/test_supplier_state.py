from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SupplierCommon


@tagged("post_install", "-at_install")
class TestSupplierState(SupplierCommon):
    """From draft to approved by three people, and out again by compliance."""

    def test_new_supplier_is_a_draft_with_its_checklist(self):
        supplier = self.make_draft_supplier()
        self.assertEqual(supplier.supplier_state, "draft")
        self.assertEqual(supplier.supplier_source, "manual")
        self.assertEqual(
            sorted(supplier.qualification_ids.mapped(lambda row: (row.kind, row.state, row.mandatory))),
            [("diversity", "missing", False), ("insurance", "missing", True), ("tax_form", "missing", True)],
        )
        self.assertEqual((supplier.qualification_count, supplier.qualification_open_count), (2, 2))

    def test_a_vendor_is_a_draft_by_itself_and_a_customer_is_none(self):
        self.assertEqual(self.make_supplier("Vendor").supplier_state, "draft")
        self.assertFalse(self.env["res.partner"].create({"name": "Patient"}).supplier_state)

    def test_submission_names_what_is_missing(self):
        supplier = self.make_draft_supplier()
        self.hand_in(supplier, "tax_form")
        with self.assertRefused("Newcomer Devices is not ready:\n• Insurance: missing."):
            supplier.action_submit_supplier()
        self.assertEqual(supplier.supplier_state, "draft")

    def test_submission_without_category(self):
        supplier = self.make_draft_supplier(supplier_category_id=False)
        with self.assertRefused("Choose the supplier's category"):
            supplier.action_submit_supplier()

    def test_approved_by_three_in_order(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        request = self.submit(supplier)
        self.assertEqual(supplier.supplier_state, "in_review")
        self.assertIn("Supplier State: In Review → Approved", request.proposal_text)
        self.assertIn("• Insurance, insurance-1, until", request.proposal_text)
        names = ["procurement", "compliance", "finance"]
        self.assertEqual(
            [name.split(": ")[1] for name in request.review_ids.sorted("sequence").mapped("name")], names
        )
        for early in (self.second_officer, self.finance):
            with self.assertRefused("", AccessError):
                request.with_user(early).action_approve()
        self.approve(request, self.manager)
        self.assertEqual(supplier.supplier_state, "in_review")
        self.approve(request, self.second_officer)
        self.assertEqual(supplier.supplier_state, "in_review")
        self.approve(request, self.finance)
        self.assertEqual(supplier.supplier_state, "approved")
        self.assertEqual(request.state, "approved")

    def test_nobody_is_two_of_the_three_nor_the_requester(self):
        groups = ",".join(
            [
                "healthcare_base.group_clerk",
                "healthcare_base.group_approver",
                "healthcare_supplier.group_compliance",
                "healthcare_supplier.group_finance",
            ]
        )
        everything = self.make_user("test_everything", groups)
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        request = self.submit(supplier, everything)
        with self.assertRefused("", AccessError):
            request.with_user(everything).action_approve()
        request.with_user(everything).action_cancel()
        request = self.submit(supplier)
        self.approve(request, everything)
        with self.assertRefused("", AccessError):
            request.with_user(everything).action_approve()

    def test_who_made_the_supplier_does_not_approve_it(self):
        groups = "healthcare_base.group_clerk,healthcare_base.group_approver"
        author = self.make_user("test_author", groups)
        supplier = self.make_draft_supplier(user=author)
        self.hand_in_all(supplier)
        request = self.submit(supplier)
        with self.assertRefused("", AccessError):
            request.with_user(author).action_approve()

    def test_unverified_documents_are_not_approved(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier, verify=False)
        request = self.submit(supplier)
        self.approve(request, self.manager)
        self.approve(request, self.second_officer)
        with self.assertRefused("Insurance: handed in, not verified by compliance yet"):
            request.with_user(self.finance).action_approve()
        supplier.qualification_ids.filtered("number").with_user(self.officer).action_verify()
        self.approve(request, self.finance)
        self.assertEqual(supplier.supplier_state, "approved")

    def test_changed_meanwhile_is_asked_again(self):
        changes = {
            "Alder Surgical": lambda supplier: supplier.write({"name": "Another Company"}),
            "Birchwood Linen": lambda supplier: self.hand_in(supplier, "diversity"),
            "Cobalt Imaging": lambda supplier: supplier._set_supplier_state("blocked"),
        }
        for name, change in changes.items():
            supplier = self.make_draft_supplier(name)
            self.hand_in_all(supplier)
            request = self.submit(supplier)
            self.approve(request, self.manager)
            change(supplier)
            with self.assertRefused("changed since"):
                request.with_user(self.second_officer).action_approve()

    def test_refused_and_withdrawn_go_back_to_draft(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        request = self.submit(supplier)
        request.with_user(self.manager).action_refuse("No need for another one")
        self.assertEqual(supplier.supplier_state, "draft")
        self.assertEqual(supplier.supplier_state_reason, "No need for another one")
        request = self.submit(supplier)
        supplier.action_withdraw_supplier()
        self.assertEqual((supplier.supplier_state, request.state), ("draft", "cancelled"))
        request = self.submit(supplier)
        request.with_user(self.users["clerk"]).action_cancel()
        self.assertEqual(supplier.supplier_state, "draft")

    def test_conditional(self):
        supplier = self.make_draft_supplier()
        dialog = self.env["healthcare.supplier.submit"].with_user(self.users["clerk"])
        form = Form(dialog.with_context(default_partner_id=supplier.id))
        self.assertIn("Insurance: missing.", form.open_text)
        form.condition_note = "Insurance to come"
        form.condition_until = self.today
        over = form.save()
        with self.assertRefused("lie in the future"):
            over.action_submit()
        form.condition_until = self.today + timedelta(days=20)
        form.save().action_submit()
        self.approve_by_three(self.pending(supplier))
        self.assertEqual(supplier.supplier_state, "conditional")
        self.assertEqual(supplier.condition_note, "Insurance to come")
        self.assertEqual(supplier.condition_until, self.today + timedelta(days=20))

    def test_stopped_at_once_by_compliance_with_a_reason(self):
        for action, state in (
            ("suspend", "suspended"),
            ("off_board", "off_boarded"),
            ("block", "blocked"),
        ):
            supplier = self.make_approved_supplier()
            stop = getattr(supplier.with_user(self.officer), f"action_{action}_supplier")
            with self.assertRefused("Say why"):
                stop(" ")
            for user in (self.users["clerk"], self.manager, self.finance, self.users["administrator"]):
                with self.assertRefused("by compliance officers", AccessError):
                    getattr(supplier.with_user(user), f"action_{action}_supplier")("Because")
            stop("Failed audit")
            self.assertEqual(supplier.supplier_state, state)
            self.assertEqual(supplier.supplier_state_reason, "Failed audit")
            entry = self.audit_entries(supplier)[-1]
            self.assertEqual(entry.login, self.officer.login)
            self.assertIn(f'"supplier_state":["approved","{state}"]', entry.changes)

    def test_dialog_stops(self):
        supplier = self.make_approved_supplier()
        action = supplier.with_user(self.officer).action_open_suspend()
        form = Form(self.env[action["res_model"]].with_user(self.officer).with_context(**action["context"]))
        self.assertIn("No order", form.effect_text)
        form.reason = "Failed audit"
        form.save().action_decide()
        self.assertEqual(supplier.supplier_state, "suspended")

    def test_back_by_approval_only_and_stopped_until_then(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        self.approve_by_three(self.submit(supplier))
        supplier.with_user(self.officer).action_block_supplier("Excluded")
        for action in ("action_suspend_supplier", "action_off_board_supplier"):
            with self.assertRefused("unblocked by an approval"):
                getattr(supplier.with_user(self.officer), action)("Not so bad")
        request = self.submit(supplier)
        self.assertEqual(supplier.supplier_state, "blocked")
        request.with_user(self.manager).action_refuse("No")
        self.assertEqual(supplier.supplier_state, "blocked")
        self.approve_by_three(self.submit(supplier))
        self.assertEqual(supplier.supplier_state, "approved")

    def test_identity_of_an_approved_supplier(self):
        supplier = self.make_draft_supplier(vat="12-3456789")
        self.hand_in_all(supplier)
        self.approve_by_three(self.submit(supplier))
        for values in (
            {"name": "Somebody Else"},
            {"vat": "98-7654321"},
            {"country_id": self.env.ref("base.be").id},
            {"is_company": False},
            {"parent_id": self.other_supplier.id},
            {"supplier_category_id": False},
        ):
            for user in (self.users["clerk"], self.officer, self.users["administrator"]):
                with self.assertRefused("Use Request Change"):
                    supplier.with_user(user).write(values)
        supplier.write({"phone": "+1 614 555 0100", "name": supplier.name})

    def test_change_of_identity_by_approval(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        self.approve_by_three(self.submit(supplier))
        dialog = self.env["healthcare.supplier.change"].with_user(self.users["clerk"])
        form = Form(dialog.with_context(default_partner_id=supplier.id))
        self.assertEqual(form.name, supplier.name)
        form.reason = "Letter of the supplier"
        unchanged = form.save()
        with self.assertRefused("Nothing would change"):
            unchanged.action_request()
        form.name = "Newcomer Devices International"
        form.save().action_request()
        request = self.pending(supplier)
        self.assertEqual(request.proposed_values, {"values": {"name": "Newcomer Devices International"}})
        self.assertIn("Newcomer Devices → Newcomer Devices International", request.proposal_text)
        self.assertEqual(supplier.name, "Newcomer Devices")
        self.approve_by_three(request)
        self.assertEqual(supplier.name, "Newcomer Devices International")
        self.assertEqual(supplier.supplier_state, "approved")

    def test_change_proposes_no_other_fields(self):
        supplier = self.make_approved_supplier()
        with self.assertRefused("not changed by a request"):
            supplier.with_user(self.users["clerk"])._request_supplier_change(
                {"supplier_state": "approved"}, "x"
            )

    def test_reviewed_suppliers_are_not_deleted(self):
        supplier = self.make_approved_supplier()
        with self.assertRefused("cannot be deleted"):
            supplier.unlink()
        self.make_draft_supplier("Typing error").sudo().unlink()

    def test_contacts_are_not_submitted(self):
        supplier = self.make_draft_supplier()
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": supplier.id})
        with self.assertRefused("Ann is a contact of Newcomer Devices"):
            contact.with_user(self.users["clerk"])._submit_supplier("approved")

    def test_who_may_submit(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        for role in ("requester", "accounts_payable", "storeroom", "auditor", "finance", "approver"):
            with self.assertRefused("submitted by procurement clerks", AccessError):
                supplier.with_user(self.users[role]).action_submit_supplier()
            with self.assertRefused("submitted by procurement clerks", AccessError):
                supplier.with_user(self.users[role]).action_start_supplier()

    def test_start_qualification(self):
        partner = self.env["res.partner"].create({"name": "Old Vendor", "is_company": True})
        partner.with_user(self.users["clerk"]).action_start_supplier()
        self.assertEqual((partner.supplier_state, partner.supplier_source), ("draft", "manual"))

    def test_approved_is_not_submitted_again(self):
        supplier = self.make_approved_supplier(supplier_category_id=self.category.id)
        with self.assertRefused("approved already"):
            supplier.with_user(self.users["clerk"]).action_submit_supplier()

    def test_pending_request_of_a_supplier_is_one(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        self.submit(supplier)
        with self.assertRaises(UserError):
            self.submit(supplier)
