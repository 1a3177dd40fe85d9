"""What a scanner reads: pure parsing, then items and lots that are found by it."""

import json
import os
import re
from datetime import date
from pathlib import Path

from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.tests import BaseCase, tagged

from ..tools import gs1
from ..tools.classification import normalise_gmdn, normalise_unspsc
from ..tools.gs1 import Gs1Error, gs1_date, parse_element_string
from ..tools.hibc import HibcError, hibc_check_character, parse_hibc
from ..tools.lots import normalise_lot
from .common import CatalogCommon

GTIN = "00844588018923"
CORPUS = Path(os.environ.get("HCP_CORPUS") or Path(__file__).parents[4] / "shared" / "corpus")


@tagged("post_install", "-at_install")
class TestElementString(BaseCase):
    def test_a_scanned_string(self):
        self.assertEqual(
            parse_element_string(f"]d201{GTIN}17260331" + "10LOTA\x1d21SER1"),
            [("01", GTIN), ("17", "260331"), ("10", "LOTA"), ("21", "SER1")],
        )
        self.assertEqual(parse_element_string(f"]C1\x1d01{GTIN}"), [("01", GTIN)])

    def test_nothing_is_guessed_without_a_separator(self):
        self.assertEqual(
            parse_element_string(f"01{GTIN}10LOTA117260331"), [("01", GTIN), ("10", "LOTA117260331")]
        )

    def test_the_printed_form(self):
        self.assertEqual(
            parse_element_string(f"(01){GTIN}(17)260300(10)A-1/2"),
            [("01", GTIN), ("17", "260300"), ("10", "A-1/2")],
        )

    def test_identifiers_that_are_only_passed_over(self):
        elements = parse_element_string(f"01{GTIN}11250101" + "240PART 1".replace(" ", "") + "\x1d10L1")
        self.assertEqual(dict(elements)["10"], "L1")

    def test_what_cannot_be_read_says_where(self):
        for text, reason in (
            ("", "nothing"),
            ("01123", "14 digits"),
            (f"01{GTIN}10", "cannot be"),
            (f"01{GTIN}10" + "A" * 21, "at most 20"),
            (f"01{GTIN}0500", "no application identifier"),
            (f"01{GTIN}10LOT A", "cannot be"),
            (f"01{GTIN}01{with_gs1_check_digit('0084458801893')}", "twice"),
            ("(1)234", "does not begin|no application"),
            ("0" * 501, "longer"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(Gs1Error, reason):
                parse_element_string(text)

    def test_dates(self):
        today = date(2026, 11, 24)
        self.assertEqual(gs1_date("260331", today), date(2026, 3, 31))
        self.assertEqual(gs1_date("280200", today), date(2028, 2, 29))
        self.assertEqual(gs1_date("760101", today), date(2076, 1, 1))
        self.assertEqual(gs1_date("770101", today), date(1977, 1, 1))
        for wrong in ("261301", "260230"):
            with self.assertRaises(Gs1Error):
                gs1_date(wrong, today)

    def test_lengths_agree_with_the_dictionary_of_gs1(self):
        """Every identifier of the GS1 Syntax Dictionary has the length and end that we read."""
        path = CORPUS / "gs1" / "gs1-syntax-dictionary.txt"
        if not path.exists():
            return  # the reference file is no part of the project
        entries = re.findall(
            r"^(\d{2,4})(?:-(\d{2,4}))?\s+(\S*?)\s+([NXYZ]\S*)", path.read_text(), re.MULTILINE
        )
        self.assertGreater(len(entries), 100)
        for first, last, flags, _spec in entries:
            for number in range(int(first), int(last or first) + 1):
                identifier = str(number).zfill(len(first))
                self.assertEqual(gs1._IDENTIFIER_LENGTH.get(identifier[:2]), len(identifier), identifier)
                self.assertEqual(identifier[:2] in gs1._PREDEFINED, "*" in flags, identifier)


@tagged("post_install", "-at_install")
class TestHibc(BaseCase):
    def test_reference_data(self):
        path = CORPUS / "identifiers" / "check-digits.json"
        known = (
            json.loads(path.read_text())["hibc"]
            if path.exists()
            else {"valid": ["+A123BJC5D6E71G"], "invalid": ["+A123BJC5D6E71H"]}
        )
        for label in known["valid"]:
            self.assertTrue(parse_hibc(label)["primary"], label)
        for label in known["invalid"]:
            with self.assertRaisesRegex(HibcError, "check character"):
                parse_hibc(label)

    def label(self, body):
        return body + hibc_check_character(body)

    def test_primary_and_secondary_in_one_symbol(self):
        parsed = parse_hibc("*+A99912345/$$52001510X33*")
        self.assertEqual(parsed["primary"], self.label("+A99912345"))
        self.assertEqual((parsed["lot"], parsed["expires_on"]), ("10X3", date(2020, 1, 15)))

    def test_kinds_of_secondary_data(self):
        for secondary, expected in (
            ("$LOT1", {"lot": "LOT1"}),
            ("$+SER1", {"serial": "SER1"}),
            ("$$0927LOT1", {"lot": "LOT1", "expires_on": date(2027, 9, 30)}),
            ("$$1227LOT1", {"lot": "LOT1", "expires_on": date(2027, 12, 31)}),
            ("$$2091527LOT1", {"lot": "LOT1", "expires_on": date(2027, 9, 15)}),
            ("$$3270915LOT1", {"lot": "LOT1", "expires_on": date(2027, 9, 15)}),
            ("$$427091512LOT1", {"lot": "LOT1", "expires_on": date(2027, 9, 15)}),
            ("$$7LOT1", {"lot": "LOT1"}),
            ("$$8243270915LOT1", {"lot": "LOT1", "quantity": 24, "expires_on": date(2027, 9, 15)}),
            ("$$+3270915SER1", {"serial": "SER1", "expires_on": date(2027, 9, 15)}),
            ("27258LOT1", {"lot": "LOT1", "expires_on": date(2027, 9, 15)}),
            ("$LOT1/14D20270915/SSER1", {"lot": "LOT1", "serial": "SER1", "expires_on": date(2027, 9, 15)}),
        ):
            with self.subTest(secondary=secondary):
                parsed = parse_hibc(self.label(f"+A999123450/{secondary}"))
                self.assertEqual(
                    {name: value for name, value in parsed.items() if value and name != "primary"}, expected
                )

    def test_what_cannot_be_read_says_why(self):
        for text, reason in (
            (self.label("+A99912345/$$2139927L"), "no date"),
            (self.label("+A99912345/XYZ"), "not known"),
            (self.label("+A9"), "no supplier code"),
            ("A99912345", "begins with"),
            ("+A999é2345X", "no character"),
        ):
            with self.subTest(text=text), self.assertRaisesRegex(HibcError, reason):
                parse_hibc(text)


@tagged("post_install", "-at_install")
class TestCodes(BaseCase):
    def test_unspsc(self):
        self.assertEqual(normalise_unspsc("42 13 22 03"), "42132203")
        self.assertEqual(normalise_unspsc("42130000"), "42130000")
        for wrong in ("4213220", "02132203", "42002203", "42130003", "4213220a", None):
            self.assertIsNone(normalise_unspsc(wrong), wrong)

    def test_gmdn(self):
        self.assertEqual(normalise_gmdn("35177"), "35177")
        for wrong in ("3517", "351777", "05177", "3517x", None):
            self.assertIsNone(normalise_gmdn(wrong), wrong)

    def test_lots(self):
        self.assertEqual(normalise_lot(" lot-a 1/7_b"), "LOTA17B")
        self.assertEqual(normalise_lot(None), "")
        for written in (
            "\uff2c\uff2f\uff34\uff21\uff11\uff11\uff17",  # wide
            "LOT\u0391\u0661\u0661\u0667",  # Greek alpha, Arabic digits
            "lot\u0430117",  # Cyrillic a
            "LO\u200bT\u00c1-117",  # zero width space, accent
            "LOTA\u00b9\u00b9\u2077",  # raised digits
        ):
            self.assertEqual(normalise_lot(written), "LOTA117", ascii(written))
        self.assertEqual(normalise_lot("\u200b \u00ad"), "")
        self.assertNotEqual(normalise_lot("LOT0"), normalise_lot("LOTO"))


@tagged("post_install", "-at_install")
class TestSearch(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box_gtin = with_gs1_check_digit("1061414100099")
        cls.gloves_box.gtins = cls.box_gtin
        cls.suture.barcode = GTIN
        cls.suture.hibc = "+A99912345" + hibc_check_character("+A99912345")
        cls.lot = cls.make_lot(cls.suture, "LOTA")

    def find(self, text, user="storeroom"):
        return self.env["product.product"].with_user(self.users[user]).find_by_scan(text)

    def test_a_gs1_label_names_item_and_lot(self):
        found = self.find(f"]d201{GTIN}17270331" + "10LOTA\x1d3012")
        self.assertEqual(found["product_ids"], self.suture.ids)
        self.assertEqual(found["lot_ids"], self.lot.ids)
        self.assertEqual((found["lot"], found["expires_on"], found["quantity"]), ("LOTA", "2027-03-31", 12))
        self.assertFalse(found["problem"])

    def test_a_label_of_a_box(self):
        found = self.find(f"(01){self.box_gtin}(10)X1")
        self.assertEqual(found["product_ids"], self.gloves.ids)
        self.assertFalse(found["lot_ids"])

    def test_an_hibc_label_names_item_and_lot(self):
        body = "+A99912345/$LOTA"
        found = self.find(body + hibc_check_character(body))
        self.assertEqual((found["product_ids"], found["lot_ids"]), (self.suture.ids, self.lot.ids))

    def test_an_hibc_label_of_another_level_is_the_same_item(self):
        body = "+A99912341"
        self.assertEqual(self.find(body + hibc_check_character(body))["product_ids"], self.suture.ids)

    def test_a_label_that_cannot_be_read_or_is_unknown_says_so(self):
        self.assertIn("cannot be read", self.find("]d2011234")["problem"])
        self.assertIn("cannot be read", self.find("+A99912345Q")["problem"])
        self.assertIn("No item", self.find("NOTHING")["problem"])

    def test_search_boxes_take_scans(self):
        scan = f"01{GTIN}10LOTA"
        products = self.env["product.product"].with_user(self.users["requester"])
        self.assertEqual([found[0] for found in products.name_search(scan)], self.suture.ids)
        templates = self.env["product.template"].with_user(self.users["requester"])
        for text in (scan, GTIN, self.suture.hibc, "S-SUT", "sut-1"):
            self.assertEqual(
                templates.search([("any_code", "=ilike", text)]), self.suture.product_tmpl_id, text
            )
        lots = self.env["stock.lot"].with_user(self.users["storeroom"])
        self.assertEqual([found[0] for found in lots.name_search(scan)], self.lot.ids)

    def test_a_scan_shows_only_what_one_may_see(self):
        other = self.make_company("Elsewhere")
        self.suture.product_tmpl_id.company_id = False
        hidden = self.env["product.product"].create(
            {"name": "Hidden", "barcode": with_gs1_check_digit("0061414100777"), "company_id": other.id}
        )
        self.assertFalse(self.find(hidden.barcode)["product_ids"])
        self.assertFalse(self.find(GTIN, "requester")["lot_ids"])
