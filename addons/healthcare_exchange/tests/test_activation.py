import json

from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.addons.healthcare_base.tests.common import ROLES
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import ExchangeBuilders

CHECKS = [{"name": "settings", "passed": True, "detail": "fine", "duration_ms": 1}]


@tagged("post_install", "-at_install")
class TestActivation(ExchangeBuilders, ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.env["healthcare.exchange.message"]._ensure_service_user()
        cls.administrator = cls.users["administrator"]
        cls.approver = cls.users["integration_approver"]

    def setUp(self):
        super().setUp()
        self.endpoint = self.new_endpoint()

    def new_endpoint(self, **values):
        """Return a draft as an administrator makes it: everything configured, nothing tested."""
        model = self.env["healthcare.exchange.endpoint"].with_user(self.administrator)
        return model.create(
            {
                "code": "NEW_ONE",
                "name": "New supplier",
                "connector": "rest-json",
                "settings": {"base_url": "https://api.supplier.example/"},
                "company_id": self.company.id,
                "document_ids": [
                    Command.create(
                        {"document_type": "purchase_order", "direction": "outbound", "contingency": "queue"}
                    ),
                    Command.create(
                        {"document_type": "invoice", "direction": "inbound", "contingency": "queue"}
                    ),
                ],
                **values,
            }
        )

    def certify(self, endpoint=None, passed=True, digest=None):
        """Store a certification as the integration service does."""
        endpoint = endpoint or self.endpoint
        report = {
            "digest": digest or endpoint._configuration_digest(),
            "passed": passed,
            "checks": [{**CHECKS[0], "passed": passed}],
        }
        model = self.env["healthcare.exchange.certification"].with_user(self.service().env.user)
        answer = model.record_certification(endpoint.code, report)
        endpoint.invalidate_recordset()
        return answer

    def ask(self):
        """Ask for activation; return the pending request."""
        self.endpoint.action_activate()
        return self.env["healthcare.approval.request"].search(
            [
                ("model", "=", self.endpoint._name),
                ("res_id", "=", self.endpoint.id),
                ("state", "=", "pending"),
            ]
        )

    def activate(self):
        """All the way."""
        self.certify()
        self.approve(self.ask(), self.approver)
        self.endpoint.invalidate_recordset()
        self.assertEqual(self.endpoint.state, "active")

    def test_whole_way(self):
        self.assertIn("Certify it", self.endpoint.activation_problems[0])
        with self.assertRaisesRegex(UserError, "cannot become active yet"):
            self.endpoint.action_activate()
        answer = self.certify()
        self.assertEqual((answer["passed"], answer["current"], answer["state"]), (True, True, "certified"))
        self.assertFalse(self.endpoint.activation_problems)
        request = self.ask()
        self.assertEqual(self.endpoint.state, "certified", "untouched until a second person agrees")
        with self.assertRaises(AccessError):
            request.with_user(self.administrator).action_approve()
        self.approve(request, self.approver)
        self.endpoint.invalidate_recordset()
        self.assertEqual(self.endpoint.state, "active")

    def test_everything_that_is_missing_is_listed(self):
        endpoint = self.new_endpoint(
            code="EMPTY", settings={"base_url": "gopher://x", "speed": 1}, document_ids=False
        )
        endpoint.service_user_ids = False
        text = "\n".join(endpoint.activation_problems)
        for part in ("base_url", "speed", "List the documents", "service account", "Certify it"):
            self.assertIn(part, text)
        endpoint.document_ids = [
            Command.create({"document_type": "receipt", "direction": "inbound", "contingency": "queue"})
        ]
        self.assertIn("receipt cannot be exchanged inbound", "\n".join(endpoint.activation_problems))

    def test_setting_by_name_stands_for_the_setting(self):
        self.endpoint.settings = {"base_url_setting": "sandbox_a"}
        self.assertNotIn("base_url", "\n".join(self.endpoint.activation_problems))

    def test_who_configured_it_does_not_approve_it(self):
        both = new_test_user(
            self.env,
            "two_hats",
            groups="healthcare_approval.group_integration_approver,healthcare_base.group_administrator",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.endpoint.with_user(both).write({"settings": {"base_url": "https://other.example/"}})
        self.certify()
        request = self.ask()
        with self.assertRaisesRegex(AccessError, "another person"):
            request.with_user(both).action_approve()
        self.assertEqual(self.endpoint.state, "certified")

    def test_changed_since_it_was_asked(self):
        self.certify()
        request = self.ask()
        self.endpoint.write({"settings": {"base_url": "https://evil.example/"}})
        self.assertEqual(self.endpoint.state, "draft", "what was certified is no more")
        with self.assertRaisesRegex(UserError, "changed since"):
            request.with_user(self.approver).action_approve()

    def test_document_rows_count_as_configuration(self):
        self.certify()
        self.endpoint.document_ids[0].contingency_after_minutes = 5
        self.assertEqual(self.endpoint.state, "certified", "a policy is no part of what was tested")
        self.endpoint.document_ids[1].unlink()
        self.assertEqual(self.endpoint.state, "draft")

    def test_state_is_not_written(self):
        for context in ({}, {"su": True, "install_mode": True, "module": "healthcare_exchange"}):
            mine = self.endpoint.with_context(**context)
            for values in ({"state": "active"}, {"state": "certified"}, {"approved_digest": "x"}):
                with self.subTest((context, values)), self.assertRaises(AccessError):
                    mine.write(values)
        with self.assertRaises(AccessError):
            self.new_endpoint(code="BORN", state="active")
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.certification"].with_user(self.administrator).create(
                {"endpoint_id": self.endpoint.id, "digest": "x", "run_by_id": self.administrator.id}
            )
        self.activate()
        copied = self.endpoint.copy({"code": "COPY"})
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.certification_ids)

    def test_active_endpoint_is_closed(self):
        self.activate()
        row = self.endpoint.document_ids[0]
        for values in (
            {"settings": {"base_url": "https://evil.example/"}},
            {"settings_text": "{}"},
            {"connector": "x12-folder"},
            {"partner_id": self.supplier.id},
            {"direction": "outbound"},
            {"test": True},
            {"service_user_ids": False},
            {"code": "OTHER"},
            {"active": False},
            {"document_ids": [Command.delete(row.id)]},
            {
                "document_ids": [
                    Command.create(
                        {"document_type": "credit_note", "direction": "inbound", "contingency": "queue"}
                    )
                ]
            },
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "is active: suspend it"):
                self.endpoint.write(values)
        for call in (row.unlink, lambda: row.write({"active": False})):
            with self.assertRaisesRegex(UserError, "is active: suspend it"):
                call()
        self.endpoint.write({"name": "Another name", "owner_id": self.administrator.id})
        row.write({"contingency_after_minutes": 30})

    def test_suspended_comes_back_as_it_was_approved(self):
        self.activate()
        self.endpoint.action_suspend()
        self.assertEqual(self.endpoint.state, "suspended")
        self.endpoint.action_activate()
        self.assertEqual(self.endpoint.state, "active", "just this was approved")
        self.endpoint.action_suspend()
        self.endpoint.write({"settings": {"base_url": "https://new.example/"}})
        self.assertEqual(self.endpoint.state, "suspended")
        with self.assertRaisesRegex(UserError, "certify again"):
            self.endpoint.action_activate()
        self.certify()
        request = self.ask()
        self.assertEqual(self.endpoint.state, "suspended")
        self.approve(request, self.approver)
        self.endpoint.invalidate_recordset()
        self.assertEqual(self.endpoint.state, "active")

    def test_resuming_checks_as_well(self):
        self.activate()
        self.endpoint.action_suspend()
        row = self.endpoint.document_ids[0]
        row.contingency = False
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            self.endpoint.action_activate()
        row.contingency = "queue"
        self.certify(passed=False)
        with self.assertRaisesRegex(UserError, "last certification failed"):
            self.endpoint.action_activate()
        self.assertEqual(self.endpoint.state, "suspended")
        self.certify()
        self.endpoint.action_activate()
        self.assertEqual(self.endpoint.state, "active")

    def test_who_configured_stays_known_until_just_that_is_approved(self):
        authors = self.endpoint.approval_authors
        self.assertEqual(authors, [self.administrator.id])
        request = self.endpoint._request_approval("policy", {"name": "Another name"})
        self.approve(request, self.users["approver"])
        self.assertEqual((self.endpoint.name, self.endpoint.approval_authors), ("Another name", authors))
        self.activate()
        self.assertFalse(self.endpoint.approval_authors)

    def test_certified_endpoint_is_not_deleted(self):
        self.certify()
        certification = self.endpoint.certification_ids
        with self.assertRaisesRegex(UserError, "NEW_ONE has certifications"):
            self.endpoint.unlink()
        self.assertTrue(certification.exists())
        self.new_endpoint(code="UNTRIED").unlink()

    def test_more_service_accounts_are_approved_too(self):
        self.activate()
        self.endpoint.action_suspend()
        other = new_test_user(self.env, "other-service", groups="healthcare_base.group_service")
        self.endpoint.service_user_ids += other
        request = self.ask()
        self.assertTrue(request)
        self.assertEqual(self.endpoint.state, "suspended")

    def test_failed_or_stale_certification(self):
        answer = self.certify(passed=False)
        self.assertEqual((answer["passed"], answer["state"]), (False, "draft"))
        self.assertIn("failed", self.endpoint.activation_problems[0])
        answer = self.certify(digest="0" * 64)
        self.assertEqual((answer["passed"], answer["current"], answer["state"]), (True, False, "draft"))
        self.assertIn("certify again", self.endpoint.activation_problems[0])
        self.certify()
        self.assertEqual(self.endpoint.state, "certified")
        self.certify(passed=False)
        self.assertEqual(self.endpoint.state, "draft")

    def test_report_that_contradicts_itself_has_failed(self):
        model = self.env["healthcare.exchange.certification"].with_user(self.service().env.user)
        report = {
            "digest": self.endpoint._configuration_digest(),
            "passed": True,
            "checks": [*CHECKS, {"name": "send", "passed": False}],
        }
        self.assertFalse(model.record_certification("NEW_ONE", report)["passed"])
        for bad in ({}, {"digest": "x", "checks": []}, {"digest": "x", "checks": [{"passed": True}]}):
            with self.assertRaises(ValidationError):
                model.record_certification("NEW_ONE", bad)
        with self.assertRaisesRegex(ValidationError, "no endpoint 'HIDDEN'"):
            model.record_certification("HIDDEN", report)

    def test_certification_by_command(self):
        self.endpoint.action_certify()
        commands = self.env["healthcare.exchange.command"].with_user(self.service().env.user)
        token = "8c1f9a52-52a5-4c5a-9c33-6d9e2f1c0001"
        [row] = commands.claim("w", 5, 60, token)
        self.assertEqual(row["kind"], "certify")
        self.assertEqual(len(row["endpoint"]["documents"]), 2)
        result = {"digest": row["endpoint"]["configuration_digest"], "passed": True, "checks": CHECKS}
        commands.report(token, [{"uuid": row["uuid"], "state": "done", "result": result}])
        self.endpoint.invalidate_recordset()
        self.assertEqual(self.endpoint.state, "certified")
        self.assertEqual(self.endpoint.certification_ids.run_by_id, self.administrator)
        with self.assertRaises(UserError):
            self.endpoint.certification_ids.sudo().write({"passed": False})
        with self.assertRaises(UserError):
            self.endpoint.certification_ids.sudo().unlink()

    def test_plan_prepares_samples_as_real_documents_are(self):
        self.env["healthcare.exchange.code"].create(
            {"endpoint_id": self.endpoint.id, "table": "unit", "code": "EA", "partner_code": "PCE"}
        )
        model = self.env["healthcare.exchange.certification"].with_user(self.service().env.user)
        plan = model.plan("NEW_ONE")
        self.assertEqual(plan["digest"], self.endpoint._configuration_digest())
        self.assertEqual(plan["endpoint"]["settings"], self.endpoint.settings)
        [sample] = plan["samples"]
        self.assertEqual((sample["document_type"], sample["document"]["test"]), ("purchase_order", True))
        self.assertNotIn("notes", sample["document"], "a note is not for the supplier")
        self.assertIn("Sample note", sample["withheld"][0])
        self.assertEqual(sample["code_tables"], {"unit": {"EA": "PCE"}})
        self.assertNotEqual(
            model.plan("NEW_ONE")["samples"][0]["document"]["number"], sample["document"]["number"]
        )
        self.assertFalse(
            self.env["healthcare.exchange.message"].search([("endpoint_id", "=", self.endpoint.id)])
        )
        self.assertTrue(json.dumps(plan), "every RPC carries it")
        for role in ROLES:
            if role in ("service", "administrator"):
                continue
            with self.subTest(role), self.assertRaises(AccessError):
                model.with_user(self.users[role]).plan("NEW_ONE")
        stranger = new_test_user(self.env, "stranger", groups="healthcare_base.group_service")
        with self.assertRaisesRegex(ValidationError, "no endpoint"):
            model.with_user(stranger).plan("NEW_ONE")

    def test_buttons_are_for_administrators(self):
        for role in ROLES:
            if role == "administrator":
                continue
            for name in ("action_activate", "action_suspend", "action_test_connection", "action_certify"):
                with self.subTest((role, name)), self.assertRaises(AccessError):
                    getattr(self.endpoint.with_user(self.users[role]), name)()

    def test_deciders_see_what_they_decide(self):
        seen = self.endpoint.with_user(self.approver)
        self.assertEqual(seen.settings, {"base_url": "https://api.supplier.example/"})
        with self.assertRaises(AccessError):
            seen.write({"name": "mine"})
        self.assertAccessMatrix({"healthcare.exchange.certification": {"administrator": "r", "auditor": "r"}})
