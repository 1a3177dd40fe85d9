from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.addons.healthcare_catalog.tools.hibc import hibc_check_character
from odoo.tests import tagged

from .contract_common import ContractCommon

GLN = with_gs1_check_digit("950600000010")


@tagged("post_install", "-at_install")
class TestContractSearch(ContractCommon):
    """Contracts and their lines are found by identifiers and scanned labels."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box_gtin = with_gs1_check_digit("2061414100021")
        cls.gloves_box.gtins = cls.box_gtin
        cls.suture.hibc = "+A99912345" + hibc_check_character("+A99912345")
        cls.unknown = with_gs1_check_digit("0061414144444")
        cls.contract = cls.make_contract("C-GLOVES")
        cls.second = cls.make_contract(
            "C-OTHER",
            partner_id=cls.other_supplier.id,
            lines=[
                {"line_number": "1", "product_id": cls.suture.id},
                {"line_number": "2", "description": "Unknown", "gtin": cls.unknown},
            ],
        )
        cls.env["healthcare.partner.identifier"].create(
            {"partner_id": cls.other_supplier.id, "scheme": "gln", "value": GLN}
        )

    def search(self, text, model="healthcare.contract"):
        return self.env[model].with_user(self.clerk).search([("any_code", "=ilike", text)])

    def test_by_number_party_and_item(self):
        body = "+A99912345/$LOTA"
        for text, contract in (
            ("C-GLOVES", self.contract),
            (self.box_gtin, self.contract),
            (f"]d201{self.box_gtin}10LOTA", self.contract),
            ("S-GLV", self.contract),
            (GLN, self.second),
            (f"(414){GLN}", self.second),
            (self.suture.hibc, self.second),
            (body + hibc_check_character(body), self.second),
            (self.unknown, self.second),
            (f"(01){self.unknown}(10)X", self.second),
        ):
            with self.subTest(text=text):
                self.assertEqual(self.search(text), contract)
        self.assertFalse(self.search("nobody has this 1"))

    def test_lines(self):
        lines = self.env["healthcare.contract.line"].with_user(self.clerk)
        scan = f"(01){self.box_gtin}(10)LOTA"
        self.assertEqual(self.search(scan, lines._name), self.contract.line_ids)
        self.assertEqual([one[0] for one in lines.name_search(scan)], self.contract.line_ids.ids)
        unresolved = self.second.line_ids.filtered("is_unresolved")
        self.assertEqual(self.search(f"(01){self.unknown}(10)X", lines._name), unresolved)
        self.assertFalse(lines.name_search("nobody has this 1"))

    def test_the_search_boxes(self):
        for xmlid in ("view_healthcare_contract_search", "view_healthcare_contract_line_search"):
            view = self.env.ref(f"healthcare_contract.{xmlid}")
            self.assertIn("any_code", view.arch)
