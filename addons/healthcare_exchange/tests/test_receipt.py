from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import DOCUMENTS, ExchangeCommon, canonical, envelope, sha256

ORIGIN = {
    "interchange_control_number": "000000017",
    "functional_identifier": "IN",
    "group_control_number": "31",
    "version": "004010",
    "transaction_set": "810",
    "transaction_control_number": "0001",
}


def acknowledgement(group="31", identifier="IN", **values):
    """Return what the service says about a group that it has read."""
    return canonical(
        "functional_acknowledgement",
        f"000000017-{group}",
        status="accepted",
        acknowledges={
            "functional_identifier": identifier,
            "group_control_number": group,
            "interchange_control_number": "000000017",
            "version": "004010",
            "included": 1,
            "received": 1,
            "accepted": 1,
            "transactions": [{"transaction_set": "810", "control_number": "0001", "status": "accepted"}],
        },
        **values,
    )


@tagged("post_install", "-at_install")
class TestReceipt(ExchangeCommon):
    """997 for what a partner sent."""

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint(
            "B", documents=(*DOCUMENTS, ("functional_acknowledgement", "outbound")), connector="x12-folder"
        )

    def file(self, *acknowledgements, number="I1", raw=b"ISA*one", **values):
        """Return an envelope as the service makes it of a file with one document."""
        return envelope(
            canonical("invoice", number),
            raw,
            interchange=ORIGIN,
            acknowledgements=list(acknowledgements),
            **values,
        )

    def ingest(self, *envelopes, endpoint=None):
        return self.service().ingest((endpoint or self.endpoint).code, list(envelopes))

    def sent(self, endpoint=None):
        """Return the acknowledgements that are queued or sent."""
        return self.env["healthcare.exchange.message"].search(
            [
                ("endpoint_id", "=", (endpoint or self.endpoint).id),
                ("direction", "=", "outbound"),
                ("document_type", "=", "functional_acknowledgement"),
            ],
            order="id",
        )

    def test_one_per_group_with_what_is_stored(self):
        [answer] = self.ingest(self.file(acknowledgement("31"), acknowledgement("32")))
        received = self.message(answer["message_uuid"])
        self.assertEqual(received.interchange, ORIGIN)
        one, two = self.sent()
        self.assertEqual(one.document["acknowledges"]["group_control_number"], "31")
        self.assertEqual(two.document["acknowledges"]["group_control_number"], "32")
        self.assertEqual(one.document["acknowledges"]["transactions"][0]["status"], "accepted")
        self.assertNotEqual(one.control_number, two.control_number)
        self.assertEqual((one.state, one.res_id, one.trace_id), ("queued", received.id, received.trace_id))
        _token, rows = self.claim()
        self.assertEqual(len(rows), 2, "neither waits for the other")

    def test_unreadable_file_is_acknowledged_too(self):
        wrong = acknowledgement()
        wrong["status"] = "rejected"
        self.ingest({**envelope(None, b"ISA*bad"), "acknowledgements": [wrong]})
        self.assertEqual(self.sent().document["status"], "rejected")

    def test_repeated_file_gets_the_same_answer_again(self):
        self.ingest(self.file(acknowledgement()))
        message = self.sent()
        [answer] = self.ingest(self.file(acknowledgement()))
        self.assertEqual(answer["status"], "duplicate")
        self.assertEqual(self.sent(), message, "it is on its way already")
        token, [row] = self.claim()
        payload = {
            "payload": "SVNB",
            "payload_sha256": sha256(b"ISA"),
            "filename": "997-000000001.edi",
            "content_type": "application/edi-x12",
        }
        self.service().stage(token, [{"uuid": row["uuid"], **payload}])
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"}])
        self.assertEqual(message.state, "sent")
        self.ingest(self.file(acknowledgement()))
        self.assertEqual(self.sent(), message, "no second number for the same group")
        self.assertEqual(message.state, "queued")
        _token, [again] = self.claim()
        self.assertEqual((again["uuid"], again["control_number"]), (row["uuid"], row["control_number"]))

    def test_not_overdue(self):
        """Nobody acknowledges an acknowledgement, so nobody is late with it."""
        self.endpoint.write({"expects_functional_ack": True, "acknowledge_by": 1})
        self.ingest(self.file(acknowledgement()))
        order = self.enqueue(self.endpoint, "P1")
        token, rows = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"} for row in rows])
        self.assertEqual({order.state, self.sent().state}, {"sent"})
        self.env.flush_all()
        self.env.cr.execute("UPDATE healthcare_exchange_message SET sent_at = sent_at - interval '1 hour'")
        self.env.invalidate_all()
        [found] = self.env["healthcare.exchange.alert"]._find_unacknowledged()
        self.assertEqual(found["message"], order)
        self.assertEqual(found["facts"]["messages"], 1)

    def test_same_key_with_other_bytes_is_not_acknowledged(self):
        self.ingest(self.file(acknowledgement(), idempotency_key="k"))
        [answer] = self.ingest(self.file(acknowledgement("77"), raw=b"other", idempotency_key="k"))
        self.assertEqual(answer["status"], "idempotency_conflict")
        self.assertEqual(len(self.sent()), 1)

    def test_never_for_an_acknowledgement(self):
        self.ingest(self.file(acknowledgement(identifier="FA")))
        self.assertFalse(self.sent())

    def test_only_where_the_endpoint_lists_it(self):
        silent = self.make_endpoint("SILENT", connector="x12-folder")
        self.ingest(self.file(acknowledgement()), endpoint=silent)
        self.assertFalse(self.sent(silent))
        draft = self.make_endpoint(
            "DRAFT",
            documents=(*DOCUMENTS, ("functional_acknowledgement", "outbound")),
            connector="x12-folder",
            state="draft",
        )
        self.ingest(self.file(acknowledgement()), endpoint=draft)
        self.assertFalse(self.sent(draft))

    def test_what_is_no_acknowledgement_is_refused_as_a_whole(self):
        for bad in (
            [canonical("invoice", "I9")],
            [{"document_type": "functional_acknowledgement"}],
            ["x"],
            {"a": 1},
        ):
            with self.subTest(bad), self.assertRaises(ValidationError):
                self.ingest(self.file(number="N", raw=b"n") | {"acknowledgements": bad})
        with self.assertRaises(ValidationError):
            self.ingest(self.file() | {"interchange": ["x"]})
        self.assertFalse(self.sent())

    def test_numbers_are_evidence(self):
        [answer] = self.ingest(self.file())
        with self.assertRaisesRegex(UserError, "interchange"):
            self.message(answer["message_uuid"]).sudo().write({"interchange": {}})
