import json
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..models import exchange_message_portion
from .common import ExchangeCommon, canonical, envelope


@tagged("post_install", "-at_install")
class TestServiceCalls(ExchangeCommon):
    """What the integration service calls beside the protocol's own methods."""

    def call_json(self, method, model="healthcare.exchange.message", **arguments):
        return self.service().call_json(model, method, json.dumps(arguments))

    def test_json_carries_everything(self):
        endpoint = self.make_endpoint()
        text = "bell \x07, delete \x7f, \u2028, \U0001d11e"
        document = canonical("invoice", "I1", notes=[text])
        item = envelope(document, diagnostics=[{"level": "info", "message": text, "line": 2**40}])
        answer = self.call_json("ingest", endpoint_code=endpoint.code, envelopes=[item])
        self.assertTrue(answer.isascii())
        [stored] = json.loads(answer)
        message = self.message(stored["message_uuid"])
        self.assertEqual(message.document["notes"], [text])
        self.assertEqual(message.diagnostics[0]["line"], 2**40)

    def test_json_is_no_way_round(self):
        for model, method in (
            ("healthcare.exchange.message", "write"),
            ("healthcare.exchange.message", "_enqueue_many"),
            ("res.users", "search_read"),
            ("healthcare.exchange.message", "call_json"),
        ):
            with self.assertRaises(ValidationError):
                self.call_json(method, model=model)
        clerk = new_test_user(self.env, "json_clerk", groups="healthcare_base.group_clerk")
        messages = self.env["healthcare.exchange.message"].with_user(clerk)
        with self.assertRaises(AccessError):
            messages.call_json("healthcare.exchange.message", "endpoints", "{}")

    def test_json_says_what_is_wrong(self):
        service = self.service()
        for arguments in ("", "[]", "nonsense", '{"uuid": []}'):
            with self.assertRaises(ValidationError):
                service.call_json("healthcare.exchange.message", "status", arguments)

    def test_portions(self):
        """However many large documents wait, one claim hands out a bounded portion; a single
        larger one goes alone."""
        endpoint = self.make_endpoint()
        lines = [{"line_number": str(number)} for number in range(1000, 1040)]
        for number in range(6):
            document = canonical("purchase_order", f"P{number}", lines=lines)
            self.enqueue(endpoint, document=document, ordering_key=f"key{number}")
        size = len(json.dumps(document))
        with patch.object(exchange_message_portion, "PORTION_BYTES", size * 5 // 2):
            sizes = [len(self.claim()[1]) for _time in range(3)]
            self.assertEqual(sizes, [2, 2, 2])
        huge = canonical("purchase_order", "huge", lines=lines)
        self.enqueue(endpoint, document=huge, ordering_key="huge")
        with patch.object(exchange_message_portion, "PORTION_BYTES", size // 2):
            self.assertEqual([row["number"] for row in self.claim()[1]], ["huge"])

    def test_gauges(self):
        endpoint = self.make_endpoint("GAUGES")
        self.enqueue(endpoint, "P1", ordering_key="a")
        self.enqueue(endpoint, "P2", ordering_key="b")
        self.service().ingest("GAUGES", [envelope(canonical("invoice", "I1")), envelope(raw=b"?")])
        [row] = [one for one in self.service().gauges() if one["endpoint"] == "GAUGES"]
        self.assertGreaterEqual(row.pop("overdue_seconds"), 0)
        self.assertEqual(
            row,
            {"endpoint": "GAUGES", "breaker": "closed", "waiting": 2, "inbox": 1, "trouble": 1},
        )
        clerk = new_test_user(self.env, "gauges_clerk", groups="healthcare_base.group_clerk")
        with self.assertRaises(AccessError):
            self.env["healthcare.exchange.message"].with_user(clerk).gauges()
