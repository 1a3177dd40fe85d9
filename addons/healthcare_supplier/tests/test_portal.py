import base64
import re

from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.tests import HttpCase, tagged

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@tagged("post_install", "-at_install")
class TestSupplierPortal(HealthcareCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.category = cls.env["healthcare.supplier.category"].create(
            {
                "name": "Devices of the test",
                "requirement_ids": [
                    (0, 0, {"kind": "iso_13485"}),
                    (0, 0, {"kind": "tax_form", "needs_expiry": False}),
                ],
            }
        )
        cls.iso, cls.tax = cls.category.requirement_ids.sorted("kind")
        cls.mine = cls.make_supplier("Larkfield Wound Care")
        cls.other = cls.make_supplier("Another Supplier")
        for partner in cls.mine + cls.other:
            partner.sudo().write({"supplier_state": "draft"})
            partner.supplier_category_id = cls.category
        cls.portal = cls.make_user("larkfield", "base.group_portal", partner_id=False, password="larkfield-1")
        cls.portal.partner_id.parent_id = cls.mine

    def setUp(self):
        super().setUp()
        self.authenticate("larkfield", "larkfield-1")

    def post(self, path, data, files=None):
        page = self.url_open(path)
        token = re.search(r'name="csrf_token" value="([^"]+)"|csrf_token: "([^"]+)"', page.text)
        return self.url_open(path, data={**data, "csrf_token": token[1] or token[2]}, files=files)

    def submit(self, path):
        token = re.search(r'csrf_token: "([^"]+)"', self.url_open("/my/supplier").text)[1]
        return self.url_open(path, data={"csrf_token": token})

    def hand_in(self, requirement, **data):
        return self.post(
            f"/my/supplier/documents/{requirement.id}",
            data,
            files={"document": ("proof.pdf", PDF, "application/pdf")},
        )

    def test_profile_of_a_draft_is_the_suppliers_own(self):
        answer = self.post(
            "/my/supplier/profile", {"name": "Larkfield Care Inc.", "city": "Portland", "vat": "12-3456789"}
        )
        self.assertIn("Your profile is saved", answer.text)
        self.assertEqual(self.mine.name, "Larkfield Care Inc.")
        self.assertEqual(self.mine.city, "Portland")

    def test_the_state_is_one_of_the_country(self):
        texas, bavaria = self.env.ref("base.state_us_44"), self.env.ref("base.state_de_by")
        self.assertNotIn('name="state_id"', self.url_open("/my/supplier/profile").text)
        self.post("/my/supplier/profile", {"country_id": texas.country_id.id})
        page = self.url_open("/my/supplier/profile").text
        self.assertIn(f'value="{texas.id}"', page)
        self.assertNotIn(bavaria.name, page)
        self.post("/my/supplier/profile", {"state_id": texas.id})
        self.assertEqual(self.mine.state_id, texas)
        self.post("/my/supplier/profile", {"state_id": bavaria.id})
        self.assertFalse(self.mine.state_id)
        self.post("/my/supplier/profile", {"state_id": texas.id})
        self.post("/my/supplier/profile", {"country_id": bavaria.country_id.id})
        self.assertEqual((self.mine.state_id.id, self.mine.country_id), (False, bavaria.country_id))
        answer = self.post("/my/supplier/profile", {"state_id": "9999999"})
        self.assertIn("choose one of the list", answer.text)

    def test_fields_beside_the_form_are_ignored(self):
        self.post(
            "/my/supplier/profile",
            {"supplier_state": "approved", "credit_limit": "5", "id": str(self.other.id), "city": "Bath"},
        )
        self.assertEqual(self.mine.supplier_state, "draft")
        self.assertEqual(self.mine.city, "Bath")
        self.assertFalse(self.other.city)

    def test_documents_and_submitting(self):
        answer = self.submit("/my/supplier/submit")
        self.assertIn("is not ready", answer.text)
        self.hand_in(self.iso, number="Q-1", valid_to="2099-12-31")
        self.hand_in(self.tax, number="W-9")
        iso = self.mine.qualification_ids.filtered(lambda row: row.kind == "iso_13485")
        self.assertEqual(len(iso), 1)
        self.assertEqual(iso.state, "submitted")
        self.assertEqual(iso.submitted_by_id, self.portal)
        self.assertEqual(base64.b64decode(iso.document), PDF)
        answer = self.submit("/my/supplier/submit")
        self.assertIn("review your company now", answer.text)
        self.assertEqual(self.mine.supplier_state, "in_review")
        request = self.mine.approval_request_ids
        self.assertEqual(request.requester_id, self.portal)
        self.assertEqual(request.state, "pending")
        answer = self.hand_in(self.iso, number="Q-2", valid_to="2099-12-31")
        self.assertIn("being reviewed", answer.text)
        answer = self.submit("/my/supplier/withdraw")
        self.assertEqual(self.mine.supplier_state, "draft")

    def test_what_a_point_asks_for(self):
        answer = self.hand_in(self.iso, number="Q-1")
        self.assertIn("Fill in Valid Until", answer.text)
        answer = self.hand_in(self.iso, number="Q-1", valid_to="2001-01-01")
        self.assertIn("over already", answer.text)
        answer = self.hand_in(self.iso, number="Q-1", valid_to="soon")
        self.assertIn("is no date", answer.text)
        answer = self.post(
            f"/my/supplier/documents/{self.iso.id}",
            {"valid_to": "2099-01-01"},
            files={"document": ("run.html", b"<script>alert(1)</script>", "application/pdf")},
        )
        self.assertIn("is no PDF", answer.text)
        self.assertFalse(self.mine.qualification_ids.filtered("document_sha256"))

    def test_a_decided_supplier_asks_for_its_name(self):
        self.mine.sudo()._set_supplier_state("approved")
        answer = self.post(
            "/my/supplier/profile",
            {"name": "Larkfield Holding", "phone": "+1 207 555 0199", "supplier_state": "blocked"},
        )
        self.assertIn("Until then your profile stays", answer.text)
        self.assertEqual(self.mine.name, "Larkfield Wound Care")
        self.assertEqual(self.mine.phone, "+1 207 555 0199")
        request = self.mine.approval_request_ids
        self.assertEqual(request.kind, "supplier")
        self.assertEqual(request.proposed_values["values"], {"name": "Larkfield Holding"})

    def test_a_decided_supplier_asks_for_its_address_and_e_mail(self):
        self.mine.sudo().write({"street": "9 Mill Lane", "email": "orders@larkfield.example"})
        self.mine.sudo()._set_supplier_state("approved")
        self.assertNotRegex(self.url_open("/my/supplier/profile").text, r'name="email"[^>]*disabled')
        new = {"street": "5 New Road", "city": "Portland", "email": "sales@larkfield.example"}
        answer = self.post("/my/supplier/profile", {**new, "phone": "+1 207 555 0199"})
        self.assertIn("Until then your profile stays", answer.text)
        self.assertEqual((self.mine.street, self.mine.email), ("9 Mill Lane", "orders@larkfield.example"))
        self.assertEqual(self.mine.phone, "+1 207 555 0199")
        request = self.mine.approval_request_ids
        self.assertEqual(request.proposed_values["values"], new)
        lines = self.mine._approval_describe("supplier", request.proposed_values, {})
        self.assertIn("Email: orders@larkfield.example → sales@larkfield.example", lines)
        answer = self.post("/my/supplier/profile", {"email": "third@larkfield.example"})
        self.assertEqual(request.proposed_values["values"], new, "one at a time")
        self.mine._approval_apply("supplier", request.proposed_values)
        self.assertEqual((self.mine.street, self.mine.email), (new["street"], new["email"]))

    def test_odoos_own_page_does_not_move_a_decided_supplier(self):
        """Who has the login of a contact does not send the orders elsewhere."""
        self.mine.sudo().write({"street": "9 Mill Lane", "country_id": self.env.ref("base.be").id})
        self.mine.sudo()._set_supplier_state("approved")
        for values in ({"email": "x@evil.example"}, {"street": "1 Evil Street"}, {"zip": "66666"}):
            with self.assertRefused("changed with an approval only"):
                self.mine.with_user(self.portal).sudo().write(values)
        token = re.search(r'csrf_token: "([^"]+)"', self.url_open("/my/supplier").text)[1]
        for partner in (self.mine, self.portal.partner_id):
            self.url_open(
                "/my/address/submit",
                data={
                    "csrf_token": token,
                    "partner_id": partner.id,
                    "address_type": "billing",
                    "name": partner.name,
                    "email": "x@evil.example",
                    "phone": "1",
                    "street": "1 Evil Street",
                    "city": "c",
                    "zip": "1",
                    "country_id": self.env.ref("base.be").id,
                },
            )
        self.mine.invalidate_recordset()
        self.assertEqual((self.mine.street, self.mine.email), ("9 Mill Lane", False))

    def test_odoos_own_page_does_not_rename_a_decided_supplier(self):
        self.mine.sudo()._set_supplier_state("approved")
        token = re.search(r'csrf_token: "([^"]+)"', self.url_open("/my/supplier").text)[1]
        self.url_open(
            "/my/address/submit",
            data={
                "csrf_token": token,
                "partner_id": self.mine.id,
                "address_type": "billing",
                "name": "Renamed",
                "email": "a@larkfield.example",
                "phone": "1",
                "street": "s",
                "city": "c",
                "zip": "1",
                "country_id": self.env.ref("base.be").id,
            },
        )
        self.assertEqual(self.mine.name, "Larkfield Wound Care")

    def test_nothing_of_another_supplier(self):
        theirs = self.other.qualification_ids[0]
        theirs.sudo().write({"document": base64.b64encode(PDF), "document_name": "secret.pdf"})
        answer = self.url_open(f"/my/supplier/qualifications/{theirs.id}/document")
        self.assertEqual(answer.status_code, 404)
        self.hand_in(self.iso, number="Q-1", valid_to="2099-12-31")
        own = self.mine.qualification_ids.filtered("document_sha256")
        answer = self.url_open(f"/my/supplier/qualifications/{own.id}/document")
        self.assertEqual(answer.content, PDF)
        self.assertIn("attachment", answer.headers["Content-Disposition"])

    def test_a_portal_user_reads_no_records(self):
        for model in ("healthcare.supplier.qualification", "healthcare.supplier.registration"):
            with self.assertRefused("", error=Exception):
                self.env[model].with_user(self.portal).search([])

    def test_pages_are_for_suppliers_alone(self):
        self.portal.partner_id.parent_id = False
        self.assertEqual(self.url_open("/my/supplier").status_code, 404)
        self.make_user("staff", "base.group_user", password="staff-123")
        self.authenticate("staff", "staff-123")
        self.assertEqual(self.url_open("/my/supplier").status_code, 404)

    def ask_bank(self, **data):
        return self.post("/my/supplier/bank", {"action": "add", "holder_name": "Larkfield", **data})

    def test_bank_data_is_a_request(self):
        answer = self.ask_bank(iban="DE89370400440532013000", note="New bank")
        self.assertIn("Your change waits", answer.text)
        self.assertNotIn("DE89370400440532013000", self.url_open("/my/supplier/bank").text)
        change = self.env["healthcare.bank.change"].search([("partner_id", "=", self.mine.id)])
        self.assertEqual(change.source, "portal")
        self.assertEqual(change.state, "held")
        self.assertEqual(change.requester_id, self.portal)
        self.assertFalse(self.mine.bank_ids)

    def test_wrong_bank_data_is_said(self):
        self.assertIn("check digits", self.ask_bank(iban="DE89370400440532013001").text)
        self.assertIn("ABA number", self.ask_bank(account_number="12345", routing_number="123456789").text)
        self.assertFalse(self.env["healthcare.bank.change"].search([("partner_id", "=", self.mine.id)]))

    def test_the_portal_tells_nothing_of_other_suppliers(self):
        self.env["healthcare.bank.change"].search([]).sudo()
        self.env["res.partner.bank"].create(
            {"partner_id": self.other.id, "acc_number": "DE89370400440532013000"}
        )
        answer = self.ask_bank(iban="DE89370400440532013000")
        self.assertNotIn("Another Supplier", answer.text)
        self.assertIn("o_supplier_problem", answer.text)
