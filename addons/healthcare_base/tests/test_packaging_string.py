import random

from odoo.tests import BaseCase, tagged

from ..tools.packaging_string import MAX_LEVELS, PackagingStringError, parse_packaging_string


@tagged("post_install", "-at_install")
class TestPackagingString(BaseCase):
    def test_levels_accumulate(self):
        self.assertEqual(parse_packaging_string("EA 10/BX 25/CS"), [("EA", 1), ("BX", 10), ("CS", 250)])
        self.assertEqual(parse_packaging_string(" ea  12 / dz "), [("EA", 1), ("DZ", 12)])
        self.assertEqual(parse_packaging_string("EA"), [("EA", 1)])

    def test_refused_with_the_part(self):
        for text, named in {
            "": "empty",
            "   ": "empty",
            "EA 10/BX 25": "last unit",
            "EA/BX": "part 1",
            "EA 10/BX/CS": "part 2",
            "EA 0/BX": "part 1",
            "EA 10/EA": "EA is named twice",
            "EA ten/BX": "part 1",
            "EA 1.5/BX": "part 1",
            "EA -1/BX": "part 1",
            "10 EA/BX": "part 1",
            "EA 10//CS": "part 2",
            "EA 999999999/BX 999999999/CS": "part 2",
            "EA ١٠/BX": "part 1",
            "EA 10/BX " * 100: "longer than",
        }.items():
            with self.subTest(text=text[:30]), self.assertRaisesRegex(PackagingStringError, named):
                parse_packaging_string(text)
        with self.assertRaises(PackagingStringError):
            parse_packaging_string("/".join(f"U{i} 2" for i in range(MAX_LEVELS)) + "/CS")
        with self.assertRaises(PackagingStringError):
            parse_packaging_string(None)

    def test_round_trip(self):
        rng = random.Random(7)  # noqa: S311 (not for secrets)
        units = ["EA", "PK", "BX", "CT", "CS", "PL"]
        for _i in range(500):
            chain = rng.sample(units, rng.randint(1, len(units)))
            counts = [rng.randint(1, 12) for _unit in chain[1:]]
            parts = [f"{unit} {count}" for unit, count in zip(chain, counts, strict=False)]
            factor, expected = 1, [(chain[0], 1)]
            for unit, count in zip(chain[1:], counts, strict=True):
                factor *= count
                expected.append((unit, factor))
            self.assertEqual(parse_packaging_string("/".join([*parts, chain[-1]])), expected)
