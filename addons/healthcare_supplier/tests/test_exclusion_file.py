import io
import zipfile
from datetime import date

from odoo.tests import BaseCase, tagged

from ..tools.exclusion_file import Entry, FileProblem, cross_references, read_entries, read_text
from .screening_common import FIRM, LEIE_COLUMNS, PERSON, QUILLMARK, csv_bytes, leie, sam


def entries(content):
    """Return the entries and the problems of a file."""
    items = list(read_entries(read_text(content)))
    return [i for i in items if isinstance(i, Entry)], [i for i in items if not isinstance(i, Entry)]


@tagged("post_install", "-at_install")
class TestExclusionFile(BaseCase):
    """What the files of OIG and SAM say, however they are written."""

    def test_leie_entity(self):
        (entry,), problems = entries(leie(QUILLMARK))
        self.assertFalse(problems)
        self.assertEqual(entry.classification, "firm")
        self.assertEqual(entry.names, ["quillmark surgical supply"])
        self.assertEqual((entry.npi, entry.birth_date, entry.reinstated), ("", None, None))
        self.assertEqual(entry.date_from, date(2019, 3, 20))
        self.assertEqual(entry.raw["BUSNAME"], "QUILLMARK SURGICAL SUPPLY, INC.")

    def test_leie_individual(self):
        (entry,), problems = entries(leie({**PERSON, "MIDNAME": "QUENTIN"}))
        self.assertEqual(entry.classification, "individual")
        self.assertEqual(entry.names, ["oswin threnodist", "oswin quentin threnodist"])
        self.assertEqual(entry.npi, "1234567893")
        # The 30th of February is no date: the row is taken without it.
        self.assertEqual([(p.code, p.field, p.taken) for p in problems], [("date", "dob", True)])
        self.assertIsNone(entry.birth_date)

    def test_leie_waiver_and_reinstatement(self):
        (entry,), _problems = entries(
            leie({**QUILLMARK, "REINDATE": "20240131", "WAIVERDATE": "20230101", "WVRSTATE": "NJ"})
        )
        self.assertEqual(entry.reinstated, date(2024, 1, 31))
        self.assertEqual((entry.waiver_date, entry.waiver_state), (date(2023, 1, 1), "NJ"))

    def test_sam_firm(self):
        (entry,), problems = entries(sam(FIRM))
        self.assertFalse(problems)
        self.assertEqual((entry.source, entry.classification), ("sam", "firm"))
        self.assertEqual(
            entry.names, ["vexham implant trading", "vexham orthopedics", "marlowe spine partners"]
        )
        self.assertEqual((entry.date_from, entry.date_to), (date(2021, 5, 17), None))
        self.assertEqual((entry.uei, entry.cage, entry.npi), ("ABCD1EFGH2J3", "1ABC2", ""))

    def test_sam_other_classes(self):
        found, problems = entries(
            sam(
                {"Classification": "Individual", "First": "Ada", "Last": "Crumhorn", "SAM Number": "S1"},
                {"Classification": "Vessel", "Name": "MV Nowhere", "SAM Number": "S2"},
                {
                    "Classification": "Special Entity Designation",
                    "Name": "Free Ports",
                    "SAM Number": "S3",
                    "Termination Date": "2019-12-31",
                },
                {"Classification": "Firm", "SAM Number": "S4"},
            )
        )
        self.assertEqual([one.classification for one in found], ["individual", "vessel", "other"])
        self.assertEqual(found[0].name, "Ada Crumhorn")
        self.assertEqual(found[2].date_to, date(2019, 12, 31))
        self.assertEqual([(p.line, p.code) for p in problems], [(5, "name")])

    def test_header_in_any_order_and_case(self):
        columns = [column.title() for column in reversed(LEIE_COLUMNS)]
        row = {column.title(): value for column, value in QUILLMARK.items()}
        for options in ({}, {"delimiter": ";"}, {"delimiter": "\t"}, {"encoding": "utf-8-sig"},
                        {"encoding": "utf-16"}):  # fmt: skip
            with self.subTest(**options):
                (entry,), problems = entries(csv_bytes(columns, [row], **options))
                self.assertFalse(problems)
                self.assertEqual(entry.name, QUILLMARK["BUSNAME"])

    def test_windows_encoding(self):
        (entry,), _problems = entries(leie({**QUILLMARK, "BUSNAME": "MÜLLER MÉDICAL SA"}, encoding="cp1252"))
        self.assertEqual(entry.names, ["muller medical"])

    def test_zip(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("SAM_Exclusions.CSV", sam(FIRM))
        (entry,), _problems = entries(out.getvalue())
        self.assertEqual(entry.source, "sam")

    def test_bad_zip(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.csv", sam(FIRM))
            archive.writestr("b.csv", sam(FIRM))
        for content in (out.getvalue(), b"PK\x03\x04broken"):
            with self.assertRaises(FileProblem) as caught:
                read_text(content)
            self.assertEqual(caught.exception.code, "zip")

    def test_not_an_exclusion_file(self):
        for content, code in (
            (b"", "empty"),
            (b"\n\n", "empty"),
            (b"name,price\nx,1\n", "layout"),
            (b"LASTNAME,BUSNAME,EXCLTYPE\nA,B,C\n", "columns"),
        ):
            with self.subTest(code=code), self.assertRaises(FileProblem) as caught:
                entries(content)
            self.assertEqual(caught.exception.code, code)

    def test_broken_rows(self):
        content = leie(QUILLMARK) + b"CUT,OFF\n" + leie(PERSON).split(b"\n", 1)[1]
        found, problems = entries(content)
        self.assertEqual(len(found), 2)
        self.assertEqual([(p.line, p.code) for p in problems][0], (3, "columns"))

    def test_identity_outlives_corrections(self):
        (before,), _p = entries(leie(QUILLMARK))
        (after,), _p = entries(leie({**QUILLMARK, "ADDRESS": "78 FOUNDRY STREET", "NPI": "1234567893"}))
        self.assertEqual(before.identity, after.identity)
        self.assertNotEqual(before.digest(), after.digest())
        (other,), _p = entries(leie({**QUILLMARK, "EXCLDATE": "20200101"}))
        self.assertNotEqual(before.identity, other.identity)

    def test_rows_that_look_the_same(self):
        found, _problems = entries(leie(QUILLMARK, {**QUILLMARK, "ADDRESS": "OTHER ROAD"}))
        self.assertEqual(len({entry.identity for entry in found}), 2)

    def test_cross_references(self):
        self.assertEqual(cross_references("(also A Corp), (also B)"), ["A Corp", "B"])
        self.assertEqual(cross_references("A Corp; d/b/a B Ltd"), ["A Corp", "B Ltd"])
        self.assertEqual(cross_references(""), [])
