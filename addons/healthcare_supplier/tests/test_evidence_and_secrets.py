import base64
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import PDF, SupplierCommon
from .screening_common import QUILLMARK, ScreeningCommon, leie
from .test_registration import RegistrationCommon


@tagged("post_install", "-at_install")
class TestExclusionEvidence(ScreeningCommon):
    def test_a_loaded_file_is_not_changed_through_its_attachment(self):
        one = self.load(leie(QUILLMARK))
        content = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", one._name), ("res_id", "=", one.id), ("res_field", "=", "content")])
        )
        self.assertTrue(content)
        mine = content.with_user(self.officer)
        for change in (
            lambda: mine.write({"raw": b"forged"}),
            lambda: mine.write({"datas": base64.b64encode(b"forged")}),
            lambda: mine.write({"res_id": one.id + 1000}),
            mine.unlink,
        ):
            with self.assertRefused("."):
                change()


@tagged("post_install", "-at_install")
class TestOwnDocuments(SupplierCommon):
    def test_what_comes_by_the_context_was_handed_in_too(self):
        supplier = self.make_draft_supplier()
        rows = self.env["healthcare.supplier.qualification"].with_user(self.officer)
        row = rows.with_context(
            default_number="X-1",
            default_issuer="Somebody",
            default_document=PDF,
            default_valid_to=str(self.today + timedelta(days=300)),
        ).create({"partner_id": supplier.id, "kind": "insurance"})
        self.assertEqual(row.state, "missing")
        with self.assertRefused("."):
            row.action_verify()


@tagged("post_install", "-at_install")
class TestOutsidersLearnNothing(ScreeningCommon):
    def test_the_portal_is_not_told_of_suspicions(self):
        self.load(leie(QUILLMARK))
        self.make_approved_supplier(
            "Larkfield Wound Care", zip="04101", city="Portland", street="9 Mill Lane"
        )
        twin = self.make_draft_supplier(
            "Larkfield Wound Care Inc", zip="04101", city="Portland", street="9 Mill Lane"
        )
        suspect = self.make_address_supplier("Quillmark Surgical Supply")
        for supplier in (twin, suspect):
            self.hand_in_all(supplier)
            login = new_test_user(
                self.env,
                f"portal_{supplier.id}",
                "base.group_portal",
                partner_id=self.env["res.partner"].create({"name": "C", "parent_id": supplier.id}).id,
            )
            self.assertTrue(supplier.sudo()._supplier_ready_problems())
            with self.assertRaises(UserError) as caught:
                supplier.with_user(login).sudo()._portal_submit()
            for word in ("#", "may be the same", "exclusion", "merge"):
                self.assertNotIn(word, str(caught.exception))


@tagged("post_install", "-at_install")
class TestRegistrationSecrets(RegistrationCommon):
    def test_clerks_do_not_read_the_links_of_applicants(self):
        _problems, registration = self.begin()
        token = self.token_of(registration)
        for user in (self.users["clerk"], self.compliance):
            messages = self.env["mail.message"].with_user(user)
            messages = messages.search([("body", "like", "/supplier/confirm")])
            self.assertFalse([one for one in messages if token in (one.body or "")])
        self.assertTrue(registration.with_user(self.users["clerk"]).company_name)

    def test_who_accepts_does_not_read_the_link_to_the_login(self):
        self.make_supplier("Larkfield Group").write({"vat": "12-3456789"})
        _problems, registration = self.begin(vat="12-3456789")
        registration._confirm()
        self.env["res.partner"].search([("vat", "=", "12-3456789")]).vat = False
        clerk = self.users["clerk"]
        registration.with_user(clerk).action_accept()
        self.assertEqual(registration.state, "accepted")
        mail = self.env["mail.mail"].search([("email_to", "=", registration.email)], limit=1, order="id desc")
        self.assertIn("token=", mail.body_html)
        mine = self.env["mail.message"].with_user(clerk)
        self.assertFalse(mine.search([("id", "=", mail.mail_message_id.id)]))

    def test_who_decides_reads_whom_the_applicant_looks_like(self):
        known = self.make_supplier("Larkfield Group")
        known.write({"vat": "12-3456789"})
        _problems, registration = self.begin(vat="12-3456789")
        public = self.env.ref("base.public_user")
        self.assertFalse(registration.with_user(public).sudo()._confirm())
        self.assertIn("Larkfield Group", registration.hindrance)

    def test_what_an_applicant_writes_is_no_markup(self):
        self.make_supplier("Larkfield Group").write({"vat": "12-3456789"})
        _problems, registration = self.begin(
            vat="12-3456789", company_name="<a href='evil.example'>Press here</a><img src='x'>"
        )
        registration._confirm()
        self.assertIn("Press here", registration.activity_ids.note)
        for markup in ("<a ", "<img"):
            self.assertNotIn(markup, registration.activity_ids.note)
