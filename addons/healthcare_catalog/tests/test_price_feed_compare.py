from datetime import date, timedelta

from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.tests import tagged

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedCompare(PriceFeedCommon):
    """What a list is understood as, and what is found about it."""

    def flagged(self, *lines, **values):
        """Return ``[(kind, flags)]`` of a feed's lines."""
        lines = self.lines(self.feed(*lines, **values))
        return [(line.kind, self.flags(line)) for line in lines.values()]

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

    def test_same_price_is_unchanged_however_it_is_said(self):
        """1000 for two hundred is 5 for one; zeros behind the point say nothing."""
        feed = self.feed(self.line(1, "S-GLV", "1000.00", price={"base_quantity": "200"}))
        self.assertEqual(self.lines(feed)["1"].kind, "unchanged")
        self.assertEqual(feed.open_count, 0)

    def test_large_changes(self):
        """Beyond 10 % up and 25 % down a price is suspicious; the limits themselves are not."""
        found = self.flagged(self.line(1, "S-GLV", "5.50"), self.line(2, "S-SUT", "9"))
        self.assertEqual([kind for kind, _flags in found], ["changed", "changed"])
        found = self.flagged(self.line(1, "S-GLV", "5.51"), self.line(2, "S-SUT", "8.99"), number="PL-2")
        self.assertEqual(found, [("suspicious", {"large_increase"}), ("suspicious", {"large_decrease"})])

    def test_decimal_slips(self):
        """Ten times and a hundredth are decimal slips, a few percent of change included."""
        [ten] = self.flagged(self.line(1, "S-SUT", "121"), number="A")
        self.assertEqual(ten[0], "suspicious")
        self.assertIn("decimal_slip", ten[1])
        [hundredth] = self.flagged(self.line(1, "S-SUT", "0.12"), number="B")
        self.assertLessEqual({"decimal_slip", "price_absurd"}, hundredth[1])
        [seven] = self.flagged(self.line(1, "S-SUT", "84"), number="C")
        self.assertEqual(seven[1], {"large_increase"})

    def test_pack_factor(self):
        """The price of a box sent as that of a piece, and the price of a piece as that of a box."""
        self.make_packaging(self.suture, "XBX", 36)
        [times] = self.flagged(self.line(1, "S-SUT", "432"), number="A")
        self.assertIn("pack_factor", times[1])
        self.make_supplierinfo(self.suture, self.other_supplier, "O", 1)
        self.apply(self.feed(self.line(1, "S-SUT", "432", "XBX"), number="B"))
        [divided] = self.flagged(self.line(1, "S-SUT", "12", "XBX"), number="C")
        self.assertEqual(divided[0], "suspicious")
        self.assertIn("pack_factor", divided[1])

    def test_unit_flip(self):
        """The number stays, the unit changes: 5.00 per piece became 5.00 per box of ten."""
        [flip] = self.flagged(self.line(1, "S-GLV", "5.00", "XBX"))
        self.assertEqual(flip[0], "suspicious")
        self.assertIn("unit_flip", flip[1])

    def test_unit_that_changes_with_its_price(self):
        """50.00 per box of ten is 5.00 per piece: another unit, nothing suspicious."""
        [(kind, flags)] = self.flagged(self.line(1, "S-GLV", "50.00", "BX"))
        self.assertEqual((kind, flags), ("new", {"unit_changed"}))

    def test_absurd_and_negative(self):
        """Negative prices are broken, absurd ones and zero suspicious."""
        found = self.flagged(self.line(1, "S-GLV", "-5"), self.line(2, "S-SUT", "0"), number="A")
        self.assertEqual(found[0], ("broken", {"price_negative"}))
        self.assertEqual(found[1][0], "suspicious")
        self.assertIn("price_zero", found[1][1])
        [absurd] = self.flagged(self.line(1, "S-SUT", "500000"), number="B")
        self.assertIn("price_absurd", absurd[1])

    def test_price_above_the_highest_without_one_before(self):
        """There is nothing to compare with, and still nobody pays a million for a glove."""
        mask = self.make_product("Mask", "MSK-1")
        [(kind, flags)] = self.flagged(self.line(1, item={"buyer_code": "MSK-1"}, amount="1000000"))
        self.assertEqual((kind, flags), ("suspicious", {"price_absurd"}))
        self.assertTrue(mask)

    def test_unit_without_factor(self):
        """A pack code says nothing by itself."""
        [(kind, flags)] = self.flagged(self.line(1, "S-SUT", "100", "XPK"))
        self.assertEqual((kind, flags), ("broken", {"unit_unknown"}))

    def test_no_unit_and_no_price(self):
        """Neither is guessed."""
        found = self.flagged(
            {"line_number": "1", "item": {"supplier_code": "S-GLV"}, "prices": [{"amount": "5"}]},
            {"line_number": "2", "item": {"supplier_code": "S-SUT"}, "unit": "EA"},
        )
        self.assertEqual(found, [("broken", {"unit_missing"}), ("broken", {"price_missing"})])

    def test_wrong_check_digit(self):
        """Fourteen digits are no GTIN yet."""
        good = with_gs1_check_digit("1061414100077")
        bad = good[:-1] + str((int(good[-1]) + 1) % 10)
        item = {"supplier_code": "S-GLV", "gtin": bad}
        [(kind, flags)] = self.flagged(self.line(1, item=item, amount="5.10"))
        self.assertEqual((kind, flags), ("broken", {"gtin_invalid"}))

    def test_codes_that_contradict(self):
        """The supplier's code is the suture's, the GTIN the gloves'."""
        item = {"supplier_code": "S-SUT", "gtin": self.gloves.gtin}
        [(kind, flags)] = self.flagged(self.line(1, item=item, amount="12"))
        self.assertEqual((kind, flags), ("broken", {"item_contradiction"}))

    def test_same_item_twice(self):
        """Two prices for one thing: both are broken. The same said twice: the second is."""
        found = self.flagged(self.line(1, "S-GLV", "5.10"), self.line(2, "S-GLV", "5.20"), number="A")
        self.assertEqual(found, [("broken", {"same_item_twice"})] * 2)
        feed = self.feed(self.line(1, "S-GLV", "5.10"), self.line(2, "S-GLV", "5.10"), number="B")
        lines = self.lines(feed)
        self.assertEqual(lines["1"].kind, "changed")
        self.assertEqual((lines["2"].kind, self.flags(lines["2"])), ("broken", {"repeated_line"}))
        self.assertEqual(lines["2"].related_line, "1")

    def test_same_item_in_two_units_is_fine(self):
        """A price per piece and a price per box of ten are two prices."""
        found = self.flagged(self.line(1, "S-GLV", "5.10"), self.line(2, "S-GLV", "49.00", "XBX"))
        self.assertEqual([kind for kind, _flags in found], ["changed", "new"])

    def test_overlapping_validity(self):
        """Two prices on the same days are broken; one after the other they are not."""
        now = date.today()
        until, later = (now + timedelta(days=30)).isoformat(), (now + timedelta(days=31)).isoformat()
        found = self.flagged(
            self.line(1, "S-GLV", "5.10", price={"valid_to": until}),
            self.line(2, "S-GLV", "5.20", price={"valid_from": now.isoformat()}),
            number="A",
        )
        self.assertEqual(found, [("broken", {"overlapping_validity"})] * 2)
        found = self.flagged(
            self.line(1, "S-GLV", "5.10", price={"valid_to": until}),
            self.line(2, "S-GLV", "5.20", price={"valid_from": later}),
            number="B",
        )
        self.assertEqual([kind for kind, _flags in found], ["changed", "changed"])

    def test_dates(self):
        """An end before the beginning, and an end that is over."""
        found = self.flagged(
            self.line(1, "S-GLV", "5.10", valid_from="2030-02-01", valid_to="2030-01-01"),
            self.line(2, "S-SUT", "12.10", valid_to="2020-01-01"),
        )
        self.assertEqual(found, [("broken", {"dates_reversed"}), ("broken", {"validity_over"})])

    def test_other_currency(self):
        """A price in another currency than before is looked at."""
        other = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("id", "!=", self.company.currency_id.id)], limit=1)
        )
        other.active = True
        [(kind, flags)] = self.flagged(self.line(1, "S-GLV", "5", price={"currency": other.name}))
        self.assertEqual(kind, "suspicious")
        self.assertIn("currency_changed", flags)

    def test_packaging_that_says_otherwise(self):
        """We think that a box holds ten; the supplier says twelve."""
        [(kind, flags)] = self.flagged(self.line(1, "S-GLV", "50", "BX", packaging="EA 12/BX"))
        self.assertEqual(kind, "suspicious")
        self.assertIn("packaging_mismatch", flags)

    def test_kinds_of_price(self):
        """A list price beside a net price is kept with it; alone it is no price, nor is a tier's."""
        both = self.line(1, "S-GLV")
        both["prices"] = [
            {"kind": "list", "amount": "9", "unit": "EA"},
            {"amount": "5.10", "unit": "EA"},
        ]
        feed = self.feed(
            both,
            self.line(2, "S-SUT", "12", price={"kind": "list"}),
            self.line(3, "S-SUT", "12", price={"tier": "T1"}),
            self.line(4, "S-SUT", price={}, amount="3", unit="XBX"),
        )
        lines = self.lines(feed)
        self.assertEqual((lines["1"].kind, lines["1"].list_price), ("changed", "9"))
        self.assertEqual(self.flags(lines["2"]), {"list_price_only"})
        self.assertEqual(self.flags(lines["3"]), {"tier_price"})

    def test_classes_are_prices_of_their_own(self):
        """A 340B price is not compared with the price for own use."""
        [(kind, flags)] = self.flagged(self.line(1, "S-GLV", "2", price={"price_class": "340b"}))
        self.assertEqual((kind, flags), ("new", set()))

    def test_ended_by_status_and_by_absence(self):
        """A list of changes ends what it says; a list of everything also what it leaves out."""
        feed = self.feed(self.line(1, "S-GLV", status="discontinued"), number="A")
        line = self.lines(feed)["1"]
        self.assertEqual((line.kind, line.old_price), ("ended", "5"))
        feed = self.feed(self.line(1, "S-GLV", "5.10"), number="B", scope="full")
        ended = self.lines(feed)[None]
        self.assertEqual((ended.kind, ended.product_id, ended.generated), ("ended", self.suture, True))

    def test_item_with_a_broken_line_does_not_end(self):
        """A whole list with a broken line names the item all the same."""
        feed = self.feed(self.line(1, "S-GLV", "5"), self.line(2, "S-SUT", "1", "XPK"), scope="full")
        self.assertEqual(feed.ended_count, 0)
        feed = self.feed(
            self.line(1, "S-GLV", "5"), self.line(2, "S-SUT", "-12"), scope="full", number="PL-2"
        )
        self.assertEqual(feed.ended_count, 0)

    def test_ten_percent_broken(self):
        """The good lines can be approved, the broken ones are listed with line and remedy."""
        products = [self.make_product(f"Item {n}", f"IT-{n}") for n in range(20)]
        lines = [
            self.line(n, item={"buyer_code": product.default_code}, amount="-1" if n in (7, 13) else "3")
            for n, product in enumerate(products)
        ]
        feed = self.apply(self.feed(*lines))
        self.assertEqual((feed.state, feed.applied_count, feed.broken_count), ("applied", 18, 2))
        broken = feed.line_ids.filtered(lambda line: line.kind == "broken")
        self.assertEqual(broken.mapped("line_number"), ["7", "13"])
        self.assertTrue(all(line.explanation and line.remedy for line in broken))

    def test_policy_of_the_supplier(self):
        """A policy's thresholds judge its supplier's feeds, the defaults all others'."""
        policy = self.env["healthcare.price.feed.policy"].create(
            {"partner_id": self.supplier.id, "company_id": self.company.id, "increase_percent": "2"}
        )
        [(kind, _flags)] = self.flagged(self.line(1, "S-GLV", "5.20"), number="A")
        self.assertEqual(kind, "changed", "a draft is not in force")
        policy.state = "active"
        feed = self.feed(self.line(1, "S-GLV", "5.20"), number="B")
        self.assertEqual(self.lines(feed)["1"].kind, "suspicious")
        self.assertEqual(feed.thresholds["policy_id"], policy.id)

    def test_ignored_items(self):
        """A supplier's items that we do not have are left out where the policy says so."""
        self.env["healthcare.price.feed.policy"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "ignore_unknown_items": True,
            }
        ).state = "active"
        [(kind, _flags)] = self.flagged(self.line(1, "NOBODY", "5.20"))
        self.assertEqual(kind, "ignored")
