import base64
import json
from datetime import timedelta

from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import canonical, envelope
from .monitor_common import MonitorBuilders

READERS = {"clerk", "approver", "accounts_payable", "auditor", "administrator"}


@tagged("post_install", "-at_install")
class TestMonitor(MonitorBuilders, HealthcareCommon):
    """What the monitor is told, and by whom it may be asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("WATCHED", partner_id=self.supplier.id)
        self.order = self.enqueue(self.endpoint, "P0001", record=self.supplier)

    def monitor(self, role="administrator"):
        return self.env["healthcare.exchange.monitor"].with_user(self.users[role])

    def row(self, role="administrator", code="WATCHED"):
        rows = self.monitor(role).load_overview()["endpoints"]
        return next(row for row in rows if row["code"] == code)

    def found(self, **filters):
        return [item["number"] for item in self.monitor().load_messages(filters)["items"]]

    # Who may ask

    def test_roles(self):
        calls = {
            "load_overview": (),
            "load_history": (),
            "load_messages": (),
            "load_message": (self.order.uuid,),
        }
        portal = new_test_user(self.env, "portal_mon", groups="base.group_portal")
        for role, user in {**self.users, "portal": portal}.items():
            monitor = self.env["healthcare.exchange.monitor"].with_user(user)
            for name, arguments in calls.items():
                with self.subTest((role, name)):
                    if role in READERS:
                        json.dumps(getattr(monitor, name)(*arguments))
                        continue
                    with self.assertRaises(AccessError):
                        getattr(monitor, name)(*arguments)
        self.assertLessEqual(READERS, set(ROLES))

    def test_public_methods_are_those(self):
        """A new public method has to take its place in the tests of rights."""
        ours = {
            name
            for cls in type(self.env["healthcare.exchange.monitor"]).mro()
            if cls.__module__.startswith("odoo.addons.healthcare_exchange.")
            for name, value in vars(cls).items()
            if callable(value) and not name.startswith("_")
        }
        self.assertEqual(
            ours,
            {
                "load_overview",
                "load_history",
                "load_messages",
                "load_message",
                "run_command",
                "action_reroute",
            },
        )

    def test_only_administrators_are_offered_commands(self):
        self.assertEqual(self.monitor().load_message(self.order.uuid)["actions"][:1], ["cancel"])
        self.assertTrue(self.monitor().load_overview()["can_act"])
        for role in READERS - {"administrator"}:
            self.assertEqual(self.monitor(role).load_message(self.order.uuid)["actions"], [])
            self.assertFalse(self.monitor(role).load_overview()["can_act"])

    def test_other_companies_are_out_of_sight(self):
        company = self.make_company("Not Ours")
        elsewhere = self.make_endpoint("ELSEWHERE", company_id=company.id)
        hidden = self.enqueue(elsewhere, "HIDDEN")
        overview = self.monitor().load_overview()
        self.assertNotIn("ELSEWHERE", [row["code"] for row in overview["endpoints"]])
        self.assertEqual(overview["total"]["waiting"], 1)
        self.assertNotIn("HIDDEN", self.found())
        self.assertEqual(self.found(search=hidden.uuid), [])
        for call in (
            lambda: self.monitor().load_message(hidden.uuid),
            lambda: self.monitor().load_history("ELSEWHERE"),
            lambda: self.monitor().load_messages({"endpoint": "ELSEWHERE"}),
        ):
            with self.assertRaises(UserError):
                call()

    def test_content_is_for_its_groups(self):
        """Rights on the fields decide, should the monitor's readers ever be more than theirs."""
        field = self.env["healthcare.exchange.message"]._fields["raw"]
        self.patch(field, "groups", "base.group_system")
        detail = self.monitor("auditor").load_message(self.order.uuid)
        self.assertTrue(detail["content_hidden"])
        self.assertFalse(detail["document"] or detail["raw"] or detail["payload"])

    def test_hostile_arguments(self):
        monitor = self.monitor()
        refused = [
            lambda: monitor.load_overview("year"),
            lambda: monitor.load_overview(None),
            lambda: monitor.load_overview({"day": 1}),
            lambda: monitor.load_history("NOT_THERE", "day"),
            lambda: monitor.load_history(None, "'; DROP TABLE res_users; --"),
            lambda: monitor.load_messages({"domain": [[1, "=", 1]]}),
            lambda: monitor.load_messages([["id", ">", 0]]),
            lambda: monitor.load_messages({"state": "everything"}),
            lambda: monitor.load_messages({"state": ["dead"]}),
            lambda: monitor.load_messages({"direction": "sideways"}),
            lambda: monitor.load_messages({"search": ["x"]}),
            lambda: monitor.load_messages({"document_type": {"a": 1}}),
            lambda: monitor.load_messages({}, None, 10_000),
            lambda: monitor.load_messages({}, "1 OR 1=1"),
            lambda: monitor.load_messages({}, -1),
            lambda: monitor.load_messages({}, None, True),
            lambda: monitor.load_message("no such thing"),
            lambda: monitor.load_message(["uuid"]),
            lambda: monitor.load_message(None),
        ]
        for number, call in enumerate(refused):
            with self.subTest(number), self.assertRaises(UserError):
                call()
        self.assertEqual(self.found(search="%"), [])
        self.assertEqual(self.found(search="P000_"), [])
        self.assertEqual(self.found(search="x" * 5000), [])
        self.assertEqual(self.found(search="'"), [])

    # Overview

    def test_queue_and_trouble(self):
        dead = self.enqueue(self.endpoint, "P0002")
        dead.sudo().write({"state": "dead", "error_code": "timeout"})
        retry = self.enqueue(self.endpoint, "P0003")
        retry.sudo().write({"state": "retry", "error_code": "timeout"})
        row = self.row()
        self.assertEqual((row["waiting"], row["retrying"], row["dead"]), (2, 1, 1))
        self.assertEqual(row["partner"], self.supplier.name)
        self.assertEqual((row["health"], row["reasons"]), ("degraded", ["retrying"]))
        total = self.monitor().load_overview()["total"]
        self.assertEqual((total["waiting"], total["dead"], total["in_trouble"]), (2, 1, 1))

    def test_attempts_and_delivery(self):
        self.enqueue(self.endpoint, "P0002")
        token, rows = self.claim()
        results = [
            {"uuid": rows[0]["uuid"], "outcome": "delivered", "acknowledged": True, "duration_ms": 40},
            {"uuid": rows[1]["uuid"], "outcome": "not_sent", "error_code": "timeout", "duration_ms": 900},
        ]
        self.service().report(token, results)
        row = self.row()
        self.assertEqual((row["attempts"], row["failed"], row["sent"]), (2, 1, 1))
        self.assertEqual(row["error_rate"], 0.5)
        self.assertEqual(row["duration"]["p50"], 470)
        self.assertGreaterEqual(row["latency"]["p50"], 0)
        self.assertEqual(row["health"], "degraded")
        self.assertIn("failures", row["reasons"])
        history = self.monitor().load_history("WATCHED", "hour")
        self.assertEqual(sum(bar["delivered"] for bar in history["bars"]), 1)
        self.assertEqual(sum(bar["not_sent"] for bar in history["bars"]), 1)
        [error] = history["errors"]
        self.assertEqual((error["code"], error["number"], error["direction"]), ("timeout", 1, "outbound"))
        self.assertTrue(error["title"] and error["hint"], "what it means and what to do")

    def test_bars_cover_the_period(self):
        for period, bars in (("hour", 60), ("day", 48), ("week", 84)):
            history = self.monitor().load_history(None, period)
            self.assertEqual(len(history["bars"]), bars, period)
            self.assertEqual(len({bar["at"] for bar in history["bars"]}), bars)

    def test_suspended_paused_and_open(self):
        self.endpoint.state = "suspended"
        self.assertEqual(self.row()["health"], "suspended")
        self.endpoint.state = "active"
        flow = self.endpoint.sudo().flow_ids
        now = self.env.cr.now()
        flow.write({"paused_until": now + timedelta(hours=1)})
        self.assertEqual(self.row()["health"], "paused")
        flow.write({"breaker": "open", "breaker_since": now, "open_until": now + timedelta(minutes=1)})
        row = self.row("clerk")
        self.assertEqual(row["health"], "open")
        self.assertTrue(row["open_until"])
        flow.write({"breaker": "half_open", "paused_until": False})
        self.assertEqual(self.row()["reasons"], ["probing"])

    def test_maintenance(self):
        today = self.env.cr.now().date()
        self.env["healthcare.exchange.window"].create(
            {
                "endpoint_id": self.endpoint.id,
                "kind": "maintenance",
                "date_from": today - timedelta(days=1),
                "date_to": today + timedelta(days=1),
            }
        )
        self.assertEqual(self.row()["health"], "maintenance")

    def test_overdue_acknowledgement(self):
        self.endpoint.write({"expects_functional_ack": True, "acknowledge_by": 60})
        self.order.sudo().write({"state": "leased"})
        self.order.sudo().write({"state": "sent", "sent_at": self.env.cr.now() - timedelta(minutes=90)})
        self.assertEqual(self.row()["overdue"], 1)
        self.assertEqual(self.found(overdue=True), ["P0001"])
        self.endpoint.acknowledge_by = 120
        self.assertEqual(self.row()["overdue"], 0)
        self.assertEqual(self.found(overdue=True), [])

    def test_batch_is_no_backlog(self):
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET create_date = create_date - interval '1 hour'"
            " WHERE id = %s",
            [self.order.id],
        )
        self.assertEqual(self.row()["reasons"], ["backlog"])
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET batch = TRUE WHERE id = %s", [self.order.id]
        )
        self.assertEqual(self.row()["health"], "up")

    def test_alerts_and_workers(self):
        self.env["healthcare.exchange.alert"]._raise_many(
            [{"type": "breaker_open", "endpoint": self.endpoint, "key": "", "summary": "Down since noon"}]
        )
        self.claim()
        overview = self.monitor("clerk").load_overview()
        [alert] = overview["alerts"]
        self.assertEqual((alert["summary"], alert["endpoint_code"]), ("Down since noon", "WATCHED"))
        self.assertTrue(alert["label"])
        self.assertEqual(self.row()["alerts"], 1)
        self.assertEqual([worker["name"] for worker in overview["workers"]], ["worker"])
        self.assertFalse(overview["workers"][0]["silent"])

    def test_queries_do_not_grow_with_endpoints(self):
        def queries():
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.monitor().load_overview()
            return self.env.cr.sql_log_count - start

        queries()
        few = queries()
        for number in range(10):
            self.enqueue(self.make_endpoint(f"MORE_{number}"), f"M{number}")
        # a new endpoint empties the registry's caches, and is flushed
        queries()
        self.assertLessEqual(queries(), few)

    # List

    def test_filters(self):
        self.receive(self.endpoint, canonical("invoice", "INV-7"))
        retry = self.enqueue(self.endpoint, "P0003")
        retry.sudo().write({"state": "retry", "error_code": "timeout"})
        self.assertEqual(self.found(direction="outbound"), ["P0003", "P0001"])
        self.assertEqual(self.found(document_type="invoice"), ["INV-7"])
        self.assertEqual(self.found(state="retry"), ["P0003"])
        self.assertEqual(self.found(state="waiting", direction="outbound"), ["P0003", "P0001"])
        self.assertEqual(self.found(error_code="timeout"), ["P0003"])
        self.assertEqual(self.found(endpoint="WATCHED", state="queued"), ["P0001"])
        retry.sudo().write({"owner_id": self.users["administrator"].id})
        self.assertEqual(self.found(mine=True, direction="outbound"), ["P0003"])
        self.assertEqual(set(self.found(period="hour")), {"P0001", "P0003", "INV-7"})

    def test_search(self):
        self.order.sudo().write({"partner_reference": "SO-9981"})
        texts = ["P0001", "p0001", "P00", "0001", "SO-9981", "9981", self.order.uuid, self.order.trace_id]
        for text in texts:
            with self.subTest(text):
                self.assertEqual(self.found(search=text), ["P0001"])
        self.assertEqual(self.found(search="nothing like it"), [])

    def test_pages(self):
        for number in range(2, 8):
            self.enqueue(self.endpoint, f"P000{number}")
        monitor = self.monitor()
        first = monitor.load_messages({}, None, 3)
        self.assertEqual((len(first["items"]), first["total"], first["total_more"]), (3, 7, False))
        numbers, cursor = [item["number"] for item in first["items"]], first["next_cursor"]
        while cursor:
            page = monitor.load_messages({}, cursor, 3)
            numbers += [item["number"] for item in page["items"]]
            cursor = page["next_cursor"]
            self.assertFalse(page["total"])
        self.assertEqual(numbers, [f"P000{number}" for number in range(7, 0, -1)])

    # Detail

    def test_detail(self):
        token, [row] = self.claim()
        payload = b"ISA*00*~GS*PO~"
        staged = [
            {
                "uuid": row["uuid"],
                "payload": base64.b64encode(payload).decode(),
                "payload_sha256": envelope(None, payload)["raw_sha256"],
                "filename": "order.x12",
                "content_type": "application/edi-x12",
            }
        ]
        self.service().stage(token, staged)
        result = {"uuid": row["uuid"], "outcome": "unknown", "error_code": "timeout", "message": "30 s"}
        self.service().report(token, [result])
        detail = self.monitor("clerk").load_message(self.order.uuid)
        json.dumps(detail)
        self.assertEqual(detail["payload"]["text"], payload.decode())
        self.assertEqual((detail["payload"]["size"], detail["payload"]["cut"]), (len(payload), False))
        self.assertEqual(json.loads(detail["document"])["number"], "P0001")
        [attempt] = detail["attempts"]
        self.assertEqual((attempt["outcome"], attempt["message"]), ("unknown", "30 s"))
        self.assertTrue(attempt["hint"])
        self.assertTrue(detail["error"]["title"])
        [record] = detail["records"]
        about = (record["model"], record["id"], record["own"])
        self.assertEqual(about, ("res.partner", self.supplier.id, True))
        self.assertEqual([step["uuid"] for step in detail["trace"]], [self.order.uuid])

    def test_trace_holds_together_what_belongs_together(self):
        other = self.enqueue(self.endpoint, "P0001-C", trace_id=self.order.trace_id)
        trace = self.monitor().load_message(self.order.uuid)["trace"]
        self.assertEqual([step["uuid"] for step in trace], [self.order.uuid, other.uuid])

    def test_large_raw_is_cut(self):
        raw = b"x" * 600_000
        [answer] = self.service().ingest("WATCHED", [envelope(None, raw)])
        shown = self.monitor().load_message(answer["message_uuid"])["raw"]
        self.assertTrue(shown["cut"])
        self.assertEqual(shown["size"], len(raw))
        self.assertLess(len(shown["text"]), 300_000)

    def test_unreadable_bytes_are_shown_as_what_they_are(self):
        [answer] = self.service().ingest("WATCHED", [envelope(None, b"\x00\x01PK<script>\xff")])
        detail = self.monitor().load_message(answer["message_uuid"])
        self.assertEqual(detail["raw"]["kind"], "hex")
        self.assertIn("00 01 50 4b 3c", detail["raw"]["text"])
        self.assertTrue(detail["errors"])
        self.assertFalse(detail["document"])

    def test_history_of_people_is_for_readers_of_the_trail(self):
        self.order.with_user(self.users["administrator"]).action_cancel()
        [entry] = self.monitor("auditor").load_message(self.order.uuid)["history"]
        self.assertEqual(entry["action"], "cancel")
        self.assertEqual(self.monitor("clerk").load_message(self.order.uuid)["history"], [])

    # Ways in

    def test_buttons_of_the_endpoint(self):
        self.assertEqual(self.endpoint.waiting_count, 1)
        action = self.endpoint.with_context(monitor_state="waiting").action_open_messages()
        self.assertEqual(action["tag"], "healthcare_exchange.monitor")
        self.assertEqual(action["params"], {"endpoint": "WATCHED", "view": "messages", "state": "waiting"})
        self.assertEqual(self.endpoint.action_open_monitor()["params"], {"endpoint": "WATCHED"})
