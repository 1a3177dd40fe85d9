from odoo.tests import tagged

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedCompare(PriceFeedCommon):
    """What a list is understood as, and what is found about it."""

    def test_diff_kinds(self):
        """New, changed, unchanged and unknown: each line says what it does."""
        self.env["product.supplierinfo"].search([("product_id", "=", self.suture.id)]).unlink()
        self.suture.manufacturer_code = "MFG-SUT"
        feed = self.feed(
            self.line(1, "S-GLV", "5.20"),
            self.line(2, item={"manufacturer_code": "MFG-SUT"}, amount="11.5"),
            self.line(3, "NOBODY", "1"),
        )
        self.assertEqual(feed.state, "review")
        lines = self.lines(feed)
        self.assertEqual([lines[n].kind for n in "123"], ["changed", "new", "broken"])
        self.assertEqual(lines["1"].old_price, "5")
        self.assertEqual(lines["1"].change_percent, "4")
        self.assertEqual(lines["1"].product_id, self.gloves)
        self.assertEqual(lines["2"].product_id, self.suture)
        self.assertEqual(self.flags(lines["3"]), {"item_unknown"})
        self.assertIn("NOBODY", lines["3"].explanation)
        self.assertTrue(lines["3"].remedy)
        self.assertEqual(
            (feed.line_count, feed.changed_count, feed.new_count, feed.broken_count, feed.open_count),
            (3, 1, 1, 1, 2),
        )
