from decimal import Decimal

import odoo
from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tests import TransactionCase, tagged

from ..tools.fields import ExactDecimal


class ExactThing(models.Model):
    _name = "healthcare.test.exact"
    _description = "Thing with exact numbers"
    _module = None

    name = fields.Char()
    quantity = ExactDecimal()
    price = ExactDecimal(required=True)


@tagged("post_install", "-at_install")
class TestExactDecimal(TransactionCase):
    """The field on a model that exists in this test's transaction only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        registry, name = cls.registry, ExactThing._name
        odoo.orm.model_classes.add_to_registry(registry, ExactThing)
        cls.addClassCleanup(cls._forget_model, name)
        registry._setup_models__(cls.env.cr, [])
        registry.init_models(cls.env.cr, [name], {"module": "healthcare_base"})
        cls.things = cls.env[name]

    @classmethod
    def _forget_model(cls, name):
        del cls.registry.models[name]
        cls.registry._setup_models__(cls.env.cr, [])

    def make(self, price, **values):
        return self.things.create({"price": price, **values})

    def reread(self, thing):
        thing.flush_recordset()
        thing.invalidate_recordset()
        return thing

    def test_kept_exactly(self):
        for sent, kept in (
            ("0.125", "0.125"),
            ("5.00", "5"),
            ("0", "0"),
            ("0.1000000000000000000000000001", "0.1000000000000000000000000001"),
            ("12345678901234567890.123456789", "12345678901234567890.123456789"),
            (Decimal("1E+3"), "1000"),
            (7, "7"),
            ("-3.10", "-3.1"),
        ):
            thing = self.make(sent)
            self.assertEqual(thing.price, kept)
            self.assertEqual(self.reread(thing).price, kept)
            self.assertEqual(thing.read(["price"])[0]["price"], kept)
            thing.write({"quantity": sent})
            self.assertEqual(self.reread(thing).quantity, kept)
        self.env.cr.execute(
            "SELECT data_type, numeric_precision FROM information_schema.columns"
            " WHERE table_name = 'healthcare_test_exact' AND column_name = 'price'"
        )
        self.assertEqual(self.env.cr.fetchone(), ("numeric", None))

    def test_empty_is_not_zero(self):
        thing = self.make("1")
        self.assertIs(self.reread(thing).quantity, False)
        thing.quantity = 0
        self.assertEqual(self.reread(thing).quantity, "0")
        thing.quantity = False
        self.assertIs(self.reread(thing).quantity, False)
        thing.quantity = ""
        self.assertIs(self.reread(thing).quantity, False)

    def test_refused(self):
        for value in (0.1, 5.0, "NaN", "inf", "1,5", "abc", Decimal("NaN"), True, [1], "9" * 99):
            with self.subTest(value=value), self.assertRaisesRegex(ValidationError, "price|Price"):
                self.make(value)
        thing = self.make("1")
        with self.assertRaisesRegex(ValidationError, "float"):
            thing.write({"price": 0.3})

    def test_search_is_numeric(self):
        nine, ten, tenth, none = (
            self.make("1", quantity="9"),
            self.make("1", quantity="10.0"),
            self.make("1", quantity="0.1"),
            self.make("1"),
        )
        mine = [("id", "in", (nine + ten + tenth + none).ids)]
        for condition, expected in (
            (("quantity", ">", "9"), ten),
            (("quantity", ">=", 9), nine + ten),
            (("quantity", "<", "9.5"), nine + tenth),
            (("quantity", "<=", 0.1), tenth),
            (("quantity", "=", "10"), ten),
            (("quantity", "=", "10.000"), ten),
            (("quantity", "in", ["0.10", 9]), nine + tenth),
            (("quantity", "!=", "9"), ten + tenth + none),
            (("quantity", "not in", ["9", False]), ten + tenth),
            (("quantity", "=", False), none),
            (("quantity", "!=", False), nine + ten + tenth),
            (("quantity", "ilike", "0.1"), tenth),
        ):
            with self.subTest(condition=condition):
                self.assertEqual(self.things.search([*mine, condition]), expected)
                self.assertEqual((nine + ten + tenth + none).filtered_domain([condition]), expected)
        with self.assertRaises(ValidationError):
            self.things.search([("quantity", ">", "abc")])

    def test_order_is_numeric(self):
        things = self.things.browse()
        for quantity in ("9", "10", "-1", "0.5", False):
            things += self.make("1", quantity=quantity)
        found = self.things.search([("id", "in", things.ids)], order="quantity desc NULLS LAST, id")
        self.assertEqual(found.mapped("quantity"), ["10", "9", "0.5", "-1", False])
        self.assertEqual(
            self.things.search([("id", "in", things.ids)], order="quantity", limit=1).quantity, "-1"
        )

    def test_group_and_export(self):
        self.make("2.50", name="a")
        self.make("2.5", name="a")
        groups = self.things._read_group([], ["price"], ["__count"])
        self.assertEqual(groups, [("2.5", 2)])
        self.assertEqual(self.things.search([], limit=1).export_data(["price"])["datas"], [["2.5"]])
