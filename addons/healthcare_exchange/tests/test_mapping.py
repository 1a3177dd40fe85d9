import json
import uuid

from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import ExchangeBuilders, canonical, envelope

MODEL = "healthcare.exchange.mapping"


@tagged("post_install", "-at_install")
class TestMapping(ExchangeBuilders, ApprovalCommon):
    """A version's way: who may do what, what is written down, what never changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("GOV", test=False)
        self.admin = self.users["administrator"]
        self.other = self.make_user("second_administrator", "healthcare_base.group_administrator")
        self.approver = self.users["integration_approver"]

    def draft(self, **values):
        """Return a draft with one sample, made by the administrator."""
        return (
            self.env[MODEL]
            .with_user(self.admin)
            .create(
                {
                    "endpoint_id": self.endpoint.id,
                    "document_type": "purchase_order",
                    "direction": "outbound",
                    "expression": '{"po": number}',
                    "sample_ids": [
                        Command.create(
                            {
                                "name": "one",
                                "input_text": '{"number": "P1"}',
                                "expected_text": '{"po": "P1"}',
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def run_samples(self, mapping, passed=True, actual=None, differences=()):
        """Ask for a run and answer as the service does, over its own RPC."""
        mapping.action_run_samples()
        commands = self.env["healthcare.exchange.command"].with_user(self.service().env.user)
        token = str(uuid.uuid4())
        [command] = commands.claim("worker", 10, 60, token)
        self.assertEqual(command["kind"], "mapping_test")
        samples = [
            {
                "id": sample["id"],
                "digest": sample["digest"],
                "passed": passed,
                "actual": actual or sample["expected"] or {},
                "differences": list(differences),
            }
            for sample in command["arguments"]["samples"]
        ]
        commands.report(
            token,
            [{"uuid": command["uuid"], "state": "done", "result": {"samples": samples}, "message": "run"}],
        )
        mapping.invalidate_recordset()
        mapping.sample_ids.invalidate_recordset()
        return command["arguments"]

    def certified(self, **values):
        mapping = self.draft(**values)
        mapping.action_start_test()
        self.run_samples(mapping)
        mapping.action_certify()
        return mapping

    def promoted(self, **values):
        mapping = self.certified(**values)
        mapping.action_promote("because")
        self.approve(mapping.approval_request_ids.filtered(lambda r: r.state == "pending"), self.approver)
        return mapping

    def test_the_whole_way(self):
        mapping = self.draft()
        self.assertEqual((mapping.state, mapping.version, mapping.evidence), ("draft", 1, "stale"))
        mapping.action_start_test()
        arguments = self.run_samples(mapping)
        self.assertEqual(arguments["expression"], '{"po": number}')
        self.assertEqual(arguments["samples"][0]["input"], {"number": "P1"})
        self.assertEqual((mapping.evidence, mapping.tested_by_id), ("passed", self.admin))
        mapping.action_certify()
        self.assertEqual((mapping.state, mapping.certified_by_id), ("certified", self.admin))
        mapping.action_promote("new price field")
        request = mapping.approval_request_ids
        self.assertEqual((request.kind, request.state, mapping.state), ("mapping", "pending", "certified"))
        with self.assertRaises(AccessError):
            self.approve(request, self.admin)
        with self.assertRaises(AccessError):
            self.approve(request, self.users["approver"])
        self.approve(request, self.approver)
        self.assertEqual(mapping.state, "production")
        self.assertEqual((mapping.changed_by_id, mapping.promoted_by_id), (self.admin, self.approver))
        for moment in (mapping.changed_at, mapping.tested_at, mapping.certified_at, mapping.promoted_at):
            self.assertTrue(moment)

    def test_certification_needs_samples_of_exactly_this_expression(self):
        mapping = self.draft()
        with self.assertRaisesRegex(UserError, "cannot go to"):
            self.run_samples(mapping)
            mapping.action_certify()
        mapping.action_start_test()
        mapping.action_certify()
        mapping = self.draft(sample_ids=[])
        mapping.action_start_test()
        with self.assertRaisesRegex(UserError, "No samples"):
            mapping.action_certify()
        mapping = self.draft()
        mapping.action_start_test()
        with self.assertRaisesRegex(UserError, "Samples not run"):
            mapping.action_certify()
        self.run_samples(mapping, passed=False, actual={"po": "P2"}, differences=["po: expected P1, got P2"])
        self.assertEqual(mapping.sample_ids.difference, "po: expected P1, got P2")
        self.assertEqual(json.loads(mapping.sample_ids.actual_text), {"po": "P2"})
        with self.assertRaisesRegex(UserError, "Samples fail"):
            mapping.action_certify()
        self.run_samples(mapping)
        mapping.expression = '{"po": number }'
        self.assertEqual((mapping.evidence, bool(mapping.tested_by_id)), ("stale", False))
        with self.assertRaisesRegex(UserError, "Samples not run"):
            mapping.action_certify()
        self.run_samples(mapping)
        mapping.sample_ids.expected_text = '{"po": "P9"}'
        self.assertEqual(mapping.evidence, "stale")

    def test_a_result_for_what_has_changed_meanwhile_does_not_count(self):
        mapping = self.draft()
        mapping.action_start_test()
        mapping.action_run_samples()
        mapping.expression = '{"po": number, "evil": true}'
        command = (
            self.env["healthcare.exchange.command"]
            .sudo()
            .search([("res_model", "=", MODEL), ("res_id", "=", mapping.id)])
        )
        samples = [
            {"id": sample["id"], "digest": sample["digest"], "passed": True, "actual": {}, "differences": []}
            for sample in command.arguments["samples"]
        ]
        command._finish("done", {"samples": samples}, "run")
        mapping.invalidate_recordset()
        self.assertEqual(mapping.evidence, "stale")

    def test_what_came_of_a_run_can_be_expected_and_has_to_run_again(self):
        mapping = self.draft()
        mapping.sample_ids.expected_text = False
        self.run_samples(mapping, passed=False, actual={"po": "P1"})
        mapping.sample_ids.action_take_result()
        self.assertEqual(json.loads(mapping.sample_ids.expected_text), {"po": "P1"})
        self.assertEqual(mapping.evidence, "stale")

    def test_certified_versions_do_not_change_by_any_way(self):
        mapping = self.certified()
        sample = mapping.sample_ids
        for state in ("certified", "production", "retired"):
            if state == "production":
                mapping.sudo()._put_in_production()
            if state == "retired":
                mapping.action_roll_back()
            self.assertEqual(mapping.state, state)
            for values in (
                {"expression": "$"},
                {"document_type": "order_change"},
                {"direction": "inbound"},
                {"endpoint_id": self.make_endpoint(f"X_{state.upper()}").id},
                {"sample_ids": [(5, 0, 0)]},
                {"sample_ids": [(1, sample.id, {"expected_text": "{}"})]},
            ):
                for record in (mapping, mapping.sudo()):
                    with self.assertRaises(UserError, msg=(state, values)):
                        record.write(values)
            with self.assertRaises(UserError):
                sample.write({"input_text": "{}"})
            with self.assertRaises(UserError):
                sample.unlink()
            with self.assertRaises(UserError):
                sample.create({"mapping_id": mapping.id, "name": "more", "input_text": "{}"})
            with self.assertRaises(UserError):
                mapping.unlink()

    def test_stages_and_evidence_are_closed_to_rpc(self):
        mapping = self.draft()
        for context in ({}, {"install_mode": True, "su": True, "import_file": True}):
            mine = mapping.with_context(**context)
            for values in (
                {"state": "production"},
                {"state": "certified"},
                {"state": "test"},
                {"certified_by_id": self.admin.id},
                {"tested_at": "2026-01-01 00:00:00"},
                {"promoted_by_id": self.approver.id},
                {"replaced_id": mapping.id},
                {"version": 9},
            ):
                with self.assertRaises(UserError, msg=values):
                    mine.write(values)
            for values in ({"state": "passed"}, {"run_digest": "x"}, {"actual_text": "{}"}):
                with self.assertRaises(AccessError, msg=values):
                    mine.sample_ids.write(values)
            new = {"endpoint_id": self.endpoint.id, "document_type": "purchase_order"}
            for values in ({"state": "production"}, {"state": "certified"}, {"tested_by_id": self.admin.id}):
                with self.assertRaises(UserError, msg=values):
                    mine.create({**new, **values})
            with self.assertRaises(AccessError):
                mine.sample_ids.create(
                    {"mapping_id": mapping.id, "name": "x", "input_text": "{}", "state": "passed"}
                )
            answer = mine.load(
                ["endpoint_id/.id", "document_type", "direction", "state"],
                [[str(self.endpoint.id), "purchase_order", "outbound", "production"]],
            )
            self.assertFalse(answer["ids"], answer)
        self.assertEqual(mapping.state, "draft")
        with self.assertRaises(UserError):
            mapping.sudo().write({"state": "production"})

    def test_nobody_promotes_their_own_work(self):
        mapping = self.draft()
        self.admin.group_ids += self.env.ref("healthcare_approval.group_integration_approver")
        mapping.action_start_test()
        self.run_samples(mapping)
        mapping.with_user(self.other).action_certify()
        mapping.with_user(self.other).action_promote()
        with self.assertRaisesRegex(AccessError, "You changed"):
            self.approve(mapping.approval_request_ids, self.admin)
        self.assertEqual(mapping.state, "certified")

    def test_what_is_in_production_meanwhile_makes_the_request_void(self):
        one, two = self.certified(), self.certified()
        two.action_promote()
        one.sudo()._put_in_production()
        with self.assertRaisesRegex(UserError, "changed"):
            self.approve(two.approval_request_ids, self.approver)

    def test_roll_back_in_one_step_with_messages_in_flight(self):
        one = self.promoted()
        two = self.promoted(expression='{"order": number}')
        self.assertEqual((one.state, two.state, two.replaced_id), ("retired", "production", one))
        before = self.enqueue(self.endpoint, "P1")
        two.action_roll_back("wrong field")
        self.assertEqual((one.state, two.state), ("production", "retired"))
        after = self.enqueue(self.endpoint, "P2")
        self.assertEqual((before.mapping_id, after.mapping_id), (two, one))
        _token, rows = self.claim()
        self.assertEqual(
            {row["number"]: row["mapping"]["expression"] for row in rows},
            {"P1": '{"order": number}', "P2": '{"po": number}'},
        )
        entries = self.audit_entries(two).filtered(lambda entry: entry.action == "roll_back")
        self.assertEqual(entries.login, self.admin.login)
        self.assertIn("wrong field", entries.changes)
        one.action_roll_back()
        self.assertEqual(one.state, "retired", "before the first version documents passed as they are")
        self.assertFalse(self.enqueue(self.endpoint, "P3").mapping_id)
        with self.assertRaises(UserError):
            one.action_roll_back()

    def test_what_was_in_production_comes_back_with_a_second_person_only(self):
        one = self.promoted()
        two = self.promoted(expression="$")
        one.action_promote()
        self.assertEqual(two.state, "production")
        self.approve(one.approval_request_ids.filtered(lambda r: r.state == "pending"), self.approver)
        self.assertEqual((one.state, two.state, one.replaced_id), ("production", "retired", two))

    def test_one_version_in_production(self):
        self.promoted()
        two = self.certified()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            two.sudo().write({"state": "production"})
            self.env.flush_all()

    def test_test_endpoints_use_what_is_in_test(self):
        self.promoted()
        two = self.draft(expression="$")
        two.action_start_test()
        self.assertNotEqual(self.enqueue(self.endpoint, "P1").mapping_id, two)
        self.endpoint.test = True
        message = self.enqueue(self.endpoint, "P2")
        self.assertEqual(message.mapping_id, two)
        for change in (
            lambda: two.write({"expression": "{}"}),
            lambda: two.sample_ids.write({"input_text": "{}"}),
            two.unlink,
        ):
            with self.assertRaisesRegex(UserError, "new version"):
                change()
        action = two.action_new_version()
        three = self.env[MODEL].with_user(self.admin).browse(action["res_id"])
        three.expression = "{}"
        self.assertEqual((three.state, three.version, len(three.sample_ids)), ("draft", 3, 1))
        self.assertEqual(three.sample_ids.state, "new")

    def test_inbound_versions_are_told_to_the_service_and_kept_on_the_message(self):
        mapping = self.make_mapping(
            self.endpoint, document_type="invoice", direction="inbound", expression="$"
        )
        self.make_mapping(
            self.endpoint, "certified", document_type="invoice", direction="inbound", expression="other"
        )
        [entry] = [row for row in self.service().endpoints() if row["code"] == "GOV"]
        self.assertEqual(entry["mappings"], [{"document_type": "invoice", "version": 1, "expression": "$"}])
        [answer] = self.service().ingest("GOV", [envelope(canonical("invoice", "I1"), mapping_version=1)])
        message = self.message(answer["message_uuid"])
        self.assertEqual((message.mapping_id, message.mapping_version), (mapping, 1))
        for wrong in ("1", -1, True):
            with self.assertRaises(ValidationError):
                self.service().ingest("GOV", [envelope(canonical("invoice", "I2"), mapping_version=wrong)])

    def test_a_mapping_that_would_not_apply_keeps_the_endpoint_from_becoming_active(self):
        self.assertFalse(self.endpoint._mapping_problems())
        mapping = self.certified()
        [problem] = self.endpoint._mapping_problems()
        self.assertIn(mapping.display_name, problem)
        mapping.sudo()._put_in_production()
        self.assertFalse(self.endpoint._mapping_problems())

    def test_roles(self):
        mapping = self.draft()
        actions = (
            "action_start_test",
            "action_back_to_draft",
            "action_run_samples",
            "action_certify",
            "action_promote",
            "action_roll_back",
            "action_retire",
            "action_export",
            "action_new_version",
        )
        for role, user in self.users.items():
            if role == "administrator":
                continue
            for action in actions:
                with self.subTest((role, action)), self.assertRaises(AccessError):
                    getattr(mapping.with_user(user), action)()
        self.assertAccessMatrix(
            {
                "healthcare.exchange.mapping.sample": {"auditor": "r", "administrator": "crud"},
                "healthcare.exchange.code": {"auditor": "r", "administrator": "crud"},
                "healthcare.exchange.minimisation": {
                    "auditor": "r",
                    "approver": "r",
                    "administrator": "crud",
                },
                "healthcare.record.owner": {
                    **dict.fromkeys(
                        ("requester", "clerk", "approver", "accounts_payable", "storeroom", "auditor"), "r"
                    ),
                    "administrator": "crud",
                },
            }
        )

        governed = (
            MODEL,
            f"{MODEL}.sample",
            "healthcare.exchange.code",
            "healthcare.exchange.minimisation",
        )
        for model in governed:
            records = self.env[model].with_user(self.approver)
            self.assertTrue(records.has_access("read"), model)
            for operation in ("write", "create", "unlink"):
                self.assertFalse(records.has_access(operation), model)

    def test_nobody_promotes_what_they_tested_it_with(self):
        """Who writes the samples decides what counts as right."""
        mapping = self.draft()
        mapping.with_user(self.other).sample_ids.expected_text = '{"po": "P1"}'
        self.other.group_ids += self.env.ref("healthcare_approval.group_integration_approver")
        mapping.action_start_test()
        self.run_samples(mapping)
        mapping.action_certify()
        mapping.action_promote()
        with self.assertRaisesRegex(AccessError, "You changed"):
            self.approve(mapping.approval_request_ids, self.other)

    def test_samples_are_json(self):
        mapping = self.draft()
        for text, reason in (("{", "not JSON"), ("[]", "one JSON object"), ('"x"', "one JSON object")):
            with self.assertRefused(reason, ValidationError):
                mapping.sample_ids.write({"input_text": text})
        mapping.sample_ids.invalidate_recordset()
        with self.assertRefused("document time", ValidationError):
            mapping.sample_ids.document_time = "yesterday"
