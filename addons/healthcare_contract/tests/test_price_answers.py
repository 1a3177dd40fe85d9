from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .price_common import PriceTruthCommon


@tagged("post_install", "-at_install")
class TestPriceUnits(PriceTruthCommon):
    """Prices in the unit asked for, exactly."""

    def test_conversion(self):
        answer = self.ask(unit="BX")
        self.assertEqual((answer["price"], answer["base_quantity"], answer["unit"]), ("50", "1", "XBX"))
        self.assertEqual(answer["conversion"]["from_price"], "5")
        self.assertEqual(
            (answer["conversion"]["from_factor"], answer["conversion"]["to_factor"]), ("1", "10")
        )
        self.assertFalse(self.ask()["conversion"])

    def test_a_price_that_does_not_end_keeps_its_base_quantity(self):
        self.make_packaging(self.gloves, "XPK", 3)
        self.make_active("L-1", prices=[{"amount": "10", "unit_code": "XPK"}])
        answer = self.ask()
        self.assertEqual((answer["price"], answer["base_quantity"], answer["unit"]), ("10", "3", "EA"))
        self.assertEqual(self.said(unit="CS")[0], "1000")
        self.assertEqual(self.ask(unit="CS")["base_quantity"], "3")

    def test_base_quantity(self):
        self.make_active("L-1", prices=[{"amount": "12.345", "base_quantity": "100"}])
        answer = self.ask(unit="BX")
        self.assertEqual((answer["price"], answer["base_quantity"]), ("123.45", "100"))

    def test_unit_without_factor(self):
        answer = self.ask(unit="DR")
        self.assertFalse(answer["price"])
        self.assertEqual(answer["reason"], "no_valid_price")
        self.assertEqual(self.lost(answer, "catalog"), ["unit_without_factor"])
        self.assertIn("packaging", answer["explanation"])

    def test_the_suppliers_own_pack_counts(self):
        self.make_packaging(self.gloves, "XBX", 12, partner_id=self.supplier.id)
        self.assertEqual(self.said(unit="BX")[0], "60")

    def test_units_agree_with_packagings(self):
        """What units hold is what ``healthcare.packaging`` says."""
        dozen = self.env.ref("uom.product_uom_dozen")
        dozen.unit_code = "DZN"
        self.make_packaging(self.gloves, "XPK", 6, date_to=self.day(-1))
        asked = [
            {
                "key": (code, day),
                "product_id": self.gloves.id,
                "partner_id": self.supplier.id,
                "unit_code": code,
                "date": day,
            }
            for code in ("EA", "BX", "CS", "DZ", "PK", "DR")
            for day in (self.today, self.day(-1))
        ]
        for key, unit in self.env["healthcare.packaging"]._resolve_units(asked).items():
            answer = self.ask(unit=key[0], date=key[1].isoformat())
            self.assertEqual(bool(answer["price"]), bool(unit), key)
            if unit:
                self.assertEqual(answer["price"], str(5 * unit["factor"]), key)

    def test_units_of_odoo(self):
        answer = self.ask(unit=False, uom_id=self.gloves_case.uom_id.id)
        self.assertEqual((answer["price"], answer["unit"]), ("500", "XCS"))
        self.assertEqual(self.ask(unit=False)["unit"], "EA")
        kilogram = self.env.ref("uom.product_uom_kgm")
        self.assertEqual(self.ask(unit=False, uom_id=kilogram.id)["reason"], "unknown_unit")


@tagged("post_install", "-at_install")
class TestPriceRequests(PriceTruthCommon):
    """Requests: many at once, strict in form, patient with what is unknown."""

    def test_what_is_unknown_spoils_no_other(self):
        request = {"product_id": self.gloves.id, "partner_id": self.supplier.id}
        answers = self.prices.resolve(
            [
                {"key": "good", **request},
                {"key": "item", "product_id": 2**31 - 1},
                {"key": "facility", **request, "facility_id": 2**31 - 1},
                {"key": "supplier", "product_id": self.gloves.id, "partner_id": 2**31 - 1},
                {"key": 5, **request},
            ]
        )
        self.assertEqual([answer["key"] for answer in answers], ["good", "item", "facility", "supplier", 5])
        self.assertEqual(
            [answer["reason"] for answer in answers],
            [False, "unknown_item", "unknown_facility", "unknown_supplier", False],
        )
        self.assertTrue(all(answer["explanation"] for answer in answers[1:4]))
        self.assertEqual(self.prices.resolve([]), [])

    def test_malformed_requests_name_key_and_field(self):
        for field, value in (
            ("product_id", "7"),
            ("product_id", True),
            ("product_id", False),
            ("facility_id", -1),
            ("partner_id", 1.5),
            ("unit", "NOT A UNIT"),
            ("quantity", "ten"),
            ("quantity", "-1"),
            ("quantity", float("nan")),
            ("date", "24.11.2026"),
            ("date", 20261124),
            ("price_class", "gold"),
            ("dates", {"birth": "2026-11-24"}),
            ("facility", 1),
        ):
            with self.assertRefused(f"Price request k7, field {field}", ValidationError):
                self.ask(key="k7", **{field: value})
        for requests in ({}, "x", [1], [{"product_id": 1}], [{"key": ["a"], "product_id": 1}]):
            with self.assertRaises(ValidationError):
                self.prices.resolve(requests)
        twice = {"key": "a", "product_id": self.gloves.id}
        with self.assertRefused("Price request a, field key", ValidationError):
            self.prices.resolve([twice, twice])
        with self.assertRefused("at most 20000", ValidationError):
            self.prices.resolve([{}] * 20_001)

    def test_the_number_of_queries_does_not_grow(self):
        self.make_active("L-1")

        def count(requests):
            before = self.env.cr.sql_log_count
            self.prices.resolve(requests)
            return self.env.cr.sql_log_count - before

        def request(key):
            return {
                "key": key,
                "product_id": (self.gloves if key % 2 else self.suture).id,
                "facility_id": (self.facility if key % 3 else self.clinic).id,
                "partner_id": self.supplier.id,
                "quantity": str(key + 1),
            }

        count([request(0), request(1)])  # fills caches
        self.assertEqual(count([request(0), request(1)]), count([request(key) for key in range(300)]))

    def test_who_may_ask(self):
        request = [{"key": "1", "product_id": self.gloves.id}]
        for role, user in self.users.items():
            answers = self.env["healthcare.price"].with_user(user).resolve(request)
            self.assertEqual(answers[0]["price"], "5", role)
        portal = self.make_user("test_portal", "base.group_portal")
        plain = self.make_user("test_plain", "base.group_user")
        for user in (portal, plain):
            with self.assertRaises(AccessError):
                self.env["healthcare.price"].with_user(user).resolve(request)


@tagged("post_install", "-at_install")
class TestPriceTimeline(PriceTruthCommon):
    """Where prices came from, for those who may see it."""

    def test_contract_and_catalog(self):
        self.make_active("L-1", prices=[{"amount": "48", "unit_code": "XBX"}])
        timeline = self.env["healthcare.price.timeline"].with_user(self.clerk)
        loaded = timeline.load(self.gloves.id, partner_id=self.supplier.id)
        self.assertEqual((loaded["unit"], loaded["truth"]["price"]), (self.gloves.uom_id.name, "4.8"))
        events = {event["kind"]: event for event in loaded["events"]}
        self.assertEqual((events["contract"]["price"], events["contract"]["unit_price"]), ("48", "4.8"))
        self.assertEqual(events["contract"]["until"], self.end.isoformat())
        self.assertEqual(events["feed"]["unit_price"], "5")
        requester = self.env["healthcare.price.timeline"].with_user(self.users["requester"])
        kinds = {event["kind"] for event in requester.load(self.gloves.id)["events"]}
        self.assertNotIn("contract", kinds)

    def test_arguments(self):
        timeline = self.env["healthcare.price.timeline"].with_user(self.clerk)
        for arguments in ({"product_id": "x"}, {"product_id": 2**31 - 1}, {"product_id": False}):
            with self.assertRaises(ValidationError):
                timeline.load(**arguments)
        plain = self.make_user("test_plain", "base.group_user")
        with self.assertRaises(AccessError):
            timeline.with_user(plain).load(self.gloves.id)
