from odoo.exceptions import ValidationError
from odoo.fields import Command, Date
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import HealthcareCommon, with_gs1_check_digit


@tagged("post_install", "-at_install")
class TestPackaging(HealthcareCommon):
    def resolve(self, product, unit_code, partner=None, date=False):
        return self.env["healthcare.packaging"]._resolve_units(
            [
                {
                    "key": "k",
                    "product_id": product.id,
                    "partner_id": partner.id if partner else False,
                    "unit_code": unit_code,
                    "date": date,
                }
            ]
        )["k"]

    def order(self, uom):
        return self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.gloves.id,
                            "product_qty": 2,
                            "product_uom_id": uom.id,
                            "price_unit": 50,
                        }
                    )
                ],
            }
        )

    # -- units

    def test_unit_is_found_or_made(self):
        uom = self.gloves_box.uom_id
        self.assertEqual((uom.name, uom.unit_code, uom.relative_factor), ("BX of 10", "XBX", 10))
        self.assertEqual(uom.relative_uom_id, self.unit)
        other = self.make_packaging(self.suture, "BX", 10)
        self.assertEqual(other.unit_code, "XBX")
        self.assertEqual(other.uom_id, uom, "shared by items")
        self.assertNotEqual(self.make_packaging(self.suture, "XCS", 144).uom_id, uom)
        self.assertIn(uom, self.gloves.uom_ids, "offered on order lines")

    def test_unit_of_another_reference(self):
        gauze = self.make_product("Gauze", "GAU", uom_id=self.env.ref("uom.product_uom_meter").id)
        roll = self.make_packaging(gauze, "XRO", 10)
        self.assertEqual(roll.uom_id.name, "RO of 10 m")
        self.assertEqual(roll.uom_id.factor, 10 * gauze.uom_id.factor)
        self.assertNotEqual(roll.uom_id, self.make_packaging(self.suture, "XRO", 10).uom_id)

    def test_reference_unit_itself(self):
        each = self.make_packaging(self.suture, "EA", 1)
        self.assertEqual(each.uom_id, self.unit)
        with self.assertRefused("factor is 1 and not 5"):
            self.make_packaging(self.gloves, "EA", 5)

    def test_unit_is_frozen(self):
        uom = self.gloves_box.uom_id
        for values in (
            {"relative_factor": 12},
            {"relative_uom_id": self.gloves_case.uom_id.id},
            {"unit_code": "XCT"},
        ):
            with self.assertRefused("BX of 10"):
                uom.write(values)
        uom.write({"relative_factor": 10.0, "name": "Box of ten"})
        self.assertEqual(uom.name, "Box of ten")
        free = self.env["uom.uom"].create(
            {"name": "Free", "relative_factor": 3, "relative_uom_id": self.unit.id}
        )
        free.relative_factor = 4

    def test_one_write_for_many(self):
        """Making packagings costs the same number of unit searches for one and for many."""
        products = [self.make_product(f"Item {i}", f"ITM-{i}") for i in range(20)]
        values = [
            {"product_id": product.id, "unit_code": "XBX", "factor": 7 + i % 3}
            for i, product in enumerate(products)
        ]
        packagings = self.env["healthcare.packaging"].create(values)
        self.assertEqual(len(packagings.uom_id), 3)

    def test_unit_code_on_units(self):
        self.assertEqual(self.unit.unit_code, "EA")
        self.assertEqual(self.env.ref("uom.product_uom_kgm").unit_code, "KGM")
        with self.assertRefused("not a unit code"):
            self.env["uom.uom"].create({"name": "Bad", "unit_code": "box"})

    # -- rules

    def test_used_packaging_keeps_its_meaning(self):
        box = self.make_packaging(self.gloves, "XCT", 10)
        box.factor = 20
        self.assertEqual(box.uom_id.name, "CT of 20", "may be corrected before it is used")
        self.order(box.uom_id)
        for values in ({"factor": 30}, {"unit_code": "XPK"}, {"product_id": self.suture.id}):
            with self.assertRefused("used on orders"):
                box.write(values)
        with self.assertRefused("used on orders"):
            box.unlink()
        box.write({"factor": 20, "date_to": "2030-01-01"})
        self.assertEqual(box.uom_id.name, "CT of 20")

    def test_reference_unit_of_an_item_stays(self):
        with self.assertRefused("counts Units"):
            self.gloves.uom_id = self.env.ref("uom.product_uom_kgm")
        self.make_product("Free", "FREE").uom_id = self.env.ref("uom.product_uom_kgm")

    @mute_logger("odoo.sql_db")
    def test_validity_does_not_overlap(self):
        self.gloves_box.date_to = "2026-06-30"
        new = self.make_packaging(self.gloves, "XBX", 12, date_from="2026-07-01")
        with self.assertRefused("GLV-1.*XBX.*factor 10"):
            new.date_from = "2026-06-30"
        with self.assertRefused("factor 12"):
            self.make_packaging(self.gloves, "XBX", 5, date_from="2030-01-01")
        own = self.make_packaging(self.gloves, "XBX", 5, partner_id=self.supplier.id)
        self.assertTrue(own, "a supplier may pack otherwise")
        own.active = False
        self.make_packaging(self.gloves, "XBX", 6, partner_id=self.supplier.id)
        with self.assertRefused("validity_uniq", IntegrityError):
            own.active = True

    @mute_logger("odoo.sql_db")
    def test_impossible_values(self):
        for values, message, error in (
            ({"factor": 0}, "factor_positive", IntegrityError),
            ({"factor": -1}, "factor_positive", IntegrityError),
            ({"unit_code": "box of ten"}, "SUT-1.*not a unit code", ValidationError),
            ({"unit_code": "€"}, "not a unit code", ValidationError),
            ({"date_from": "2026-02-01", "date_to": "2026-01-31"}, "date_order", IntegrityError),
        ):
            with self.subTest(values=values), self.assertRefused(message, error):
                self.make_packaging(self.suture, **{"unit_code": "XBX", "factor": 10, **values})

    def test_gtins(self):
        first, second = with_gs1_check_digit("1061414100011"), with_gs1_check_digit("61414100012")
        self.gloves_box.gtins = f"{first}, {second};{first}"
        self.assertEqual(self.gloves_box.gtins, f"{first} {second.zfill(14)}")
        wrong = first[:-1] + str((int(first[-1]) + 1) % 10)
        for gtins, message in (
            (f"{second} {wrong}", f"{wrong}.*GLV-1.*XBX.*check digit.*{first[-1]}"),
            ("123", "has 3"),
            ("12345678901X3", "digits only"),
            ("00000000", "only zeros"),
        ):
            with self.assertRefused(message):
                self.gloves_box.gtins = gtins
        with self.assertRefused(f"{first}.*CS of 100.*BX of 10"):
            self.gloves_case.gtins = first
        with self.assertRefused("one packaging level of one item"):
            self.make_packaging(self.suture, "XBX", 10, gtins=first)
        self.assertTrue(
            self.make_packaging(self.gloves, "XBX", 10, gtins=first, partner_id=self.supplier.id),
            "the same level at another supplier",
        )

    def test_from_a_packaging_string(self):
        packagings = self.env["healthcare.packaging"]
        values = packagings._prepare_from_string(self.suture, "EA 12/BX 6/CS", self.supplier)
        self.assertEqual(
            packagings.create(values).mapped(lambda p: (p.unit_code, p.factor, p.partner_id.ref)),
            [("XBX", 12, "TSUP"), ("XCS", 72, "TSUP")],
        )
        with self.assertRefused("SUT-1.*part 1"):
            packagings._prepare_from_string(self.suture, "EA/BX")
        with self.assertRefused("begins with XBX"):
            packagings._prepare_from_string(self.suture, "BX 12/CS")

    def test_form_of_a_clerk(self):
        form = Form(self.env["healthcare.packaging"].with_user(self.users["clerk"]))
        form.product_id = self.suture
        form.unit_code = "BX"
        form.factor = 36
        packaging = form.save()
        self.assertEqual(packaging.uom_id.name, "BX of 36")
        self.assertIn(packaging.uom_id, self.suture.uom_ids)

    # -- resolving

    def test_resolve(self):
        own = self.make_packaging(self.gloves, "XBX", 12, partner_id=self.supplier.id)
        self.assertEqual(
            self.resolve(self.gloves, "XBX"),
            {
                "factor": 10,
                "uom_id": self.gloves_box.uom_id.id,
                "source": "packaging",
                "packaging_id": self.gloves_box.id,
            },
        )
        self.assertEqual(self.resolve(self.gloves, "XBX", self.supplier)["packaging_id"], own.id)
        contact = self.supplier.create({"name": "Orders", "parent_id": self.supplier.id})
        self.assertEqual(self.resolve(self.gloves, "bx", contact)["packaging_id"], own.id)
        self.assertEqual(self.resolve(self.gloves, "XBX", self.other_supplier)["factor"], 10)
        self.assertEqual(
            self.resolve(self.gloves, "EA"),
            {
                "factor": 1,
                "uom_id": self.unit.id,
                "source": "product_uom",
                "packaging_id": False,
            },
        )

    def test_unknown_units_are_none(self):
        self.assertIsNone(self.resolve(self.suture, "XBX"), "known for another item only")
        self.assertIsNone(self.resolve(self.gloves, "KGM"))
        self.assertIsNone(self.resolve(self.gloves, ""))
        self.assertIsNone(self.resolve(self.gloves, False))
        self.assertIsNone(self.resolve(self.gloves, "what is this"))
        self.assertIsNone(self.resolve(self.gloves.browse(2**30), "EA"))
        self.assertIsNone(self.resolve(self.gloves.browse(), "EA"))

    def test_standard_units(self):
        """A dozen is twelve of anything counted; a box is what the item says."""
        self.assertEqual(self.resolve(self.gloves, "DZN")["factor"], 12)
        self.assertEqual(self.resolve(self.gloves, "DZN")["source"], "standard_uom")
        drug = self.make_product("Saline", "SAL", uom_id=self.env.ref("uom.product_uom_gram").id)
        self.assertEqual(self.resolve(drug, "KGM")["factor"], 1000)
        heavy = self.make_product("Plaster", "PLA", uom_id=self.env.ref("uom.product_uom_kgm").id)
        self.assertIsNone(self.resolve(heavy, "GRM"), "not a whole number of the reference unit")
        self.make_packaging(self.gloves, "SET", 4)
        self.assertIsNone(self.resolve(self.suture, "SET"), "the unit of another item's pack")
        self.make_packaging(self.suture, "DZN", 12)
        self.assertEqual(self.resolve(self.gloves, "DZN")["factor"], 12, "still a dozen")

    def test_resolve_on_a_day(self):
        self.gloves_box.date_to = "2026-06-30"
        self.make_packaging(self.gloves, "XBX", 12, date_from="2026-07-01")
        self.assertEqual(self.resolve(self.gloves, "XBX", date="2026-06-30")["factor"], 10)
        self.assertEqual(self.resolve(self.gloves, "XBX", date=Date.to_date("2026-07-01"))["factor"], 12)

    def test_resolve_many_at_once(self):
        """The number of queries does not grow with the number of requests."""
        products = self.env["product.product"].create(
            [{"name": f"Item {i}", "default_code": f"ITM-{i}"} for i in range(30)]
        )
        self.env["healthcare.packaging"].create(
            [{"product_id": product.id, "unit_code": "XBX", "factor": 10} for product in products]
        )
        requests = [
            {
                "key": (product.id, code),
                "product_id": product.id,
                "partner_id": self.supplier.id,
                "unit_code": code,
                "date": False,
            }
            for product in products
            for code in ("EA", "XBX", "XCS", "DZN")
        ]
        self.env.flush_all()

        def queries(batch):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            result = self.env["healthcare.packaging"]._resolve_units(batch)
            return result, self.env.cr.sql_log_count - before

        few = queries(requests[:4])[1]
        result, many = queries(requests)
        self.assertEqual(len(result), 120)
        self.assertEqual(sum(value is None for value in result.values()), 30)
        self.assertLessEqual(many, few)
