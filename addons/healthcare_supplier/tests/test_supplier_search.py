from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.tests import tagged

from .common import SupplierCommon

GLN = with_gs1_check_digit("950600000007")


@tagged("post_install", "-at_install")
class TestSupplierSearch(SupplierCommon):
    """A supplier is found by whatever number names it, in its list and wherever one is chosen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"].with_user(cls.users["clerk"])
        cls.supplier.write({"vat": "12-3456789", "supplier_state": "draft"})
        cls.contact = cls.env["res.partner"].create({"name": "Ann", "parent_id": cls.supplier.id})
        for scheme, value in (
            ("duns", "08-146-6849"),
            ("gln", GLN),
            ("npi", "1234567893"),
            ("cage", "1ABC2"),
            ("licence", "WD 17/b"),
            ("seller_assigned", "HOSP-9"),
        ):
            cls.env["healthcare.partner.identifier"].create(
                {"partner_id": cls.supplier.id, "scheme": scheme, "value": value}
            )
        cls.env["healthcare.facility.account"].create(
            {"facility_id": cls.facility.id, "partner_id": cls.supplier.id, "account_number": "A-10200"}
        )
        cls.env["healthcare.supplier.qualification"].create(
            {"partner_id": cls.supplier.id, "kind": "iso_13485", "number": "Q 551"}
        )
        cls.env["res.partner.bank"].create(
            {"partner_id": cls.supplier.id, "acc_number": "DE89370400440532013000"}
        )

    def found(self, text):
        return self.partners.search([("any_code", "=ilike", text)])

    def test_by_each_number(self):
        for text in (
            "081466849",
            "08-146-6849",
            GLN,
            f"{GLN[:7]} {GLN[7:]}",
            "1234567893",
            "1abc2",
            "wd 17/B",
            "hosp-9",
            "US123456789",
            "A-10200",
            "Q 551",
        ):
            with self.subTest(text=text):
                self.assertEqual(self.found(text), self.supplier)
                names = [partner_id for partner_id, _name in self.partners.name_search(text)]
                self.assertIn(self.supplier.id, names)
                self.assertNotIn(self.other_supplier.id, names)

    def test_what_names_nobody(self):
        for text in ("", " ", "000000000", "081466840", "Ann", "%", "DE89370400440532013000"):
            with self.subTest(text=text):
                self.assertFalse(self.found(text))
        self.assertFalse(self.partners.name_search("081466840"))

    def test_names_are_found_as_before(self):
        self.assertIn(self.supplier.id, [one[0] for one in self.partners.name_search(self.supplier.name)])
        others = self.partners.search([("display_name", "not ilike", GLN), ("id", "in", self.supplier.ids)])
        self.assertEqual(others, self.supplier, "what is not meant is not widened")

    def test_others_companies_stay_hidden(self):
        self.supplier.company_id = self.make_company("Elsewhere")
        self.assertFalse(self.found(GLN))

    def test_the_search_box_of_suppliers(self):
        arch = self.partners.get_view(self.env.ref("healthcare_supplier.view_supplier_search").id, "search")
        self.assertIn("any_code", arch["arch"])
