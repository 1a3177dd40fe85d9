from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedArrival(PriceFeedCommon):
    """Lists that come in portions, late, or not at all."""

    def portion(self, number, of, *lines, feed="BIG"):
        """Return a portion of a list."""
        return self.catalog(
            *lines, number=f"{feed}-{number}", portion={"number": number, "of": of, "feed": feed}
        )

    def test_portions(self):
        """The comparison begins when all portions are in, in whatever order."""
        second = self.portion(2, 2, self.line(2, "S-SUT", "12.10"))
        feed = self.work(self.deliver(second))
        self.assertEqual((feed.state, feed.number, feed.progress), ("staging", "BIG", 50.0))
        same = self.work(self.deliver(self.portion(1, 2, self.line(1, "S-GLV", "5.10"))))
        self.assertEqual(same, feed)
        self.assertEqual((feed.state, feed.line_count, len(feed.exchange_message_ids)), ("review", 2, 2))

    def test_portion_twice(self):
        """A portion that came already is not staged twice."""
        feed = self.deliver(self.portion(1, 2, self.line(1, "S-GLV", "5.10")))
        again = self.portion(1, 2, self.line(1, "S-GLV", "5.10"), feed="BIG")
        self.deliver({**again, "notes": ["once more"]})
        self.assertEqual(feed.line_count, 1)

    def test_missing_portions(self):
        """After its deadline an incomplete list has failed, says what is missing, and can go on."""
        feed = self.deliver(self.portion(1, 3, self.line(1, "S-GLV", "5.10")))
        feed.complete_by = fields.Datetime.now() - timedelta(minutes=1)
        self.work(feed)
        self.assertEqual(feed.state, "failed")
        self.assertIn("2, 3", feed.state_reason)
        self.assertIn(feed.owner_id, feed.activity_ids.user_id)
        self.deliver(self.portion(2, 3, self.line(2, "S-SUT", "12.10")))
        self.assertEqual(feed.state, "staging")
        self.work(self.deliver(self.portion(3, 3, self.line(3, "NOBODY", "1"))))
        self.assertEqual((feed.state, feed.line_count), ("review", 3))

    def test_portion_that_does_not_belong(self):
        """Another number of portions is refused with what to do."""
        self.deliver(self.portion(1, 3, self.line(1, "S-GLV", "5.10")))
        [answer] = self.receive(self.endpoint, self.portion(4, 4, self.line(1, "S-GLV", "5.10")))
        self.assertEqual((answer["status"], answer["errors"][0]["code"]), ("rejected", "portion_mismatch"))

    def test_unknown_currency_and_supplier(self):
        """What the whole list cannot do without is refused as a whole."""
        [answer] = self.receive(self.endpoint, {**self.catalog(), "currency": "XXQ"})
        self.assertEqual(answer["errors"][0]["code"], "currency_unknown")
        stranger = {"supplier": {"identifiers": [{"scheme": "buyer_assigned", "value": "WHO"}]}}
        [answer] = self.receive(self.endpoint, self.catalog(number="PL-9", parties=stranger))
        self.assertEqual(answer["errors"][0]["code"], "supplier_mismatch")

    def test_failure_is_kept_and_taken_up_again(self):
        """What goes wrong stays with the feed; it goes on where it was."""
        feed = self.deliver(self.catalog(self.line(1, "S-GLV", "5.10")))
        other = self.deliver(self.catalog(self.line(1, "S-SUT", "12.10"), number="PL-2"))
        original = type(feed)._compare_lines

        def fail(records, lines):
            if records == feed:
                raise ValueError("the disk is full")
            return original(records, lines)

        self.patch(type(feed), "_compare_lines", fail)
        with mute_logger("odoo.addons.healthcare_catalog.models.healthcare_price_feed_run"):
            self.work(feed)
        self.work(other)
        self.assertEqual((feed.state, other.state), ("failed", "review"))
        self.assertIn("the disk is full", feed.state_reason)
        self.patch(type(feed), "_compare_lines", original)
        feed.with_user(self.clerk).action_retry()
        self.assertEqual(self.work(feed).state, "review")

    def hold(self, **days):
        """Return what holds for the supplier, so many days from now."""
        day = fields.Date.today() + timedelta(**days)
        infos = self.env["product.supplierinfo"].with_company(self.company)
        return infos._price_holds([self.supplier.id], day)[self.supplier.id]

    def policy(self, **values):
        """Set the endpoint's policy for price lists that do not come."""
        self.endpoint.document_ids = [Command.update(self.endpoint.document_ids.id, values)]

    def test_last_price_holds_for_its_days(self):
        """Without a new list the prices hold for the policy's days, then buying stops."""
        self.assertEqual(self.hold()["stopped"], False)
        self.policy(contingency="last_price", price_valid_days=30)
        self.assertEqual(self.hold(days=500), {"until": False, "stopped": False, "reason": ""})
        self.apply(self.feed(self.line(1, "S-GLV", "5.10")))
        self.assertEqual(self.hold(days=30)["stopped"], False)
        late = self.hold(days=31)
        self.assertTrue(late["stopped"])
        self.assertIn("30 days", late["reason"])
        other = self.env["product.supplierinfo"]._price_holds([self.other_supplier.id])
        self.assertFalse(other[self.other_supplier.id]["stopped"])

    def test_list_without_changes_counts(self):
        """A list that changes nothing confirms the prices."""
        self.policy(contingency="last_price", price_valid_days=30)
        self.apply(self.feed(self.line(1, "S-GLV", "5")))
        self.assertTrue(self.hold()["until"])

    def test_stop_buying_when_a_list_fails(self):
        """With that policy a list that failed stops buying at once, until one is applied."""
        self.policy(contingency="stop_buying")
        self.assertFalse(self.hold()["stopped"])
        self.receive(self.endpoint, {**self.catalog(), "currency": "XXQ"})
        self.env.flush_all()
        stopped = self.hold()
        self.assertTrue(stopped["stopped"])
        self.assertIn("failed", stopped["reason"])
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.10"), number="GOOD"))
        feed.applied_at = fields.Datetime.now() + timedelta(seconds=5)
        self.assertFalse(self.hold()["stopped"])
