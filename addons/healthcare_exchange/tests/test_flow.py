from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import BaseCase, new_test_user, tagged

from ..tools import errors, partner_health
from .common import ExchangeBuilders, ExchangeCommon

DOWN = {"outcome": "not_sent", "error_code": "connection_refused", "error_kind": "transient"}


class FlowCommon(ExchangeCommon):
    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("FLOW", drain_per_minute=0)
        self.flow = self.endpoint.flow_ids

    def later(self, seconds, endpoint=None):
        """Let the flow's times, and those of messages that wait, lie that much further back."""
        endpoint = endpoint or self.endpoint
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE healthcare_exchange_flow
               SET open_until = open_until - make_interval(secs => %(s)s),
                   tokens_at = tokens_at - make_interval(secs => %(s)s),
                   paused_until = paused_until - make_interval(secs => %(s)s),
                   drain_until = drain_until - make_interval(secs => %(s)s)
             WHERE endpoint_id = %(id)s
            """,
            {"s": seconds, "id": endpoint.id},
        )
        self.env.cr.execute(
            """
            UPDATE healthcare_exchange_message
               SET next_attempt_at = next_attempt_at - make_interval(secs => %(s)s),
                   document_time = document_time - make_interval(secs => %(s)s),
                   leased_until = leased_until - make_interval(secs => %(s)s)
             WHERE endpoint_id = %(id)s AND state IN ('queued', 'retry', 'leased')
            """,
            {"s": seconds, "id": endpoint.id},
        )
        self.env.invalidate_all()

    def report(self, token, rows, **result):
        result = {"outcome": "delivered", **result}
        return self.service().report(token, [{"uuid": row["uuid"], **result} for row in rows])

    def let_fail(self, count, **result):
        """Let one message after the other fail; by default the partner is not there."""
        for _n in range(count):
            self.later(3600)
            token, rows = self.claim(limit=1, codes=[self.endpoint.code])
            self.assertEqual(len(rows), 1)
            self.report(token, rows, **{**DOWN, **result})

    def numbers(self, **values):
        return [row["number"] for row in self.claim(**values)[1]]


@tagged("post_install", "-at_install")
class TestBreaker(FlowCommon):
    def test_opens_after_failures_in_a_row_and_holds_everything(self):
        for n in range(8):
            self.enqueue(self.endpoint, f"P{n}")
        self.enqueue(self.make_endpoint("OTHER"), "B0")
        self.let_fail(4)
        self.assertEqual(self.flow.breaker, "closed")
        self.let_fail(1)
        self.assertEqual((self.flow.breaker, self.flow.opened_count), ("open", 1))
        wait = (self.flow.open_until - self.flow.breaker_since).total_seconds()
        self.assertEqual(wait, 60)
        self.assertEqual(self.numbers(), ["B0"], "others are not affected")

    def test_what_counts_as_down(self):
        """Refusals and own trouble do not open it, and an answer begins the count anew."""
        for n in range(30):
            self.enqueue(self.endpoint, f"P{n}")
        self.endpoint.breaker_failures = 3
        for result in (
            {"error_kind": "rejected", "error_code": "refused"},
            {"error_kind": "data", "error_code": "render_failed"},
            {"error_kind": "bug", "error_code": "internal"},
            {"error_code": "stopped"},
        ):
            self.let_fail(3, **result)
            self.assertEqual(self.flow.breaker, "closed", result)
        self.let_fail(2)
        self.let_fail(1, error_kind="rejected", retryable=False)
        self.let_fail(2)
        self.assertEqual(self.flow.breaker, "closed", "the partner answered in between")
        self.let_fail(2, error_kind="data", error_code="render_failed")
        self.let_fail(1, outcome="unknown", error_kind="auth")
        self.assertEqual(self.flow.breaker, "open", "data says nothing, unknown counts")

    def test_expired_leases_do_not_open_it(self):
        self.endpoint.breaker_failures = 1
        self.enqueue(self.endpoint)
        for _n in range(3):
            self.assertEqual(len(self.claim()[1]), 1)
            self.later(3600)
        self.assertEqual(self.flow.breaker, "closed")

    def test_off(self):
        self.endpoint.breaker_failures = 0
        self.enqueue(self.endpoint)
        self.let_fail(8)
        self.assertEqual(self.flow.breaker, "closed")

    def open(self, count=8):
        for n in range(count):
            self.enqueue(self.endpoint, f"P{n}")
        self.endpoint.breaker_failures = 3
        self.let_fail(3)
        self.assertEqual(self.flow.breaker, "open")

    def test_one_probe_whose_success_closes(self):
        self.open()
        self.later(61)
        token, [row] = self.claim()
        self.assertEqual(self.flow.breaker, "half_open")
        self.assertEqual(self.flow.probe_id.uuid, row["uuid"])
        self.assertEqual(self.claim()[1], [], "one at a time")
        self.assertEqual([r["uuid"] for r in self.claim(token=token)[1]], [row["uuid"]])
        self.report(token, [row])
        self.assertEqual((self.flow.breaker, self.flow.opened_count), ("closed", 0))
        self.assertEqual(len(self.claim(limit=20)[1]), 7, "what failed is due at once, too")

    def test_refused_probe_closes(self):
        self.open()
        self.later(61)
        token, rows = self.claim()
        self.report(token, rows, outcome="not_sent", error_kind="rejected", retryable=False)
        self.assertEqual(self.flow.breaker, "closed", "the partner is there")

    def test_failed_probe_waits_twice_as_long_up_to_the_longest(self):
        self.open()
        self.endpoint.breaker_max_seconds = 200
        for wait in (120, 200, 200):
            self.later(500)
            token, rows = self.claim()
            self.report(token, rows, **DOWN)
            self.assertEqual(self.flow.breaker, "open")
            self.assertEqual((self.flow.open_until - self.flow.breaker_since).total_seconds(), wait)

    def test_probe_that_says_nothing_is_followed_by_another(self):
        self.open()
        self.later(61)
        token, [row] = self.claim()
        self.report(token, [row], outcome="not_sent", error_kind="data", retryable=False)
        self.assertEqual(self.flow.breaker, "half_open")
        [other] = self.claim()[1]
        self.assertNotEqual(other["uuid"], row["uuid"])

    def test_probe_whose_worker_died_is_followed_by_another(self):
        self.open(count=1)
        self.later(61)
        token, [row] = self.claim(seconds=10)
        self.assertEqual(self.claim()[1], [])
        self.later(11)
        [again] = self.claim()[1]
        self.assertEqual(self.flow.breaker, "half_open")
        self.assertEqual(self.flow.probe_id.uuid, again["uuid"])
        self.assertEqual(again["uuid"], row["uuid"])
        # The late report of the first is fenced and moves nothing.
        self.report(token, [row])
        self.assertEqual(self.flow.breaker, "half_open")

    def test_probe_is_what_waited_longest_whatever_its_priority(self):
        """An urgent message that always fails is not the only one that is tried."""
        self.enqueue(self.endpoint, "POISON", priority=0)
        self.enqueue(self.endpoint, "GOOD")
        self.endpoint.breaker_failures = 2
        self.let_fail(2)
        self.assertEqual(self.flow.breaker, "open")
        self.later(61)
        self.assertEqual(self.numbers(), ["GOOD"])

    def test_late_failure_of_another_does_not_reopen(self):
        for n in range(6):
            self.enqueue(self.endpoint, f"P{n}")
        token, rows = self.claim(limit=4, seconds=600)
        self.endpoint.breaker_failures = 2
        self.report(token, rows[:2], **DOWN)
        self.later(61)
        _probe, [probe] = self.claim(limit=4)
        since = self.flow.breaker_since
        self.report(token, rows[2:3], **DOWN)
        self.assertEqual((self.flow.breaker, self.flow.breaker_since), ("half_open", since))
        self.assertNotIn(probe["uuid"], [row["uuid"] for row in rows])
        self.report(token, rows[3:])
        self.assertEqual(self.flow.breaker, "closed", "any success closes it")

    def test_attempts_do_not_burn_while_it_is_not_closed(self):
        self.endpoint.write({"max_attempts": 4, "breaker_failures": 3})
        message = self.enqueue(self.endpoint)
        self.let_fail(10)
        self.assertEqual(message.state, "retry")
        self.assertEqual((message.attempt_count, message.spared_count), (10, 7))
        self.later(3600)
        token, rows = self.claim()
        # Not the partner's fault: that counts.
        self.report(token, rows, outcome="not_sent", error_kind="bug", error_code="internal")
        self.assertEqual(message.state, "dead")
        message.with_user(self.env.ref("base.user_admin")).sudo().action_replay()
        self.assertEqual((message.attempt_count, message.spared_count), (0, 0))

    def test_closed_by_hand(self):
        self.open()
        admin = new_test_user(self.env, "flow_admin", groups="healthcare_base.group_administrator")
        self.endpoint.with_user(admin).action_close_breaker()
        self.assertEqual(self.flow.breaker, "closed")
        entry = self.env["healthcare.audit.entry"].search(
            [("model", "=", self.endpoint._name), ("action", "=", "close_breaker")]
        )
        self.assertEqual((entry.res_id, entry.user_id), (self.endpoint.id, admin.id))
        self.let_fail(2)
        self.assertEqual(self.flow.breaker, "closed", "earlier failures do not count")
        self.let_fail(1)
        self.assertEqual(self.flow.breaker, "open")

    def test_only_administrators_decide(self):
        for role in ("clerk", "approver", "auditor", "service"):
            user = new_test_user(self.env, f"flow_{role}", groups=f"healthcare_base.group_{role}")
            endpoint = self.endpoint.with_user(user)
            for action in (endpoint.action_close_breaker, endpoint.action_pause):
                with self.subTest(role), self.assertRaises(AccessError):
                    action()
            with self.assertRaises(AccessError):
                self.flow.with_user(user).write({"breaker": "closed"})
        admin = new_test_user(self.env, "flow_admin", groups="healthcare_base.group_administrator")
        for values in ({"breaker": "open"}, {"paused_until": False}):
            with self.assertRaises(AccessError):
                self.flow.with_user(admin).with_context(su=True).write(values)
        with self.assertRaises(AccessError):
            self.flow.with_user(admin).unlink()

    def test_watch_is_triggered(self):
        watch = self.env.ref("healthcare_exchange.cron_watch", raise_if_not_found=False)
        if not watch:
            watch = self.env.ref("healthcare_exchange.cron_process").copy()
            self.env["ir.model.data"].create(
                {
                    "module": "healthcare_exchange",
                    "name": "cron_watch",
                    "model": "ir.cron",
                    "res_id": watch.id,
                }
            )
        triggers = self.env["ir.cron.trigger"]

        def count():
            return triggers.search_count([("cron_id", "=", watch.id)])

        before = count()
        self.open()
        self.assertGreater(count(), before)


@tagged("post_install", "-at_install")
class TestRate(FlowCommon):
    def test_no_more_than_the_rate_for_all_workers(self):
        self.endpoint.write({"rate_per_minute": 60, "rate_burst": 5})
        for n in range(20):
            self.enqueue(self.endpoint, f"P{n}")
        self.enqueue(self.make_endpoint("OTHER"), "B0")
        token, rows = self.claim(limit=3, codes=["FLOW"])
        self.assertEqual(len(rows), 3)
        self.assertEqual(len(self.claim(token=token)[1]), 3, "the same again costs nothing")
        self.assertEqual(self.numbers(), ["P3", "P4", "B0"])
        self.assertEqual(self.numbers(), [])
        self.later(2)
        self.assertEqual(self.numbers(), ["P5", "P6"])
        self.later(3600)
        # Not more than the bucket holds; and expired leases cost anew.
        self.assertEqual(len(self.numbers(limit=20)), 5)

    def test_urgent_ones_get_the_tokens(self):
        self.endpoint.write({"rate_per_minute": 1, "rate_burst": 1})
        for n in range(5):
            self.enqueue(self.endpoint, f"P{n}")
        self.enqueue(self.endpoint, "URGENT", priority=0)
        self.assertEqual(self.numbers(), ["URGENT"])

    def test_limited_endpoint_leaves_its_places_to_others(self):
        self.endpoint.write({"rate_per_minute": 6, "rate_burst": 1})
        other = self.make_endpoint("OTHER")
        for n in range(6):
            self.enqueue(self.endpoint, f"A{n}")
            self.enqueue(other, f"B{n}")
        self.assertEqual(self.numbers(limit=5), ["A0", "B0", "B1", "B2", "B3"])

    def test_clock_that_is_put_back(self):
        self.endpoint.write({"rate_per_minute": 1, "rate_burst": 1})
        for n in range(3):
            self.enqueue(self.endpoint, f"P{n}")
        self.assertEqual(self.numbers(), ["P0"])
        self.assertEqual(self.numbers(), [])
        self.env.cr.execute(
            "UPDATE healthcare_exchange_flow SET tokens_at = tokens_at + interval '1 day' WHERE id = %s",
            [self.flow.id],
        )
        self.assertEqual(self.numbers(), ["P1"])
        self.assertEqual(self.numbers(), [], "and then as ever")

    def test_default_burst_is_ten_seconds_worth(self):
        self.endpoint.rate_per_minute = 60
        for n in range(20):
            self.enqueue(self.endpoint, f"P{n}")
        self.assertEqual(len(self.numbers(limit=20)), 10)

    def test_unlimited_endpoints_are_not_written(self):
        def version():
            self.env.cr.execute(
                "SELECT xmin::text, xmax::text FROM healthcare_exchange_flow WHERE id = %s",
                [self.flow.id],
            )
            return self.env.cr.fetchone()

        self.env.flush_all()
        before = version()
        self.enqueue(self.endpoint)
        token, rows = self.claim()
        self.report(token, rows)
        self.assertEqual(version(), before)

    def test_drained_in_sequence_at_the_drain_rate(self):
        self.endpoint.write({"drain_per_minute": 60, "breaker_failures": 1})
        for n in range(30):
            self.enqueue(self.endpoint, f"P{n:02}")
        self.let_fail(1)
        self.later(61)
        token, rows = self.claim(limit=20)
        self.assertEqual([row["number"] for row in rows], ["P01"], "P00 was tried last")
        self.report(token, rows)
        self.assertAlmostEqual((self.flow.drain_until - self.flow.breaker_since).total_seconds(), 29, delta=1)
        self.assertEqual(self.numbers(limit=20), ["P00"], "in its place, not at its back-off's end")
        self.later(4)
        self.assertEqual(self.numbers(limit=20), ["P02", "P03", "P04", "P05"])
        self.enqueue(self.endpoint, "URGENT", priority=0)
        self.later(1)
        self.assertEqual(self.numbers(limit=20), ["URGENT"])
        self.later(3600)
        # Those of the leases that have run out as well.
        self.assertEqual(len(self.numbers(limit=100)), 30)

    def test_retry_after_of_one_message_pauses_the_endpoint(self):
        for n in range(3):
            self.enqueue(self.endpoint, f"P{n}")
        self.endpoint.max_attempts = 1
        token, rows = self.claim(limit=1)
        limited = {"error_code": "rate_limited", "error_kind": "rate_limited", "http_status": 429}
        [answer] = self.report(token, rows, outcome="not_sent", retry_after_seconds=600, **limited)
        self.assertEqual(answer["state"], "retry", "to be told to wait is no failure")
        self.assertEqual(self.flow.breaker, "closed")
        self.assertTrue(self.endpoint.is_paused)
        self.later(590)
        self.assertEqual(self.numbers(), [])
        self.later(600)
        self.assertEqual(len(self.numbers()), 3)
        # Without a time: at least a moment.
        token, rows = self.claim(limit=1)
        self.enqueue(self.endpoint, "P9")
        token, rows = self.claim(limit=1)
        self.report(token, rows, outcome="not_sent", **limited)
        self.enqueue(self.endpoint, "P10")
        self.assertEqual(self.numbers(), [])
        self.later(self.endpoint.retry_base_seconds + 1)
        self.assertTrue(self.numbers())

    def test_retry_after_is_bounded(self):
        self.enqueue(self.endpoint)
        token, rows = self.claim()
        self.report(
            token,
            rows,
            outcome="not_sent",
            error_kind="transient",
            http_status=503,
            retry_after_seconds=10**9,
        )
        self.env.cr.execute("SELECT timezone('UTC', now()) + interval '25 hours'")
        [latest] = self.env.cr.fetchone()
        self.assertLess(self.flow.paused_until, latest)

    def test_pause_and_resume(self):
        admin = new_test_user(self.env, "flow_admin", groups="healthcare_base.group_administrator")
        self.enqueue(self.endpoint, "P0", priority=0)
        endpoint = self.endpoint.with_user(admin)
        for minutes in (0, -1, 10081, "60", 1.5, None):
            with self.assertRaises(ValidationError):
                endpoint.action_pause(minutes)
        endpoint.action_pause()
        self.assertEqual(self.numbers(), [])
        self.later(3500)
        self.assertEqual(self.numbers(), [])
        endpoint.action_close_breaker()
        self.assertEqual(self.numbers(), ["P0"])
        entries = self.env["healthcare.audit.entry"].search(
            [("model", "=", self.endpoint._name), ("action", "in", ("pause", "close_breaker"))]
        )
        self.assertEqual(len(entries), 2)


@tagged("post_install", "-at_install")
class TestWindowsAtClaim(FlowCommon):
    def window(self, kind, open_now, endpoint=None):
        """Make a window whose dates are around, or before, today."""
        year = 2000 if not open_now else 2100
        return self.env["healthcare.exchange.window"].create(
            {
                "endpoint_id": (endpoint or self.endpoint).id,
                "kind": kind,
                "date_from": "2000-01-01",
                "date_to": f"{year}-01-02",
                "hour_from": 0,
                "hour_to": 24,
            }
        )

    def batch(self, document_type="purchase_order"):
        self.endpoint.document_ids.filtered(lambda row: row.document_type == document_type).timing = "batch"

    def test_maintenance_holds_everything_and_burns_no_attempts(self):
        window = self.window("maintenance", True)
        urgent = self.enqueue(self.endpoint, "P0", priority=0)
        self.assertEqual(self.numbers(), [])
        self.assertEqual((urgent.state, urgent.attempt_count), ("queued", 0))
        window.active = False
        self.assertEqual(self.numbers(), ["P0"])

    def test_maintenance_that_is_over_holds_nothing(self):
        self.window("maintenance", False)
        self.enqueue(self.endpoint, "P0")
        self.assertEqual(self.numbers(), ["P0"])

    def test_batch_documents_leave_in_their_window(self):
        self.batch()
        window = self.window("batch", False)
        self.enqueue(self.endpoint, "BATCH")
        self.enqueue(self.endpoint, "BULK", priority=2)
        self.enqueue(self.endpoint, "URGENT", priority=0)
        change = {"document_type": "order_change", "schema_version": "1.0", "number": "NOW"}
        self.enqueue(self.endpoint, document=change)
        self.assertEqual(self.numbers(), ["URGENT", "NOW"])
        window.date_to = "2100-01-01"
        self.assertEqual(self.numbers(), ["BATCH", "BULK"])

    def test_without_a_batch_window_batches_leave_at_any_time(self):
        self.batch()
        self.enqueue(self.endpoint, "BATCH")
        self.assertTrue(self.env["healthcare.exchange.message"].search([("number", "=", "BATCH")]).batch)
        self.assertEqual(self.numbers(), ["BATCH"])

    def test_batches_without_a_window_are_no_configuration_to_activate(self):
        def problems():
            return [text for text in self.endpoint._activation_problems() if "batch window" in text]

        self.assertFalse(problems())
        self.batch()
        self.assertIn("Purchase order", problems()[0])
        self.window("batch", False)
        self.assertFalse(problems())

    def test_windows_of_one_endpoint_do_not_concern_another(self):
        other = self.make_endpoint("OTHER")
        self.window("maintenance", True)
        self.enqueue(self.endpoint, "A0")
        self.enqueue(other, "B0")
        self.assertEqual(self.numbers(), ["B0"])

    def test_windows_are_checked(self):
        windows = self.env["healthcare.exchange.window"]
        good = {"endpoint_id": self.endpoint.id, "kind": "batch"}
        for bad in (
            {},
            {"monday": True, "date_from": "2026-01-01", "date_to": "2026-01-02"},
            {"date_from": "2026-01-01"},
            {"date_to": "2026-01-01"},
            {"date_from": "2026-01-02", "date_to": "2026-01-01"},
            {"date_from": "2026-01-01", "date_to": "2026-01-01", "hour_from": 9, "hour_to": 9},
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                windows.create({**good, **bad})
        window = windows.create({**good, "monday": True, "hour_from": 22.5, "hour_to": 4})
        self.assertEqual(window.display_name, "Batch: Mon 22:30–4:00")

    def test_copied_endpoint_has_a_flow_of_its_own(self):
        self.endpoint.write({"window_ids": [Command.create({"kind": "batch", "sunday": True, "hour_to": 4})]})
        copy = self.endpoint.copy({"code": "COPY"})
        self.assertEqual(len(copy.window_ids), 1)
        self.assertEqual(len(copy.flow_ids), 1)
        self.assertNotEqual(copy.flow_ids, self.flow)


@tagged("post_install", "-at_install")
class TestWaitsFor(FlowCommon):
    def test_each_reason_is_said(self):
        clerk = new_test_user(self.env, "flow_clerk", groups="healthcare_base.group_clerk")
        first = self.enqueue(self.endpoint, "P1", ordering_key="order,1").with_user(clerk)
        change = self.enqueue(self.endpoint, "P1-change", ordering_key="order,1").with_user(clerk)

        def check(text, message=first):
            self.env.invalidate_all()
            self.assertIn(text, message.waits_for)

        check("its turn")
        check("P1", change)
        windows = self.env["healthcare.exchange.window"]
        window = windows.create(
            {
                "endpoint_id": self.endpoint.id,
                "kind": "maintenance",
                "date_from": "2000-01-01",
                "date_to": "2100-01-01",
            }
        )
        check("maintenance window")
        window.unlink()
        for values, text in (
            ({"breaker": "open", "open_until": "2100-01-01"}, "does not answer"),
            ({"breaker": "half_open"}, "tries whether"),
            ({"breaker": "closed", "paused_until": "2100-01-01"}, "end of a pause"),
            ({"paused_until": False, "drain_until": "2100-01-01"}, "piled up"),
        ):
            self.flow.sudo().write(values)
            check(text)
        self.flow.sudo().drain_until = False
        self.endpoint.sudo().state = "suspended"
        check("not active")
        self.endpoint.sudo().state = "active"
        self.let_fail(1, retry_after_seconds=300)
        check("its next attempt")
        first.sudo().action_cancel()
        self.env.invalidate_all()
        self.assertFalse(first.waits_for)
        windows.create(
            {
                "endpoint_id": self.endpoint.id,
                "kind": "batch",
                "date_from": "2000-01-01",
                "date_to": "2000-01-02",
            }
        )
        self.endpoint.document_ids.timing = "batch"
        check("batch window", self.enqueue(self.endpoint, "B1").with_user(clerk))


@tagged("post_install", "-at_install")
class TestFlowAccess(ExchangeBuilders, HealthcareCommon):
    def test_access_matrix(self):
        readers = dict.fromkeys(("clerk", "approver", "accounts_payable", "auditor"), "r")
        self.assertAccessMatrix(
            {
                "healthcare.exchange.window": {**readers, "administrator": "crud"},
                "healthcare.exchange.flow": {"clerk": "r", "auditor": "r", "administrator": "r"},
                "healthcare.exchange.worker": {"auditor": "r", "administrator": "r"},
            }
        )

    def test_company(self):
        endpoint = self.make_endpoint("MINE")
        self.env["healthcare.exchange.window"].create({"endpoint_id": endpoint.id, "sunday": True})
        company = self.env["res.company"].create({"name": "Elsewhere"})
        endpoint.sudo().company_id = company
        for name in ("healthcare.exchange.window", "healthcare.exchange.flow"):
            records = self.env[name].search([("endpoint_id", "=", endpoint.id)])
            self.assertEqual(len(records), 1)
            seen = self.env[name].with_user(self.users["clerk"])
            self.assertFalse(seen.search([("endpoint_id", "=", endpoint.id)]))


@tagged("post_install", "-at_install")
class TestPartnerHealth(BaseCase):
    def test_kinds_and_codes_are_those_of_the_table(self):
        """Each kind of failure says that the partner is there, is not, or nothing; by name."""
        table = errors.table()
        kinds = {entry["kind"] for entry in table.values()}
        self.assertLessEqual({*partner_health.DOWN_KINDS, *partner_health.ALIVE_KINDS}, kinds)
        silent = kinds - {*partner_health.DOWN_KINDS, *partner_health.ALIVE_KINDS}
        self.assertEqual(silent, {"data", "bug"})
        # Ended by Odoo itself, not by the service.
        self.assertLessEqual(set(partner_health.OWN_CODES) - {"lease_expired"}, set(table))


@tagged("post_install", "-at_install")
class TestWorkers(FlowCommon):
    def test_claim_tells_that_the_worker_is_there(self):
        workers = self.env["healthcare.exchange.worker"]
        self.claim()
        worker = workers.search([("name", "=", "worker")])
        first = worker.last_seen_at
        self.assertTrue(first)
        self.claim()
        self.env.invalidate_all()
        self.assertEqual(worker.last_seen_at, first, "not written at each claim")
        self.env.cr.execute(
            "UPDATE healthcare_exchange_worker SET last_seen_at = last_seen_at - interval '31 seconds'"
        )
        self.claim()
        self.env.invalidate_all()
        self.assertGreaterEqual(worker.last_seen_at, first)
        self.assertFalse(worker.version)
        service = workers.with_user(self.service().env.user)
        self.assertTrue(service.seen("worker", "1.2.3"))
        self.claim()
        self.env.invalidate_all()
        self.assertEqual(worker.version, "1.2.3")
        self.assertEqual(workers.search_count([("name", "=", "worker")]), 1)

    def test_a_process_that_ends_says_so(self):
        self.claim()
        workers = self.env["healthcare.exchange.worker"]
        service = workers.with_user(self.service().env.user)
        monitor = self.env["healthcare.exchange.monitor"]

        def names():
            return [worker["name"] for worker in monitor.load_overview("hour")["workers"]]

        self.assertIn("worker", names())
        self.assertTrue(service.gone("worker"))
        self.assertNotIn("worker", names())
        self.claim()
        self.env.invalidate_all()
        self.assertIn("worker", names(), "it is there again")

    def test_only_the_service_and_administrators_may_tell(self):
        clerk = new_test_user(self.env, "flow_clerk", groups="healthcare_base.group_clerk")
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.worker"].with_user(clerk).seen("x")
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.worker"].with_user(clerk).gone("worker")

    def test_processes_that_are_gone_are_forgotten(self):
        workers = self.env["healthcare.exchange.worker"]
        self.claim()
        workers._seen("old")
        self.env.cr.execute(
            "UPDATE healthcare_exchange_worker SET last_seen_at = last_seen_at - interval '31 days'"
            " WHERE name = 'old'"
        )
        workers._gc_gone()
        self.env.invalidate_all()
        self.assertEqual(workers.search([("name", "in", ("old", "worker"))]).mapped("name"), ["worker"])
