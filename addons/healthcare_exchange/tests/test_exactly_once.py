from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import exchange_message_process as process
from .common import ExchangeCommon, canonical, envelope

PROCESS_LOG = "odoo.addons.healthcare_exchange.models.exchange_message_process"


@tagged("post_install", "-at_install")
class TestExactlyOnce(ExchangeCommon):
    """What comes twice, in another order, or broken, has one effect and stops nothing."""

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("ONCE", expects_functional_ack=True)
        self.effects = []

    def document(self, number):
        return canonical(
            "functional_acknowledgement",
            number,
            status="accepted",
            acknowledges={"message_uuid": "nothing"},
        )

    def handler(self):
        """Let this addon's own handler note what takes effect; POISON breaks it."""
        model = type(self.env["healthcare.document.functional_acknowledgement"])

        def take_in(_self, documents, messages):
            if documents[0]["number"].startswith("POISON"):
                messages.env.cr.execute("SELECT 1/0", log_exceptions=False)
            self.effects.append(documents[0]["number"])
            return [{"record": None}]

        return patch.object(model, "_from_canonical", take_in)

    def ingest(self, *envelopes):
        return self.service().ingest("ONCE", list(envelopes))

    def process(self, answers):
        with self.handler(), mute_logger(PROCESS_LOG):
            return self.service().process([answer["message_uuid"] for answer in answers])

    def keyed(self, number, key):
        return envelope(self.document(number), idempotency_key=key)

    def test_duplicates_in_any_order_take_effect_once(self):
        documents = [self.keyed(f"A{n}", f"K{n}") for n in range(4)]
        self.process(self.ingest(documents[2], documents[0], documents[2]))
        answers = self.ingest(*reversed(documents), documents[1])
        self.assertEqual(
            [answer["status"] for answer in answers],
            ["accepted", "duplicate", "accepted", "duplicate", "duplicate"],
        )
        self.process(answers)
        self.process(answers)
        self.assertEqual(sorted(self.effects), ["A0", "A1", "A2", "A3"])

    def test_answer_is_the_stored_one_at_every_stage(self):
        """Before processing, after it, and after it failed."""
        item = self.keyed("A1", "K1")
        [first] = self.ingest(item)
        [again] = self.ingest(item)
        self.assertEqual((again["status"], again["state"]), ("duplicate", "queued"))
        self.process([first])
        [again] = self.ingest(item)
        self.assertEqual((again["status"], again["state"]), ("duplicate", "done"))
        poison = self.keyed("POISON", "K2")
        [broken] = self.ingest(poison)
        self.process([broken])
        [again] = self.ingest(poison)
        self.assertEqual((again["status"], again["state"]), ("duplicate", "retry"))
        self.assertEqual(again["message_uuid"], broken["message_uuid"])

    def test_conflict_changes_nothing_and_stops_nothing(self):
        [first] = self.ingest(self.keyed("A1", "K1"))
        answers = self.ingest(self.keyed("A2", "K2"), self.keyed("OTHER", "K1"), self.keyed("A3", "K3"))
        self.assertEqual(
            [answer["status"] for answer in answers], ["accepted", "idempotency_conflict", "accepted"]
        )
        self.assertEqual(answers[1]["message_uuid"], first["message_uuid"])
        self.process([first, *answers])
        self.assertEqual(self.effects, ["A1", "A2", "A3"])
        # Still so, after it has taken effect.
        [late] = self.ingest(self.keyed("OTHER", "K1"))
        self.assertEqual((late["status"], late["state"]), ("idempotency_conflict", "done"))

    def test_other_bytes_of_the_same_document_are_other_content(self):
        """The bytes are compared, not what was read from them."""
        document = self.document("A1")
        self.ingest(envelope(document, b"one", idempotency_key="K1"))
        [answer] = self.ingest(envelope(document, b"two", idempotency_key="K1"))
        self.assertEqual(answer["status"], "idempotency_conflict")

    def test_outbound_and_inbound_keys_are_apart(self):
        sent = self.enqueue(self.endpoint)
        [answer] = self.ingest(self.keyed("A1", sent.idempotency_key))
        self.assertEqual(answer["status"], "accepted")

    def test_poison_in_the_middle_of_a_batch(self):
        """Unreadable, unknown, against its schema, or breaking the handler: the others are done."""
        answers = self.ingest(
            self.keyed("A1", "K1"),
            envelope(None, b"\x00\xff", idempotency_key="K2"),
            self.keyed("POISON", "K3"),
            envelope({"document_type": "nonsense"}, idempotency_key="K4"),
            envelope({**self.document("BAD"), "status": 5}, idempotency_key="K5"),
            self.keyed("A2", "K6"),
        )
        answers = self.process(answers)
        self.assertEqual(
            [answer["state"] for answer in answers],
            ["done", "rejected", "retry", "rejected", "rejected", "done"],
        )
        self.assertEqual(self.effects, ["A1", "A2"])

    def test_poison_in_the_middle_of_the_jobs_slice(self):
        """More poison than a slice holds does not keep the job from the rest."""
        self.ingest(*(self.keyed(f"POISON{n}", f"P{n}") for n in range(4)))
        self.ingest(*(self.keyed(f"A{n}", f"K{n}") for n in range(5)))
        with self.handler(), mute_logger(PROCESS_LOG), patch.object(process, "_CRON_SLICE", 3):
            self.env.ref("healthcare_exchange.cron_process").method_direct_trigger()
        self.assertEqual(self.effects, [f"A{n}" for n in range(5)])
