from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ExchangeCommon


@tagged("post_install", "-at_install")
class TestEndpoint(ExchangeCommon):
    def test_code(self):
        for bad in ("lower", "WITH SPACE", "", "../X", "A" * 41, "A\nB"):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.make_endpoint(bad or "-")
        self.make_endpoint("GOOD_1.x".upper())
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.make_endpoint("GOOD_1.X")

    def test_settings_hold_no_credentials_and_no_nulls(self):
        endpoint = self.make_endpoint("SET")
        for bad in (
            {"password": "x"},
            {"auth": {"client_secret": "x"}},
            {"list": [{"Api-Key": "x", "apikey": "y"}]},
            {"base_url": None},
            ["x"],
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                endpoint.settings = bad
        endpoint.settings_text = '{"folder": "supplier-t"}'
        self.assertEqual(endpoint.settings, {"folder": "supplier-t"})
        with self.assertRaisesRegex(ValidationError, "not JSON"):
            endpoint.settings_text = "{folder}"

    def test_owner_must_see_messages(self):
        endpoint = self.make_endpoint("OWN")
        with self.assertRaisesRegex(ValidationError, "cannot be its owner"):
            endpoint.owner_id = new_test_user(self.env, "outsider", groups="base.group_user")
        endpoint.owner_id = new_test_user(self.env, "clerk", groups="healthcare_base.group_clerk")

    def test_control_numbers_are_per_endpoint_and_end_at_nine_digits(self):
        one, two = self.make_endpoint("ONE"), self.make_endpoint("TWO")
        take = self.env["healthcare.exchange.endpoint"]._next_control_numbers
        self.assertEqual(take([one, two, one]), [1, 1, 2])
        self.env.cr.execute("SELECT setval(%s, 999999999)", [one._control_sequence()])
        self.assertEqual(take([one]), [1])
        self.assertEqual(take([]), [])

    def test_unlink_drops_the_sequence_but_never_a_used_endpoint(self):
        unused, used = self.make_endpoint("UNUSED"), self.make_endpoint("USED")
        name = unused._control_sequence()
        unused.unlink()
        self.env.cr.execute("SELECT to_regclass(%s)", [name])
        self.assertIsNone(self.env.cr.fetchone()[0])
        self.enqueue(used)
        with self.assertRaisesRegex(UserError, "USED"):
            used.unlink()

    def test_for_partners(self):
        partner = self.env["res.partner"].create({"name": "Parent", "is_company": True})
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": partner.id})
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        endpoint = self.make_endpoint("ROUTE", partner_id=partner.id)
        find = self.env["healthcare.exchange.endpoint"]._for_partners
        self.assertEqual(
            find(partner + contact + nobody, "purchase_order", "outbound"),
            {partner.id: endpoint, contact.id: endpoint},
        )
        self.assertEqual(find(contact, "invoice", "outbound"), {})
        endpoint.action_suspend()
        self.assertEqual(find(contact, "purchase_order", "outbound"), {})

    def test_changes_are_audited(self):
        endpoint = self.make_endpoint("AUD")
        endpoint.action_suspend()
        endpoint.settings = {"base_url": "https://elsewhere.example"}
        entries = (
            self.env["healthcare.audit.entry"]
            .sudo()
            .search([("model", "=", endpoint._name), ("res_id", "=", endpoint.id)])
        )
        changes = [str(entry.changes) for entry in entries]
        self.assertTrue(any("suspended" in text for text in changes), changes)
        self.assertTrue(any("elsewhere" in text for text in changes), changes)
        document = endpoint.document_ids[0]
        document.active = False
        self.assertTrue(
            self.env["healthcare.audit.entry"]
            .sudo()
            .search([("model", "=", document._name), ("res_id", "=", document.id)])
        )

    def test_an_administrator_connects_a_partner(self):
        user = new_test_user(self.env, "connector", groups="healthcare_base.group_administrator")
        form = Form(self.env["healthcare.exchange.endpoint"].with_user(user))
        form.code, form.name, form.connector = "FORM", "By form", "x12-folder"
        form.settings_text = '{"folder": "supplier-t"}'
        with form.document_ids.new() as line:
            line.document_type, line.direction = "purchase_order", "outbound"
            line.contingency = "queue"
        endpoint = form.save()
        self.assertEqual((endpoint.state, endpoint.settings), ("draft", {"folder": "supplier-t"}))
        with self.assertRaisesRegex(UserError, "Certify it"):
            endpoint.action_activate()
        endpoint.sudo().write({"state": "active"})
        message = self.enqueue(endpoint).with_user(user)
        self.assertIn('"number": "P0001"', Form(message).document_text)

    def test_roles_open_the_views(self):
        endpoint = self.make_endpoint("VIEWS")
        message = self.enqueue(endpoint)
        for role in ("clerk", "approver", "accounts_payable", "administrator", "auditor"):
            user = new_test_user(self.env, f"view_{role}", groups=f"healthcare_base.group_{role}")
            with self.subTest(role):
                Form(message.with_user(user))
                Form(endpoint.with_user(user))

    def test_uninstall_leaves_no_sequence(self):
        from ..hooks import uninstall_hook

        endpoint = self.make_endpoint("GONE")
        uninstall_hook(self.env)
        self.env.cr.execute("SELECT to_regclass(%s)", [endpoint._control_sequence()])
        self.assertIsNone(self.env.cr.fetchone()[0])
