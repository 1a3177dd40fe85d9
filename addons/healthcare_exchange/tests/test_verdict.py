from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..tools.verdict import judge

NOW = datetime(2026, 3, 1, 12)


@tagged("post_install", "-at_install")
class TestVerdict(BaseCase):
    def judge(self, failures=0, spared=0, breaker="closed", **item):
        row = {
            "id": 1,
            "endpoint_id": 2,
            "company_id": 3,
            "document_type": "purchase_order",
            "leased_by": "worker",
            "leased_at": NOW,
            "now": NOW,
            "attempt_count": failures,
            "spared_count": spared,
            "max_attempts": 3,
            "retry_base_seconds": 5,
            "retry_max_seconds": 60,
            "breaker": breaker,
        }
        given = {
            "outcome": "not_sent",
            "acknowledged": False,
            "retryable": True,
            "error_code": "timeout",
            "error_kind": "transient",
            "message": None,
            "retry_after_seconds": 0,
            "started_at": None,
        }
        return judge({**given, **item}, row)

    def test_states(self):
        for item, state in (
            ({"outcome": "delivered"}, "sent"),
            ({"outcome": "delivered", "acknowledged": True}, "acknowledged"),
            ({}, "retry"),
            ({"outcome": "unknown"}, "retry"),
            ({"retryable": False}, "rejected"),
            ({"retryable": False, "outcome": "unknown"}, "dead"),
            ({"failures": 2}, "dead"),
            ({"failures": 2, "spared": 1}, "retry"),
        ):
            with self.subTest(item):
                self.assertEqual(self.judge(**item)["state"], state)

    def test_what_does_not_count(self):
        for item, spared in (
            ({}, False),
            ({"breaker": "open"}, True),
            ({"breaker": "half_open", "outcome": "unknown"}, True),
            ({"breaker": "open", "error_kind": "bug"}, False),
            ({"breaker": "open", "error_kind": "data"}, False),
            ({"breaker": "open", "retryable": False}, False),
            ({"error_kind": "rate_limited"}, True),
            ({"error_code": "stopped"}, True),
            ({"error_code": "stopped", "outcome": "unknown"}, False),
            ({"breaker": "open", "outcome": "delivered"}, False),
        ):
            with self.subTest(item):
                self.assertIs(self.judge(failures=2, **item)["spared"], spared)
                if spared:
                    self.assertEqual(self.judge(failures=2, **item)["state"], "retry")

    def test_waits(self):
        longest = {"transient": 5, "auth": 20, "config": 20, "bug": 20, None: 5}
        for kind, seconds in longest.items():
            with self.subTest(kind):
                waits = [
                    (self.judge(error_kind=kind)["next_attempt_at"] - NOW).total_seconds()
                    for _n in range(100)
                ]
                self.assertLessEqual(max(waits), seconds)
                self.assertGreater(max(waits), seconds / 2)

    def test_given_back_is_due_at_once(self):
        self.assertEqual(self.judge(error_code="stopped")["next_attempt_at"], NOW)

    def test_retry_after_is_spread_and_bounded(self):
        waits = {self.judge(retry_after_seconds=600)["next_attempt_at"] - NOW for _n in range(50)}
        self.assertGreaterEqual(min(waits), timedelta(seconds=600))
        self.assertLessEqual(max(waits), timedelta(seconds=605))
        self.assertGreater(len(waits), 10)
        long = self.judge(retry_after_seconds=10**9)["next_attempt_at"] - NOW
        self.assertLessEqual(long, timedelta(seconds=86405))
