from odoo import fields
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.addons.healthcare_base.tests.common import ROLES
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import ExchangeBuilders


@tagged("post_install", "-at_install")
class TestSetupForm(ExchangeBuilders, ApprovalCommon):
    """The path that an administrator clicks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.env["healthcare.exchange.message"]._ensure_service_user()

    def begin(self, connector="x12-folder", **values):
        """Open the form, fill in the first page and go on."""
        model = self.env["healthcare.exchange.endpoint"].with_user(self.users["administrator"])
        setup = self.env["healthcare.exchange.endpoint.setup"].with_user(self.users["administrator"])
        setup = setup.browse(model.action_setup_new()["res_id"])
        with Form(setup) as form:
            form.connector = connector
            form.code = values.get("code", "SUPPLIER_C")
            form.name = "Supplier C"
            form.partner_id = self.supplier
        setup.action_next()
        return setup

    def fill(self, setup, **values):
        """Type settings, by their names with ``__`` for a dot."""
        for name, value in values.items():
            line = setup.setting_ids.filtered(lambda one, n=name: one.name == n.replace("__", "."))
            line.value = value

    def test_whole_form(self):
        setup = self.begin()
        self.assertEqual(setup.step, "settings")
        titles = setup.setting_ids.mapped("title")
        self.assertIn("We (Sender): Qualifier", titles)
        with self.assertRaisesRegex(UserError, "folder is missing"):
            setup.action_next()
        self.fill(
            setup,
            folder="supplier-c",
            sender__qualifier="ZZ",
            sender__id="HOSPITAL",
            receiver__qualifier="ZZ",
            receiver__id="bad id!",
        )
        with self.assertRaisesRegex(UserError, r"receiver\.id"):
            setup.action_next()
        self.fill(setup, receiver__id="SUPPLIERC")
        setup.action_next()
        self.assertEqual(setup.step, "documents")
        types = {(line.direction, line.document_type) for line in setup.document_ids}
        self.assertIn(("outbound", "functional_acknowledgement"), types)
        setup.document_ids.filtered(lambda one: one.document_type == "credit_note").wanted = False
        setup.document_ids.filtered(lambda one: one.document_type == "invoice").timing = "batch"
        endpoint = self.env["healthcare.exchange.endpoint"].browse(setup.action_finish()["res_id"])
        self.assertEqual((endpoint.state, endpoint.direction), ("draft", "both"))
        self.assertEqual(endpoint.partner_id, self.supplier)
        self.assertEqual(
            endpoint.settings,
            {
                "folder": "supplier-c",
                "sender": {"qualifier": "ZZ", "id": "HOSPITAL"},
                "receiver": {"qualifier": "ZZ", "id": "SUPPLIERC"},
            },
        )
        rows = {(row.direction, row.document_type): row for row in endpoint.document_ids}
        self.assertNotIn(("inbound", "credit_note"), rows)
        self.assertEqual(rows["inbound", "invoice"].timing, "batch")
        self.assertEqual(rows["outbound", "purchase_order"].contingency, "queue")
        self.assertEqual(endpoint.configured_by_id, self.users["administrator"])
        self.assertEqual(
            endpoint.with_user(self.users["administrator"]).activation_problems,
            ["Certify it: the integration service tests what was configured."],
        )

    def test_numbers_are_numbers(self):
        setup = self.begin("rest-json")
        self.fill(setup, base_url="https://api.example/", timeout_seconds="soon")
        with self.assertRaisesRegex(UserError, "timeout_seconds: soon is not a number"):
            setup.action_next()
        self.fill(setup, timeout_seconds="20.0")
        setup.action_next()
        endpoint = self.env["healthcare.exchange.endpoint"].browse(setup.action_finish()["res_id"])
        self.assertEqual(endpoint.settings, {"base_url": "https://api.example/", "timeout_seconds": 20})

    def test_back_keeps_what_was_typed(self):
        setup = self.begin("rest-json")
        self.fill(setup, base_url="https://api.example/")
        setup.action_next()
        setup.action_back()
        self.assertEqual(setup.step, "settings")
        self.assertEqual(
            setup.setting_ids.filtered(lambda one: one.name == "base_url").value, "https://api.example/"
        )
        setup.action_next()
        self.assertTrue(setup.document_ids)

    def test_changing_keeps_rows_that_stay(self):
        endpoint = self.make_endpoint(
            "OLD",
            state="suspended",
            company_id=self.company.id,
            settings={"base_url": "https://old.example/"},
        )
        row = endpoint.document_ids.filtered(lambda one: one.document_type == "invoice")
        row.keep_payload_days = 77
        mine = endpoint.with_user(self.users["administrator"])
        setup = self.env["healthcare.exchange.endpoint.setup"].with_user(self.users["administrator"])
        setup = setup.browse(mine.action_setup()["res_id"])
        setup.action_next()
        self.fill(setup, base_url="https://new.example/")
        setup.action_next()
        setup.action_finish()
        self.assertEqual(endpoint.settings["base_url"], "https://new.example/")
        self.assertEqual((row.exists(), row.keep_payload_days), (row, 77))
        self.assertFalse(
            endpoint.document_ids.filtered(lambda one: one.document_type == "order_change"),
            "the profile does not send it",
        )

    def test_active_endpoint_is_not_set_up_again(self):
        endpoint = self.make_endpoint("LIVE", company_id=self.company.id)
        with self.assertRaisesRegex(UserError, "suspend it"):
            endpoint.with_user(self.users["administrator"]).action_setup()

    def test_for_administrators(self):
        for role in ROLES:
            if role == "administrator":
                continue
            model = self.env["healthcare.exchange.endpoint"].with_user(self.users[role])
            with self.subTest(role), self.assertRaises(AccessError):
                model.action_setup_new()
        crud = {"administrator": "crud"}
        self.assertAccessMatrix(
            {
                f"healthcare.exchange.{name}": crud
                for name in ("endpoint.setup", "endpoint.setup.setting", "endpoint.setup.document", "notice")
            }
        )

    def test_form_of_the_endpoint_opens_for_all_who_may_see_it(self):
        endpoint = self.make_endpoint("SEEN", company_id=self.company.id, state="draft")
        for role in ("clerk", "approver", "auditor", "administrator", "integration_approver"):
            with self.subTest(role):
                seen = endpoint.with_user(self.users[role])
                Form(seen)
                self.assertEqual(seen.name, endpoint.name)


@tagged("post_install", "-at_install")
class TestNotice(ExchangeBuilders, ApprovalCommon):
    def setUp(self):
        super().setUp()
        self.contact = self.env["res.partner"].create(
            {"name": "EDI desk", "email": "edi@supplier.example", "parent_id": self.supplier.id}
        )
        self.endpoint = self.make_endpoint(
            "TOLD", company_id=self.company.id, contact_ids=[(6, 0, self.contact.ids)], tz="America/New_York"
        )

    def notice(self, user=None, **values):
        """Return a notice as the form makes it."""
        model = self.env["healthcare.exchange.notice"].with_user(user or self.users["administrator"])
        model = model.with_context(default_endpoint_id=self.endpoint.id)
        with Form(model) as form:
            form.summary = values.pop("summary", "Our address changes")
            for name, value in values.items():
                form[name] = value
        return form.record

    def test_sent_logged_and_audited(self):
        notice = self.notice(kind="deprecation", date_to="2026-06-30 12:00:00")
        self.assertEqual(notice.contact_ids, self.contact)
        notice.action_send()
        message = self.endpoint.message_ids[0]
        self.assertIn("Our address changes", message.body)
        self.assertIn("will end", message.body)
        self.assertIn(self.contact, message.notified_partner_ids)
        mail = self.env["mail.mail"].search([("mail_message_id", "=", message.id)])
        self.assertIn(self.contact, mail.recipient_ids)
        self.assertEqual(self.audit_entries(self.endpoint)[-1].action, "notice")

    def test_outage_makes_a_window(self):
        with self.assertRaisesRegex(UserError, "from when until when"):
            self.notice(
                kind="outage", date_from="2026-03-01 04:30:00", date_to="2026-03-01 03:00:00"
            ).action_send()
        notice = self.notice(kind="outage", date_from="2026-03-01 03:30:00", date_to="2026-03-01 07:00:00")
        notice.action_send()
        window = self.endpoint.window_ids
        self.assertEqual(
            (window.kind, window.date_from, window.hour_from, window.date_to, window.hour_to),
            ("maintenance", fields.Date.to_date("2026-02-28"), 22.5, fields.Date.to_date("2026-03-01"), 2.0),
        )

    def test_without_window_or_address(self):
        self.notice(
            kind="outage",
            date_from="2026-03-01 03:30:00",
            date_to="2026-03-01 07:00:00",
            make_window=False,
        ).action_send()
        self.assertFalse(self.endpoint.window_ids)
        self.contact.email = False
        with self.assertRaisesRegex(UserError, "EDI desk has no e-mail address"):
            self.notice().action_send()

    def test_for_administrators(self):
        for role in ("clerk", "approver", "auditor", "service"):
            with self.subTest(role), self.assertRaises(AccessError):
                self.endpoint.with_user(self.users[role]).action_notice()
