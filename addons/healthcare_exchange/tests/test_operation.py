import base64

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..models.exchange_endpoint import SERVICE_LOGIN
from .common import ExchangeCommon, envelope, sha256


@tagged("post_install", "-at_install")
class TestOperation(ExchangeCommon):
    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("OP")
        self.administrator = new_test_user(
            self.env, "exchange_admin", groups="healthcare_base.group_administrator"
        )

    def deliver(self, **result):
        token, rows = self.claim()
        content = b"the bytes"
        item = {"payload": base64.b64encode(content).decode(), "payload_sha256": sha256(content)}
        self.service().stage(token, [{"uuid": row["uuid"], **item} for row in rows])
        self.service().report(token, [{"uuid": row["uuid"], **result} for row in rows])

    def audit(self, message):
        entries = (
            self.env["healthcare.audit.entry"]
            .sudo()
            .search([("model", "=", message._name), ("res_id", "=", message.id)], order="id")
        )
        return [(entry.action, entry.user_id) for entry in entries]

    def test_replay_sends_the_same_bytes_under_the_same_key(self):
        message = self.enqueue(self.endpoint)
        self.deliver(outcome="unknown", retryable=False, error_code="bug")
        self.assertEqual(message.state, "dead")
        self.assertTrue(message.activity_ids)
        key, number = message.idempotency_key, message.control_number
        message.with_user(self.administrator).action_replay()
        self.assertEqual((message.state, message.attempt_count), ("queued", 0))
        self.assertFalse(message.activity_ids)
        self.assertFalse(message.owner_id)
        _token, [row] = self.claim()
        self.assertEqual((row["idempotency_key"], row["control_number"]), (key, number))
        self.assertEqual(base64.b64decode(row["payload"]), b"the bytes")
        self.assertEqual(len(message.attempt_ids), 1, "evidence stays")
        self.assertEqual(self.audit(message), [("replay", self.administrator.id)])

    def test_replay_by_uuid(self):
        sent, queued = self.enqueue(self.endpoint, "P1"), None
        self.deliver(outcome="delivered")
        queued = self.enqueue(self.endpoint, "P2")
        answers = self.service().replay([queued.uuid, sent.uuid, "unknown"])
        self.assertEqual([a["replayed"] for a in answers], [False, True, False])
        self.assertEqual([a["status"] for a in answers], ["unchanged", "waiting", "unchanged"])
        self.assertEqual(sent.state, "queued")

    def test_done_and_unreadable_are_not_replayed(self):
        [answer] = self.service().ingest("OP", [envelope(None, b"?")])
        message = self.message(answer["message_uuid"])
        with self.assertRaisesRegex(UserError, "Nothing to replay"):
            message.with_user(self.administrator).action_replay()
        self.assertEqual(message.state, "rejected")

    def test_cancel(self):
        message = self.enqueue(self.endpoint)
        message.with_user(self.administrator).action_cancel()
        self.assertEqual(message.state, "cancelled")
        self.assertEqual(self.claim()[1], [])
        self.assertEqual(self.audit(message), [("cancel", self.administrator.id)])
        with self.assertRaises(UserError):
            message.with_user(self.administrator).action_cancel()

    def test_what_is_being_sent_is_not_cancelled(self):
        message = self.enqueue(self.endpoint)
        self.claim()
        with self.assertRaisesRegex(UserError, "leased"):
            message.with_user(self.administrator).action_cancel()

    def test_owner_is_the_endpoints_else_an_administrator_of_the_company(self):
        owner = new_test_user(self.env, "owner", groups="healthcare_base.group_clerk")
        company = self.env["res.company"].create({"name": "Elsewhere"})
        there = new_test_user(
            self.env,
            "admin_there",
            groups="healthcare_base.group_administrator",
            company_id=company.id,
            company_ids=company.ids,
        )
        self.make_endpoint("OWNED", owner_id=owner.id)
        self.make_endpoint("THERE", company_id=company.id)
        for code, expected in (("OWNED", owner), ("THERE", there)):
            [answer] = self.service().ingest(code, [envelope(None, code.encode())])
            message = self.message(answer["message_uuid"])
            self.assertEqual(message.owner_id, expected)
            self.assertEqual(message.activity_ids.user_id, expected)

    def test_many_troubles_cost_few_queries(self):
        for number in range(30):
            self.enqueue(self.endpoint, f"P{number}")
        token, rows = self.claim(limit=30)
        results = [{"uuid": row["uuid"], "outcome": "not_sent", "retryable": False} for row in rows]
        start = self.env.cr.sql_log_count
        self.service().report(token, results)
        self.assertLess(self.env.cr.sql_log_count - start, 150)
        dead = self.env["healthcare.exchange.message"].search([("state", "=", "rejected")])
        self.assertEqual(len(dead), 30)
        self.assertEqual(len(dead.activity_ids), 30)

    def test_service_user(self):
        messages = self.env["healthcare.exchange.message"]
        endpoint = self.make_endpoint("LISTED")
        user = messages._ensure_service_user()
        self.assertEqual(user.login, SERVICE_LOGIN)
        self.assertEqual(user, messages._ensure_service_user())
        self.assertEqual(user.group_ids, self.env.ref("healthcare_base.group_service"))
        self.assertFalse(user.has_group("base.group_user"))
        self.assertIn(user, endpoint.service_user_ids)

    def test_open_record(self):
        partner = self.env["res.partner"].create({"name": "x"})
        message = self.enqueue(self.endpoint, record=partner)
        self.assertEqual(message.action_open_record()["res_id"], partner.id)
        with self.assertRaises(UserError):
            self.enqueue(self.endpoint).action_open_record()
