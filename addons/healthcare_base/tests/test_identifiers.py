import random

from odoo.tests import BaseCase, tagged

from ..tools import identifiers as ids
from ..tools.units import normalise_unit_code, unit_label


@tagged("post_install", "-at_install")
class TestIdentifiers(BaseCase):
    def setUp(self):
        super().setUp()
        self.rng = random.Random(42)  # noqa: S311 (not for secrets)

    def digits(self, count):
        return "".join(self.rng.choice("0123456789") for _i in range(count))

    def test_published_examples(self):
        # GS1 General Specifications, section 7.9, and well-known products
        self.assertEqual(ids.gs1_check_digit("629104150021"), "3")
        self.assertEqual(ids.normalise_gtin("6291041500213"), "06291041500213")
        self.assertEqual(ids.normalise_gtin("036000291452"), "00036000291452")
        self.assertEqual(ids.normalise_gtin("96385074"), "00000096385074")
        self.assertEqual(ids.normalise_sscc("(00) 106141411234567897"), "106141411234567897")
        # CMS: NPI check digit example
        self.assertEqual(ids.normalise_npi("1234567893"), "1234567893")
        self.assertEqual(ids.normalise_dea("AB1234563"), "AB1234563")
        self.assertEqual(ids.normalise_duns("15-048-3782"), "150483782")
        self.assertEqual(ids.normalise_hin("ab1234-500"), "AB1234500")
        # HIBCC: ANSI/HIBC 2.6 example
        self.assertEqual(ids.normalise_hibc("+A123BJC5D6E71G"), "+A123BJC5D6E71G")
        self.assertEqual(ids.normalise_ndc("0002-8215-01"), "00002821501")
        self.assertEqual(ids.normalise_ndc("50242-040-62"), "50242004062")
        self.assertEqual(ids.normalise_ndc("60575-4112-1"), "60575411201")

    def test_every_wrong_digit_is_found(self):
        """A GS1 check digit detects every single wrong digit."""
        for length in ids.GTIN_LENGTHS:
            for _i in range(40):
                body = self.digits(length - 1)
                gtin = body + ids.gs1_check_digit(body)
                if not gtin.strip("0"):
                    continue
                self.assertEqual(ids.normalise_gtin(gtin), gtin.zfill(14))
                position = self.rng.randrange(length)
                wrong = str((int(gtin[position]) + self.rng.randint(1, 9)) % 10)
                self.assertIsNone(ids.normalise_gtin(gtin[:position] + wrong + gtin[position + 1 :]))

    def test_all_forms_of_a_gtin_agree(self):
        for _i in range(200):
            body = self.digits(7)
            gtin = ids.normalise_gtin(body + ids.gs1_check_digit(body))
            if not gtin:
                continue
            forms = ids.gtin_forms(gtin)
            self.assertEqual([len(form) for form in forms], [14, 13, 12, 8])
            self.assertEqual({ids.normalise_gtin(form) for form in forms}, {gtin})

    def test_gs1_element_string(self):
        self.assertEqual(ids.normalise_gtin("(01)06291041500213(17)261231(10)A1"), "06291041500213")

    def test_problem_names_what_is_wrong(self):
        self.assertIsNone(ids.gtin_problem("6291041500213"))
        self.assertEqual(ids.gtin_problem("6291041500214"), ("check_digit", "3"))
        self.assertEqual(ids.gtin_problem("12345"), ("length", 5))
        self.assertEqual(ids.gtin_problem("62910415O0213"), ("characters", None))
        self.assertEqual(ids.gtin_problem("00000000"), ("zero", None))
        self.assertEqual(ids.gtin_problem(""), ("characters", None))

    def test_refused(self):
        for function, values in {
            ids.normalise_gtin: [None, False, 123, "", "١٢٣٤٥٦٧٨", "629104150021", "0" * 14, "9" * 999],
            ids.normalise_gln: ["", "6291041500214", "36000291452", "0" * 13, None],
            ids.normalise_sscc: ["106141411234567890", "", None],
            ids.normalise_duns: ["000000000", "12345678", "12345678X"],
            ids.normalise_npi: ["1234567890", "3234567893", "123456789"],
            ids.normalise_dea: ["AB1234567", "A11234563", "AB123456"],
            ids.normalise_hin: ["123", "AB12345/0", None],
            ids.normalise_hibc: ["+A123BJC5D6E71X", "A123BJC5D6E71G", "+1", "+A123€", None],
            ids.normalise_ndc: ["0002821501", "1-2-3", "0002-8215-X1", "", None],
        }.items():
            for value in values:
                with self.subTest(function=function.__name__, value=str(value)[:30]):
                    self.assertIsNone(function(value))

    def test_unit_codes(self):
        for written, code in {
            "ea": "EA",
            "C62": "EA",
            "BX": "XBX",
            "xbx": "XBX",
            "CA": "XCS",
            "DZ": "DZN",
            "KGM": "KGM",
            "ZZ": "ZZ",
        }.items():
            self.assertEqual(normalise_unit_code(written), code)
            self.assertEqual(normalise_unit_code(code), code)
        for written in ("", "E", "ABCD", "B X", "B€", None, False, 7):
            self.assertIsNone(normalise_unit_code(written))
        self.assertEqual(unit_label("XBX"), "BX")
        self.assertEqual(unit_label("SET"), "SET")
