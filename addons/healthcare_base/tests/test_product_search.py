from odoo.tests import tagged

from .common import HealthcareCommon, with_gs1_check_digit


@tagged("post_install", "-at_install")
class TestProductSearch(HealthcareCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.box_gtin = with_gs1_check_digit("2061414100017")
        cls.case_gtin = with_gs1_check_digit("06141410001")  # twelve digits on the label
        cls.gloves_box.gtins = cls.box_gtin
        cls.gloves_case.gtins = cls.case_gtin
        cls.suture.hibc = "+A123BJC5D6E71G"
        cls.suture.ndc = "0002-8215-01"

    def find(self, partner=None, **item):
        return self.env["healthcare.packaging"]._find_products(
            [{"key": 1, "partner_id": partner.id if partner else False, "item": item}]
        )[1]

    def name_search(self, model, text, **context):
        return [item[0] for item in self.env[model].with_context(**context).name_search(text)]

    def test_gtin_is_the_barcode(self):
        self.assertEqual(self.gloves.gtin, self.gloves.barcode)
        self.suture.barcode = "036000291452"
        self.assertEqual(self.suture.gtin, "00036000291452")
        self.assertEqual(self.suture.product_tmpl_id.gtin, "00036000291452")
        self.suture.barcode = "INTERNAL-7"
        self.assertFalse(self.suture.gtin)

    def test_search_by_any_code(self):
        for text, product in (
            (self.gloves.barcode, self.gloves),
            (self.box_gtin, self.gloves),
            (self.case_gtin, self.gloves),
            (self.case_gtin.zfill(14), self.gloves),
            (f"(01){self.box_gtin}(10)LOT", self.gloves),
            ("S-GLV", self.gloves),
            ("S-SUT", self.suture),
            ("+A123BJC5D6E71G", self.suture),
            ("0002-8215-01", self.suture),
        ):
            with self.subTest(text=text):
                self.assertEqual(self.name_search("product.product", text), [product.id])
                self.assertEqual(self.name_search("product.template", text), [product.product_tmpl_id.id])
                for operator, value in (("ilike", text), ("=", text), ("in", [text])):
                    self.assertIn(product, product.search([("display_name", operator, value)]), operator)
        self.assertEqual(self.env["product.product"].search([("gtin", "=", self.box_gtin)]), self.gloves)
        self.assertEqual(
            self.env["product.template"].search([("gtin", "ilike", self.case_gtin)]),
            self.gloves.product_tmpl_id,
        )

    def test_odoo_search_is_untouched(self):
        self.assertEqual(self.name_search("product.product", "GLV-1"), [self.gloves.id])
        self.assertEqual(self.name_search("product.product", "Nitrile"), [self.gloves.id])
        self.assertFalse(self.name_search("product.product", "nobody has this"))
        self.assertNotIn(self.gloves, self.gloves.search([("display_name", "not ilike", "Nitrile")]))
        domain = [("id", "=", self.suture.id)]
        self.assertFalse(self.env["product.product"].name_search(self.box_gtin, domain))

    def test_strength_of_item_codes(self):
        scalpel = self.make_product("Scalpel", "SCA-1", manufacturer_code="MFG-SCA")
        self.assertEqual(self.find(buyer_code="GLV-1"), [self.gloves.id])
        self.assertEqual(self.find(gtin=self.case_gtin.zfill(14)), [self.gloves.id])
        self.assertEqual(self.find(udi_di=self.box_gtin), [self.gloves.id])
        self.assertEqual(self.find(hibc="+A123BJC5D6E71G"), [self.suture.id])
        self.assertEqual(self.find(ndc="00002821501"), [self.suture.id])
        self.assertEqual(
            self.find(
                self.supplier,
                gtin=self.gloves.barcode,
                manufacturer_code="MFG-SCA",
                supplier_code="S-SUT",
                buyer_code="GLV-1",
            ),
            [self.gloves.id, self.suture.id, scalpel.id],
        )

    def test_supplier_codes_are_the_suppliers_own(self):
        self.assertEqual(self.find(self.supplier, supplier_code="S-GLV"), [self.gloves.id])
        self.assertFalse(self.find(self.other_supplier, supplier_code="S-GLV"))
        self.assertFalse(self.find(supplier_code="S-GLV"))
        contact = self.supplier.create({"name": "Orders", "parent_id": self.supplier.id})
        self.assertEqual(self.find(contact, supplier_code="S-GLV"), [self.gloves.id])

    def test_nothing_known(self):
        for item in ({}, {"gtin": "123"}, {"buyer_code": ""}, {"buyer_code": "?"}, {"hibc": None}):
            self.assertEqual(self.find(self.supplier, **item), [])
        self.assertEqual(
            self.env["healthcare.packaging"]._find_products([{"key": 1, "partner_id": False, "item": None}]),
            {1: []},
        )

    def test_items_of_other_companies_are_not_found(self):
        other = self.make_company("Other Group")
        theirs = self.make_product("Theirs", "THEIRS", company_id=other.id)
        self.make_supplierinfo(theirs, self.supplier, "S-THEIRS", 1)
        clerk = self.env(user=self.users["clerk"])["healthcare.packaging"]
        found = clerk._find_products(
            [
                {"key": 1, "partner_id": self.supplier.id, "item": {"supplier_code": "S-THEIRS"}},
                {"key": 2, "partner_id": self.supplier.id, "item": {"supplier_code": "S-GLV"}},
            ]
        )
        self.assertEqual(found, {1: [], 2: [self.gloves.id]})

    def test_queries_do_not_grow(self):
        def queries(count):
            requests = [
                {
                    "key": i,
                    "partner_id": self.supplier.id,
                    "item": {
                        "buyer_code": f"X{i}",
                        "supplier_code": "S-GLV",
                        "gtin": self.box_gtin,
                        "manufacturer_code": f"M{i}",
                    },
                }
                for i in range(count)
            ]
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = self.env["healthcare.packaging"]._find_products(requests)
            self.assertEqual(result[count - 1], [self.gloves.id])
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(queries(50), queries(1))

    def test_wrong_codes_are_refused(self):
        with self.assertRefused("SUT-1.*check character"):
            self.suture.hibc = "+A123BJC5D6E71X"
        with self.assertRefused("NDC 0002821501 of .*SUT-1"):
            self.suture.ndc = "0002821501"

    def test_healthcare_fields_are_optional(self):
        product = self.env["product.product"].create({"name": "Plain"})
        self.assertFalse(product.criticality)
        self.assertFalse(product.is_implant or product.is_controlled or product.is_cold_chain)
        with self.assertRefused("counts Units"):
            self.gloves.product_tmpl_id.uom_id = self.env.ref("uom.product_uom_kgm")
