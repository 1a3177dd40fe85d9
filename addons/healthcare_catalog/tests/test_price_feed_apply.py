from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .price_feed_common import PriceFeedCommon


@tagged("post_install", "-at_install")
class TestPriceFeedApply(PriceFeedCommon):
    """What becomes of approved lines, at their dates, and how it is taken back."""

    def test_change_ends_the_price_before(self):
        """The new price begins today, the old one ended yesterday, and both are kept."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.123456", price={"min_quantity": "0"})))
        today = date.today()
        self.assertEqual(feed.state, "applied")
        self.assertEqual(
            self.prices(self.gloves),
            [
                ("5", "EA", False, today - timedelta(days=1)),
                ("5.123456", "EA", today, False),
            ],
        )
        info = self.env["product.supplierinfo"].search([("feed_id", "=", feed.id)])
        self.assertEqual((info.feed_line_id.line_number, info.base_quantity), ("1", "1"))
        seller = self.gloves._select_seller(partner_id=self.supplier, quantity=1, date=today)
        self.assertEqual(seller, info, "Odoo itself buys at it")

    def test_applied_at_its_validity_date(self):
        """A price that begins next month is known now and used then."""
        start = date.today() + timedelta(days=30)
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20", valid_from=start.isoformat())))
        self.assertEqual(feed.state, "applied")
        before = self.gloves._select_seller(
            partner_id=self.supplier, quantity=1, date=start - timedelta(days=1)
        )
        after = self.gloves._select_seller(partner_id=self.supplier, quantity=1, date=start)
        self.assertEqual((before.price, after.price), (5.0, 5.2))

    def test_nothing_in_the_past_changes(self):
        """A price that is sent backdated counts from today, and the line says so."""
        feed = self.feed(self.line(1, "S-GLV", "5.20", valid_from="2020-01-01"))
        self.assertEqual(self.flags(self.lines(feed)["1"]), {"backdated"})
        self.apply(feed)
        self.assertEqual(self.prices(self.gloves)[1][2], date.today())

    def test_price_for_some_days(self):
        """After a price with a last day goes on what it interrupted."""
        start, end = date.today() + timedelta(days=10), date.today() + timedelta(days=20)
        self.apply(
            self.feed(self.line(1, "S-GLV", "4.90", valid_from=start.isoformat(), valid_to=end.isoformat()))
        )
        self.assertEqual(
            self.prices(self.gloves),
            [
                ("5", "EA", False, start - timedelta(days=1)),
                ("5", "EA", end + timedelta(days=1), False),
                ("4.9", "EA", start, end),
            ],
        )

    def test_ended(self):
        """An ended price has its last day; an item without a price is not bought at one."""
        self.apply(self.feed(self.line(1, "S-GLV", status="discontinued")))
        self.assertEqual(self.prices(self.gloves, on=date.today()), [])

    def test_price_basis_and_pack(self):
        """A price for a hundred boxes of ten is kept as sent, and Odoo's is per box."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "4900", "BX", price={"base_quantity": "100"})))
        info = self.env["product.supplierinfo"].search([("feed_id", "=", feed.id)])
        self.assertEqual(
            (info.exact_price, info.base_quantity, info.unit_code, info.price, info.product_uom_id),
            ("4900", "100", "XBX", 49.0, self.gloves_box.uom_id),
        )

    def test_twice_on_one_day(self):
        """A second list of the day takes the first one's place; the first has no day left."""
        self.apply(self.feed(self.line(1, "S-GLV", "5.20"), number="A"))
        self.apply(self.feed(self.line(1, "S-GLV", "5.30"), number="B"))
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.3"])

    def test_slices_go_on_where_they_were(self):
        """A worker that ends between two slices is followed by one that does the rest, once."""
        products = [self.make_product(f"Item {n}", f"IT-{n}") for n in range(7)]
        lines = [
            self.line(n, item={"buyer_code": product.default_code}, amount="3")
            for n, product in enumerate(products)
        ]
        feed = self.deliver(self.catalog(*lines))
        slices = {"_compare_slice": 3, "_apply_slice": 3}
        for name, limit in slices.items():
            original = getattr(type(feed), name)
            patcher = patch.object(type(feed), name, lambda feed, _l=limit, _o=original: _o(feed, _l))
            patcher.start()
            self.addCleanup(patcher.stop)
        self.assertTrue(feed._work_step())
        self.assertEqual((feed.state, feed.compared_count), ("comparing", 3))
        self.assertAlmostEqual(feed.progress, 300 / 7)
        self.env.invalidate_all()
        self.work(feed)
        self.assertEqual((feed.state, feed.compared_count, feed.new_count), ("review", 7, 7))
        feed.with_user(self.clerk).action_approve_unflagged()
        self.assertTrue(feed._work_step())
        self.assertTrue(feed._work_step())
        self.assertEqual((feed.state, feed.applied_count), ("applying", 3))
        self.work(feed)
        self.assertEqual((feed.state, feed.applied_count), ("applied", 7))
        self.assertEqual(self.env["product.supplierinfo"].search_count([("feed_id", "=", feed.id)]), 7)

    def test_one_audit_entry_with_digest(self):
        """The trail has the application of a list as one entry, whose digest can be recomputed."""
        feed = self.apply(self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "12.50")))
        entries = self.env["healthcare.audit.entry"].search(
            [("model", "=", feed._name), ("res_id", "=", feed.id), ("action", "=", "price_feed_applied")]
        )
        self.assertEqual(len(entries), 1)
        self.assertIn(feed.digest, entries.changes)
        self.assertEqual(feed.digest, feed._applied_digest())

    def test_what_changed_meanwhile_is_decided_again(self):
        """An approved line whose price before is another one by now is not applied."""
        feed = self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, "S-SUT", "12.50"))
        feed.with_user(self.clerk).action_approve_unflagged()
        old = self.env["product.supplierinfo"].search([("product_id", "=", self.gloves.id)])
        old.sudo().price = 4.0
        self.work(feed)
        lines = self.lines(feed)
        self.assertEqual(feed.state, "applied")
        self.assertFalse(lines["1"].applied_at)
        self.assertEqual((lines["1"].kind, lines["1"].decision), ("suspicious", "open"))
        self.assertTrue(lines["2"].applied_at)

    def test_two_lists_at_once(self):
        """Of two lists that were compared with the same prices the second does not overwrite what the
        first began: its lines are compared and decided again, new items included."""
        mask = self.make_product("Mask", "MSK-1")
        new = {"item": {"buyer_code": "MSK-1"}}
        first = self.feed(self.line(1, "S-GLV", "5.20"), self.line(2, amount="3", **new), number="A")
        second = self.feed(
            self.line(1, "S-GLV", "5.30"),
            self.line(2, amount="9", **new),
            self.line(3, "S-SUT", "12.10"),
            number="B",
        )
        for feed in (first, second):
            feed.with_user(self.clerk).action_approve_unflagged()
        self.work(first)
        self.work(second)
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.2"])
        self.assertEqual([price[0] for price in self.prices(mask)], ["3"])
        lines = self.lines(second)
        self.assertEqual((second.state, second.applied_count), ("applied", 1))
        self.assertEqual(
            [(lines[n].kind, lines[n].old_price, lines[n].decision) for n in "12"],
            [("changed", "5.2", "open"), ("suspicious", "3", "open")],
        )
        self.assertTrue(lines["3"].applied_at)
        self.apply(second)
        self.assertEqual([price[0] for price in self.prices(self.gloves, on=date.today())], ["5.3"])

    def test_price_of_a_feed_is_not_edited(self):
        """Neither edited, nor deleted, nor overtaken by a price beside it."""
        self.apply(self.feed(self.line(1, "S-GLV", "5.20")))
        manager = self.users["administrator"]
        infos = self.env["product.supplierinfo"].with_user(manager)
        fed = infos.search([("product_id", "=", self.gloves.id), ("feed_id", "!=", False)])
        ended = infos.search([("product_id", "=", self.gloves.id), ("ended_by_feed_id", "!=", False)])
        for values in (
            {"price": 1},
            {"date_end": "2020-01-01"},
            {"sequence": 9},
            {"product_id": self.suture.id},
        ):
            with self.assertRaises(UserError):
                fed.write(values)
        with self.assertRaises(UserError):
            ended.write({"date_end": False})
        with self.assertRaises(UserError):
            fed.unlink()
        values = {
            "partner_id": self.supplier.id,
            "product_id": self.gloves.id,
            "product_tmpl_id": self.gloves.product_tmpl_id.id,
            "price": 1,
            "sequence": -1,
        }
        with self.assertRaises(UserError):
            infos.create(values)
        other = infos.create({**values, "partner_id": self.other_supplier.id})
        with self.assertRaises(UserError):
            other.partner_id = self.supplier
        fed.delay = 3
        self.assertEqual(fed.delay, 3, "what is no price may be edited")
