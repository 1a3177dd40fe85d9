from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.tests import tagged

from ..tools.hibc import hibc_check_character
from .price_feed_common import PriceFeedCommon

GLN = with_gs1_check_digit("950600000009")


@tagged("post_install", "-at_install")
class TestSearchByIdentifier(PriceFeedCommon):
    """Suppliers and price feeds are found by identifiers and scanned labels, as items are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box_gtin = with_gs1_check_digit("2061414100020")
        cls.gloves_box.gtins = cls.box_gtin
        cls.suture.hibc = "+A99912345" + hibc_check_character("+A99912345")
        cls.env["healthcare.partner.identifier"].create(
            {"partner_id": cls.supplier.id, "scheme": "gln", "value": GLN}
        )

    def search(self, model, text):
        return self.env[model].with_user(self.clerk).search([("any_code", "=ilike", text)])

    def test_suppliers_by_the_label_of_a_party_or_of_an_item(self):
        for text in (f"]C1414{GLN}", f"(417){GLN}", GLN):
            self.assertEqual(self.search("res.partner", text), self.supplier, text)
            names = self.env["res.partner"].with_user(self.clerk).name_search(text)
            self.assertEqual([one[0] for one in names], self.supplier.ids, text)
        body = "+A99912345/$LOTA"
        for text in (f"]d201{self.box_gtin}10LOTA", self.box_gtin, body + hibc_check_character(body)):
            self.assertIn(self.supplier, self.search("res.partner", text), text)
        infos = self.env["product.supplierinfo"].with_user(self.clerk)
        for text in (f"(01){self.box_gtin}(10)X", "MFG-GLV"):
            found = infos.search([("product_tmpl_id", "ilike", text)])
            self.assertEqual(found.product_tmpl_id, self.gloves.product_tmpl_id, "price lists of suppliers")
        self.assertFalse(self.search("res.partner", f"(01){with_gs1_check_digit('2061414199999')}"))

    def test_feeds_and_their_lines(self):
        unknown = with_gs1_check_digit("0061414155555")
        feed = self.feed(
            self.line(1, "S-GLV", "5.50"),
            self.line(2, amount="7", item={"gtin": unknown, "manufacturer_code": "MF-7"}),
            number="PL-77",
        )
        other = self.feed(self.line(1, "S-SUT", "12.50"), number="PL-78")
        first, second = feed.line_ids.sorted("id")[:2]
        for text, line in (
            ("S-GLV", first),
            (self.box_gtin, first),
            (f"(01){self.box_gtin}(10)LOTA", first),
            (unknown, second),
            (unknown.lstrip("0"), second),
            (f"]d201{unknown}10LOTA", second),
            ("MF-7", second),
        ):
            with self.subTest(text=text):
                self.assertIn(line, self.search("healthcare.price.feed.line", text))
                self.assertEqual(self.search("healthcare.price.feed", text), feed)
        self.assertEqual(self.search("healthcare.price.feed", "PL-78"), other)
        self.assertEqual(self.search("healthcare.price.feed", self.suture.hibc), other)
        self.assertEqual(self.search("healthcare.price.feed", GLN), feed | other)
        self.assertFalse(self.search("healthcare.price.feed", "nobody has this 1"))
