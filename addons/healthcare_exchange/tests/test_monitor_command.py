from unittest.mock import patch

from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models import exchange_pulse
from .common import canonical, envelope
from .monitor_common import MonitorBuilders


class _Common(MonitorBuilders, HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("BULK")

    def monitor(self, role="administrator"):
        return self.env["healthcare.exchange.monitor"].with_user(self.users[role])


@tagged("post_install", "-at_install")
class TestMonitorCommand(_Common):
    """Retry, replay and cancel, one or many, and who may."""

    def dead(self, number):
        message = self.enqueue(self.endpoint, number)
        message.sudo().write({"state": "dead", "error_code": "timeout", "attempt_count": 10})
        return message

    def run_command(self, command, *messages, **options):
        return self.monitor().run_command(command, {"uuids": [m.uuid for m in messages]}, **options)

    def reasons(self, result):
        return {each["reason"]: each["number"] for each in result["left"]}

    def test_roles(self):
        message = self.dead("P1")
        for role in ROLES:
            if role == "administrator":
                continue
            with self.subTest(role):
                for command in ("retry", "replay", "cancel"):
                    with self.assertRaises(AccessError):
                        self.monitor(role).run_command(command, {"uuids": [message.uuid]})
                with self.assertRaises(AccessError):
                    self.monitor(role).action_reroute([message.uuid])
        self.assertEqual(message.state, "dead")

    def test_replay(self):
        message = self.dead("P1")
        result = self.run_command("replay", message)
        self.assertEqual((result["seen"], result["done"], result["left"]), (1, 1, []))
        self.assertEqual((message.state, message.attempt_count), ("queued", 0))
        [entry] = self.audit_entries(message, "replay")
        self.assertEqual(entry.user_id, self.users["administrator"].id)

    def test_what_cannot_be_done_is_left_alone_with_its_reason(self):
        dead, queued, cancelled = self.dead("P1"), self.enqueue(self.endpoint, "P2"), self.dead("P3")
        cancelled.sudo().write({"state": "cancelled"})
        [answer] = self.service().ingest("BULK", [envelope(None, b"?")])
        unreadable = self.message(answer["message_uuid"])
        result = self.run_command("replay", dead, queued, cancelled, unreadable)
        self.assertEqual((result["seen"], result["done"]), (4, 1))
        self.assertEqual(self.reasons(result), {"on_its_way": 1, "cancelled": 1, "unreadable": 1})
        self.assertEqual(queued.state, "queued")
        result = self.run_command("cancel", dead, cancelled, unreadable)
        self.assertEqual(result["done"], 2)
        self.assertEqual(self.reasons(result), {"cancelled": 1})

    def test_unknown_messages_are_counted(self):
        elsewhere = self.make_endpoint("ELSE", company_id=self.make_company("Else").id)
        hidden = self.enqueue(elsewhere, "H")
        hidden.sudo().write({"state": "dead"})
        result = self.run_command("replay", hidden)
        self.assertEqual((result["done"], self.reasons(result)), (0, {"unknown": 1}))
        self.assertEqual(hidden.state, "dead")
        result = self.monitor().run_command("cancel", {"filters": {}, "until": hidden.id})
        self.assertEqual(hidden.state, "dead")

    def test_retry_makes_it_due_and_goes_on_counting(self):
        self.enqueue(self.endpoint, "P1")
        token, [row] = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "not_sent", "error_code": "timeout"}])
        message = self.message(row["uuid"])
        message.sudo().write({"next_attempt_at": "2099-01-01 00:00:00"})
        self.assertEqual(self.claim()[1], [])
        attempts = message.attempt_count
        self.assertEqual(self.run_command("retry", message)["done"], 1)
        self.assertEqual((message.state, message.attempt_count), ("retry", attempts))
        self.assertEqual([again["uuid"] for again in self.claim()[1]], [message.uuid])
        self.assertEqual(len(self.audit_entries(message, "retry")), 1)
        result = self.run_command("retry", message)
        self.assertEqual((result["done"], self.reasons(result)), (0, {"not_waiting": 1}))

    def test_all_that_match_in_slices(self):
        messages = [self.dead(f"P{number}") for number in range(7)]
        other = self.enqueue(self.make_endpoint("OTHER"), "O1")
        other.sudo().write({"state": "dead"})
        selection = {"filters": {"endpoint": "BULK", "state": "dead"}, "until": messages[-1].id}
        later = self.dead("LATER")
        done, calls, cursor = 0, 0, None
        while cursor is not False:
            result = self.monitor().run_command("replay", selection, cursor, 3)
            done, calls, cursor = done + result["done"], calls + 1, result["next_cursor"]
        self.assertEqual((done, calls), (7, 3))
        self.assertEqual({message.state for message in messages}, {"queued"})
        self.assertEqual((later.state, other.state), ("dead", "dead"), "later, or not matching: not meant")

    def test_queries_do_not_grow_with_messages(self):
        def queries(number):
            uuids = [self.dead(f"Q{number}-{each}").uuid for each in range(number)]
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(self.monitor().run_command("replay", {"uuids": uuids})["done"], number)
            self.env.flush_all()
            return self.env.cr.sql_log_count - start

        queries(2)
        self.assertLess(queries(60), queries(2) + 20)

    def test_hostile_arguments(self):
        message = self.dead("P1")
        monitor = self.monitor()
        for command, selection, cursor, limit in (
            ("unlink", {"uuids": [message.uuid]}, None, 100),
            ("_replay", {"uuids": [message.uuid]}, None, 100),
            ("cancel", {}, None, 100),
            ("cancel", None, None, 100),
            ("cancel", [message.uuid], None, 100),
            ("cancel", {"filters": {}}, None, 100),
            ("cancel", {"filters": {}, "until": True}, None, 100),
            ("cancel", {"filters": {"company_id": 1}, "until": message.id}, None, 100),
            ("cancel", {"uuids": [message.uuid], "filters": {}}, None, 100),
            ("cancel", {"uuids": [message.id]}, None, 100),
            ("cancel", {"uuids": ["x"] * 300}, None, 200),
            ("cancel", {"uuids": [message.uuid]}, "0", 100),
            ("cancel", {"uuids": [message.uuid]}, None, 100_000),
        ):
            with self.subTest((command, selection)), self.assertRaises(UserError):
                monitor.run_command(command, selection, cursor, limit)
        self.assertEqual(message.state, "dead")

    def test_context_is_no_right(self):
        message = self.dead("P1")
        clerk = self.monitor("clerk").with_context(su=True, allowed_company_ids=self.company.ids)
        with self.assertRaises(AccessError):
            clerk.run_command("cancel", {"uuids": [message.uuid]})


@tagged("post_install", "-at_install")
class TestMonitorPulse(_Common):
    """Open monitors are told that something happened: seldom, and nobody else is."""

    def setUp(self):
        super().setUp()
        exchange_pulse._asked.clear()
        self.addCleanup(exchange_pulse._asked.clear)
        self.told = []
        bus = type(self.env["bus.bus"])
        original = bus._sendone

        def sendone(model, target, kind, payload):
            if kind == exchange_pulse.PULSE:
                self.told.append((target, payload))
            return original(model, target, kind, payload)

        self.patch(bus, "_sendone", sendone)

    def second_later(self):
        """A second passes: for this process, and for the database."""
        exchange_pulse._asked.clear()
        self.env.cr.execute("UPDATE healthcare_exchange_pulse SET beat_at = beat_at - interval '1 second'")

    def test_it_goes_to_the_groups_and_says_nothing(self):
        self.assertTrue(self.env["healthcare.exchange.pulse"]._beat())
        groups = self.env["healthcare.exchange.monitor"]._reader_groups()
        self.assertEqual({target for target, _payload in self.told}, set(groups))
        self.assertEqual([payload for _target, payload in self.told], [{}] * len(groups))

    def test_once_a_second_in_the_process_and_in_the_database(self):
        pulse = self.env["healthcare.exchange.pulse"]
        self.assertTrue(pulse._beat())
        with patch.object(type(pulse), "_take_turn", side_effect=AssertionError("asked the database")):
            self.assertFalse(pulse._beat(), "the process knows")
        exchange_pulse._asked.clear()
        self.assertFalse(pulse._beat(), "another process: the database knows")
        self.second_later()
        self.assertTrue(pulse._beat())

    def test_reports_ingest_and_processing_tell(self):
        self.enqueue(self.endpoint, "P1")
        token, [row] = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"}])
        self.assertTrue(self.told)
        self.told.clear()
        self.second_later()
        [answer] = self.service().ingest("BULK", [canonical("invoice", "I1")])
        self.assertTrue(self.told)
        self.told.clear()
        self.second_later()
        self.service().process([answer["message_uuid"]])
        self.assertTrue(self.told)

    def test_only_readers_are_subscribed(self):
        groups = self.env["healthcare.exchange.monitor"]._reader_groups()
        for role, user in self.users.items():
            hears = bool(user.all_group_ids & groups)
            self.assertEqual(
                hears, role in ("clerk", "approver", "accounts_payable", "auditor", "administrator"), role
            )
