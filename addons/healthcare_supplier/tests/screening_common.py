"""Builders for exclusion files, with invented parties."""

import base64
import csv
import io
from contextlib import contextmanager
from unittest.mock import patch

from .common import SupplierCommon

_LEIE_HEADER = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,"
    "EXCLTYPE,EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE"
)
_SAM_HEADER = (
    "Classification,Name,Prefix,First,Middle,Last,Suffix,Address 1,Address 2,City,State / Province,"
    "Country,Zip Code,Open Data Flag,Unique Entity ID,Exclusion Program,Excluding Agency,CT Code,"
    "Exclusion Type,Additional Comments,Active Date,Termination Date,Cross-Reference,SAM Number,CAGE,"
    "NPI,Creation_Date"
)
LEIE_COLUMNS = _LEIE_HEADER.split(",")
SAM_COLUMNS = _SAM_HEADER.split(",")
#: An entity of the LEIE with everything zero that can be.
QUILLMARK = {
    "BUSNAME": "QUILLMARK SURGICAL SUPPLY, INC.",
    "GENERAL": "OTHER BUSINESS",
    "SPECIALTY": "DME - GENERAL",
    "NPI": "0000000000",
    "ADDRESS": "77 FOUNDRY STREET",
    "CITY": "TRENTON",
    "STATE": "NJ",
    "ZIP": "08608",
    "EXCLTYPE": "1128a1",
    "EXCLDATE": "20190320",
    "REINDATE": "00000000",
    "WAIVERDATE": "00000000",
}
PERSON = {
    "LASTNAME": "THRENODIST",
    "FIRSTNAME": "OSWIN",
    "MIDNAME": "Q",
    "NPI": "1234567893",
    "DOB": "19610230",
    "ADDRESS": "1 ELM AVENUE",
    "CITY": "DOVER",
    "STATE": "DE",
    "ZIP": "19901",
    "EXCLTYPE": "1128b4",
    "EXCLDATE": "20201115",
    "REINDATE": "00000000",
    "WAIVERDATE": "00000000",
}
FIRM = {
    "Classification": "Firm",
    "Name": "Vexham Implant Trading LLC",
    "Address 1": "5 Harbor Way",
    "City": "Tampa",
    "State / Province": "FL",
    "Country": "USA",
    "Zip Code": "336021234",
    "Unique Entity ID": "ABCD1EFGH2J3",
    "Exclusion Program": "Reciprocal",
    "Excluding Agency": "HHS",
    "CT Code": "Z",
    "Exclusion Type": "Prohibition/Restriction",
    "Active Date": "05/17/2021",
    "Termination Date": "Indefinite",
    "Cross-Reference": "(also Vexham Orthopedics), (also Marlowe Spine Partners Inc)",
    "SAM Number": "S4MR00001",
    "CAGE": "1ABC2",
}


def csv_bytes(columns, rows, delimiter=",", encoding="utf-8"):
    """Return a CSV file of dicts."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def leie(*rows, **options):
    """Return the bytes of a LEIE file."""
    return csv_bytes(LEIE_COLUMNS, rows, **options)


def sam(*rows, **options):
    """Return the bytes of a SAM exclusions extract."""
    return csv_bytes(SAM_COLUMNS, rows, **options)


class ScreeningCommon(SupplierCommon):
    """Loads files and screens in the test's own transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Match = cls.env["healthcare.screening.match"]
        cls.Entry = cls.env["healthcare.exclusion.entry"].with_context(active_test=False)
        cls.united_states = cls.env.ref("base.us")

    @contextmanager
    def in_this_transaction(self):
        """Let scheduled jobs work without committing."""

        def progress(_self, processed=0, *, remaining=None, deactivate=False):
            self.env.flush_all()
            return float("inf")

        with patch.object(type(self.env["ir.cron"]), "_commit_progress", progress):
            yield

    def load(self, content, filename="UPDATED.csv", **values):
        """Load a file as the compliance officer, and screen; return the list."""
        exclusions = (
            self.env["healthcare.exclusion.list"]
            .with_user(self.officer)
            .create({"filename": filename, "content": base64.b64encode(content), **values})
        )
        exclusions.action_load()
        self.run_jobs()
        return exclusions

    def load_confirmed(self, content, **values):
        """Load a file that ends what stops a supplier; another officer confirms it."""
        exclusions = self.load(content, **values)
        self.assertEqual(exclusions.state, "held")
        exclusions.with_user(self.second_officer).action_confirm_held()
        self.run_jobs()
        self.assertEqual(exclusions.state, "loaded")
        return exclusions

    def run_jobs(self):
        """Run the scheduled jobs of loading and screening."""
        with self.in_this_transaction():
            self.env["healthcare.exclusion.list"]._cron_load()
            self.env["healthcare.screening.run"]._cron_screen()

    def make_address_supplier(self, name, user=None, **values):
        """Return a supplier in draft at the address of ``QUILLMARK``."""
        values = {
            "street": "77 Foundry St.",
            "city": "Trenton",
            "zip": "08608-1234",
            "state_id": self.env.ref("base.state_us_34").id,
            "country_id": self.united_states.id,
            **values,
        }
        return self.make_draft_supplier(name, user=user, **values)

    def matches(self, supplier, **fields):
        """Return the matches of a supplier that are in force."""
        found = self.Match.search([("partner_id", "=", supplier.id), ("is_superseded", "=", False)])
        return found.filtered(lambda match: all(match[name] == value for name, value in fields.items()))
