import uuid
from unittest.mock import patch

from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged

from .common import ExchangeBuilders

_CLOCK = "odoo.addons.healthcare_exchange.models.exchange_command.TAKE_SECONDS"


@tagged("post_install", "-at_install")
class TestCommand(ExchangeBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.env["healthcare.exchange.message"]._ensure_service_user()
        self.endpoint = self.make_endpoint("CMD", state="draft")
        self.administrator = self.users["administrator"]

    @property
    def commands(self):
        """The model as the integration service calls it."""
        return self.env["healthcare.exchange.command"].with_user(self.service().env.user)

    def ask(self, kind="test_connection", user=None, **values):
        """Request a command as an administrator."""
        user = user or self.administrator
        model = self.env["healthcare.exchange.command"].with_user(user)
        return model._request(self.endpoint.with_user(user), kind, **values)

    def take(self, token=None, limit=5, seconds=60):
        """Claim as the service; return ``(token, rows)``."""
        token = token or str(uuid.uuid4())
        return token, self.commands.claim("worker", limit, seconds, token)

    def test_draft_endpoint_and_answer(self):
        command = self.ask(arguments={"send": False})
        token, [row] = self.take()
        self.assertEqual(row["uuid"], command.uuid)
        self.assertEqual((row["kind"], row["arguments"]), ("test_connection", {"send": False}))
        self.assertEqual((row["endpoint"]["code"], row["endpoint"]["state"]), ("CMD", "draft"))
        self.assertEqual(self.take()[1], [], "it is under lease")
        self.assertEqual(len(self.take(token)[1]), 1, "the answer of the claim may be lost")
        self.assertEqual(command.attempt_count, 1)
        result = {"uuid": command.uuid, "state": "done", "result": {"checks": []}, "message": "fine"}
        sent = []
        bus = type(self.env["bus.bus"])
        with patch.object(bus, "_sendone", lambda _self, *args: sent.append(args)):
            [answer] = self.commands.report(token, [result])
        self.assertEqual((answer["status"], answer["state"]), ("recorded", "done"))
        self.assertEqual((command.state, command.message, command.result), ("done", "fine", {"checks": []}))
        [(channel, kind, payload)] = [one for one in sent if one[1] == "healthcare_exchange/command"]
        self.assertEqual(channel, self.administrator.partner_id)
        self.assertEqual((payload["id"], payload["state"]), (command.id, "done"))
        self.assertNotIn("result", payload)
        [answer] = self.commands.report(token, [result])
        self.assertEqual(answer["status"], "repeated")

    def test_same_command_once(self):
        first = self.ask(arguments={"a": 1})
        self.assertEqual(self.ask(arguments={"a": 1}), first)
        self.assertNotEqual(self.ask(arguments={"a": 2}), first)

    def test_another_token_reports_nothing(self):
        command = self.ask()
        self.take()
        other = str(uuid.uuid4())
        [answer] = self.commands.report(other, [{"uuid": command.uuid, "state": "done"}])
        self.assertEqual(answer["status"], "lost_lease")
        self.assertEqual(command.state, "leased")

    def test_lease_runs_out_and_is_given_up(self):
        command = self.ask()
        for attempt in range(1, 4):
            token, [row] = self.take()
            self.assertEqual(row["attempt_count"], attempt)
            self.assertEqual(self.commands.extend(token, 60)["uuids"], [command.uuid])
            self.env.cr.execute(
                "UPDATE healthcare_exchange_command SET leased_until = now() - interval '1 minute'"
                " WHERE id = %s",
                [command.id],
            )
            self.env.invalidate_all()
        self.assertEqual(self.take()[1], [])
        self.assertEqual(command.state, "failed")
        self.assertIn("never answered", command.message)

    def test_nobody_takes_it(self):
        with patch(_CLOCK, -1):
            command = self.ask()
        self.assertEqual(self.take()[1], [], "a late service must not surprise anybody")
        self.env["healthcare.exchange.command"]._cron_expire()
        self.assertEqual(command.state, "expired")
        self.assertIn("No integration service is running", command.message)
        with patch(_CLOCK, -1):
            again = self.ask()
        again.with_user(self.administrator).action_refresh()
        self.assertEqual(again.state, "expired")

    def test_failing_record_keeps_the_result(self):
        """What goes wrong with one result stays with it."""
        broken, sound = self.ask(arguments={"n": 1}), self.ask(arguments={"n": 2})
        token, rows = self.take()
        self.assertEqual(len(rows), 2)

        def on_result(command):
            if command.id == broken.id:
                raise UserError(self.env._("no room for it"))

        with patch.object(type(broken), "_on_result", on_result):
            answers = self.commands.report(
                token,
                [{"uuid": c.uuid, "state": "done", "result": {"ok": True}} for c in (broken, sound)],
            )
        self.assertEqual([a["state"] for a in answers], ["failed", "done"])
        self.assertEqual((broken.state, broken.message), ("failed", "no room for it"))
        self.assertEqual(broken.result, {"ok": True})

    def test_only_administrators_ask(self):
        for role in ROLES:
            if role == "administrator":
                continue
            with self.subTest(role), self.assertRaises(AccessError):
                self.ask(user=self.users[role])
        with self.assertRaises(AccessError):
            get_public_method(self.env["healthcare.exchange.command"], "_request")
        command = self.ask()
        for values in ({"state": "done"}, {"result": {"passed": True}}):
            with self.assertRaises(AccessError):
                command.with_user(self.administrator).write(values)
        with self.assertRaises(AccessError):
            command.with_user(self.administrator).unlink()
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.command"].with_user(self.administrator).create(
                {"endpoint_id": self.endpoint.id, "kind": "certify", "requested_by_id": self.env.uid}
            )

    def test_access_matrix(self):
        self.assertAccessMatrix({"healthcare.exchange.command": {"administrator": "r", "auditor": "r"}})

    def test_protocol_is_for_the_service(self):
        token = str(uuid.uuid4())
        calls = {"claim": ("w", 1, 60, token), "extend": (token, 60), "report": (token, [])}
        ours = {
            name
            for cls in type(self.env["healthcare.exchange.command"]).mro()
            if cls.__module__.startswith("odoo.addons.healthcare_exchange.")
            for name, value in vars(cls).items()
            if callable(value) and not name.startswith("_") and name not in ("create", "write")
        }
        self.assertEqual(ours, {*calls, "action_refresh"}, "a new public method needs its place here")
        for role in ROLES:
            model = self.env["healthcare.exchange.command"].with_user(self.users[role])
            for name, arguments in calls.items():
                with self.subTest((role, name)):
                    if role == "service":
                        getattr(model, name)(*arguments)
                        continue
                    with self.assertRaises(AccessError):
                        getattr(model, name)(*arguments)

    def test_service_sees_its_endpoints_only(self):
        stranger = new_test_user(self.env, "stranger", groups="healthcare_base.group_service")
        self.endpoint.service_user_ids = stranger
        command = self.ask()
        self.assertEqual(self.take()[1], [])
        token = str(uuid.uuid4())
        theirs = self.env["healthcare.exchange.command"].with_user(stranger)
        self.assertEqual(len(theirs.claim("w", 5, 60, token)), 1)
        [answer] = self.commands.report(token, [{"uuid": command.uuid, "state": "done"}])
        self.assertEqual(answer["status"], "lost_lease")
        self.assertEqual(self.commands.extend(token, 60)["uuids"], [])

    def test_endpoint_without_service_says_so(self):
        self.endpoint.service_user_ids = False
        with self.assertRaisesRegex(UserError, "lists no service account"):
            self.ask()

    def test_flood_is_refused(self):
        for number in range(20):
            self.ask(arguments={"n": number})
        with self.assertRaisesRegex(UserError, "commands wait already"):
            self.ask(arguments={"n": 20})

    def test_protocol_faults_are_named(self):
        command = self.ask()
        token, _rows = self.take()
        for item, text in (
            ({"uuid": command.uuid, "state": "queued"}, "state must be"),
            ({"uuid": command.uuid, "state": "done", "result": [1]}, "must be a JSON object"),
            ({"uuid": command.uuid, "state": "done", "result": {"a": "\x00"}}, "must be a JSON object"),
        ):
            with self.assertRaisesRegex(ValidationError, text):
                self.commands.report(token, [item])
