import json
import uuid

from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.exceptions import AccessError, UserError
from odoo.service.model import get_public_method
from odoo.tests import new_test_user, tagged

from .common import ExchangeBuilders, canonical, envelope

#: What says that something came from a partner or reached it.
SERVICE_ONLY = {"claim", "stage", "extend", "report", "ingest"}


@tagged("post_install", "-at_install")
class TestSecurity(ExchangeBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("SEC")
        self.queued = self.enqueue(self.endpoint)

    def test_access_matrix(self):
        readers = dict.fromkeys(("clerk", "approver", "accounts_payable", "auditor"), "r")
        self.assertAccessMatrix(
            {
                "healthcare.exchange.endpoint": {**readers, "administrator": "crud"},
                "healthcare.exchange.endpoint.document": {**readers, "administrator": "crud"},
                "healthcare.exchange.mapping": {"auditor": "r", "administrator": "crud"},
                "healthcare.exchange.message": {**readers, "administrator": "r"},
                "healthcare.exchange.attempt": {**readers, "administrator": "r"},
                "healthcare.exchange.alert": {**readers, "administrator": "r"},
                "healthcare.exchange.reroute": {"administrator": "cru"},
            }
        )

    def test_fields_for_few(self):
        for role in ("clerk", "approver", "accounts_payable"):
            endpoint = self.endpoint.with_user(self.users[role])
            for name in ("settings", "settings_text", "service_user_ids"):
                with self.subTest((role, name)), self.assertRaises(AccessError):
                    endpoint.read([name])

    def test_messages_cannot_be_written_by_anyone(self):
        """Neither by rights nor by context keys; nor does superuser mode change evidence."""
        superuser = new_test_user(
            self.env, "omnipotent", groups="base.group_system,healthcare_base.group_administrator"
        )
        self.env["ir.model.access"].create(
            {
                "name": "everything",
                "model_id": self.env["ir.model"]._get_id("healthcare.exchange.message"),
                "group_id": self.env.ref("base.group_system").id,
                "perm_read": True,
                "perm_write": True,
                "perm_create": True,
                "perm_unlink": True,
            }
        )
        messages = self.env["healthcare.exchange.message"].with_user(superuser)
        for context in ({}, {"install_mode": True, "su": True, "module": "healthcare_exchange"}):
            mine = self.queued.with_user(superuser).with_context(**context)
            for values in ({"state": "acknowledged"}, {"payload": "eA=="}, {"owner_id": superuser.id}):
                with self.assertRaises(AccessError):
                    mine.write(values)
            with self.assertRaises(AccessError):
                messages.with_context(**context).create(
                    {
                        "direction": "outbound",
                        "endpoint_id": self.endpoint.id,
                        "company_id": self.company.id,
                        "idempotency_key": "forged",
                    }
                )
            with self.assertRaises(AccessError):
                mine.copy({"idempotency_key": "copied"})
            with self.assertRaises(UserError):
                mine.unlink()
        self.assertEqual(self.queued.state, "queued")

    def test_evidence_does_not_change(self):
        message = self.queued.sudo()
        for name in ("document", "raw", "payload", "idempotency_key", "control_number", "uuid"):
            with self.subTest(name), self.assertRaisesRegex(UserError, name):
                message.write({name: message[name]})
        with self.assertRaises(UserError):
            message.unlink()

    def test_states_follow_their_edges(self):
        message = self.queued.sudo()
        for state in ("acknowledged", "sent"):
            with self.assertRaisesRegex(UserError, "cannot become"):
                message.write({"state": state})
        message.write({"state": "cancelled"})
        for state in ("queued", "done", "sent"):
            with self.assertRaises(UserError):
                message.write({"state": state})

    def test_attempts_are_append_only(self):
        token, [row] = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"}])
        attempt = self.queued.attempt_ids
        with self.assertRaises(UserError):
            attempt.sudo().write({"outcome": "not_sent"})
        with self.assertRaises(UserError):
            attempt.sudo().unlink()
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.attempt"].with_user(self.users["administrator"]).create(
                {"message_id": self.queued.id}
            )

    def calls(self):
        """Every public method of the protocol, with arguments that would do something."""
        token = str(uuid.uuid4())
        return {
            "claim": ("w", 1, 60, [], token),
            "stage": (token, []),
            "extend": (token, 60),
            "report": (token, []),
            "ingest": ("SEC", [canonical("invoice", "I1")]),
            "process": ([self.queued.uuid],),
            "status": ([self.queued.uuid],),
            "replay": ([self.queued.uuid],),
            "wake_channel": (),
            "endpoints": (),
            "gauges": (),
            "call_json": ("healthcare.exchange.message", "endpoints", "{}"),
        }

    def test_protocol_is_for_the_service_and_part_of_it_for_administrators(self):
        """What says that something came or left is the service's alone."""
        portal = new_test_user(self.env, "portal_x", groups="base.group_portal")
        self.endpoint.service_user_ids += self.users["service"]
        users = {**self.users, "portal": portal, "public": self.env.ref("base.public_user")}
        for role, user in users.items():
            messages = self.env["healthcare.exchange.message"].with_user(user)
            for name, arguments in self.calls().items():
                with self.subTest((role, name)):
                    if role == "service" or (role == "administrator" and name not in SERVICE_ONLY):
                        getattr(messages, name)(*arguments)
                        continue
                    with self.assertRaises(AccessError):
                        getattr(messages, name)(*arguments)

    def test_administrators_do_not_speak_for_a_partner(self):
        """Neither an invoice that a supplier never sent nor a delivery that never was, by
        whatever way, with or without a lease that the service holds or a context key."""
        administrator = self.users["administrator"]
        self.endpoint.service_user_ids += administrator
        token, [row] = self.claim()
        before = self.env["healthcare.exchange.message"].search_count([])
        result = {"uuid": row["uuid"], "outcome": "delivered", "acknowledged": True}
        arguments = {
            "claim": {
                "worker": "w",
                "limit": 1,
                "lease_seconds": 60,
                "endpoint_codes": [],
                "lease_token": token,
            },
            "stage": {"lease_token": token, "rendered": []},
            "extend": {"lease_token": token, "lease_seconds": 60},
            "report": {"lease_token": token, "results": [result]},
            "ingest": {"endpoint_code": "SEC", "envelopes": [canonical("invoice", "I1")]},
        }
        self.assertEqual(set(arguments), SERVICE_ONLY)
        messages = self.env["healthcare.exchange.message"].with_user(administrator)
        for name, values in arguments.items():
            for context in ({}, {"su": True, "uid": 1, "install_mode": True}):
                mine = messages.with_context(**context)
                with self.subTest((name, context)):
                    with self.assertRaisesRegex(AccessError, "integration service alone"):
                        getattr(mine, name)(**values)
                    with self.assertRaisesRegex(AccessError, "integration service alone"):
                        mine.call_json(mine._name, name, json.dumps(values))
        self.assertEqual(self.env["healthcare.exchange.message"].search_count([]), before)
        self.queued.invalidate_recordset()
        self.assertEqual((self.queued.state, self.queued.lease_token), ("leased", token))
        self.assertEqual(self.service().report(token, [result])[0]["status"], "recorded")

    def test_calls_above_are_all_there_are(self):
        """A new public method has to take its place in the test above."""
        model = self.env["healthcare.exchange.message"]
        ours = {
            name
            for cls in type(model).mro()
            if cls.__module__.startswith("odoo.addons.healthcare_exchange.")
            for name, value in vars(cls).items()
            if callable(value) and not name.startswith("_") and name not in ("create", "write")
        }
        buttons = {
            "action_replay",
            "action_cancel",
            "action_open_record",
            "action_reroute",
            "action_confirm_received",
        }
        self.assertEqual(ours - buttons, set(self.calls()))
        for name in ("_enqueue", "_enqueue_many", "_ensure_service_user", "_wake", "_process_document"):
            with self.assertRaises(AccessError):
                get_public_method(model, name)

    def test_buttons_are_for_administrators(self):
        for role in ROLES:
            message = self.queued.with_user(self.users[role])
            for name in ("action_replay", "action_cancel", "action_reroute"):
                if role == "administrator":
                    continue
                with self.subTest((role, name)), self.assertRaises(AccessError):
                    getattr(message, name)()

    def test_service_reaches_its_endpoints_only(self):
        stranger = new_test_user(self.env, "other-service", groups="healthcare_base.group_service")
        hidden = self.make_endpoint("HIDDEN", service_user_ids=[(6, 0, stranger.ids)])
        secret = self.enqueue(hidden, "SECRET")
        numbers = [row["number"] for row in self.claim()[1]]
        self.assertNotIn("SECRET", numbers)
        self.assertEqual(self.claim(codes=["HIDDEN"])[1], [])
        with self.assertRaisesRegex(UserError, "no endpoint 'HIDDEN'"):
            self.service().ingest("HIDDEN", [canonical("invoice", "I1")])
        [answer] = self.service().status([secret.uuid])
        self.assertEqual((answer["state"], answer["error_code"]), (False, "message_unknown"))
        self.assertEqual(self.service().replay([secret.uuid])[0]["replayed"], False)
        theirs = self.service(stranger)
        [answer] = theirs.ingest("HIDDEN", [envelope(None, b"?")])
        self.assertEqual(self.service().process([answer["message_uuid"]])[0]["state"], False)
        token, [row] = self.claim(service=theirs)
        self.assertEqual(row["number"], "SECRET")
        result = [{"uuid": secret.uuid, "outcome": "delivered"}]
        self.assertEqual(self.service().report(token, result)[0]["status"], "lost_lease")
        self.assertEqual(self.service().extend(token, 60)["uuids"], [])
        self.assertEqual(theirs.report(token, result)[0]["status"], "recorded")

    def test_endpoint_that_lists_nobody_is_nobodys(self):
        self.endpoint.service_user_ids = False
        self.assertEqual(self.claim()[1], [])

    def test_records_of_other_companies(self):
        company = self.make_company("Not Ours")
        elsewhere = self.make_endpoint("ELSE", company_id=company.id)
        message = self.enqueue(elsewhere)
        for role in ("clerk", "administrator", "auditor"):
            user = self.users[role]
            with self.subTest(role):
                self.assertFalse(self.env[message._name].with_user(user).search([("id", "=", message.id)]))
                self.assertFalse(self.env[elsewhere._name].with_user(user).search([("code", "=", "ELSE")]))
                with self.assertRaises(AccessError):
                    message.with_user(user).read(["state"])
        administrator = self.env[message._name].with_user(self.users["administrator"])
        self.assertEqual(administrator.status([message.uuid])[0]["state"], False)
        with self.assertRaises(AccessError):
            message.with_user(self.users["administrator"]).action_cancel()

    def test_channel_name_is_not_readable(self):
        parameters = self.env["ir.config_parameter"].with_user(self.users["administrator"])
        with self.assertRaises(AccessError):
            parameters.search_read([("key", "=", "healthcare_exchange.wake_channel")], ["value"])
