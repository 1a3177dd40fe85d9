import base64
import json

from odoo.tests import BaseCase, tagged

from ..tools import backoff, canonical, envelope
from ..tools.text import clean_text
from .common import canonical as document
from .common import envelope as make_envelope
from .common import sha256


@tagged("post_install", "-at_install")
class TestCanonical(BaseCase):
    def errors(self, value):
        return [(error["path"], error["line"]) for error in canonical.validate(value)]

    def test_least_document_of_each_type_is_valid(self):
        self.assertGreaterEqual(len(canonical.document_types()), 8)
        for name in canonical.document_types():
            with self.subTest(name):
                self.assertEqual(canonical.validate(document(name, "N1")), [])

    def test_error_names_field_and_line(self):
        order = document(
            "purchase_order",
            "P1",
            lines=[{"line_number": "1", "quantity": "1"}, {"line_number": "2", "quantity": 3}],
        )
        [error] = canonical.validate(order)
        self.assertEqual(error["path"], "lines[1].quantity")
        self.assertEqual(error["line"], "2")
        self.assertEqual(error["code"], "schema")
        self.assertIn("3 is not of type string", error["message"])

    def test_missing_and_unknown_fields_are_named(self):
        errors = canonical.validate({"document_type": "invoice", "schema_version": "1.0", "foo": 1})
        text = "\n".join(error["message"] for error in errors)
        self.assertIn("number is missing", text)
        self.assertIn('"foo" is not known', text)

    def test_decimal_pattern_means_the_end(self):
        """Python's ``$`` would let a last newline pass, ECMAScript's does not."""
        for bad in ("1.5\n", "1e3", "1,5", ".5", "", "٣"):
            with self.subTest(bad):
                order = document("purchase_order", "P1", lines=[{"line_number": "1", "quantity": bad}])
                self.assertEqual(self.errors(order), [("lines[0].quantity", "1")])

    def test_dates_are_dates(self):
        for moment, good in {
            "2026-02-28": True,
            "2026-02-29": False,
            "2026-02-28T10:00:00Z": True,
            "2026-02-28T10:00:00.123456789+02:00": True,
            "2026-02-28T10:00:00": False,
            "2026-02-28T25:00:00Z": False,
        }.items():
            with self.subTest(moment):
                found = self.errors(document("purchase_order", "P1", issued_at=moment))
                self.assertEqual(not found, good, found)

    def test_what_is_no_document(self):
        for value in (None, [], "x", 1, {}, {"document_type": "../common"}, {"document_type": []}):
            with self.subTest(value):
                self.assertTrue(canonical.validate(value))

    def test_depth_is_bounded_without_recursion(self):
        deep = []
        for _level in range(100_000):
            deep = [deep]
        self.assertIn("nested", canonical.validate({"document_type": "invoice", "x": deep})[0]["message"])

    def test_unstorable_text_is_found(self):
        for bad in ("a\x00b", "\ud800", float("nan"), float("inf")):
            with self.subTest(repr(bad)):
                self.assertTrue(canonical.unstorable({"a": [bad]}))
        self.assertTrue(canonical.unstorable({"a\x00": 1}))
        self.assertFalse(canonical.unstorable({"a": ["ü", "😀", 1.5, None, True]}))


@tagged("post_install", "-at_install")
class TestEnvelope(BaseCase):
    def keys(self, *envelopes):
        return [item["idempotency_key"] for item in envelope.normalise(list(envelopes))]

    def test_key_is_hash_and_position(self):
        raw = b"two documents"
        digest = sha256(raw)
        first, second = document("invoice", "1"), document("invoice", "2")
        self.assertEqual(
            self.keys(make_envelope(first, raw), make_envelope(second, raw)),
            [f"{digest}:0", f"{digest}:1"],
        )
        self.assertEqual(self.keys(make_envelope(second, raw, position=1)), [f"{digest}:1"])

    def test_same_envelope_again_keeps_its_key(self):
        raw = b"two documents"
        one, two = (make_envelope(document("invoice", number), raw) for number in "12")
        keys = self.keys(one, two, one, two)
        self.assertEqual(keys[:2], keys[2:])

    def test_partners_key_names_the_file(self):
        raw = b"two documents"
        one, two = (make_envelope(document("invoice", n), raw, idempotency_key="K") for n in "12")
        self.assertEqual(self.keys(one, two), ["K", "K#1"])

    def test_bare_document(self):
        invoice = document("invoice", "1")
        [one, again] = envelope.normalise([invoice, dict(reversed(invoice.items()))])
        self.assertEqual(one["idempotency_key"], again["idempotency_key"])
        self.assertEqual(json.loads(base64.b64decode(one["raw"])), invoice)

    def test_protocol_faults_are_refused(self):
        good = make_envelope(document("invoice", "1"))
        for name, bad in {
            "not an object": 1,
            "not base64": {**good, "raw": "%%%"},
            "wrong hash": {**good, "raw_sha256": "0" * 64},
            "unknown field": {**good, "endpoint": "X"},
            "document is a list": {**good, "document": [1]},
            "nothing in it": {"document": None},
            "position": {**good, "position": -1},
            "key is a number": {**good, "idempotency_key": 5},
            "key is too long": {**good, "idempotency_key": "k" * 201},
            "diagnostics": {**good, "diagnostics": ["x"]},
        }.items():
            with self.subTest(name), self.assertRaisesRegex(envelope.EnvelopeError, "envelope 1"):
                envelope.normalise([good, bad])
        with self.assertRaises(envelope.EnvelopeError):
            envelope.normalise({"document_type": "invoice"})
        with self.assertRaises(envelope.EnvelopeError):
            envelope.normalise([good] * (envelope.MAX_ENVELOPES + 1))

    def test_unreadable_and_damaged_bytes_have_errors(self):
        warning = {"level": "warning", "code": "w", "message": "odd"}
        broken = {"level": "error", "code": "truncated", "message": "SE is missing", "line": 7}
        [fine, damaged, lost, nul] = envelope.normalise(
            [
                make_envelope(document("invoice", "1"), diagnostics=[warning]),
                make_envelope(document("invoice", "2"), diagnostics=[warning, broken]),
                make_envelope(None, b"\x00\xff"),
                make_envelope(document("invoice", "a\x00"), b"raw"),
            ]
        )
        self.assertEqual(fine["errors"], [])
        self.assertEqual(
            damaged["errors"],
            [{"code": "truncated", "message": "SE is missing", "path": "", "line": "7"}],
        )
        self.assertTrue(damaged["document"])
        self.assertEqual(lost["errors"][0]["code"], "unparseable")
        self.assertIsNone(nul["document"])
        self.assertEqual(base64.b64decode(nul["raw"]), b"raw")

    def test_trace_id(self):
        good = "0af7651916cd43dd8448eb211c80319c"
        self.assertEqual(envelope.trace_id_or_new(good), good)
        for bad in ("0" * 32, good.upper(), good[1:], None, 5, ["x"]):
            with self.subTest(bad):
                self.assertNotEqual(envelope.trace_id_or_new(bad), bad)
                self.assertRegex(envelope.trace_id_or_new(bad), r"^[0-9a-f]{32}$")


@tagged("post_install", "-at_install")
class TestBackoff(BaseCase):
    def test_ceiling_doubles_and_is_capped(self):
        ceilings = [backoff.full_jitter(n, 5, 60, uniform=lambda low, high: high) for n in range(1, 7)]
        self.assertEqual(ceilings, [5, 10, 20, 40, 60, 60])
        self.assertEqual(backoff.full_jitter(10**9, 5, 60, uniform=lambda low, high: high), 60)

    def test_full_jitter_begins_at_zero(self):
        self.assertEqual(backoff.full_jitter(3, 5, 60, uniform=lambda low, high: low), 0)

    def test_retry_after_is_a_lower_bound(self):
        self.assertEqual(backoff.full_jitter(1, 5, 60, 600, uniform=lambda low, high: low), 600)

    def test_draws_spread(self):
        draws = [backoff.full_jitter(5, 10, 1000) for _n in range(200)]
        self.assertTrue(all(0 <= draw <= 160 for draw in draws))
        self.assertGreater(len(set(draws)), 150)


@tagged("post_install", "-at_install")
class TestText(BaseCase):
    def test_clean_text(self):
        self.assertEqual(clean_text("a\x00b"), "ab")
        self.assertEqual(clean_text("x" * 20, 5), "xxxxx")
        self.assertEqual(clean_text("\ud800"), "?")
        self.assertEqual(clean_text(None), "")
        self.assertEqual(clean_text(12), "12")
