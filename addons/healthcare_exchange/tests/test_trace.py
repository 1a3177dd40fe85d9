from odoo.tests import tagged

from .common import ExchangeCommon, canonical, envelope

TRACE = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@tagged("post_install", "-at_install")
class TestTrace(ExchangeCommon):
    """The place in a trace is pinned when a message comes into being, and told at each claim."""

    def test_outbound(self):
        endpoint = self.make_endpoint()
        message = self.enqueue(endpoint, trace_id=TRACE)
        self.assertRegex(message.traceparent, f"^00-{TRACE}-[0-9a-f]{{16}}-01$")
        _token, [row] = self.claim()
        self.assertEqual(row["traceparent"], message.traceparent)
        self.assertRegex(row["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_each_message_has_its_own_span(self):
        endpoint = self.make_endpoint()
        first = self.enqueue(endpoint, "P1", trace_id=TRACE)
        second = self.enqueue(endpoint, "P2", trace_id=TRACE)
        self.assertEqual(first.trace_id, second.trace_id)
        self.assertNotEqual(first.traceparent, second.traceparent)

    def test_inbound(self):
        endpoint = self.make_endpoint()
        document = canonical("invoice", "I1")
        [answer] = self.service().ingest(
            endpoint.code, [envelope(document, trace_id=TRACE, traceparent=TRACEPARENT)]
        )
        self.assertEqual(self.message(answer["message_uuid"]).traceparent, TRACEPARENT)

    def test_invalid_ones_start_anew(self):
        endpoint = self.make_endpoint()
        wrong = ("", "x", "00-" + "0" * 32 + "-b7ad6b7169203331-01", TRACEPARENT.replace("0af", "1af"))
        for number, traceparent in enumerate(wrong):
            document = canonical("invoice", f"I{number}")
            [answer] = self.service().ingest(
                endpoint.code, [envelope(document, trace_id=TRACE, traceparent=traceparent)]
            )
            message = self.message(answer["message_uuid"])
            self.assertRegex(message.traceparent, f"^00-{TRACE}-[0-9a-f]{{16}}-01$", traceparent)
            self.assertNotEqual(message.traceparent, TRACEPARENT)
