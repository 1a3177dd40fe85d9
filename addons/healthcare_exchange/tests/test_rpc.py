import base64
import json
import uuid

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from .common import ExchangeBuilders, canonical, envelope, sha256


@tagged("post_install", "-at_install")
class TestJson2(ExchangeBuilders, HttpCase):
    """The protocol as the integration service calls it: JSON-2 with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        keys = cls.env["res.users.apikeys"]
        cls.user = cls.env["healthcare.exchange.message"]._ensure_service_user()
        cls.key = keys.with_user(cls.user).sudo()._generate("rpc", "test", False)
        clerk = new_test_user(cls.env, "rpc_clerk", groups="healthcare_base.group_clerk")
        cls.clerk_key = keys.with_user(clerk).sudo()._generate("rpc", "test", False)
        administrator = new_test_user(
            cls.env, "rpc_administrator", groups="healthcare_base.group_administrator"
        )
        cls.administrator_key = keys.with_user(administrator).sudo()._generate("rpc", "test", False)

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("RPC", expects_functional_ack=True)
        self.sent = self.enqueue(self.endpoint)

    def post(self, method, key=None, model="healthcare.exchange.message", **arguments):
        self.env.flush_all()
        response = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments),
            headers={
                "Authorization": f"bearer {key or self.key}",
                "Content-Type": "application/json",
            },
        )
        self.env.invalidate_all()
        return response

    def call(self, method, **arguments):
        response = self.post(method, **arguments)
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()

    def test_life_of_an_order(self):
        token = str(uuid.uuid4())
        claim = {
            "worker": "w1",
            "limit": 10,
            "lease_seconds": 60,
            "endpoint_codes": ["RPC"],
            "lease_token": token,
        }
        [row] = self.call("claim", **claim)
        self.assertEqual(row["uuid"], self.sent.uuid)
        self.assertEqual(self.call("claim", **claim)[0]["uuid"], self.sent.uuid)
        content = b"ISA\x00\xff"
        rendered = {
            "uuid": row["uuid"],
            "payload": base64.b64encode(content).decode(),
            "payload_sha256": sha256(content),
            "filename": "850.edi",
            "content_type": "application/edi-x12",
        }
        self.assertEqual(self.call("stage", lease_token=token, rendered=[rendered])[0]["status"], "staged")
        self.assertEqual(self.call("extend", lease_token=token, lease_seconds=90)["uuids"], [row["uuid"]])
        results = [{"uuid": row["uuid"], "outcome": "delivered", "acknowledged": False}]
        [answer] = self.call("report", lease_token=token, results=results)
        self.assertEqual((answer["status"], answer["state"]), ("recorded", "sent"))
        self.assertIs(answer["next_attempt_at"], False)
        self.assertEqual(self.call("report", lease_token=token, results=results)[0]["status"], "repeated")
        document = canonical(
            "functional_acknowledgement",
            "997",
            status="accepted",
            acknowledges={"group_control_number": str(row["control_number"])},
        )
        [answer] = self.call("ingest", endpoint_code="RPC", envelopes=[envelope(document, b"ISA*997")])
        self.assertEqual(answer["status"], "accepted")
        [answer] = self.call("process", uuids=[answer["message_uuid"]])
        self.assertEqual((answer["status"], answer["state"]), ("accepted", "done"))
        self.assertEqual(self.call("status", uuids=[row["uuid"]])[0]["state"], "acknowledged")
        self.assertEqual(base64.b64decode(self.sent.payload), content)
        self.assertEqual(self.sent.attempt_ids.worker, "w1")

    def test_replay_and_channel(self):
        self.assertTrue(self.call("wake_channel").startswith("healthcare_exchange."))
        [answer] = self.call("replay", uuids=[self.sent.uuid])
        self.assertIs(answer["replayed"], False)

    @mute_logger("odoo.http")
    def test_refusals(self):
        self.assertEqual(self.post("status", key="0" * 40, uuids=[]).status_code, 401)
        self.assertEqual(self.post("status", key=self.clerk_key, uuids=[]).status_code, 403)
        self.assertEqual(self.post("_enqueue_many", requests=[]).status_code, 403)
        self.assertEqual(self.post("status").status_code, 422, "an argument is missing")
        self.assertEqual(self.post("status", uuids="x").status_code, 422)
        response = self.post("ingest", endpoint_code="RPC", envelopes=[{"raw": "%%%", "document": None}])
        self.assertEqual(response.status_code, 422)
        self.assertIn("base64", response.json()["message"])

    @mute_logger("odoo.http")
    def test_administrators_look_and_replay_but_are_no_partner(self):
        key = self.administrator_key
        document = envelope(canonical("invoice", "I1"))
        values = {"endpoint_code": "RPC", "envelopes": [document]}
        self.assertEqual(self.post("ingest", key=key, **values).status_code, 403)
        through = {
            "model": "healthcare.exchange.message",
            "method": "ingest",
            "arguments": json.dumps(values),
        }
        response = self.url_open(
            "/json/2/healthcare.exchange.message/call_json",
            data=json.dumps(through),
            headers={"Authorization": f"bearer {key}", "Content-Type": "application/json"},
        )
        self.assertEqual(response.status_code, 403)
        domain = [("endpoint_id", "=", self.endpoint.id), ("direction", "=", "inbound")]
        self.assertFalse(self.env["healthcare.exchange.message"].search(domain))
        for method in ("status", "replay", "process"):
            with self.subTest(method):
                self.assertEqual(self.post(method, key=key, uuids=[self.sent.uuid]).status_code, 200)
        for method in ("endpoints", "gauges", "wake_channel"):
            with self.subTest(method):
                self.assertEqual(self.post(method, key=key).status_code, 200)

    @mute_logger("odoo.http")
    def test_the_services_account_may_do_nothing_else(self):
        message = {"model": "healthcare.exchange.message"}
        for model, method, arguments in (
            (message["model"], "search_read", {"domain": [], "fields": ["raw"]}),
            (message["model"], "write", {"ids": [self.sent.id], "vals": {"state": "done"}}),
            (message["model"], "create", {"vals_list": [{}]}),
            (message["model"], "action_cancel", {"ids": [self.sent.id]}),
            ("healthcare.exchange.endpoint", "search_read", {"domain": [], "fields": ["settings"]}),
            ("purchase.order", "search_read", {"domain": [], "fields": ["name"]}),
            ("account.move", "search_read", {"domain": [], "fields": ["name"]}),
            ("ir.config_parameter", "search_read", {"domain": [], "fields": ["value"]}),
        ):
            with self.subTest((model, method)):
                self.assertEqual(self.post(method, model=model, **arguments).status_code, 403)
        self.assertEqual(self.sent.state, "queued")
