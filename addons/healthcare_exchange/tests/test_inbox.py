import base64
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..exceptions import DocumentPostponed, DocumentRejected
from .common import ExchangeCommon, canonical, envelope, sha256

PROCESS_LOG = "odoo.addons.healthcare_exchange.models.exchange_message_process"


@tagged("post_install", "-at_install")
class TestInbox(ExchangeCommon):
    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("IN", expects_functional_ack=True)
        self.sent = self.enqueue(self.endpoint, "P1")

    def acknowledgement(self, number="A1", **values):
        return canonical(
            "functional_acknowledgement",
            number,
            status="accepted",
            acknowledges={"message_uuid": self.sent.uuid},
            **values,
        )

    def ingest(self, *envelopes, code="IN"):
        return self.service().ingest(code, list(envelopes))

    def handler(self, function):
        """Let this addon's own handler do ``function(documents, messages)``."""
        model = type(self.env["healthcare.document.functional_acknowledgement"])
        return patch.object(
            model, "_from_canonical", lambda _self, documents, messages: function(documents, messages)
        )

    # Ingest

    def test_ingest_keeps_what_came(self):
        raw = b"ISA*\x00\xff\r\n"
        [answer] = self.ingest(
            envelope(
                self.acknowledgement(),
                raw,
                filename="in/ack.edi",
                diagnostics=[{"level": "warning", "code": "w", "message": "m"}],
                trace_id="0af7651916cd43dd8448eb211c80319c",
            )
        )
        self.assertEqual((answer["status"], answer["state"]), ("accepted", "queued"))
        self.assertEqual((answer["document_type"], answer["number"]), ("functional_acknowledgement", "A1"))
        message = self.message(answer["message_uuid"])
        self.assertEqual(base64.b64decode(message.raw), raw)
        self.assertEqual(message.raw_sha256, sha256(raw))
        self.assertEqual(message.filename, "in/ack.edi")
        self.assertEqual(message.trace_id, "0af7651916cd43dd8448eb211c80319c")
        self.assertEqual(message.diagnostics[0]["code"], "w")
        self.assertEqual(message.direction, "inbound")

    def test_same_again_is_a_duplicate_with_the_stored_answer(self):
        item = envelope(self.acknowledgement())
        [first, twice] = self.ingest(item, item)
        self.assertEqual((first["status"], twice["status"]), ("accepted", "duplicate"))
        self.service().process([first["message_uuid"]])
        [again] = self.ingest(item)
        self.assertEqual(again["status"], "duplicate")
        self.assertEqual(again["message_uuid"], first["message_uuid"])
        self.assertEqual(
            self.env["healthcare.exchange.message"].search_count([("direction", "=", "inbound")]), 1
        )

    def test_key_of_other_content_is_a_conflict(self):
        [first] = self.ingest(envelope(self.acknowledgement(), idempotency_key="K"))
        [same, other] = self.ingest(
            envelope(self.acknowledgement(), idempotency_key="K"),
            envelope(self.acknowledgement("A2"), idempotency_key="K", position=0),
        )
        self.assertEqual(same["status"], "duplicate")
        self.assertEqual(other["status"], "idempotency_conflict")
        self.assertEqual(other["errors"][0]["code"], "idempotency_conflict")
        self.assertEqual(other["message_uuid"], first["message_uuid"])

    def test_conflict_within_one_call(self):
        one = envelope(self.acknowledgement("A1"), idempotency_key="K", position=0)
        two = envelope(self.acknowledgement("A2"), idempotency_key="K", position=0)
        self.assertEqual([a["status"] for a in self.ingest(one, two)], ["accepted", "idempotency_conflict"])

    def test_key_is_unique_per_endpoint(self):
        self.make_endpoint("IN2")
        item = envelope(self.acknowledgement(), idempotency_key="K")
        self.assertEqual(self.ingest(item)[0]["status"], "accepted")
        self.assertEqual(self.ingest(item, code="IN2")[0]["status"], "accepted")

    def test_documents_of_one_file(self):
        raw = b"two in one"
        answers = self.ingest(*(envelope(self.acknowledgement(n), raw) for n in ("A1", "A2")))
        self.assertEqual([a["status"] for a in answers], ["accepted", "accepted"])
        messages = [self.message(a["message_uuid"]) for a in answers]
        self.assertEqual([m.position for m in messages], [0, 1])
        self.assertEqual(messages[0].idempotency_key, f"{sha256(raw)}:0")

    def test_bare_document(self):
        [answer] = self.ingest(self.acknowledgement())
        self.assertEqual(answer["status"], "accepted")
        self.assertEqual(self.ingest(self.acknowledgement())[0]["status"], "duplicate")

    def test_unreadable_bytes_are_kept_with_an_owner(self):
        broken = {"level": "error", "code": "truncated", "message": "ends in the header", "line": 3}
        for raw in (b"", b"\x00\x01\xff", b"ISA*00*", "Grüße".encode("utf-16")):
            with self.subTest(raw):
                [answer] = self.ingest(envelope(None, raw, diagnostics=[broken]))
                self.assertEqual((answer["status"], answer["state"]), ("rejected", "rejected"))
                self.assertEqual(answer["errors"][0]["code"], "truncated")
                message = self.message(answer["message_uuid"])
                self.assertEqual(base64.b64decode(message.raw or b""), raw)
                self.assertEqual(message.raw_sha256, sha256(raw))
                self.assertTrue(message.owner_id)
                self.assertEqual(message.activity_ids.user_id, message.owner_id)
                self.assertIn("ends in the header", message.activity_ids.note)
                self.assertEqual(
                    self.ingest(envelope(None, raw, diagnostics=[broken]))[0]["status"], "duplicate"
                )

    def test_document_of_a_damaged_file_does_not_take_effect(self):
        damaged = {"level": "error", "code": "truncated", "message": "SE is missing"}
        [answer] = self.ingest(envelope(self.acknowledgement(), diagnostics=[damaged]))
        self.assertEqual(answer["status"], "rejected")
        [answer] = self.service().process([answer["message_uuid"]])
        self.assertEqual((answer["status"], answer["state"]), ("rejected", "rejected"))
        self.assertEqual(self.sent.state, "queued")

    def test_unstorable_document_is_kept_as_bytes(self):
        [answer] = self.ingest(envelope(canonical("invoice", "I\x00"), b"raw"))
        self.assertEqual(answer["status"], "rejected")
        message = self.message(answer["message_uuid"])
        self.assertFalse(message.document)
        self.assertEqual(base64.b64decode(message.raw), b"raw")

    def test_protocol_faults_store_nothing(self):
        good = envelope(self.acknowledgement())
        with self.assertRaisesRegex(ValidationError, "SHA-256"):
            self.ingest(good, {**good, "raw_sha256": "0" * 64})
        with self.assertRaisesRegex(ValidationError, "NOPE"):
            self.ingest(good, code="NOPE")
        for code in (None, False, "", 5):
            with self.assertRaises(ValidationError):
                self.ingest(good, code=code)
        self.assertFalse(self.env["healthcare.exchange.message"].search([("direction", "=", "inbound")]))
        self.assertEqual(self.ingest(), [])

    def test_ingest_triggers_processing_without_the_service(self):
        cron = self.env.ref("healthcare_exchange.cron_process")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        [answer] = self.ingest(envelope(self.acknowledgement()))
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.message(answer["message_uuid"]).state, "rejected", "P1 was not sent yet")

    def test_a_file_of_many_documents_is_kept_once(self):
        raw = b"two documents in one file"
        first, second, third = (self.acknowledgement(f"A{n}") for n in range(3))
        bare = {"raw": "", "raw_sha256": sha256(raw)}
        answers = self.ingest(envelope(first, raw, position=0), {**envelope(second, b"", position=1), **bare})
        # Another call, as for a large file, and one that repeats the bytes.
        answers += self.ingest({**envelope(third, b"", position=2), **bare})
        answers += self.ingest(envelope(self.acknowledgement("A3"), raw, position=3))
        self.assertEqual([a["status"] for a in answers], ["accepted"] * 4)
        messages = [self.message(answer["message_uuid"]) for answer in answers]
        holder = messages[0]
        self.assertEqual(base64.b64decode(holder.raw), raw)
        self.assertFalse(holder.parent_id)
        for message in messages[1:]:
            self.assertEqual((message.parent_id, message.raw), (holder, False))
            self.assertEqual(message._file_message(), holder)
        self.assertEqual({message.raw_sha256 for message in messages}, {sha256(raw)})
        again = self.ingest({**envelope(second, b"", position=1), **bare})
        self.assertEqual(again[0]["status"], "duplicate")

    def test_bytes_that_never_came_are_asked_for(self):
        lost = {**envelope(self.acknowledgement(), b"x"), "raw": ""}
        before = self.env["healthcare.exchange.message"].search_count([])
        with self.assertRaisesRegex(ValidationError, "are not here; send them"):
            self.ingest(envelope(self.acknowledgement("A2")), lost)
        self.assertEqual(self.env["healthcare.exchange.message"].search_count([]), before)

    def test_empty_files_have_no_bytes_to_share(self):
        answers = self.ingest(
            {**envelope(None, b"", idempotency_key="a")}, {**envelope(None, b"", idempotency_key="b")}
        )
        for answer in answers:
            self.assertEqual(answer["status"], "rejected")
            self.assertFalse(self.message(answer["message_uuid"]).parent_id)

    # Process

    def test_process_answers_the_same_again(self):
        with self.handler(lambda documents, messages: [{"record": self.sent, "exceptions": ["price"]}]):
            [answer] = self.receive(self.endpoint, self.acknowledgement())
        self.assertEqual((answer["status"], answer["state"]), ("accepted", "done"))
        self.assertEqual((answer["res_model"], answer["res_id"]), (self.sent._name, self.sent.id))
        self.assertEqual(answer["exceptions"], ["price"])
        self.assertEqual(self.service().process([answer["message_uuid"]]), [answer])
        self.assertEqual(self.service().status([answer["message_uuid"]]), [answer])

    def test_process_rejects_by_name(self):
        line = {"line_number": "7", "quantity": 5}
        for document, code, where in (
            (canonical("invoice", "I1", lines=[line]), "schema", ("lines[0].quantity", "7")),
            ({"document_type": "invoice", "schema_version": "1.0"}, "schema", ("number", "")),
            (canonical("purchase_order", "P9"), "unsupported_document_type", ("document_type", "")),
            (canonical("nonsense", "N1"), "unsupported_document_type", ("document_type", "")),
        ):
            with self.subTest(document):
                [answer] = self.receive(self.endpoint, document)
                self.assertEqual((answer["status"], answer["state"]), ("rejected", "rejected"))
                error = answer["errors"][0]
                self.assertEqual(error["code"], code)
                self.assertEqual((error["path"], error["line"]), where)
                message = self.message(answer["message_uuid"])
                self.assertTrue(message.owner_id)
                self.assertIn(error["message"][:20], message.errors_text)
                self.assertTrue(message.raw)

    def test_unlisted_type_is_refused(self):
        endpoint = self.make_endpoint("FEW", documents=[("purchase_order", "outbound")])
        [answer] = self.receive(endpoint, self.acknowledgement())
        self.assertEqual(answer["error_code"], "unsupported_document_type")

    def test_test_documents_only_at_test_endpoints(self):
        self.endpoint.test = False
        [answer] = self.receive(self.endpoint, self.acknowledgement(test=True))
        self.assertEqual((answer["status"], answer["error_code"]), ("rejected", "test_document"))
        self.endpoint.test = True
        self.sent.sudo().write({"state": "leased"})
        self.sent.sudo().write({"state": "sent"})
        [answer] = self.receive(self.endpoint, self.acknowledgement("A2", test=True))
        self.assertEqual(answer["status"], "accepted")

    def test_rejection_undoes_what_the_handler_wrote(self):
        def handler(documents, messages):
            messages.env["res.partner"].create({"name": "Half a document"})
            raise DocumentRejected({"code": "item_unknown", "message": "line 1: who?", "line": 1})

        with self.handler(handler):
            [answer] = self.receive(self.endpoint, self.acknowledgement())
        self.assertEqual(
            answer["errors"], [{"code": "item_unknown", "message": "line 1: who?", "path": "", "line": "1"}]
        )
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Half a document")]))
        self.assertTrue(self.message(answer["message_uuid"]).activity_ids)

    def test_duplicate_document_has_its_own_status(self):
        def handler(documents, messages):
            raise DocumentRejected({"code": "duplicate_document", "message": "bill 5 is here already"})

        with self.handler(handler):
            [answer] = self.receive(self.endpoint, self.acknowledgement())
        self.assertEqual((answer["status"], answer["state"]), ("duplicate", "rejected"))

    def test_poison_harms_only_itself(self):
        def handler(documents, messages):
            if documents[0]["number"] == "POISON":
                messages.env["res.partner"].create({"name": "Poisoned"})
                messages.env.cr.execute("SELECT 1/0", log_exceptions=False)
            return [{"record": None}]

        with self.handler(handler), mute_logger(PROCESS_LOG):
            answers = self.receive(self.endpoint, *(self.acknowledgement(n) for n in ("A1", "POISON", "A3")))
        self.assertEqual([a["status"] for a in answers], ["accepted", "waiting", "accepted"])
        self.assertEqual([a["state"] for a in answers], ["done", "retry", "done"])
        poisoned = self.message(answers[1]["message_uuid"])
        self.assertEqual(poisoned.error_code, "processing_error")
        self.assertIn("DivisionByZero", poisoned.errors_text)
        self.assertTrue(poisoned.next_attempt_at)
        self.assertEqual(poisoned.attempt_count, 1)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Poisoned")]))

    def test_poison_becomes_a_dead_letter_and_can_be_replayed(self):
        self.endpoint.max_attempts = 2

        def handler(documents, messages):
            raise ZeroDivisionError("again")

        with self.handler(handler), mute_logger(PROCESS_LOG):
            [answer] = self.receive(self.endpoint, self.acknowledgement())
            [answer] = self.service().process([answer["message_uuid"]])
        self.assertEqual((answer["status"], answer["state"]), ("rejected", "dead"))
        message = self.message(answer["message_uuid"])
        self.assertTrue(message.activity_ids)
        with self.handler(lambda documents, messages: [{"record": None}]):
            self.service().replay([message.uuid])
            [answer] = self.service().process([message.uuid])
        self.assertEqual(answer["status"], "accepted")
        self.assertEqual(answer["errors"], [])
        self.assertFalse(message.activity_ids)
        self.assertFalse(message.owner_id)

    def test_postponed_is_tried_again(self):
        def handler(documents, messages):
            raise DocumentPostponed("not yet")

        with self.handler(handler), self.assertNoLogs(PROCESS_LOG, "ERROR"):
            [answer] = self.receive(self.endpoint, self.acknowledgement())
        self.assertEqual((answer["status"], answer["state"]), ("waiting", "retry"))
        self.assertIn("not yet", answer["errors"][0]["message"])

    def test_suspended_endpoint_waits(self):
        self.endpoint.action_suspend()
        [answer] = self.receive(self.endpoint, self.acknowledgement())
        self.assertEqual((answer["status"], answer["state"]), ("waiting", "queued"))

    def test_handlers_run_in_the_endpoints_company_with_a_clean_context(self):
        company = self.env["res.company"].create({"name": "Second"})
        endpoint = self.make_endpoint("C2", company_id=company.id)
        seen = []

        def handler(documents, messages):
            seen.append((messages.env.company, dict(messages.env.context), messages.env.su))
            return [{"record": None}]

        service = self.service().with_context(default_state="done", tracking_disable=True)
        [answer] = service.ingest("C2", [envelope(self.acknowledgement())])
        with self.handler(handler):
            service.process([answer["message_uuid"]])
        self.assertEqual(seen, [(company, {"allowed_company_ids": company.ids}, True)])
        self.assertEqual(self.message(answer["message_uuid"]).company_id, company)
        self.assertEqual(endpoint.company_id, company)

    def test_unknown_message(self):
        [answer] = self.service().process(["00000000-0000-0000-0000-000000000000"])
        self.assertEqual((answer["status"], answer["error_code"]), ("rejected", "message_unknown"))
        with self.assertRaises(ValidationError):
            self.service().process("not a list")
