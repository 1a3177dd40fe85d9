import random
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..tools.exact import MAX_DIGITS, ExactError, numeric_text, to_decimal


@tagged("post_install", "-at_install")
class TestExact(BaseCase):
    def test_canonical_text(self):
        cases = {
            "0": "0",
            "-0.00": "0",
            "5.00": "5",
            "+5": "5",
            "100": "100",
            "1E+2": "100",
            "1e-3": "0.001",
            ".5": "0.5",
            "7.": "7",
            "-12.340": "-12.34",
            " 0.125 ": "0.125",
            "0.1000000000000000000000000001": "0.1000000000000000000000000001",
        }
        for text, expected in cases.items():
            with self.subTest(text=text):
                self.assertEqual(numeric_text(text), expected)
        self.assertEqual(numeric_text(1200), "1200")
        self.assertEqual(numeric_text(Decimal("1.2E+3")), "1200")

    def test_refused(self):
        for value in (
            0.1,
            1.0,
            True,
            None,
            "",
            " ",
            "abc",
            "1,5",
            "1 000",
            "1_000",
            "--1",
            "NaN",
            "Infinity",
            "-inf",
            "0x10",
            "١٢",
            "1e999",
            "9" * (MAX_DIGITS + 1),
            "1" * 10**6,
            10 ** (10 * MAX_DIGITS),
            Decimal("NaN"),
            Decimal("Infinity"),
            [],
            b"1",
        ):
            with self.subTest(value=str(value)[:40]), self.assertRaises(ExactError):
                to_decimal(value)

    def test_places(self):
        self.assertEqual(numeric_text("2.345", places=2), "2.35")
        self.assertEqual(numeric_text("2", places=2), "2.00")
        self.assertEqual(numeric_text("-0.001", places=2), "0.00")
        self.assertEqual(numeric_text("9" * 50, places=4), "9" * 50 + ".0000")

    def test_round_trip(self):
        """Whatever is written comes back equal, and equal numbers have equal texts."""
        rng = random.Random(20)  # noqa: S311 (not for secrets)
        for _i in range(2000):
            digits = rng.randint(1, 28)
            number = Decimal(rng.randint(-(10**digits), 10**digits)).scaleb(-rng.randint(0, 20))
            text = numeric_text(number)
            self.assertEqual(to_decimal(text), number)
            self.assertEqual(numeric_text(text), text)
            zeros = "0" * rng.randint(1, 5)
            self.assertEqual(numeric_text(f"{text}{zeros}" if "." in text else f"{text}.{zeros}"), text)
            self.assertNotIn("E", text)
