import base64
import json

from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools import configuration, minimisation
from .common import ExchangeBuilders

MODEL = "healthcare.exchange.configuration.import"


@tagged("post_install", "-at_install")
class TestConfiguration(ExchangeBuilders, ApprovalCommon):
    """An endpoint as a file: complete, without secrets and states, harmless to take over twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.admin = self.users["administrator"]
        self.supplier.ref = "SUP-77"
        self.endpoint = self.make_endpoint(
            "SOURCE",
            partner_id=self.supplier.id,
            settings={"base_url": "https://api.example/x"},
            tz="Europe/Vienna",
            rate_per_minute=90,
            window_ids=[
                Command.create({"kind": "batch", "monday": True, "hour_from": 22.5, "hour_to": 0}),
                Command.create({"kind": "maintenance", "date_from": "2026-12-01", "date_to": "2026-12-02"}),
            ],
        )
        self.make_mapping(
            self.endpoint,
            name="First",
            sample_ids=[
                Command.create({"name": "s", "input_text": '{"number": "P1"}', "expected_text": '{"a": 1}'})
            ],
        )
        self.env["healthcare.exchange.code"].create(
            {"endpoint_id": self.endpoint.id, "table": "unit", "code": "XBX", "partner_code": "KART"}
        )
        self.env["healthcare.exchange.minimisation"].create(
            {
                "endpoint_id": self.endpoint.id,
                "document_type": "purchase_order",
                "allowed_paths": sorted(minimisation.default_paths("purchase_order") | {"notes"}),
            }
        )

    def wizard(self, content, user=None):
        if not isinstance(content, bytes):
            content = configuration.dumps(content)
        return (
            self.env[MODEL]
            .with_user(user or self.admin)
            .create({"file": base64.b64encode(content), "filename": "f.json"})
        )

    def take_over(self, content):
        wizard = self.wizard(content)
        wizard.action_preview()
        action = wizard.action_import()
        return self.env["healthcare.exchange.endpoint"].with_user(self.admin).browse(action["res_id"])

    def test_there_and_back(self):
        content = self.endpoint._export()
        self.assertEqual(configuration.loads(configuration.dumps(content)), content)
        content["endpoint"]["code"] = "COPY"
        wizard = self.wizard(content)
        wizard.action_preview()
        self.assertIn("Make endpoint COPY as a draft", wizard.plan_text)
        self.assertFalse(self.env["healthcare.exchange.endpoint"].search([("code", "=", "COPY")]))
        wizard.action_import()
        copy = self.env["healthcare.exchange.endpoint"].search([("code", "=", "COPY")])
        self.assertEqual((copy.state, copy.partner_id), ("draft", self.supplier))
        self.assertEqual(copy.mapping_ids.mapped("state"), ["draft"])
        self.assertEqual((copy.tz, copy.rate_per_minute), ("Europe/Vienna", 90))
        self.assertEqual(
            [(one.kind, one.monday, one.tuesday, one.hour_from, one.hour_to) for one in copy.window_ids],
            [("batch", True, False, 22.5, 0)],
            "a window with dates belongs to its own environment",
        )
        self.assertEqual(copy._export(), {**content, "endpoint": {**content["endpoint"]}})
        self.assertEqual(copy.mapping_ids.evidence, "stale", "evidence is no part of a file")

    def test_twice_is_once(self):
        content = self.endpoint._export()
        content["endpoint"]["code"] = "COPY"
        copy = self.take_over(content)
        wizard = self.wizard(content)
        wizard.action_preview()
        self.assertIn("Nothing", wizard.plan_text)
        wizard.action_import()
        self.assertEqual((len(copy.mapping_ids), len(copy.code_ids)), (1, 1))

    def test_export_holds_no_ids_states_or_credentials(self):
        content = self.endpoint._export()
        content.pop("minimisation")
        text = configuration.dumps(content).decode()
        for name in ('"id"', "_id", "state", "certified", "production", "sealed", "approval", "user"):
            self.assertNotIn(name, text)

    def test_what_is_no_configuration_is_refused_with_its_place(self):
        content = self.endpoint._export()

        def changed(path, value):
            other = json.loads(json.dumps(content))
            *parents, last = path
            target = other
            for name in parents:
                target = target[name]
            target[last] = value
            return other

        for bad, reason in (
            (b"{", "not JSON"),
            (b"\xff\xfe", "not JSON"),
            (b"[]", "object"),
            (changed(["endpoint", "state"], "active"), "endpoint: .*state"),
            (changed(["endpoint", "credential_ids"], []), "credential_ids"),
            (changed(["mappings", 0, "state"], "production"), "mappings.0.: .*state"),
            (changed(["codes", 0, "table"], "colour"), "codes.0..table"),
            (changed(["version"], 2), "version"),
            (changed(["endpoint", "code"], "../x"), "endpoint.code"),
        ):
            with self.assertRaisesRegex(UserError, reason):
                self.wizard(bad).action_preview()
        with self.assertRaisesRegex(UserError, "no document type here"):
            self.wizard(changed(["mappings", 0, "document_type"], "poem")).action_preview()
        with self.assertRefused("looks like a credential"):
            self.take_over(
                {
                    **content,
                    "endpoint": {"code": "BAD", "connector": "rest-json", "settings": {"api_key": "x"}},
                }
            )

    def test_nothing_happens_that_was_not_shown(self):
        content = self.endpoint._export()
        content["endpoint"]["code"] = "COPY"
        wizard = self.wizard(content)
        with self.assertRaisesRegex(UserError, "Look at what will be done"):
            wizard.action_import()
        wizard.action_preview()
        content["codes"].append({"table": "unit", "code": "EA", "partner_code": "ST"})
        wizard.file = base64.b64encode(configuration.dumps(content))
        with self.assertRaisesRegex(UserError, "Look at what will be done"):
            wizard.action_import()

    def test_an_endpoint_in_use_keeps_its_settings_and_asks_before_more_leaves(self):
        content = self.endpoint._export()
        target = self.make_endpoint("TARGET", settings={"base_url": "https://prod.example/x"})
        content["endpoint"].update(code="TARGET", name="Other name")
        wizard = self.wizard(content)
        wizard.action_preview()
        self.assertIn("for it is not a draft", wizard.plan_text)
        self.assertIn("a second person is asked", wizard.plan_text)
        wizard.action_import()
        self.assertEqual(target.settings, {"base_url": "https://prod.example/x"})
        self.assertEqual(target.mapping_ids.mapped("state"), ["draft"])
        self.assertNotIn("notes", target.minimisation_ids.allowed_paths)
        self.assertEqual(target.minimisation_ids.approval_request_ids.state, "pending")

    def test_an_endpoint_in_use_asks_before_contents_are_kept_shorter(self):
        content = self.endpoint._export()
        content["documents"][0]["keep_payload_days"] = 40
        kind, way = (content["documents"][0][name] for name in ("document_type", "direction"))
        self.endpoint.state = "suspended"
        self.endpoint._document(kind, way).unlink()
        row = self.take_over(content)._document(kind, way)
        self.assertEqual((row.keep_payload_days, row.approval_request_ids.kind), (0, "policy"))
        self.assertEqual(row.approval_request_ids.proposed_values, {"keep_payload_days": 40})

    def test_only_administrators(self):
        for role, user in self.users.items():
            if role != "administrator":
                with self.subTest(role), self.assertRaises(AccessError):
                    self.wizard({}, user)
                with self.subTest(role), self.assertRaises(AccessError):
                    self.endpoint.with_user(user).action_export()

    def test_download(self):
        action = self.endpoint.with_user(self.admin).action_export()
        self.assertIn("/web/content/healthcare.exchange.configuration.import/", action["url"])
        mapping = self.endpoint.mapping_ids.with_user(self.admin)
        self.assertIn("SOURCE-purchase_order-outbound-v1.json", mapping.action_export()["url"])
