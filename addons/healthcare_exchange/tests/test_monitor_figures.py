import json

from odoo.tests import tagged
from odoo.tools import SQL

from ..tools.preview import preview
from .common import ExchangeCommon
from .monitor_common import MonitorBuilders

_TABLES = ("healthcare_exchange_message", "healthcare_exchange_attempt")


@tagged("post_install", "-at_install")
class TestMonitorFigures(MonitorBuilders, ExchangeCommon):
    """The monitor's queries with many messages: right figures, and no walk through the tables."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.endpoints = cls.env["healthcare.exchange.endpoint"]
        for number in range(7):
            cls.endpoints |= cls.make_endpoint(cls, f"MANY_{number}", expects_functional_ack=True)
        cls.make_traffic(cls, cls.endpoints, 100_000)

    def setUp(self):
        super().setUp()
        self.monitor = self.env["healthcare.exchange.monitor"]
        self.since = self.monitor._since(self.monitor._database_now(), "hour")

    def scans(self, query):
        """Return ``[(table, how, rows)]`` of the plan's accesses to the large tables."""
        self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", query))
        [(plan,)] = self.env.cr.fetchall()
        nodes, found = [plan[0]["Plan"]], []
        while nodes:
            node = nodes.pop()
            nodes.extend(node.get("Plans", []))
            if node.get("Relation Name") in _TABLES:
                found.append((node["Relation Name"], node["Node Type"], node["Plan Rows"]))
        return found

    def test_every_query_is_served_by_an_index(self):
        ids, monitor = self.endpoints.ids, self.monitor
        _length, width = monitor._check_period("hour")
        queries = {
            "open": monitor._open_query(ids),
            "unacknowledged": monitor._unacknowledged_query(ids),
            "attempts": monitor._attempts_query(ids, self.since),
            "recent": monitor._recent_query(ids),
            "sent": monitor._sent_query(ids, self.since),
            "received": monitor._received_query(ids, self.since),
            "bars": monitor._bars_query(ids, self.since, width),
            "errors": monitor._errors_query(ids, self.since),
        }
        for name, query in queries.items():
            with self.subTest(name):
                scans = self.scans(query)
                self.assertTrue(scans)
                self.assertNotIn("Seq Scan", [how for _table, how, _rows in scans], scans)

    def test_figures(self):
        overview = self.monitor.load_overview("week")
        total = overview["total"]
        self.assertEqual(total["waiting"], 3000)
        self.assertEqual((total["retrying"], total["dead"], total["rejected"]), (2000, 2000, 1000))
        # The first bar begins after the first messages.
        self.assertAlmostEqual(total["attempts"], 89_000, delta=1500)
        self.assertAlmostEqual(total["error_rate"], 5 / 89, delta=0.001)
        self.assertAlmostEqual(total["latency"]["p50"], 550, delta=20)
        self.assertAlmostEqual(total["latency"]["p99"], 990, delta=20)
        self.assertAlmostEqual(total["received"], 10_000, delta=200)
        self.assertEqual(sum(row["waiting"] for row in overview["endpoints"]), 3000)
        history = self.monitor.load_history(None, "week")
        bars = history["bars"]
        failed = sum(bar["not_sent"] + bar["unknown"] for bar in bars)
        self.assertEqual(failed, sum(error["number"] for error in history["errors"]))
        self.assertAlmostEqual(sum(bar["received"] for bar in bars), total["received"], delta=200)
        json.dumps([overview, history])

    def test_counts_stop(self):
        page = self.monitor.load_messages({})
        self.assertEqual((page["total"], page["total_more"]), (10_000, True))
        page = self.monitor.load_messages({"state": "attention"})
        self.assertEqual((page["total"], page["total_more"]), (3000, False))

    def test_last_page_is_reached_by_its_key(self):
        oldest = self.env["healthcare.exchange.message"].search([], order="id", limit=1)
        page = self.monitor.load_messages({}, oldest.id + 3, 2)
        self.assertEqual(len(page["items"]), 2)
        page = self.monitor.load_messages({}, page["next_cursor"], 2)
        self.assertEqual((len(page["items"]), page["next_cursor"]), (1, False))

    def test_numbers_beyond_the_newest_are_found_by_their_beginning(self):
        self.env.cr.execute("SELECT setval('healthcare_exchange_message_id_seq', 900000 + max(id))"
                            " FROM healthcare_exchange_message")  # fmt: skip
        self.enqueue(self.endpoints[0], "NEW-1")

        def found(text):
            return [item["number"] for item in self.monitor.load_messages({"search": text})["items"]]

        self.assertEqual(found("P0000042"), ["P0000042"])
        self.assertEqual(found("0000042"), [], "a part is looked for among the newest only")
        self.assertEqual(found("EW-1"), ["NEW-1"])


@tagged("post_install", "-at_install")
class TestPreview(ExchangeCommon):
    """Bytes of strangers as text that is safe to show."""

    def test_text(self):
        for content, encoding in (
            ("Größe".encode(), "utf-8"),
            ("\ufeffGröße".encode(), "utf-8-sig"),
            ("Größe".encode("latin-1"), "latin-1"),
            ("Größe".encode("utf-16"), "utf-16"),
        ):
            with self.subTest(encoding):
                shown = preview(content)
                self.assertEqual(
                    (shown["kind"], shown["encoding"], shown["text"]), ("text", encoding, "Größe")
                )

    def test_edi_separators_are_text(self):
        self.assertEqual(preview(b"ISA\x1d00\x1c\r\n")["kind"], "text")

    def test_control_characters_are_no_text(self):
        for content in (b"\x00abc", b"a\x1b[31m", b"\xff\xfe\x00"):
            self.assertEqual(preview(content)["kind"], "hex")

    def test_torn_character_at_the_cut(self):
        content = ("x" * 10 + "ß").encode()[:-1]
        self.assertEqual(preview(content, cut=True)["text"], "x" * 10)
        self.assertEqual(preview(content, cut=True)["encoding"], "utf-8")

    def test_hexadecimal(self):
        self.assertEqual(
            preview(b"\x00AB")["text"], "00000000  00 41 42                                         .AB"
        )
