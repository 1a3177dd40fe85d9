from odoo.addons.healthcare_exchange.tests.common import envelope
from odoo.tests import tagged

from .price_feed_common import PriceFeedCommon


def finding(line_number, message='prices[0].amount: "1,5%" is no number', level="error", **values):
    """Return what a reader of files says of a line."""
    return {
        "level": level,
        "code": "schema",
        "message": message,
        "path": "lines[0].prices[0].amount",
        "scope": "line",
        "line_number": line_number,
        **values,
    }


@tagged("post_install", "-at_install")
class TestPriceFeedReading(PriceFeedCommon):
    """Lines that the file's reader could not read, or not all of."""

    def read_list(self, *lines, findings, **values):
        """Return a feed of a file in which the reader found something, compared."""
        document = self.catalog(*lines, **values)
        [answer] = self.receive(self.endpoint, document, diagnostics=findings)
        self.assertEqual(answer["status"], "accepted", answer["errors"])
        return self.work(self.feeds.browse(answer["res_id"]))

    def test_good_lines_load_and_broken_ones_are_listed(self):
        """A line with an error has no effect, however good the rest of it looks; it says why."""
        feed = self.read_list(
            self.line(1, "S-GLV", "5.20"),
            self.line(2, "S-SUT", "12.10"),
            findings=[finding("2", "line 2: valid_from: soon is no date (100 %)")],
        )
        line = self.lines(feed)["2"]
        self.assertEqual((line.kind, self.flags(line)), ("broken", {"unreadable"}))
        self.assertEqual(line.explanation, "line 2: valid_from: soon is no date (100 %)")
        self.assertIn("sent again, alone", line.remedy)
        self.apply(feed)
        self.assertEqual((feed.state, feed.applied_count, feed.broken_count), ("applied", 1, 1))
        self.assertEqual(self.prices(self.suture), [("12", "EA", False, False)])

    def test_sent_again_alone(self):
        """The corrected line under the number of the list takes the place of the broken one."""
        feed = self.apply(
            self.read_list(
                self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", unit="EA"), findings=[finding("2")]
            )
        )
        again = self.feed(self.line(2, "S-SUT", "12.10"))
        self.assertEqual((again, feed.broken_count), (feed, 0))
        self.apply(feed)
        self.assertEqual(self.prices(self.suture)[-1][0], "12.1")

    def test_corrected_by_a_person(self):
        """A correction needs a second person, who reads what the reader found."""
        feed = self.read_list(self.line(1, "S-GLV", "5.20"), findings=[finding("1")])
        line = feed.line_ids
        line.with_user(self.clerk).action_correct({"amount": "5.25"})
        self.assertEqual((line.kind, self.flags(line)), ("suspicious", {"corrected"}))
        self.assertIn("1,5%", line.explanation)
        line.with_user(self.clerk).action_correct({"amount": None})
        self.assertEqual((line.kind, self.flags(line)), ("broken", {"unreadable"}))

    def test_line_that_is_not_in_the_document(self):
        """What was left out of the document wholly is listed, too."""
        feed = self.read_list(
            self.line(1, "S-GLV", "5.20"),
            findings=[finding("", "a cell of 20000 characters", line="17")],
        )
        lost = self.lines(feed)["17"]
        self.assertEqual((lost.kind, feed.line_count, feed.broken_count), ("broken", 2, 1))
        self.assertIn("20000 characters", lost.explanation)

    def test_unreadable_lines_end_nothing(self):
        """A whole catalog with a line that nobody can read may name what seems to have ended."""
        feed = self.read_list(
            self.line(1, "S-GLV", "5.20"),
            {"line_number": "#2"},
            findings=[finding("#2")],
            scope="full",
        )
        ended = self.lines(feed)[None]
        self.assertEqual(ended.product_id, self.suture)
        self.assertEqual(
            (ended.change, ended.kind, self.flags(ended)), ("ended", "suspicious", {"list_incomplete"})
        )
        self.lines(feed)["#2"].with_user(self.clerk).action_refuse("The supplier says: a footer")
        feed.with_user(self.clerk).action_compare_again()
        self.work(feed)
        self.assertEqual(self.lines(feed)[None].kind, "ended")

    def test_unreadable_lines_are_not_ignored(self):
        """Also where items that are not ours are left out."""
        self.env["healthcare.price.feed.policy"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "ignore_unknown_items": True,
            }
        ).state = "active"
        feed = self.read_list(self.line(1, "NOBODY", "1"), self.line(2, "NONE", "1"), findings=[finding("1")])
        self.assertEqual([line.kind for line in feed.line_ids], ["broken", "ignored"])

    def test_gtin_that_was_left_out(self):
        """A GTIN with a wrong check digit breaks the line, whoever noticed it."""
        wrong = finding("1", "GTIN 123 has a wrong check digit", "warning", code="gtin_check_digit")
        feed = self.read_list(self.line(1, "S-GLV", "5.20"), findings=[wrong])
        line = feed.line_ids
        self.assertEqual((line.kind, self.flags(line)), ("broken", {"gtin_invalid"}))
        self.assertEqual(line.explanation, wrong["message"])
        line.with_user(self.clerk).action_correct({"gtin": ""})
        self.assertEqual((line.kind, self.flags(line)), ("suspicious", {"corrected"}))

    def test_other_doubts_are_told(self):
        """A warning is told with the line, and changes nothing."""
        doubt = finding("1", "packs do not fit into each other", "warning", code="csv_packaging")
        feed = self.read_list(
            self.line(1, "S-GLV", "5.20"),
            findings=[doubt, {**doubt, "level": "info", "message": "read as UTF-8"}],
        )
        self.assertEqual((feed.line_ids.kind, feed.line_ids.explanation), ("changed", doubt["message"]))

    def test_more_findings_than_are_kept(self):
        """A document of which not all broken lines can be told is refused as a whole."""
        document = self.catalog(self.line(1, "S-GLV", "5.20"))
        findings = [finding(str(n)) for n in range(10_001)]
        [answer] = self.service().ingest(self.endpoint.code, [envelope(document, diagnostics=findings)])
        self.assertEqual((answer["status"], answer["errors"][0]["code"]), ("rejected", "too_many_findings"))

    def test_an_error_after_many_findings_counts(self):
        """An error about the whole document is not lost behind warnings."""
        doubts = [finding("1", level="warning")] * 10_000
        whole = {"level": "error", "code": "x12_truncated", "message": "the file ends early"}
        document = self.catalog(self.line(1, "S-GLV", "5.20"))
        [answer] = self.service().ingest(
            self.endpoint.code, [envelope(document, diagnostics=[*doubts, whole])]
        )
        self.assertEqual((answer["status"], answer["errors"][0]["code"]), ("rejected", "x12_truncated"))
