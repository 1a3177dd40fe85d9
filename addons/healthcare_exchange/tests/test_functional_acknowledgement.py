from odoo.tests import tagged

from .common import ExchangeCommon, canonical


@tagged("post_install", "-at_install")
class TestFunctionalAcknowledgement(ExchangeCommon):
    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint("FA", expects_functional_ack=True)
        self.sent = self.enqueue(self.endpoint, "P1")
        self.number = 0

    def send(self):
        token, rows = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"} for row in rows])

    def acknowledge(self, status="accepted", errors=(), endpoint=None, **acknowledges):
        self.number += 1
        document = canonical(
            "functional_acknowledgement",
            str(self.number),
            status=status,
            acknowledges=acknowledges or {"group_control_number": f"{self.sent.control_number:09}"},
            errors=list(errors),
        )
        [answer] = self.receive(endpoint or self.endpoint, document)
        return answer

    def test_positive(self):
        self.send()
        self.assertEqual(self.sent.state, "sent")
        answer = self.acknowledge()
        self.assertEqual((answer["status"], answer["res_id"]), ("accepted", self.sent.id))
        self.assertEqual(self.sent.state, "acknowledged")
        self.assertEqual(self.acknowledge()["status"], "accepted", "the same fact told twice")

    def test_negative_and_partial_reject(self):
        for number, status in enumerate(("rejected", "partial"), 2):
            sent = self.enqueue(self.endpoint, f"P{number}")
            self.send()
            error = {"code": "5", "message": "count does not match"}
            self.acknowledge(status, [error], group_control_number=str(sent.control_number))
            self.assertEqual((sent.state, sent.error_code), ("rejected", "functional_rejection"))
            self.assertIn("count does not match", sent.errors_text)
            self.assertTrue(sent.owner_id)
            self.assertTrue(sent.activity_ids)

    def test_by_uuid_and_by_number(self):
        self.send()
        self.acknowledge(message_uuid=self.sent.uuid)
        self.assertEqual(self.sent.state, "acknowledged")
        other = self.enqueue(self.endpoint, "P2")
        self.send()
        self.acknowledge(document_type="purchase_order", number="P2")
        self.assertEqual(other.state, "acknowledged")

    def test_proof_of_delivery_ends_an_unknown_attempt(self):
        token, [row] = self.claim()
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "unknown"}])
        self.assertEqual(self.sent.state, "retry")
        self.acknowledge()
        self.assertEqual(self.sent.state, "acknowledged")
        self.assertEqual(self.claim()[1], [])

    def test_faster_than_the_report(self):
        token, [row] = self.claim()
        answer = self.acknowledge()
        self.assertEqual((answer["status"], answer["state"]), ("waiting", "retry"))
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered"}])
        [answer] = self.service().process([answer["message_uuid"]])
        self.assertEqual(answer["status"], "accepted")
        self.assertEqual(self.sent.state, "acknowledged")

    def test_of_nothing_that_was_sent(self):
        self.send()
        answer = self.acknowledge(group_control_number="999999")
        self.assertEqual(answer["error_code"], "message_unknown")
        self.assertIn("999999", answer["errors"][0]["message"])

    def test_not_by_another_partner(self):
        self.send()
        other = self.make_endpoint("FA2")
        self.assertEqual(self.acknowledge(endpoint=other)["status"], "rejected")
        self.assertEqual(self.acknowledge(endpoint=other, message_uuid=self.sent.uuid)["status"], "rejected")
        self.assertEqual(self.sent.state, "sent")
