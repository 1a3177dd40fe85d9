import base64
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL

from .common import ExchangeCommon, canonical, sha256


class ContingencyCommon(ExchangeCommon):
    """Two endpoints of one supplier; the first goes down by what is reported to it."""

    def setUp(self):
        super().setUp()
        self.partner = self.env["res.partner"].create({"name": "Down Ltd", "is_company": True})
        self.other = self.make_endpoint("OTHER", partner_id=self.partner.id)
        self.endpoint = self.make_endpoint("FIRST", partner_id=self.partner.id, breaker_failures=2)
        self.record = self.env["res.partner"].create({"name": "An order, say"})
        self.administrator = self.new_user("administrator")
        self.messages = self.env["healthcare.exchange.message"]

    def new_user(self, role):
        return new_test_user(self.env, f"contingency_{role}", groups=f"healthcare_base.group_{role}")

    def policy(self, contingency, document_type="purchase_order", **values):
        row = self.endpoint._document(document_type, "outbound")
        row.write({"contingency": contingency, "contingency_after_minutes": 0, **values})
        return row

    def reroute_policy(self, **values):
        return self.policy("reroute", reroute_endpoint_id=self.other.id, **values)

    def attempt(self, outcome="not_sent", codes=("FIRST",), **values):
        """Claim and report what is due; by default the partner cannot be reached."""
        token, rows = self.claim(limit=100, codes=codes)
        content = b"the bytes"
        item = {"payload": base64.b64encode(content).decode(), "payload_sha256": sha256(content)}
        self.service().stage(token, [{"uuid": row["uuid"], **item} for row in rows])
        failure = {"error_code": "connection_refused", "error_kind": "transient", "message": "refused"}
        values = {"outcome": outcome, **({} if outcome == "delivered" else failure), **values}
        self.service().report(token, [{"uuid": row["uuid"], **values} for row in rows])
        return rows

    def go_down(self):
        """Two messages of their own fail: the breaker opens."""
        probes = self.enqueue(self.endpoint, "DOWN1") | self.enqueue(self.endpoint, "DOWN2")
        self.attempt()
        self.env.invalidate_all()
        self.assertIn(self.endpoint.id, self.messages.endpoint_id._down_since())
        return probes

    def watch(self):
        self.env.ref("healthcare_exchange.cron_watch").method_direct_trigger()
        self.env.invalidate_all()

    def alerts(self, alert_type, state="open"):
        return self.env["healthcare.exchange.alert"].search(
            [
                ("type", "=", alert_type),
                ("state", "=", state),
                ("endpoint_id", "in", (False, self.endpoint.id)),
            ]
        )

    def audit(self, record, action):
        return (
            self.env["healthcare.audit.entry"]
            .sudo()
            .search([("model", "=", record._name), ("res_id", "in", record.ids), ("action", "=", action)])
        )


@tagged("post_install", "-at_install")
class TestPolicy(ContingencyCommon):
    def refuse(self, regex, **values):
        with self.assertRaisesRegex(ValidationError, regex), self.env.cr.savepoint():
            self.endpoint._document("purchase_order", "outbound").write(values)
        self.env.invalidate_all()

    def test_reroute_target(self):
        stranger = self.env["res.partner"].create({"name": "Stranger", "is_company": True})
        foreign = self.make_endpoint("FOREIGN", partner_id=stranger.id)
        bare = self.make_endpoint("BARE", partner_id=self.partner.id, documents=[("invoice", "inbound")])
        real = self.make_endpoint("REAL", partner_id=self.partner.id, test=False)
        self.refuse("choose the endpoint", contingency="reroute")
        self.refuse("its own way out", contingency="reroute", reroute_endpoint_id=self.endpoint.id)
        self.refuse("same partner", contingency="reroute", reroute_endpoint_id=foreign.id)
        self.refuse("does not send", contingency="reroute", reroute_endpoint_id=bare.id)
        self.refuse("for tests", contingency="reroute", reroute_endpoint_id=real.id)
        self.reroute_policy()

    def test_policies_fit_their_document(self):
        self.refuse("inbound catalogs", contingency="last_price", price_valid_days=3)
        self.refuse("inbound catalogs", contingency="stop_buying")
        self.refuse("say what happens", contingency=False)
        row = self.endpoint._document("invoice", "inbound")
        with self.assertRaisesRegex(ValidationError, "cannot be rerouted by us"), self.env.cr.savepoint():
            row.contingency = "manual"

    def test_no_activation_without_a_policy(self):
        draft = self.make_endpoint("DRAFT", state="draft", partner_id=self.partner.id)
        row = draft._document("purchase_order", "outbound")
        row.contingency = False
        [problem] = [p for p in draft._activation_problems() if "cannot be reached" in p]
        self.assertIn("purchase_order (outbound)", problem)
        row.contingency = "queue"
        self.assertFalse([p for p in draft._activation_problems() if "cannot be reached" in p])

    def test_changes_are_audited(self):
        row = self.reroute_policy(keep_payload_days=30)
        changes = str(self.audit(row, "write").mapped("changes"))
        for text in ("reroute", "OTHER", "keep_payload_days"):
            self.assertIn(text, changes)


@tagged("post_install", "-at_install")
class TestReroute(ContingencyCommon):
    def test_all_of_an_order_moves_together_and_in_order(self):
        self.reroute_policy()
        self.go_down()
        order = self.enqueue(self.endpoint, "P1", record=self.record, priority=0)
        change = self.enqueue(
            self.endpoint,
            document=canonical("order_change", "P1", version="1", lines=[]),
            record=self.record,
        )
        self.watch()
        self.assertEqual((order.state, change.state), ("cancelled", "cancelled"))
        new, newer = order.rerouted_to_id, change.rerouted_to_id
        self.assertEqual((new.endpoint_id, newer.endpoint_id), (self.other, self.other))
        for name in (
            "number",
            "ordering_key",
            "idempotency_key",
            "priority",
            "trace_id",
            "document",
            "res_id",
        ):
            self.assertEqual(new[name], order[name], name)
        self.assertEqual(new.rerouted_from_id, order)
        rows = self.claim(codes=["OTHER"])[1]
        numbers = [(row["document_type"], row["number"]) for row in rows]
        self.assertIn(("purchase_order", "P1"), numbers)
        self.assertNotIn(("order_change", "P1"), numbers, "not before the order")
        self.assertIn("by policy", order.contingency_note)
        self.assertIn("OTHER", str(self.record.message_ids.mapped("body")))
        self.assertEqual(json.loads(self.audit(order, "reroute").changes)["endpoint"], ["FIRST", "OTHER"])
        self.assertFalse(self.alerts("contingency_failed"))

    def test_when_the_first_is_back_nothing_goes_twice(self):
        self.reroute_policy()
        probes = self.go_down()
        message = self.enqueue(self.endpoint, "P1")
        self.watch()
        self.assertEqual(set((probes | message).mapped("state")), {"cancelled"})
        self.endpoint.flow_ids.sudo()._close_by_hand()
        self.assertEqual(self.claim(codes=["FIRST"])[1], [])
        numbers = [row["number"] for row in self.attempt("delivered", codes=("OTHER",), acknowledged=True)]
        self.assertCountEqual(numbers, ["DOWN1", "DOWN2", "P1"])
        self.watch()
        self.assertEqual(self.claim()[1], [])
        self.assertEqual(message._replay(), message.browse(), "cancelled stays cancelled")

    def test_unknown_never_moves_by_itself(self):
        self.reroute_policy()
        maybe = self.enqueue(self.endpoint, "MAYBE", record=self.record)
        self.attempt("unknown", error_code="timeout")
        follower = self.enqueue(self.endpoint, "FOLLOWER", record=self.record)
        self.go_down()
        self.watch()
        self.assertEqual((maybe.state, follower.state), ("retry", "queued"))
        with self.assertRaisesRegex(UserError, "may have these documents already.*MAYBE"):
            maybe._reroute(self.other, "urgent")
        wizards = self.env["healthcare.exchange.reroute"].with_user(self.administrator)
        form = Form(wizards.with_context(default_message_ids=maybe.ids))
        self.assertIn("MAYBE", form.danger)
        form.endpoint_id, form.reason = self.other, "they said no"
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "MAYBE"), self.env.cr.savepoint():
            wizard.action_send()
        wizard.confirm_unknown = True
        wizard.action_send()
        self.assertEqual((maybe.state, follower.state), ("cancelled", "cancelled"), "both, in order")
        self.assertIn("they said no", maybe.contingency_note)
        self.assertIn(self.administrator.name, maybe.contingency_note)
        self.assertEqual(self.audit(maybe, "reroute").user_id, self.administrator.id)

    def test_what_arrived_after_all_is_an_alert(self):
        self.endpoint.expects_functional_ack = True
        maybe = self.enqueue(self.endpoint, "MAYBE")
        self.attempt("unknown", error_code="timeout")
        maybe._reroute(self.other, "urgent", confirm_unknown=True)
        document = canonical(
            "functional_acknowledgement",
            "FA1",
            status="accepted",
            acknowledges={"group_control_number": str(maybe.control_number)},
        )
        self.receive(self.endpoint, document)
        alert = self.alerts("late_acknowledgement")
        self.assertIn("deliver twice", alert.summary)
        self.watch()
        self.assertEqual(alert.state, "open", "a person settles it")
        with self.assertRaises(AccessError):
            alert.with_user(self.new_user("auditor")).action_settle()
        alert.with_user(self.new_user("clerk")).action_settle()
        self.assertEqual(alert.state, "closed")

    def test_waits_while_the_time_is_not_up(self):
        self.reroute_policy(contingency_after_minutes=30)
        self.go_down()
        message = self.enqueue(self.endpoint, "P1")
        self.watch()
        self.assertEqual(message.state, "queued")
        self.assertIn("after 30 minutes through OTHER", self.alerts("breaker_open").summary)

    def test_announced_maintenance_is_waited_for(self):
        self.reroute_policy()
        self.go_down()
        message = self.enqueue(self.endpoint, "P1")
        day = fields.Date.today()
        window = self.env["healthcare.exchange.window"].create(
            {
                "endpoint_id": self.endpoint.id,
                "kind": "maintenance",
                "date_from": day - timedelta(days=1),
                "date_to": day + timedelta(days=1),
            }
        )
        self.watch()
        self.assertEqual(message.state, "queued")
        window.active = False
        self.watch()
        self.assertEqual(message.state, "cancelled")

    def test_target_that_is_down_or_suspended(self):
        self.reroute_policy()
        self.go_down()
        message = self.enqueue(self.endpoint, "P1")
        self.other.sudo().write({"state": "suspended"})
        self.watch()
        self.assertEqual(message.state, "queued")
        self.assertIn("OTHER is not active", self.alerts("contingency_failed").summary)
        self.other.sudo().write({"state": "active"})
        self.watch()
        self.assertEqual(message.state, "cancelled")
        self.assertFalse(self.alerts("contingency_failed"))

    def test_what_is_being_sent_stays(self):
        message = self.enqueue(self.endpoint, "P1", record=self.record)
        self.claim(codes=["FIRST"])
        with self.assertRaisesRegex(UserError, "leased"):
            message._reroute(self.other, "urgent")
        follower = self.enqueue(self.endpoint, "P2", record=self.record)
        with self.assertRaisesRegex(UserError, "just being sent"):
            follower._reroute(self.other, "urgent")
        self.assertEqual((message.state, follower.state), ("leased", "queued"))

    def test_no_way_back(self):
        message = self.enqueue(self.endpoint, "P1")
        moved = message._reroute(self.other, "urgent")
        with self.assertRaisesRegex(UserError, "was at endpoint FIRST before"):
            moved._reroute(self.endpoint, "back")

    def test_dead_letters_move_too_and_lose_their_activity(self):
        self.reroute_policy()
        self.endpoint.max_attempts = 1
        dead = self.enqueue(self.endpoint, "P1", record=self.record)
        self.enqueue(self.endpoint, "P2")
        self.attempt()
        self.assertEqual(dead.state, "dead")
        self.assertTrue(dead.activity_ids)
        self.watch()
        self.assertEqual(dead.state, "cancelled")
        self.assertFalse(dead.activity_ids)

    def test_only_administrators_reroute(self):
        message = self.enqueue(self.endpoint, "P1")
        for role in ("clerk", "approver", "auditor"):
            with self.subTest(role), self.assertRaises(AccessError):
                message.with_user(self.new_user(role)).action_reroute()
        wizards = self.env["healthcare.exchange.reroute"].with_user(self.administrator)
        wizard = wizards.create(
            {"message_ids": [Command.set(message.ids)], "endpoint_id": self.other.id, "reason": "x"}
        )
        intruder = new_test_user(self.env, "intruder", groups="healthcare_base.group_clerk")
        with self.assertRaises(AccessError):
            wizard.with_user(intruder).action_send()
        self.assertEqual(message.state, "queued")

    def test_not_another_companys(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        there = self.make_endpoint("THERE", company_id=company.id, partner_id=self.partner.id)
        message = self.enqueue(there, "P1")
        wizards = self.env["healthcare.exchange.reroute"].with_user(self.administrator)
        values = {"message_ids": [Command.set(message.ids)], "endpoint_id": self.other.id, "reason": "x"}
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            wizards.create(values).action_send()
        # However it got there, sending checks again.
        wizard = wizards.sudo().create(values).with_user(self.administrator).sudo(False)
        with self.assertRaises(UserError):
            wizard.action_send()
        self.assertEqual(message.state, "queued")

    def test_many_move_in_few_queries(self):
        self.reroute_policy()
        self.go_down()
        for number in range(60):
            self.enqueue(self.endpoint, f"P{number}")
        start = self.env.cr.sql_log_count
        self.watch()
        used = self.env.cr.sql_log_count - start
        self.assertEqual(self.messages.search_count([("endpoint_id", "=", self.other.id)]), 62)
        self.assertLess(used, 62 * 6)


@tagged("post_install", "-at_install")
class TestAlerts(ContingencyCommon):
    def test_down_and_back(self):
        self.go_down()
        self.watch()
        alert = self.alerts("breaker_open")
        self.assertEqual(len(alert), 1)
        self.assertIn("Down Ltd does not answer at FIRST", alert.summary)
        self.assertEqual(alert.error_code, "connection_refused")
        self.assertIn("check the address", alert.error_hint)
        self.assertEqual(alert.activity_ids.user_id, alert.owner_id)
        self.assertEqual(alert.opened_at, self.endpoint.down_since)
        self.watch()
        self.assertEqual(self.alerts("breaker_open"), alert, "once")
        alert.sudo().opened_at -= timedelta(hours=1, minutes=5)
        self.endpoint.flow_ids.sudo()._close_by_hand()
        self.watch()
        self.assertEqual(alert.state, "closed")
        self.assertIn("1 h 5 min", str(alert.message_ids.mapped("body")))
        self.assertFalse(alert.activity_ids)

    def test_unacknowledged(self):
        self.endpoint.write({"expects_functional_ack": True, "acknowledge_by": 60})
        message = self.enqueue(self.endpoint, "P1")
        self.attempt("delivered")
        self.assertEqual(message.state, "sent")
        self.watch()
        self.assertFalse(self.alerts("acknowledgement_overdue"))
        message.sudo().sent_at -= timedelta(minutes=61)
        self.watch()
        alert = self.alerts("acknowledgement_overdue")
        self.assertIn("1 documents sent from FIRST", alert.summary)
        self.assertEqual(alert.message_id, message)
        with self.assertRaises(AccessError):
            message.with_user(self.new_user("approver")).action_confirm_received()
        message.with_user(self.new_user("clerk")).action_confirm_received("by phone")
        self.assertEqual(message.state, "acknowledged")
        self.assertTrue(self.audit(message, "confirm"))
        self.watch()
        self.assertEqual(alert.state, "closed")

    def test_without_functional_acknowledgement_sent_is_enough(self):
        message = self.enqueue(self.endpoint, "P1")
        self.attempt("delivered")
        message.sudo().sent_at -= timedelta(days=30)
        self.watch()
        self.assertFalse(self.alerts("acknowledgement_overdue"))

    def test_dead_letters_have_a_deadline_and_escalate(self):
        boss = self.new_user("approver")
        owner = self.new_user("clerk")
        self.endpoint.write(
            {"escalation_user_id": boss.id, "owner_id": owner.id, "dead_letter_hours": 2, "max_attempts": 1}
        )
        message = self.enqueue(self.endpoint, "P1")
        self.attempt(error_kind="data", error_code="render_failed")
        self.assertEqual((message.state, message.owner_id), ("dead", owner))
        self.assertAlmostEqual(
            message.deadline, fields.Datetime.now() + timedelta(hours=2), delta=timedelta(minutes=1)
        )
        self.assertEqual(message.activity_ids.date_deadline, message.deadline.date())
        self.assertIn("the field that is missing", message.activity_ids.note)
        self.watch()
        self.assertIn("1 dead letters and refused messages at FIRST", self.alerts("dead_letter").summary)
        self.assertFalse(self.alerts("dead_letter_overdue"))
        message.sudo().deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.assertTrue(message.overdue)
        self.assertIn(message, self.messages.search([("overdue", "=", True)]))
        self.watch()
        overdue = self.alerts("dead_letter_overdue")
        self.assertEqual(message.escalated_to_id, boss)
        self.assertEqual((overdue.owner_id, overdue.activity_ids.user_id), (boss, boss))
        self.assertIn("not dealt with in 2 hours", overdue.summary)
        self.assertEqual(len(self.audit(message, "escalate")), 1)
        self.watch()
        self.assertEqual(len(self.audit(message, "escalate")), 1, "once")
        message.with_user(self.administrator).action_cancel()
        self.assertFalse(message.deadline or message.escalated_to_id or message.activity_ids)
        self.watch()
        self.assertFalse(self.alerts("dead_letter") | self.alerts("dead_letter_overdue"))

    def test_alerts_escalate_once(self):
        boss = self.new_user("approver")
        self.endpoint.escalation_user_id = boss
        self.go_down()
        self.watch()
        alert = self.alerts("breaker_open")
        alert.sudo().deadline = fields.Datetime.now() - timedelta(minutes=1)
        self.watch()
        self.assertEqual(alert.escalated_to_id, boss)
        self.assertIn(boss, alert.activity_ids.user_id)
        activities = alert.activity_ids
        self.watch()
        self.assertEqual(alert.activity_ids, activities)

    def test_backlog(self):
        message = self.enqueue(self.endpoint, "P1")
        self.watch()
        self.assertFalse(self.alerts("backlog"))
        message.sudo().next_attempt_at -= timedelta(minutes=16)
        self.watch()
        alert = self.alerts("backlog")
        self.assertIn("1 documents at FIRST are due", alert.summary)
        self.endpoint.backlog_minutes = 0
        self.watch()
        self.assertEqual(alert.state, "closed")

    def test_silent_service(self):
        workers = self.env["healthcare.exchange.worker"].sudo()
        workers.search([]).unlink()
        worker = workers.create({"name": "w", "last_seen_at": fields.Datetime.now()})
        self.watch()
        self.assertFalse(self.alerts("service_silent"))
        worker.last_seen_at -= timedelta(minutes=11)
        self.watch()
        alert = self.alerts("service_silent")
        self.assertIn("Start it", alert.summary)
        self.assertTrue(alert.owner_id)
        self.env["ir.config_parameter"].set_param("healthcare_exchange.service_silent_minutes", "0")
        self.watch()
        self.assertEqual(alert.state, "closed")

    def test_raise_many_is_idempotent(self):
        model = self.env["healthcare.exchange.alert"]
        request = {"type": "credential_expiring", "endpoint": self.endpoint, "key": "k", "summary": "one"}
        [alert] = model._raise_many([request])
        self.assertEqual(model._raise_many([{**request, "summary": "two"}]), alert)
        self.assertEqual(alert.summary, "two")
        [second] = model._raise_many([{**request, "key": "l"}])
        self.assertNotEqual(second, alert)
        self.assertEqual(model._clear("credential_expiring", self.endpoint, ["k"]), alert)
        self.assertEqual((alert.state, second.state), ("closed", "open"))
        self.assertNotEqual(model._raise_many([request]), alert, "a closed one stays closed")

    def test_people_only_take_over(self):
        [alert] = self.env["healthcare.exchange.alert"]._raise_many(
            [{"type": "credential_expiring", "endpoint": self.endpoint, "summary": "one"}]
        )
        clerk = self.new_user("clerk")
        for user in (clerk, self.administrator):
            with self.assertRaises(AccessError):
                alert.with_user(user).write({"state": "closed"})
            with self.assertRaises(AccessError):
                alert.with_user(user).create({"type": "backlog", "summary": "x"})
        with self.assertRaises(UserError):
            alert.sudo().unlink()
        with self.assertRaisesRegex(UserError, "closes by itself"):
            alert.with_user(clerk).action_settle()
        alert.with_user(clerk).action_take_over()
        self.assertEqual((alert.owner_id, alert.activity_ids.user_id), (clerk, clerk))

    def test_people_open_the_views(self):
        self.go_down()
        self.watch()
        alert = self.alerts("breaker_open")
        message = self.enqueue(self.endpoint, "P1")
        for role in ("clerk", "approver", "accounts_payable", "auditor"):
            user = self.new_user(role)
            with self.subTest(role):
                self.assertEqual(Form(alert.with_user(user)).summary, alert.summary)
                self.assertEqual(alert.with_user(user).action_view_messages()["res_model"], message._name)
                Form(message.with_user(user))
        form = Form(self.endpoint.with_user(self.administrator))
        self.assertEqual((form.open_alert_count, form.alert_minutes), (1, 60))
        views = alert.with_user(self.administrator).get_views([(False, "list"), (False, "search")])
        self.assertIn("action_take_over", views["views"]["list"]["arch"])

    def test_alerts_of_other_companies(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        there = self.make_endpoint("THERE", company_id=company.id)
        model = self.env["healthcare.exchange.alert"]
        theirs = model._raise_many([{"type": "backlog", "endpoint": there, "summary": "theirs"}])
        everyones = model._raise_many([{"type": "service_silent", "endpoint": False, "summary": "all"}])
        clerk = self.new_user("clerk")
        found = model.with_user(clerk).search([])
        self.assertIn(everyones, found)
        self.assertNotIn(theirs, found)
        with self.assertRaises(AccessError):
            theirs.with_user(clerk).action_take_over()

    def test_watching_much_costs_few_queries(self):
        for number in range(40):
            self.enqueue(self.endpoint, f"P{number}").sudo().next_attempt_at -= timedelta(hours=1)
        self.env.flush_all()
        self.watch()
        start = self.env.cr.sql_log_count
        self.watch()
        self.assertLess(self.env.cr.sql_log_count - start, 60)


@tagged("post_install", "-at_install")
class TestRetention(ContingencyCommon):
    def archive(self):
        self.env.ref("healthcare_exchange.cron_archive").method_direct_trigger()
        self.env.invalidate_all()

    def age(self, messages, days=40):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET write_date = write_date - make_interval(days => %s)"
            " WHERE id = ANY(%s)",
            [days, messages.ids],
        )
        self.env.invalidate_all()

    def test_contents_go_checksums_stay(self):
        row = self.endpoint._document("purchase_order", "outbound")
        message = self.enqueue(self.endpoint, "P1")
        waiting = self.enqueue(self.endpoint, "P2")
        token, [claimed] = self.claim(limit=1, codes=["FIRST"])
        content = b"the bytes"
        item = {"payload": base64.b64encode(content).decode(), "payload_sha256": sha256(content)}
        self.service().stage(token, [{"uuid": claimed["uuid"], **item}])
        self.service().report(
            token, [{"uuid": claimed["uuid"], "outcome": "delivered", "acknowledged": True}]
        )
        self.age(message | waiting)
        self.archive()
        self.assertTrue(message.document, "for ever by default")
        row.keep_payload_days = 50
        self.archive()
        self.assertTrue(message.document, "not yet")
        row.keep_payload_days = 30
        self.archive()
        self.assertFalse(message.document or message.payload)
        self.assertEqual(message.payload_sha256, sha256(content))
        self.assertEqual(len(message.document_sha256), 64)
        self.assertEqual((message.number, message.state, len(message.attempt_ids)), ("P1", "acknowledged", 1))
        self.assertTrue(waiting.document, "it is not finished")
        [entry] = self.audit(message, "archive")
        self.assertEqual(json.loads(entry.changes)["payload"], [f"sha256:{sha256(content)}", None])
        self.assertFalse(message._replay())
        with self.assertRaisesRegex(UserError, "document_sha256"):
            message.sudo().write({"document_sha256": "forged"})
        with self.assertRaisesRegex(UserError, "archived_at"):
            message.sudo().write({"archived_at": False})

    def test_what_an_alert_or_an_unfinished_document_needs_stays(self):
        row = self.endpoint._document("purchase_order", "outbound")
        row.keep_payload_days = 30
        alerted = self.enqueue(self.endpoint, "P1")
        followed = self.enqueue(self.endpoint, "P2", record=self.record)
        self.attempt("delivered", acknowledged=True)
        self.enqueue(self.endpoint, "P3", record=self.record)
        self.env["healthcare.exchange.alert"]._raise_many(
            [{"type": "backlog", "endpoint": self.endpoint, "message": alerted, "summary": "x", "key": "t"}]
        )
        self.age(alerted | followed)
        self.archive()
        self.assertTrue(alerted.document and followed.document)

    def test_unacknowledged_stays(self):
        self.endpoint.expects_functional_ack = True
        self.endpoint._document("purchase_order", "outbound").keep_payload_days = 30
        message = self.enqueue(self.endpoint, "P1")
        self.attempt("delivered")
        self.age(message)
        self.archive()
        self.assertEqual(message.state, "sent")
        self.assertTrue(message.document)


@tagged("post_install", "-at_install")
class TestWatchPlan(ContingencyCommon):
    """What the watch asks each minute is served by partial indexes, however much lies there."""

    def plans(self):
        """Return the plans of all queries of the watch, with sequential scans switched off so
        that small tables show what large ones do."""
        queries = []
        cursor = type(self.env.cr)
        execute = cursor.execute

        def spy(cr, query, *args, **kwargs):
            text = query.code if hasattr(query, "code") else query
            if "healthcare_exchange_message m" in text:
                queries.append(query)
            return execute(cr, query, *args, **kwargs)

        with patch.object(cursor, "execute", spy):
            self.env["healthcare.exchange.alert"]._findings()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plans = []
        for query in queries:
            self.env.cr.execute(SQL("EXPLAIN %s", query))
            plans.append("\n".join(line for (line,) in self.env.cr.fetchall()))
        return plans

    def test_no_query_reads_all_messages(self):
        for number in range(20):
            self.enqueue(self.endpoint, f"P{number}")
        self.go_down()
        plans = self.plans()
        self.assertGreaterEqual(len(plans), 5)
        for plan in plans:
            self.assertNotIn("Seq Scan on healthcare_exchange_message", plan)
