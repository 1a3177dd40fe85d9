from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.party_identifiers import lookup_value, normalise
from .common import SupplierCommon

GLN = with_gs1_check_digit("950600000001")


@tagged("post_install", "-at_install")
class TestIdentifiers(SupplierCommon):
    """Numbers of registers: their form, whose they are, and who is found by them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Identifier = cls.env["healthcare.partner.identifier"]
        cls.find = cls.env["res.partner"]._find_by_identifiers

    def give(self, partner, scheme, value, **values):
        return self.Identifier.create({"partner_id": partner.id, "scheme": scheme, "value": value, **values})

    def test_normalised(self):
        for scheme, value, kept in (
            ("duns", "08-146-6849", "081466849"),
            ("gln", f"{GLN[:4]} {GLN[4:]}", GLN),
            ("npi", "1234567893", "1234567893"),
            ("tax_id", "us 12-3456789", "123456789"),
            ("vat", "de 136 695 976", "DE136695976"),
            ("uei", "abcd1efgh2j3", "ABCD1EFGH2J3"),
            ("cage", "1abc2", "1ABC2"),
            ("peppol", "0088:" + GLN, "0088:" + GLN),
            ("email", "Sales@Example.COM", "sales@example.com"),
            ("licence", "  wd  17/b ", "WD 17/B"),
        ):
            with self.subTest(scheme=scheme):
                self.assertEqual(normalise(scheme, value), kept)
                self.assertEqual(self.give(self.supplier, scheme, value).value, kept)

    def test_wrong_values(self):
        for scheme, value in (
            ("gln", GLN[:-1] + str((int(GLN[-1]) + 1) % 10)),
            ("npi", "1234567890"),
            ("duns", "000000000"),
            ("vat", "DE136695977"),
            ("tax_id", "00-0000000"),
            ("uei", "0BCD1EFGH2J3"),
            ("dea", "AB1234567"),
            ("peppol", "nothing"),
            ("email", "nobody"),
            ("licence", "---"),
        ):
            with self.subTest(scheme=scheme):
                self.assertIsNone(normalise(scheme, value))
                with self.assertRefused(f"{value} is no .*Correct it", ValidationError):
                    self.give(self.supplier, scheme, value)

    def test_written_ways_are_the_same(self):
        self.assertEqual(lookup_value("tax_id", "US12-3456789"), lookup_value("vat", "12 3456789"))

    def test_unique(self):
        self.give(self.supplier, "duns", "081466849")
        with self.assertRefused(f"D-U-N-S Number 081466849 is that of Test Supplier .#{self.supplier.id}.",
                                ValidationError):  # fmt: skip
            self.give(self.other_supplier, "duns", "08-1466849")
        mine = self.give(self.other_supplier, "duns", "150483782")
        with self.assertRefused("is that of Test Supplier", ValidationError):
            mine.value = "081466849"
        # Archived, it is free again.
        self.supplier.identifier_ids.active = False
        mine.value = "081466849"
        with self.assertRefused("is that of Other Supplier", ValidationError):
            self.supplier.with_context(active_test=False).identifier_ids.active = True

    def test_not_unique_schemes(self):
        for partner in (self.supplier, self.other_supplier):
            self.give(partner, "account", "4711")
            self.give(partner, "licence", "WD-1")

    def test_with_the_partner(self):
        with self.assertRefused("is no NPI", ValidationError):
            self.make_draft_supplier(
                identifier_ids=[(0, 0, {"scheme": "npi", "value": "12"})], user=self.env.user
            )

    def test_found_wherever_it_stands(self):
        self.give(self.supplier, "duns", "081466849")
        self.other_supplier.write({"vat": "US12-3456789", "global_location_number": GLN})
        bank = self.env["res.partner.bank"].create(
            {"partner_id": self.supplier.id, "acc_number": "DE89 3704 0044 0532 0130 00"}
        )
        contact = self.env["res.partner"].create({"name": "Depot", "parent_id": self.supplier.id})
        self.give(contact, "hin", "ABCDEFG00")
        found = self.find(
            [
                {"key": key, "identifiers": [{"scheme": scheme, "value": value}]}
                for key, (scheme, value) in {
                    "duns": ("duns", "08-146-6849"),
                    "tax": ("tax_id", "123456789"),
                    "vat": ("vat", "us123456789"),
                    "gln": ("gln", GLN),
                    "ref": ("buyer_assigned", "tsup"),
                    "iban": ("iban", "de89370400440532013000"),
                    "contact": ("hin", "abcdefg00"),
                    "account": ("account", "TSUP"),
                    "unknown": ("duns", "150483782"),
                    "nothing": ("duns", ""),
                }.items()
            ]
            + [{"key": "empty"}, {"key": "two", "identifiers": [
                {"scheme": "duns", "value": "081466849"}, {"scheme": "tax_id", "value": "123456789"}]}]
        )  # fmt: skip
        ours, other = [self.supplier.id], [self.other_supplier.id]
        self.assertEqual(
            found,
            {
                "duns": ours, "tax": other, "vat": other, "gln": other, "ref": ours, "iban": ours,
                "contact": ours, "account": [], "unknown": [], "nothing": [], "empty": [],
                "two": sorted(ours + other),
            },
        )  # fmt: skip
        self.assertTrue(bank.sanitized_acc_number)

    def test_found_by_company(self):
        company = self.env["res.company"].create({"name": "Another Group"})
        self.supplier.company_id = company
        request = [{"key": 1, "identifiers": [{"scheme": "buyer_assigned", "value": "TSUP"}]}]
        self.assertEqual(self.find(request, company=self.company), {1: []})
        self.assertEqual(self.find(request, company=company), {1: [self.supplier.id]})
        self.supplier.active = False
        self.assertEqual(self.find(request), {1: []})
        self.assertEqual(self.find(request, archived=True), {1: [self.supplier.id]})

    def test_rights(self):
        identifier = self.give(self.supplier, "duns", "081466849").with_user(self.users["clerk"])
        identifier.value = "150483782"
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            identifier.with_user(self.users["approver"]).value = "081466849"
        with self.assertRefused("archived, not deleted", UserError):
            identifier.with_user(self.users["administrator"]).unlink()
        identifier.active = False
        self.assertTrue(self.audit_entries(identifier.sudo(), "write"))

    def test_numbers_of_who_was_approved(self):
        supplier = self.make_approved_supplier("Known Devices")
        identifier = self.give(supplier, "duns", "081466849").with_user(self.users["clerk"])
        for change in (
            lambda: identifier.write({"value": "150483782"}),
            lambda: identifier.write({"active": False}),
            lambda: identifier.write({"partner_id": self.supplier.id}),
            lambda: self.Identifier.with_user(self.users["clerk"]).create(
                {"partner_id": supplier.id, "scheme": "npi", "value": "1234567893"}
            ),
        ):
            with self.assertRefused("Known Devices.*compliance officer", AccessError):
                change()
        mine = self.give(self.supplier, "duns", "150483782").with_user(self.users["clerk"])
        with self.assertRefused("Known Devices.*compliance officer", AccessError):
            mine.partner_id = supplier
        identifier.with_user(self.officer).value = "804735132"
