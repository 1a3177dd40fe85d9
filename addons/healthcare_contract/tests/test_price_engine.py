from datetime import date
from decimal import Decimal
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ..engine.price_facts import Hold
from ..engine.price_units import UnitBook, convert, decimal_text, finite_decimal, whole_fraction


@tagged("post_install", "-at_install")
class TestPriceEngine(BaseCase):
    """Units and prices in exact numbers."""

    def test_conversion_never_rounds(self):
        for amount in ("10", "0.1", "12.345678", "48"):
            for base in ("1", "100", "0.5"):
                for held in (1, 3, 7, 12, 144, Fraction(1, 16), Fraction(1, 3)):
                    for wanted in (1, 3, 10, 25, Fraction(1, 2), Fraction(1, 7)):
                        price, per = convert(Decimal(amount), Decimal(base), held, wanted)
                        self.assertEqual(
                            Fraction(price) / Fraction(per),
                            Fraction(amount) / Fraction(base) * wanted / held,
                            (amount, base, held, wanted),
                        )

    def test_a_price_that_ends_keeps_its_base(self):
        self.assertEqual(convert(Decimal("48"), Decimal(1), 10, 1), (Decimal("4.8"), Decimal(1)))
        self.assertEqual(convert(Decimal("10"), Decimal(1), 3, 1), (Decimal(10), Decimal(3)))
        self.assertEqual(convert(Decimal("5"), Decimal(100), 1, 10), (Decimal(50), Decimal(100)))

    def test_what_units_hold_is_meant_whole(self):
        self.assertEqual(whole_fraction(16.000000000000004), 16)
        self.assertEqual(whole_fraction(0.08333333333333333), Fraction(1, 12))
        self.assertEqual(whole_fraction(2.5), Fraction(5, 2))

    def test_endless_numbers_and_long_texts(self):
        self.assertIsNone(finite_decimal(Fraction(1, 3)))
        self.assertEqual(finite_decimal(Fraction(1, 8)), Decimal("0.125"))
        self.assertEqual(decimal_text(Decimal("5E+1")), "50")
        self.assertEqual(decimal_text(Decimal("4.50")), "4.5")
        self.assertEqual(decimal_text(Decimal("1." + "1" * 90)), "1." + "1" * 90)

    def test_the_book_of_units(self):
        book = UnitBook()
        book.add_reference(1, "EA", 7)
        book.add_standard("DZN", 7, 12)
        book.add_pack(1, "XBX", None, 10, None, date(2026, 6, 30))
        book.add_pack(1, "XBX", 5, 12, None, None)
        day = date(2026, 6, 30)
        for unit, supplier, on, held in (
            ("EA", None, day, 1),
            ("DZN", None, day, 12),
            ("XBX", None, day, 10),
            ("XBX", 5, day, 12),
            ("XBX", 6, day, 10),
            ("XBX", 6, date(2026, 7, 1), None),
            ("XCS", 5, day, None),
            (None, None, day, None),
        ):
            self.assertEqual(book.factor(1, unit, supplier, on), held, (unit, supplier, on))

    def test_holds(self):
        until = Hold(date(2026, 6, 30), True, "late")
        self.assertEqual([until.stops(day) for day in (date(2026, 6, 30), date(2026, 7, 1))], [False, True])
        self.assertTrue(Hold(None, True, "failed").stops(date(2026, 1, 1)))
        self.assertFalse(Hold(date(2026, 6, 30), False, "").stops(date(2027, 1, 1)))
