import base64
from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, tagged

from .common import PDF, SupplierCommon


@tagged("post_install", "-at_install")
class TestQualification(SupplierCommon):
    """What a supplier shows: handed in, verified by another person, kept, and over some day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls.env["healthcare.supplier.qualification"]

    def setUp(self):
        super().setUp()
        self.newcomer = self.make_draft_supplier(email="newcomer@newcomer.example")

    def approved(self, **category):
        """Return a supplier approved by three, with insurance for a year."""
        self.category.write(category)
        self.hand_in_all(self.newcomer)
        self.approve_by_three(self.submit(self.newcomer))
        return self.newcomer

    def on_day(self, days):
        """Let the daily job run some days from now."""
        cron = self.env.ref("healthcare_supplier.ir_cron_watch_qualifications")
        with freeze_time(self.today + timedelta(days=days)), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def insurance(self):
        return self.newcomer.qualification_ids.filtered(lambda row: row.kind == "insurance")

    def test_states(self):
        row = self.hand_in(self.newcomer, "insurance", valid_to=self.today + timedelta(days=61))
        self.assertEqual(row.state, "submitted")
        self.assertEqual(row.submitted_by_id, self.users["clerk"])
        row.with_user(self.officer).action_verify()
        self.assertEqual((row.state, row.decided_by_id), ("valid", self.officer))
        self.assertEqual(self.newcomer.qualification_next_expiry, row.valid_to)
        self.on_day(1)
        self.assertEqual(row.state, "expiring")
        self.on_day(61)
        self.assertEqual(row.state, "expiring")
        self.on_day(62)
        self.assertEqual(row.state, "expired")

    def test_verified_by_compliance_and_not_by_who_handed_in(self):
        row = self.hand_in(self.newcomer, "insurance")
        for role in ("clerk", "approver", "finance", "administrator", "auditor"):
            with self.assertRefused("by compliance officers", AccessError):
                row.with_user(self.users[role]).action_verify()
        mine = self.hand_in(self.newcomer, "tax_form", user=self.officer)
        with self.assertRefused("You handed in", AccessError):
            mine.with_user(self.officer).action_verify()
        mine.with_user(self.second_officer).action_verify()
        self.assertEqual(mine.state, "valid")

    def test_who_changes_what_is_shown_does_not_verify_it(self):
        row = self.hand_in(self.newcomer, "insurance")
        row.with_user(self.officer).valid_to = self.today + timedelta(days=3650)
        self.assertEqual(row.submitted_by_id, self.officer)
        with self.assertRefused("You handed in", AccessError):
            row.with_user(self.officer).action_verify()
        row.with_user(self.second_officer).action_verify()

    def test_verification_wants_what_the_requirement_wants(self):
        row = self.insurance()
        with self.assertRefused("nothing was handed in"):
            row.with_user(self.officer).action_verify()
        row.number = "P-1"
        with self.assertRefused("a document is required"):
            row.with_user(self.officer).action_verify()
        row.document = PDF
        with self.assertRefused("fill in Valid Until"):
            row.with_user(self.officer).action_verify()
        row.valid_to = self.today - timedelta(days=1)
        with self.assertRefused("expired on"):
            row.with_user(self.officer).action_verify()
        row.valid_to = self.today
        row.with_user(self.officer).action_verify()
        self.assertEqual(row.state, "expiring")

    def test_refused_with_a_reason(self):
        row = self.hand_in(self.newcomer, "insurance")
        with self.assertRefused("Say why"):
            row.with_user(self.officer).action_refuse("")
        row.with_user(self.officer).action_refuse("Wrong company")
        self.assertEqual((row.state, row.decision_reason), ("refused", "Wrong company"))
        with self.assertRefused("decided already"):
            row.with_user(self.second_officer).action_verify()
        self.assertIn(
            "Insurance: refused, ask for another one.", self.newcomer._supplier_checklist_problems()
        )

    def test_decided_stays_as_it_was_shown(self):
        row = self.hand_in(self.newcomer, "insurance")
        row.with_user(self.officer).action_verify()
        other = base64.b64encode(b"%PDF-1.4\nforged\n%%EOF\n")
        for values in ({"document": other}, {"valid_to": "2099-01-01"}, {"number": "X"}, {"kind": "fda"}):
            for user in (self.users["clerk"], self.officer, self.users["administrator"]):
                with self.assertRefused("Add a renewal"):
                    row.with_user(user).write(values)
            with self.assertRefused("Add a renewal"):
                row.sudo().write(values)
        for user in (self.users["clerk"], self.officer):
            with self.assertRefused("kept as evidence"):
                row.with_user(user).unlink()

    def test_document_is_not_changed_as_an_attachment(self):
        row = self.hand_in(self.newcomer, "insurance")
        row.with_user(self.officer).action_verify()
        attachments = self.env["ir.attachment"]
        domain = [("res_model", "=", row._name), ("res_id", "=", row.id), ("res_field", "=", "document")]
        found = attachments.search(domain)
        self.assertEqual(len(found), 1)
        for user in (self.users["clerk"], self.officer, self.users["administrator"]):
            mine = found.with_user(user)
            for attack in (
                lambda mine=mine: mine.write({"raw": b"%PDF-1.4 forged"}),
                lambda mine=mine: mine.write({"res_id": 0}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine, user=user: attachments.with_user(user).create(
                    {
                        "name": "document",
                        "raw": b"%PDF-1.4 forged",
                        "res_model": row._name,
                        "res_id": row.id,
                        "res_field": "document",
                    }
                ),
            ):
                with self.assertRefused("", (AccessError, Exception)):
                    attack()
        self.assertEqual(row.with_context(bin_size=False).document, PDF)

    def test_documents_are_scans_of_bounded_size(self):
        row = self.insurance()
        page = base64.b64encode(b"<html><script>alert(1)</script></html>")
        with self.assertRefused("no PDF, PNG, JPEG or TIFF", ValidationError):
            row.write({"document": page, "document_name": "policy.pdf"})
        large = base64.b64encode(b"%PDF-1.4" + b" " * (10 * 1024 * 1024))
        with self.assertRefused("at most 10 MB", ValidationError):
            row.write({"document": large, "document_name": "policy.pdf"})

    def test_not_written_past_the_methods(self):
        row = self.hand_in(self.newcomer, "insurance")
        for values in (
            {"decision": "verified"},
            {"decided_by_id": self.officer.id},
            {"submitted_by_id": self.second_clerk.id},
            {"document_sha256": "0" * 64},
            {"state": "valid"},
        ):
            for user in (self.users["clerk"], self.officer, self.users["administrator"]):
                with self.assertRefused("not written", AccessError):
                    row.with_user(user).write(values)
                with self.assertRefused("not written", AccessError):
                    self.rows.with_user(user).create(
                        {"partner_id": self.newcomer.id, "kind": "other", **values}
                    )
        context = {"default_decision": "verified", "default_decided_by_id": self.officer.id}
        made = (
            self.rows.with_user(self.users["clerk"])
            .with_context(**context)
            .create({"partner_id": self.newcomer.id, "kind": "other", "number": "1"})
        )
        self.assertFalse(made.decision)
        self.assertEqual(made.state, "submitted")

    def test_stays_with_its_supplier(self):
        row = self.hand_in(self.newcomer, "insurance")
        other = self.make_draft_supplier("Other Newcomer")
        with self.assertRefused("stays with its supplier"):
            row.partner_id = other
        with self.assertRefused("stays with its supplier"):
            other.write({"qualification_ids": [(4, row.id)]})

    def test_belongs_to_the_company_not_to_a_contact(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.newcomer.id})
        with self.assertRefused("Ann is a contact", ValidationError):
            self.rows.create({"partner_id": contact.id, "kind": "other"})

    def test_renewal_is_another_record(self):
        row = self.hand_in(self.newcomer, "insurance", valid_to=self.today + timedelta(days=10))
        row.with_user(self.officer).action_verify()
        action = row.action_renew()
        renewal = self.rows.browse(action["res_id"])
        self.assertEqual((renewal.kind, renewal.state), ("insurance", "missing"))
        self.assertTrue(row.decision)

    def test_new_requirement_reaches_the_suppliers(self):
        self.env["healthcare.supplier.requirement"].create({"category_id": self.category.id, "kind": "mdr"})
        self.assertIn("mdr", self.newcomer.qualification_ids.mapped("kind"))

    def test_other_category_adds_its_checklist(self):
        category = self.env.ref("healthcare_supplier.category_distributor")
        self.newcomer.supplier_category_id = category
        self.assertIn("wholesale_licence", self.newcomer.qualification_ids.mapped("kind"))

    def test_reminded_once_and_again(self):
        self.approved(responsible_id=self.second_clerk.id)
        self.on_day(304)
        self.assertFalse(self.newcomer.activity_ids)
        self.on_day(305)
        activity = self.newcomer.activity_ids
        self.assertEqual(activity.user_id, self.second_clerk)
        self.assertIn("Renew: Insurance", activity.summary)
        mail = self.env["mail.mail"].search(
            [("model", "=", "res.partner"), ("res_id", "=", self.newcomer.id)]
        )
        self.assertEqual(len(mail), 1)
        self.assertIn("Insurance", mail.subject)
        self.on_day(306)
        self.assertEqual(self.newcomer.activity_ids, activity)
        self.on_day(305 + 14)
        self.assertEqual(len(self.newcomer.activity_ids), 2)

    def test_renewed_is_not_reminded(self):
        self.approved()
        row = self.insurance().filtered("decision")
        renewal = self.rows.browse(row.with_user(self.users["clerk"]).action_renew()["res_id"])
        renewal.with_user(self.users["clerk"]).write({"number": "2", "document": PDF})
        self.on_day(305)
        self.assertFalse(self.newcomer.activity_ids)

    def test_expired_mandatory_suspends(self):
        supplier = self.approved()
        self.on_day(365)
        self.assertEqual(supplier.supplier_state, "approved")
        self.on_day(366)
        self.assertEqual(supplier.supplier_state, "suspended")
        self.assertIn("Expired: Insurance", supplier.supplier_state_reason)
        self.assertIn('"supplier_state":["approved","suspended"]', self.audit_entries(supplier)[-1].changes)

    def test_expired_mandatory_conditional_then_suspended(self):
        supplier = self.approved(on_expiry="conditional")
        self.on_day(366)
        self.assertEqual(supplier.supplier_state, "conditional")
        self.assertEqual(supplier.condition_until, self.today + timedelta(days=366 + 14))
        self.on_day(366 + 14)
        self.assertEqual(supplier.supplier_state, "conditional")
        self.on_day(366 + 15)
        self.assertEqual(supplier.supplier_state, "suspended")

    def test_expired_but_renewed_goes_on(self):
        supplier = self.approved()
        renewal = self.rows.browse(
            self.insurance().filtered("decision").with_user(self.users["clerk"]).action_renew()["res_id"]
        )
        values = {"document": PDF, "number": "2", "valid_to": self.today + timedelta(days=700)}
        renewal.with_user(self.users["clerk"]).write(values)
        renewal.with_user(self.officer).action_verify()
        self.on_day(366)
        self.assertEqual(supplier.supplier_state, "approved")

    def test_optional_expiry_stops_nothing(self):
        self.hand_in_all(self.newcomer)
        row = self.hand_in(self.newcomer, "diversity", document=PDF, valid_to=self.today + timedelta(days=5))
        row.with_user(self.officer).action_verify()
        self.approve_by_three(self.submit(self.newcomer))
        self.on_day(6)
        self.assertEqual(row.state, "expired")
        self.assertEqual(self.newcomer.supplier_state, "approved")

    def test_condition_covers_what_was_known(self):
        self.hand_in(self.newcomer, "tax_form").with_user(self.officer).action_verify()
        self.newcomer._submit_supplier("conditional", "Insurance to come", self.today + timedelta(days=90))
        self.approve_by_three(self.pending(self.newcomer))
        self.on_day(90)
        self.assertEqual(self.newcomer.supplier_state, "conditional")
        self.on_day(91)
        self.assertEqual(self.newcomer.supplier_state, "suspended")
        self.assertIn("Insurance to come", self.newcomer.supplier_state_reason)
