import base64
import uuid

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import ExchangeCommon, canonical, sha256


@tagged("post_install", "-at_install")
class TestOutbox(ExchangeCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Outbox Supplier"})

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("OUT", partner_id=self.partner.id)

    def expire(self, *messages):
        """Let the leases of messages have run out, as the database's clock sees it."""
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message"
            "   SET leased_until = leased_until - interval '2 hours',"
            "       leased_at = leased_at - interval '2 hours',"
            "       next_attempt_at = next_attempt_at - interval '2 hours'"
            " WHERE id = ANY(%s)",
            [[message.id for message in messages]],
        )
        self.env.invalidate_all()

    def make_due(self, *messages):
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message"
            "   SET next_attempt_at = timezone('UTC', now()) - interval '1 second'"
            " WHERE id = ANY(%s)",
            [[message.id for message in messages]],
        )
        self.env.invalidate_all()

    def report(self, token, row, outcome="delivered", **values):
        [answer] = self.service().report(token, [{"uuid": row["uuid"], "outcome": outcome, **values}])
        return answer

    def stage(self, token, row, content=b"bytes", **values):
        item = {
            "uuid": row["uuid"],
            "payload": base64.b64encode(content).decode(),
            "payload_sha256": sha256(content),
            "filename": "order.json",
            "content_type": "application/json",
            **values,
        }
        [answer] = self.service().stage(token, [item])
        return answer

    # Enqueue

    def test_enqueue_pins_what_each_attempt_needs(self):
        mapping = self.make_mapping(self.endpoint)
        first = self.enqueue(self.endpoint, "P1", record=self.partner)
        second = self.enqueue(self.endpoint, "P2", record=self.partner)
        self.assertEqual(first.state, "queued")
        self.assertEqual((first.mapping_id, first.mapping_version), (mapping, 1))
        self.assertEqual(second.control_number, first.control_number + 1)
        self.assertTrue(first.document_time)
        self.assertEqual(first.ordering_key, f"res.partner,{self.partner.id}")
        self.assertEqual((first.res_model, first.res_id), ("res.partner", self.partner.id))
        self.assertRegex(first.trace_id, "^[0-9a-f]{32}$")
        self.assertIs(first.document["test"], True)
        self.make_mapping(self.endpoint)
        _token, [row] = self.claim()
        self.assertEqual(row["mapping"], {"id": mapping.id, "version": 1, "expression": "$"})

    def test_enqueue_refuses_what_cannot_be_sent(self):
        with self.assertRaisesRegex(UserError, r"lines\[0\].quantity"):
            self.enqueue(
                self.endpoint,
                document=canonical("purchase_order", "P1", lines=[{"line_number": "1", "quantity": 1}]),
            )
        with self.assertRaisesRegex(UserError, "does not send documents of type invoice"):
            self.enqueue(self.endpoint, document=canonical("invoice", "I1"))
        self.endpoint.document_ids.filtered(lambda d: d.document_type == "purchase_order").active = False
        with self.assertRaisesRegex(UserError, "does not send"):
            self.enqueue(self.endpoint)
        self.endpoint.state = "draft"
        with self.assertRaisesRegex(UserError, "not active"):
            self.enqueue(self.endpoint)

    def test_enqueue_is_the_business_users_transaction(self):
        """Whoever confirms an order needs no rights on messages; a rollback takes it back."""
        user = self.env["res.users"].create(
            {"name": "x", "login": "x", "group_ids": [(6, 0, self.env.ref("base.group_user").ids)]}
        )
        messages = self.env["healthcare.exchange.message"]
        try:
            with self.env.cr.savepoint():
                messages.with_user(user)._enqueue(
                    self.endpoint, "purchase_order", canonical("purchase_order", "GONE"), self.partner
                )
                self.assertTrue(messages.search([("number", "=", "GONE")]))
                raise ZeroDivisionError
        except ZeroDivisionError:
            self.assertFalse(messages.search([("number", "=", "GONE")]))

    def test_wakes_once_per_transaction(self):
        self.env.cr.precommit.data.clear()
        self.enqueue(self.endpoint, "P1")
        self.enqueue(self.endpoint, "P2")
        values = self.env.cr.precommit.data["bus.bus.values"]
        channel = self.service().wake_channel()
        woken = [v for v in values if "healthcare_exchange/wake" in v["message"]]
        self.assertEqual(len(woken), 1)
        self.assertIn(channel, woken[0]["channel"])
        self.assertNotIn("P1", woken[0]["message"])
        self.assertGreaterEqual(len(channel), 40)

    # Claim

    def test_claim_returns_what_is_needed_to_send(self):
        self.endpoint.settings = {"base_url": "https://supplier.example"}
        message = self.enqueue(self.endpoint, "P1", record=self.partner)
        _token, [row] = self.claim()
        self.assertEqual(row["uuid"], message.uuid)
        self.assertEqual(row["endpoint"]["settings"], {"base_url": "https://supplier.example"})
        self.assertEqual(row["endpoint"]["partner_name"], "Outbox Supplier")
        self.assertEqual(row["document"]["number"], "P1")
        self.assertEqual(row["idempotency_key"], message.idempotency_key)
        self.assertIs(row["mapping"], False)
        self.assertIs(row["payload"], False)
        self.assertRegex(row["leased_until"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual(message.state, "leased")
        self.assertEqual(message.leased_by, "worker")

    def test_same_token_returns_the_same_rows(self):
        messages = [self.enqueue(self.endpoint, f"P{n}") for n in range(3)]
        token, rows = self.claim(limit=2)
        again = self.claim(limit=10, token=token)[1]
        self.assertEqual([row["uuid"] for row in again], [row["uuid"] for row in rows])
        self.assertEqual([row["uuid"] for row in rows], [m.uuid for m in messages[:2]])
        self.report(token, rows[0])
        self.assertEqual([row["uuid"] for row in self.claim(token=token)[1]], [rows[1]["uuid"]])
        self.report(token, rows[1])
        self.assertEqual(self.claim(token=token)[1], [], "a spent token claims nothing")
        self.assertEqual(len(self.claim()[1]), 1)

    def test_leased_is_not_claimed_by_another(self):
        self.enqueue(self.endpoint)
        self.assertEqual(len(self.claim()[1]), 1)
        self.assertEqual(self.claim()[1], [])

    def test_claim_only_active_endpoints_and_named_codes(self):
        other = self.make_endpoint("OTHER")
        self.enqueue(self.endpoint, "P1")
        self.enqueue(other, "P2")
        self.assertEqual([r["number"] for r in self.claim(codes=["OTHER"])[1]], ["P2"])
        self.assertEqual(self.claim(codes=["NOBODY"])[1], [])
        self.endpoint.action_suspend()
        self.assertEqual(self.claim()[1], [])
        self.endpoint._set_active()
        self.assertEqual([r["number"] for r in self.claim()[1]], ["P1"])

    def test_claim_is_fair_and_takes_urgent_first(self):
        other = self.make_endpoint("OTHER")
        for n in range(5):
            self.enqueue(self.endpoint, f"A{n}")
        self.enqueue(other, "B0")
        self.enqueue(self.endpoint, "URGENT", priority=0)
        self.enqueue(other, "BULK", priority=2)
        numbers = [row["number"] for row in self.claim(limit=3)[1]]
        self.assertEqual(sorted(numbers), ["A0", "B0", "URGENT"])
        self.assertEqual(numbers[0], "URGENT")

    def test_claim_checks_its_arguments(self):
        service = self.service()
        token = str(uuid.uuid4())
        for arguments in (
            ("w", 0, 60, [], token),
            ("w", 501, 60, [], token),
            ("w", True, 60, [], token),
            ("w", 1, 0, [], token),
            ("w", 1, 3601, [], token),
            ("w", 1, 60, "OUT", token),
            ("w", 1, 60, [1], token),
            ("w", 1, 60, [], "not a token"),
            ("w", 1, 60, [], None),
        ):
            with self.subTest(arguments), self.assertRaises(ValidationError):
                service.claim(*arguments)

    # Order per business object

    def test_order_per_business_object(self):
        first = self.enqueue(self.endpoint, "P1", record=self.partner)
        second = self.enqueue(self.endpoint, "P1-change", record=self.partner)
        free = self.enqueue(self.endpoint, "P2", ordering_key="purchase.order,2")
        token, rows = self.claim()
        self.assertEqual([row["uuid"] for row in rows], [first.uuid, free.uuid])
        self.assertEqual(self.claim()[1], [], "the first is leased")
        self.report(token, rows[0], "not_sent", error_code="timeout")
        self.assertEqual(first.state, "retry")
        self.assertEqual(self.claim()[1], [], "the first waits to be tried again")
        self.make_due(first)
        token, [row] = self.claim()
        self.assertEqual(row["uuid"], first.uuid)
        self.report(token, row)
        self.assertEqual(self.claim()[1][0]["uuid"], second.uuid)

    def test_dead_letter_holds_back_what_follows_until_decided(self):
        first = self.enqueue(self.endpoint, "P1", record=self.partner)
        second = self.enqueue(self.endpoint, "P1-change", record=self.partner)
        token, [row] = self.claim()
        self.report(token, row, "unknown", retryable=False, error_code="bug")
        self.assertEqual(first.state, "dead")
        self.assertEqual(self.claim()[1], [])
        first.action_cancel()
        self.assertEqual(self.claim()[1][0]["uuid"], second.uuid)

    def test_order_is_kept_across_endpoints(self):
        other = self.make_endpoint("OTHER")
        first = self.enqueue(self.endpoint, "P1", record=self.partner)
        second = self.enqueue(other, "P1-change", record=self.partner)
        token, rows = self.claim()
        self.assertEqual([row["uuid"] for row in rows], [first.uuid])
        self.report(token, rows[0])
        self.assertEqual(self.claim()[1][0]["uuid"], second.uuid)

    def test_rerouted_message_keeps_its_place(self):
        """A change does not overtake its order, which was sent to another endpoint instead."""
        other, third = self.make_endpoint("OTHER"), self.make_endpoint("THIRD")
        first = self.enqueue(self.endpoint, "P1", record=self.partner)
        change = self.enqueue(self.endpoint, "P1-change", record=self.partner)
        first.action_cancel()
        again = self.enqueue(other, "P1", record=self.partner, in_place_of=first)
        self.assertEqual(again.in_place_of_id, first)
        again.action_cancel()
        last = self.enqueue(third, "P1", record=self.partner, in_place_of=again)
        self.assertEqual(last.in_place_of_id, first, "the first of the chain")
        token, rows = self.claim()
        self.assertEqual([row["uuid"] for row in rows], [last.uuid])
        self.report(token, rows[0])
        self.assertEqual([row["uuid"] for row in self.claim()[1]], [change.uuid])

    # Stage

    def test_first_staged_bytes_win(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        answer = self.stage(token, row, b"first")
        self.assertEqual(answer["status"], "staged")
        self.assertEqual(base64.b64decode(answer["payload"]), b"first")
        answer = self.stage(token, row, b"second")
        self.assertEqual(answer["status"], "kept")
        self.assertEqual(base64.b64decode(answer["payload"]), b"first")
        self.assertEqual(answer["payload_sha256"], sha256(b"first"))
        self.report(token, row, "unknown")
        self.make_due(message)
        token, [row] = self.claim()
        self.assertEqual(base64.b64decode(row["payload"]), b"first")
        self.assertEqual((row["filename"], row["content_type"]), ("order.json", "application/json"))
        self.assertEqual(self.stage(token, row, b"third")["status"], "kept")
        self.assertEqual(base64.b64decode(message.payload), b"first")

    def test_stage_is_fenced_and_checked(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        self.assertEqual(self.stage(str(uuid.uuid4()), row)["status"], "lost_lease")
        self.assertEqual(self.stage(token, {"uuid": "unknown"})["status"], "lost_lease")
        self.assertEqual(self.stage(token, row, payload_sha256="0" * 64)["status"], "conflict")
        self.assertEqual(self.stage(token, row, payload="no base64!")["status"], "conflict")
        self.assertEqual(self.stage(token, row, payload=None)["status"], "conflict")
        self.assertFalse(message.payload)
        self.assertEqual(self.stage(token, row)["status"], "staged")

    # Extend

    def test_extend(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim(seconds=10)
        before = message.leased_until
        answer = self.service().extend(token, 600)
        self.assertEqual(answer["uuids"], [row["uuid"]])
        self.assertGreater(message.leased_until, before)
        self.assertEqual(message.next_attempt_at, message.leased_until)
        self.report(token, row)
        self.assertEqual(self.service().extend(token, 600), {"uuids": [], "leased_until": False})

    # Lease expiry

    def test_expired_lease_is_claimed_again_and_fences_the_first_worker(self):
        message = self.enqueue(self.endpoint)
        lost, [row] = self.claim()
        self.expire(message)
        token, [again] = self.claim()
        self.assertEqual(again["uuid"], row["uuid"])
        self.assertEqual(again["attempt_count"], 1)
        self.assertEqual(message.attempt_ids.mapped("outcome"), ["not_sent"])
        self.assertEqual(message.attempt_ids.error_code, "lease_expired")
        self.assertEqual(self.report(lost, row)["status"], "repeated", "its attempt was ended")
        self.assertEqual(message.state, "leased")
        self.assertEqual(self.stage(lost, row)["status"], "lost_lease")
        self.assertEqual(self.report(token, again)["status"], "recorded")
        self.assertEqual(message.state, "sent")

    def test_expired_lease_after_staging_is_unknown(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        self.stage(token, row)
        self.expire(message)
        self.claim()
        self.assertEqual(message.attempt_ids.outcome, "unknown")

    def test_late_report_counts_while_nobody_took_over(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        self.expire(message)
        self.assertEqual(self.report(token, row)["status"], "recorded")
        self.assertEqual(message.state, "sent")

    def test_workers_that_never_report_end_in_a_dead_letter(self):
        self.endpoint.max_attempts = 2
        message = self.enqueue(self.endpoint)
        self.claim()
        self.expire(message)
        self.assertEqual(len(self.claim()[1]), 1)
        self.expire(message)
        self.assertEqual(self.claim()[1], [])
        self.assertEqual(message.state, "dead")
        self.assertEqual(message.attempt_count, 2)
        self.assertTrue(message.owner_id)
        self.assertEqual(message.activity_ids.user_id, message.owner_id)

    # Report

    def test_report_delivered(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        answer = self.report(
            token,
            row,
            acknowledged=True,
            http_status=202,
            duration_ms=17,
            started_at="2026-03-01T12:00:00+02:00",
            partner_reference="SO-77",
        )
        self.assertEqual((answer["status"], answer["state"]), ("recorded", "acknowledged"))
        attempt = message.attempt_ids
        self.assertEqual((attempt.outcome, attempt.http_status), ("delivered", 202))
        self.assertEqual((attempt.duration_ms, attempt.worker), (17, "worker"))
        self.assertEqual(str(attempt.started_at), "2026-03-01 10:00:00")
        self.assertEqual(message.partner_reference, "SO-77")
        self.assertTrue(message.sent_at)
        self.assertFalse(message.lease_token)
        self.assertFalse(message.next_attempt_at)

    def test_report_is_fenced_per_item_and_repeatable(self):
        messages = [self.enqueue(self.endpoint, f"P{n}") for n in range(2)]
        token, rows = self.claim(limit=1)
        other, others = self.claim(limit=1)
        results = [{"uuid": m.uuid, "outcome": "delivered"} for m in messages]
        answers = self.service().report(token, [*results, {"uuid": "?", "outcome": "delivered"}])
        self.assertEqual([a["status"] for a in answers], ["recorded", "lost_lease", "lost_lease"])
        self.assertEqual([m.state for m in messages], ["sent", "leased"])
        answers = self.service().report(token, results)
        self.assertEqual([a["status"] for a in answers], ["repeated", "lost_lease"])
        self.assertEqual(answers[0]["state"], "sent")
        self.assertEqual(len(messages[0].attempt_ids), 1)
        # Twice in one call counts once.
        answers = self.service().report(other, [results[1], results[1]])
        self.assertEqual([a["status"] for a in answers], ["recorded", "repeated"])
        self.assertEqual(len(messages[1].attempt_ids), 1)
        self.assertNotEqual(rows, others)

    def test_retry_waits_and_ends_in_a_dead_letter(self):
        self.endpoint.write({"max_attempts": 3, "retry_base_seconds": 5, "retry_max_seconds": 60})
        message = self.enqueue(self.endpoint)
        for failures in (1, 2):
            token, [row] = self.claim()
            self.assertEqual(row["attempt_count"], failures - 1)
            answer = self.report(token, row, "not_sent", error_code="timeout", message="no answer")
            self.assertEqual(answer["state"], "retry")
            self.assertTrue(answer["next_attempt_at"])
            self.assertEqual((message.state, message.attempt_count), ("retry", failures))
            self.assertEqual(message.error_code, "timeout")
            self.make_due(message)
        token, [row] = self.claim()
        self.assertEqual(self.report(token, row, "not_sent", error_code="timeout")["state"], "dead")
        self.assertEqual(len(message.attempt_ids), 3)
        self.assertIn("timeout", message.errors_text)
        self.assertEqual(message.activity_ids.user_id, message.owner_id)

    def test_retry_after_is_kept_and_bounded(self):
        self.env.cr.execute("SELECT timezone('UTC', now())")
        [now] = self.env.cr.fetchone()
        for seconds, least, most in ((600, 600, 700), (10**9, 86_300, 87_000)):
            message = self.enqueue(self.endpoint, f"P{seconds}")
            token, [row] = self.claim()
            self.report(token, row, "not_sent", retry_after_seconds=seconds)
            wait = (message.next_attempt_at - now).total_seconds()
            self.assertTrue(least <= wait <= most, wait)

    def test_definite_refusal_is_rejected(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        answer = self.report(
            token, row, "not_sent", retryable=False, error_code="refused", message="<b>no</b>"
        )
        self.assertEqual(answer["state"], "rejected")
        self.assertTrue(message.owner_id)
        self.assertIn("&lt;b&gt;no", message.activity_ids.note)

    def test_report_checks_its_arguments(self):
        self.enqueue(self.endpoint)
        token, [row] = self.claim()
        for bad in (
            {"outcome": "lost"},
            {"outcome": "delivered", "http_status": "200"},
            {"outcome": "delivered", "duration_ms": -1},
            {"outcome": "delivered", "started_at": "yesterday"},
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.service().report(token, [{"uuid": row["uuid"], **bad}])
        for bad in ({}, ["x"], [{"outcome": "delivered"}]):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.service().report(token, bad)

    def test_hostile_error_text_is_stored(self):
        message = self.enqueue(self.endpoint)
        token, [row] = self.claim()
        self.report(token, row, "not_sent", message="a\x00\ud800" + "x" * 5000, error_code="e\x00")
        self.assertLessEqual(len(message.attempt_ids.message), 1000)
        self.assertEqual(message.error_code, "e")

    def test_the_endpoints_row_is_not_written(self):
        def version():
            self.env.cr.execute(
                "SELECT xmin::text, write_date FROM healthcare_exchange_endpoint WHERE id = %s",
                [self.endpoint.id],
            )
            return self.env.cr.fetchone()

        self.env.flush_all()
        before = version()
        self.enqueue(self.endpoint)
        token, [row] = self.claim()
        self.stage(token, row)
        self.report(token, row)
        self.receive(self.endpoint, canonical("functional_acknowledgement", "1"))
        self.assertEqual(version(), before)
