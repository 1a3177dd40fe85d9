from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SupplierCommon

EVERYBODY = (
    "requester",
    "clerk",
    "approver",
    "accounts_payable",
    "storeroom",
    "administrator",
    "auditor",
    "compliance",
    "finance",
)


@tagged("post_install", "-at_install")
class TestSupplierSecurity(SupplierCommon):
    """Who may do what, and that no way leads past the methods."""

    def test_matrix(self):
        reads = dict.fromkeys(EVERYBODY, "r")
        self.assertAccessMatrix(
            {
                "healthcare.supplier.category": {
                    **reads,
                    "compliance": "cru",
                    "administrator": "crud",
                },
                "healthcare.supplier.requirement": {
                    **reads,
                    "compliance": "crud",
                    "administrator": "crud",
                },
                "healthcare.supplier.qualification": {
                    "clerk": "crud",
                    "administrator": "crud",
                    "compliance": "crud",
                    "approver": "r",
                    "accounts_payable": "r",
                    "finance": "r",
                    "auditor": "r",
                },
                "healthcare.supplier.submit": {
                    "clerk": "crud",
                    "administrator": "crud",
                    "compliance": "crud",
                },
                "healthcare.supplier.change": {
                    "clerk": "crud",
                    "administrator": "crud",
                    "compliance": "crud",
                },
                "healthcare.supplier.decide": {"compliance": "crud"},
                "healthcare.control.start": {"administrator": "crud"},
                "res.partner": {
                    **reads,
                    "clerk": "cru",
                    "administrator": "cru",
                    "compliance": "ru",
                },
            }
        )

    def test_dialogs(self):
        self.assertDialogsAreOnesOwn("healthcare_supplier")

    def test_state_is_not_written(self):
        supplier = self.make_draft_supplier()
        settings = self.make_user("test_settings", "base.group_system,base.group_partner_manager")
        for user in (*(self.users[role] for role in EVERYBODY), settings):
            for values in (
                {"supplier_state": "approved"},
                {"supplier_state": "conditional"},
                {"supplier_state": False},
                {"condition_until": "2099-01-01"},
                {"supplier_state_reason": "Fine"},
                {"supplier_state_date": "2020-01-01 00:00:00"},
                {"supplier_source": "portal"},
                {"approval_authors": []},
            ):
                with self.assertRefused("", AccessError):
                    supplier.with_user(user).with_context(su=True, force=True).write(values)
        self.assertEqual(supplier.sudo().supplier_state, "draft")

    def test_created_approved(self):
        values = {"name": "Forged", "is_company": True}
        for user in (self.users["clerk"], self.users["administrator"]):
            partners = self.env["res.partner"].with_user(user)
            for state in ("approved", "in_review", "conditional", "blocked"):
                with self.assertRefused("begins as a draft", AccessError):
                    partners.create({**values, "supplier_state": state})
            with self.assertRefused("begins as a draft", AccessError):
                partners.create({**values, "condition_until": "2099-01-01"})
            child = Command.create({"name": "Ann", "supplier_state": "approved"})
            # Odoo makes contacts as who began the transaction; in a request that is the caller.
            with (
                patch.object(self.env.transaction, "default_env", partners.env),
                self.assertRefused("begins as a draft", AccessError),
            ):
                partners.create({**values, "child_ids": [child]})
            forged = partners.create({**values, "supplier_state": "draft", "supplier_source": "portal"})
            self.assertEqual(forged.supplier_source, "manual")

    def test_no_default_from_the_context(self):
        partners = self.env["res.partner"].with_user(self.users["clerk"])
        forged = partners.with_context(
            default_supplier_state="approved",
            default_supplier_source="portal",
            default_condition_until="2099-01-01",
            default_approval_authors=[],
        ).create({"name": "Forged", "supplier_rank": 1})
        self.assertEqual((forged.supplier_state, forged.supplier_source), ("draft", "manual"))
        self.assertFalse(forged.condition_until)
        self.assertEqual(forged.approval_authors, [self.users["clerk"].id])

    def test_import(self):
        partners = self.env["res.partner"].with_user(self.users["clerk"]).with_context(import_file=True)
        result = partners.load(["name", "supplier_state"], [["Forged", "Approved"]])
        self.assertFalse(result["ids"])
        self.assertIn("begins as a draft", result["messages"][0]["message"])
        result = partners.load(["name", "supplier_state"], [["Imported", "Draft"]])
        imported = partners.browse(result["ids"])
        self.assertEqual((imported.supplier_state, imported.supplier_source), ("draft", "import"))
        result = partners.load(
            ["id", "supplier_state"], [[imported.get_external_id()[imported.id], "Approved"]]
        )
        self.assertFalse(result["ids"])
        result = partners.load([".id", "supplier_state"], [[str(imported.id), "Approved"]])
        self.assertFalse(result["ids"])
        self.assertEqual(imported.supplier_state, "draft")

    def test_through_a_user(self):
        supplier = self.make_draft_supplier()
        settings = self.make_user("test_settings", "base.group_system,base.group_partner_manager")
        user = self.make_user("test_of_supplier", "base.group_portal", partner_id=supplier.id)
        with self.assertRefused("not by writing", AccessError):
            user.with_user(settings).write({"supplier_state": "approved"})

    def test_portal_user_does_not_rename_an_approved_supplier(self):
        supplier = self.make_approved_supplier()
        portal = self.make_user("test_portal", "base.group_portal", partner_id=supplier.id)
        with self.assertRefused("Use Request Change"):
            supplier.with_user(portal).sudo().write({"name": "Somebody Else"})

    def test_copy_is_no_supplier(self):
        supplier = self.make_approved_supplier(supplier_category_id=self.category.id)
        copy = supplier.with_user(self.users["clerk"]).copy()
        self.assertFalse(copy.supplier_state == "approved")
        self.assertFalse(copy.qualification_ids.filtered("decision"))

    def test_qualifications_through_the_supplier(self):
        supplier = self.make_draft_supplier()
        row = self.hand_in(supplier, "insurance")
        clerk = supplier.with_user(self.users["clerk"])
        for command in (
            Command.update(row.id, {"decision": "verified"}),
            Command.create({"kind": "other", "decision": "verified"}),
        ):
            with self.assertRefused("not written", AccessError):
                clerk.write({"qualification_ids": [command]})

    def test_another_company_s_supplier(self):
        other = self.make_company("Far Away")
        supplier = self.make_draft_supplier(user=self.env.user, company_id=other.id)
        row = self.hand_in(supplier, "tax_form", user=self.env.user)
        for user in (self.users["clerk"], self.officer, self.users["auditor"]):
            self.assertFalse(
                self.env["healthcare.supplier.qualification"].with_user(user).search([("id", "=", row.id)])
            )
        with self.assertRefused("", AccessError):
            row.with_user(self.officer).action_verify()
        with self.assertRefused("", AccessError):
            supplier.with_user(self.officer).action_block_supplier("Because")
        with self.assertRefused("", AccessError):
            supplier.with_user(self.users["clerk"]).action_submit_supplier()

    def test_requests_are_seen_by_who_decides_suppliers(self):
        supplier = self.make_draft_supplier()
        self.hand_in_all(supplier)
        request = self.submit(supplier)
        requests = self.env["healthcare.approval.request"]
        for role, seen in (
            ("compliance", True),
            ("finance", True),
            ("approver", True),
            ("auditor", True),
            ("clerk", True),
            ("storeroom", False),
            ("requester", False),
        ):
            found = requests.with_user(self.users[role]).search([("id", "=", request.id)])
            self.assertEqual(bool(found), seen, role)

    def test_control_date(self):
        values = {"supplier_gate_date": self.today + timedelta(days=99)}
        settings = self.make_user("test_settings", "base.group_system,base.group_erp_manager")
        for user in (*(self.users[role] for role in EVERYBODY if role != "administrator"), settings):
            with self.assertRefused("", AccessError):
                self.company.with_user(user).write(values)
        with self.assertRefused("Only a procurement administrator", AccessError):
            self.env["res.company"].with_user(settings).create({"name": "Forged", **values})
        made = (
            self.env["res.company"]
            .with_user(settings)
            .with_context(default_supplier_gate_date="2020-01-01")
            .create({"name": "Later"})
        )
        self.assertFalse(made.supplier_gate_date)

    def test_control_start_is_for_administrators_of_the_company(self):
        other = self.make_company("Far Away")
        dialogs = self.env["healthcare.control.start"].with_user(self.users["administrator"])
        with self.assertRefused("", AccessError):
            dialogs.create(
                {"company_id": other.id, "control": "supplier_gate_date", "date": self.today}
            ).action_start()
        self.assertFalse(other.supplier_gate_date)

    def test_service_account_has_no_part(self):
        supplier = self.make_draft_supplier()
        service = self.users["service"]
        for method, arguments in (
            ("action_submit_supplier", ()),
            ("action_start_supplier", ()),
            ("action_block_supplier", ("x",)),
        ):
            with self.assertRefused("", AccessError):
                getattr(supplier.with_user(service), method)(*arguments)
