import re

from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

FORM = {
    "company_name": "Larkfield Wound Care",
    "street": "9 Mill Lane",
    "zip": "04101",
    "city": "Portland",
    "country_code": "US",
    "vat": "",
    "contact_name": "Mara Quist",
    "email": "Mara.Quist@larkfield.example",
    "phone": "+1 207 555 0134",
    "website": "",
    "about": "Dressings",
}


class RegistrationCommon(HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registrations = cls.env["healthcare.supplier.registration"]
        cls.compliance = cls.make_user("compliance_r", "healthcare_supplier.group_compliance")

    def begin(self, remote="198.51.100.7", **values):
        """Register; return what is wrong, and the registration."""
        problems = self.registrations._begin({**FORM, **values}, remote)
        return problems, self.registrations.search([], limit=1, order="id desc")

    def token_of(self, registration):
        """The token in the e-mail, as the applicant gets it."""
        mail = self.env["mail.mail"].search([("email_to", "=", registration.email)], limit=1, order="id desc")
        self.assertEqual(mail.email_to, registration.email)
        return re.search(r"/supplier/confirm\?token=([\w-]+)", mail.body_html)[1]


@tagged("post_install", "-at_install")
class TestRegistration(RegistrationCommon):
    def test_nothing_exists_before_the_address_is_confirmed(self):
        before = self.env["res.partner"].search_count([]), self.env["res.users"].search_count([])
        problems, registration = self.begin()
        self.assertFalse(problems)
        self.assertEqual(registration.state, "unconfirmed")
        self.assertEqual(registration.email, "mara.quist@larkfield.example")
        after = self.env["res.partner"].search_count([]), self.env["res.users"].search_count([])
        self.assertEqual(after, before)

    def test_the_mail_carries_nothing_that_the_applicant_wrote(self):
        _problems, registration = self.begin(
            company_name="Win a prize at evil.example", about="<b>click</b>", contact_name="You won"
        )
        self.token_of(registration)
        mail = self.env["mail.mail"].search([("email_to", "=", registration.email)], limit=1, order="id desc")
        for word in ("prize", "click", "You won"):
            self.assertNotIn(word, mail.body_html)
            self.assertNotIn(word, mail.subject)

    def test_confirming_makes_a_draft_with_a_portal_login(self):
        _problems, registration = self.begin()
        found = self.registrations._by_token(self.token_of(registration))
        self.assertEqual(found, registration)
        address = registration._confirm()
        self.assertIn("/web/signup?", address)
        partner = registration.partner_id
        self.assertEqual(partner.supplier_state, "draft")
        self.assertEqual(partner.supplier_source, "portal")
        user = registration.user_id
        self.assertTrue(user._is_portal())
        self.assertEqual(user.partner_id.commercial_partner_id, partner)
        self.assertEqual(user.company_ids, registration.company_id)
        self.assertFalse(self.registrations._by_token("anything"))

    def test_a_link_works_once(self):
        _problems, registration = self.begin()
        token = self.token_of(registration)
        registration._confirm()
        self.assertFalse(self.registrations._by_token(token))
        self.assertFalse(registration._confirm())
        self.assertEqual(len(registration.partner_id), 1)

    def test_what_is_missing_is_said_by_field(self):
        problems, _registration = self.begin(company_name=" ", email="nobody", country_code="ZZ")
        self.assertEqual(set(problems), {"company_name", "email", "country_code"})

    def test_texts_are_bounded(self):
        problems, _registration = self.begin(about="x" * 2001)
        self.assertEqual(set(problems), {"about"})

    def test_floods_are_stopped(self):
        for _time in range(3):
            self.assertFalse(self.begin()[0])
        self.assertIn("", self.begin()[0])
        for number in range(7):
            self.assertFalse(self.begin(email=f"a{number}@larkfield.example")[0])
        self.assertIn("", self.begin(email="b@larkfield.example")[0])
        self.assertFalse(self.begin(email="b@larkfield.example", remote="203.0.113.5")[0])

    def test_a_known_login_is_decided_by_a_person(self):
        _problems, registration = self.begin(email="known@larkfield.example")
        self.users["requester"].login = registration.email
        self.assertFalse(registration._confirm())
        self.assertEqual(registration.state, "review")
        self.assertTrue(registration.hindrance)
        self.assertFalse(registration.partner_id)

    def test_a_known_company_is_decided_by_a_person(self):
        known = self.make_supplier("Larkfield Group")
        known.write({"vat": "12-3456789"})
        _problems, registration = self.begin(vat="12-3456789")
        self.assertFalse(registration._confirm())
        self.assertEqual(registration.state, "review")
        self.assertTrue(registration.activity_ids)
        with self.assertRaises(AccessError):
            registration.with_user(self.users["clerk"]).action_join(known.id)
        known.sudo().supplier_state = "draft"
        registration.with_user(self.compliance).action_join(known.id)
        self.assertEqual(registration.partner_id, known)
        self.assertEqual(registration.decided_by_id, self.compliance)
        self.assertEqual(registration.user_id.partner_id.commercial_partner_id, known)

    def test_refusing_wants_a_reason(self):
        _problems, registration = self.begin()
        registration._hold("why")
        clerk = registration.with_user(self.users["clerk"])
        with self.assertRaises(UserError):
            clerk.action_refuse(" ")
        clerk.action_refuse("Sells nothing we need")
        self.assertEqual(registration.state, "refused")
        with self.assertRaises(UserError):
            clerk.action_accept()

    def test_only_procurement_and_compliance_decide(self):
        _problems, registration = self.begin()
        registration._hold("why")
        for role in ("requester", "storeroom", "accounts_payable", "auditor", "approver"):
            with self.assertRaises(AccessError):
                registration.with_user(self.users[role]).action_accept()

    def test_nobody_writes_registrations(self):
        _problems, registration = self.begin()
        for role in ("clerk", "administrator"):
            with self.assertRaises(AccessError):
                registration.with_user(self.users[role]).write({"state": "accepted"})
            with self.assertRaises(AccessError):
                self.registrations.with_user(self.users[role]).create({"company_name": "x"})
        self.assertAccessMatrix(
            {
                "healthcare.supplier.registration": {
                    "requester": "",
                    "clerk": "r",
                    "approver": "r",
                    "storeroom": "",
                    "accounts_payable": "",
                    "auditor": "r",
                    "administrator": "r",
                }
            }
        )


@tagged("post_install", "-at_install")
class TestRegistrationPages(RegistrationCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.env.ref("base.public_user").company_id.supplier_registration = True

    def csrf(self, page):
        return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    def test_from_form_to_password(self):
        page = self.url_open("/supplier/register")
        self.assertIn("Register as a supplier", page.text)
        answer = self.url_open("/supplier/register", data={**FORM, "csrf_token": self.csrf(page)})
        self.assertIn("Look into your mailbox", answer.text)
        registration = self.registrations.search([], limit=1, order="id desc")
        token = self.token_of(registration)
        page = self.url_open(f"/supplier/confirm?token={token}")
        self.assertEqual(registration.state, "unconfirmed", "a mail filter follows links")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        answer = self.url_open(
            "/supplier/confirm",
            data={"token": token, "csrf_token": self.csrf(page)},
            allow_redirects=False,
        )
        self.assertEqual(answer.status_code, 303)
        self.assertIn("/web/signup?", answer.headers["Location"])
        self.assertEqual(registration.state, "accepted")

    def test_errors_stand_at_their_field(self):
        page = self.url_open("/supplier/register")
        answer = self.url_open(
            "/supplier/register", data={**FORM, "email": "no", "csrf_token": self.csrf(page)}
        )
        self.assertIn('id="registration_problem_email"', answer.text)
        self.assertIn('value="Larkfield Wound Care"', answer.text)

    def test_robots_learn_nothing(self):
        page = self.url_open("/supplier/register")
        count = self.registrations.search_count([])
        answer = self.url_open("/supplier/register", data={**FORM, "fax": "1", "csrf_token": self.csrf(page)})
        self.assertIn("Look into your mailbox", answer.text)
        self.assertEqual(self.registrations.search_count([]), count)

    def test_closed_unless_the_company_opens_it(self):
        self.env.ref("base.public_user").company_id.supplier_registration = False
        self.assertEqual(self.url_open("/supplier/register").status_code, 404)

    def test_a_wrong_link_says_so(self):
        self.assertIn("does not work any more", self.url_open("/supplier/confirm?token=abc").text)
