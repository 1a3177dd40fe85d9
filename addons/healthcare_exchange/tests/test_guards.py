import json

from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ExchangeBuilders


@tagged("post_install", "-at_install")
class TestGuards(ExchangeBuilders, HealthcareCommon):
    """What one administrator tries alone: by context keys, by moving rows, as the service."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.env["healthcare.exchange.message"]._ensure_service_user()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("GUARD", state="draft")
        self.administrator = self.users["administrator"]

    def model(self, name, **context):
        """A model as the administrator has it who sends these context keys."""
        return self.env[name].with_user(self.administrator).with_context(**context)

    def test_no_context_key_makes_an_endpoint_active(self):
        context = {"default_state": "active", "default_approved_digest": "x", "default_configured_by_id": 1}
        values = {"code": "BORN", "name": "Born", "connector": "rest-json"}
        born = self.model("healthcare.exchange.endpoint", **context).create(values)
        self.assertEqual((born.state, born.approved_digest), ("draft", False))
        self.assertEqual(born.configured_by_id, self.administrator)
        copied = self.endpoint.with_user(self.administrator).with_context(**context)
        self.assertEqual(copied.copy({"code": "COPIED"}).state, "draft")
        with self.assertRaises(AccessError):
            self.model("healthcare.exchange.endpoint").create({**values, "approved_digest": "x"})

    def test_no_context_key_makes_evidence_of_a_mapping(self):
        context = {
            "default_state": "production",
            "default_certified_by_id": self.administrator.id,
            "default_promoted_by_id": self.administrator.id,
        }
        values = {"document_type": "purchase_order", "direction": "outbound", "expression": "$"}
        mapping = self.model("healthcare.exchange.mapping", **context).create(
            {**values, "endpoint_id": self.endpoint.id}
        )
        self.assertEqual(mapping.state, "draft")
        self.assertFalse(mapping.certified_by_id | mapping.promoted_by_id)
        self.endpoint.with_user(self.administrator).with_context(**context).mapping_ids = [
            Command.create({**values, "direction": "inbound"})
        ]
        self.assertEqual(set(self.endpoint.mapping_ids.mapped("state")), {"draft"})
        sample = self.model(
            "healthcare.exchange.mapping.sample", default_state="passed", default_run_digest="x"
        ).create({"mapping_id": mapping.id, "name": "sample", "input_text": "{}"})
        self.assertEqual((sample.state, sample.run_digest), ("new", False))

    def test_no_context_key_puts_a_row_in_force(self):
        row = self.model("healthcare.record.owner", default_date_from="2020-01-01").create(
            {
                "entity": "Guarded",
                "field_group": "names",
                "model_name": "res.partner",
                "field_names": "vat",
                "owner": "erp",
                "initiates": "erp",
                "confirms": "erp",
            }
        )
        self.assertFalse(row.date_from)

    def test_who_configures_does_not_certify(self):
        report = {
            "digest": self.endpoint._configuration_digest(),
            "passed": True,
            "checks": [{"name": "send", "passed": True}],
        }
        with self.assertRaises(AccessError):
            self.model("healthcare.exchange.certification").record_certification("GUARD", report)
        self.assertEqual(self.endpoint.state, "draft")

    def test_everybody_who_configured_it_is_known(self):
        self.endpoint.approval_authors = False
        second = new_test_user(self.env, "second-administrator", groups="healthcare_base.group_administrator")
        self.endpoint.with_user(self.administrator).settings_text = json.dumps(
            {"base_url": "http://one.test"}
        )
        self.endpoint.with_user(second).test = not self.endpoint.test
        changers = self.endpoint._approval_changers("endpoint")
        self.assertEqual(changers & (self.administrator | second), self.administrator | second)
        third = new_test_user(self.env, "third-administrator", groups="healthcare_base.group_administrator")
        self.env["healthcare.exchange.minimisation"].with_user(third).create(
            {"endpoint_id": self.endpoint.id, "document_type": "purchase_order"}
        )
        self.assertIn(third, self.endpoint._approval_changers("endpoint"))

    def test_no_context_key_is_part_of_a_message(self):
        endpoint = self.make_endpoint("QUEUED")
        keys = {
            "default_state": "acknowledged",
            "default_channel": "manual",
            "default_sent_at": "2026-01-01 00:00:00",
            "default_archived_at": "2026-01-01 00:00:00",
            "default_lease_token": "x",
        }
        plain = self.enqueue(endpoint, "P1")
        record = self.env["res.partner"].with_context(**keys)
        messages = self.env["healthcare.exchange.message"].with_context(**keys)
        asked = messages._enqueue(endpoint, "purchase_order", {**plain.document, "number": "P2"}, record)
        for name in ("state", "channel", "sent_at", "archived_at", "lease_token"):
            self.assertEqual(asked[name], plain[name], name)

    def test_the_monitor_refuses_what_no_text_holds(self):
        monitor = self.model("healthcare.exchange.monitor")
        for call in (
            lambda: monitor.load_messages({"search": "a\0"}),
            lambda: monitor.load_messages({"endpoint": "a\0"}),
            lambda: monitor.load_message("a\0"),
            lambda: monitor.load_history("a\0"),
        ):
            with self.assertRaises(UserError):
                call()

    def test_a_folder_is_one_partners(self):
        other = self.env["res.company"].create({"name": "Other Clinic"})
        self.make_endpoint("THEIRS", (), state="draft", company_id=other.id, settings={"folder": "b/in"})
        for folder in ("b/in", "B/In"):
            with self.subTest(folder), self.assertRaisesRegex(ValidationError, "another partner"):
                self.endpoint.with_user(self.administrator).settings = {"folder": folder}
        self.endpoint.settings = {"folder": "b/out"}
        self.make_endpoint("SAME", (), state="draft", settings={"folder": "b/out"})

    def test_no_context_key_brings_what_is_archived_into_effect(self):
        everything = self.env(context={**self.env.context, "active_test": False})
        endpoint = self.make_endpoint("ARCHIVED", partner_id=self.supplier.id).with_env(everything)
        row = endpoint._document("purchase_order", "outbound")
        row.active = False
        self.assertFalse(endpoint._carries("purchase_order", "outbound"))
        self.assertFalse(endpoint._for_partners(self.supplier, "purchase_order", "outbound"))
        row.active = True
        self.assertTrue(endpoint._for_partners(self.supplier, "purchase_order", "outbound"))
        endpoint.write({"state": "suspended", "active": False})
        reachable = everything["healthcare.exchange.message"].with_user(self.administrator)
        self.assertNotIn("ARCHIVED", reachable._reachable_endpoints().mapped("code"))
        owner = everything["healthcare.record.owner"].create(
            {
                "entity": "Guarded",
                "field_group": "numbers",
                "model_name": "res.partner",
                "field_names": "comment",
                "owner": "erp",
                "initiates": "erp",
                "confirms": "erp",
                "date_from": "2020-01-01",
            }
        )
        self.assertIn("comment", owner._guarded_names("res.partner"))
        owner.active = False
        self.assertNotIn("comment", owner._guarded_names("res.partner"))

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("healthcare_exchange")

    def test_rows_stay_in_their_company(self):
        other = self.env["res.company"].create({"name": "Other Clinic"})
        theirs = self.make_endpoint("THEIRS", (), state="draft", company_id=other.id)
        mapping = self.model("healthcare.exchange.mapping").create(
            {"endpoint_id": self.endpoint.id, "document_type": "invoice", "direction": "inbound"}
        )
        theirs_mapping = self.env["healthcare.exchange.mapping"].create(
            {"endpoint_id": theirs.id, "document_type": "ship_notice", "direction": "inbound"}
        )
        rows = [
            (self.endpoint.document_ids[0], "endpoint_id", theirs),
            (mapping, "endpoint_id", theirs),
            (
                self.model("healthcare.exchange.mapping.sample").create(
                    {"mapping_id": mapping.id, "name": "sample", "input_text": "{}"}
                ),
                "mapping_id",
                theirs_mapping,
            ),
            (
                self.model("healthcare.exchange.code").create(
                    {"endpoint_id": self.endpoint.id, "table": "unit", "code": "EA", "partner_code": "ST"}
                ),
                "endpoint_id",
                theirs,
            ),
            (
                self.model("healthcare.exchange.window").create(
                    {"endpoint_id": self.endpoint.id, "kind": "maintenance", "monday": True}
                ),
                "endpoint_id",
                theirs,
            ),
            (self.endpoint, "company_id", other),
        ]
        for row, name, target in rows:
            with self.subTest(row._name), self.assertRaises(AccessError):
                row.with_user(self.administrator).write({name: target.id})
