from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ..tools.order_reply import Ordered, Response, exact_text, summarise

ORDERED = Ordered(quantity=Fraction(90), price=Fraction("5.00"))


@tagged("post_install", "-at_install")
class TestOrderReply(BaseCase):
    """What several answers to one line come to."""

    def test_plain_acceptance(self):
        summary = summarise([Response("accepted")], ORDERED)
        self.assertEqual(summary.status, "accepted")
        self.assertEqual(summary.acknowledged_quantity, 90)
        self.assertFalse(summary.changes)

    def test_accepted_backordered_and_rejected(self):
        summary = summarise(
            [
                Response("accepted", Fraction(88), promised_date="2026-12-01"),
                Response("backordered", Fraction(1), promised_date="2026-12-20"),
                Response("rejected", Fraction(1)),
            ],
            ORDERED,
        )
        self.assertEqual(summary.status, "backordered")
        self.assertEqual(summary.acknowledged_quantity, 88)
        self.assertEqual(summary.backordered_quantity, 1)
        self.assertEqual(summary.promised_date, "2026-12-20")
        self.assertEqual(summary.changes, {"quantity"})

    def test_rejected_in_part(self):
        summary = summarise([Response("accepted", Fraction(80)), Response("rejected", Fraction(10))], ORDERED)
        self.assertEqual(summary.status, "accepted_with_change")
        self.assertEqual(summary.changes, {"quantity"})

    def test_rejected_altogether(self):
        summary = summarise([Response("rejected")], ORDERED)
        self.assertEqual((summary.status, summary.acknowledged_quantity), ("rejected", 0))
        self.assertEqual(summary.changes, {"quantity"})

    def test_backorder_against_policy(self):
        response = [Response("backordered", Fraction(90))]
        self.assertFalse(summarise(response, ORDERED).changes)
        strict = Ordered(ORDERED.quantity, ORDERED.price, backorder_policy="fill_or_kill")
        self.assertEqual(summarise(response, strict).changes, {"backorder"})

    def test_price_is_compared_exactly(self):
        same = Response("accepted", Fraction(90), Fraction("5.000"))
        self.assertFalse(summarise([same], ORDERED).changes)
        other = Response("accepted", Fraction(90), Fraction("5.0001"))
        self.assertEqual(summarise([other], ORDERED).changes, {"price"})

    def test_two_prices_make_none(self):
        summary = summarise(
            [
                Response("accepted", Fraction(45), Fraction(5)),
                Response("accepted", Fraction(45), Fraction(6)),
            ],
            ORDERED,
        )
        self.assertIsNone(summary.price)
        self.assertEqual(summary.changes, {"price"})

    def test_an_unknown_unit_is_no_quantity(self):
        summary = summarise([Response("accepted", None, unit_unknown=True)], ORDERED)
        self.assertIsNone(summary.acknowledged_quantity)
        self.assertEqual(summary.changes, {"unit"})

    def test_a_missing_quantity_among_several(self):
        summary = summarise([Response("accepted"), Response("backordered", Fraction(1))], ORDERED)
        self.assertIsNone(summary.acknowledged_quantity)
        self.assertEqual(summary.changes, {"quantity"})

    def test_exact_text(self):
        self.assertEqual(exact_text(Fraction("0.125")), "0.125")
        self.assertEqual(exact_text(Fraction(0)), "0")
        self.assertEqual(exact_text(Fraction(10, 3)), "3.333333333333")
        self.assertEqual(exact_text(Fraction(1, 10**20)), "0.00000000000000000001")
        self.assertIs(exact_text(None), False)
