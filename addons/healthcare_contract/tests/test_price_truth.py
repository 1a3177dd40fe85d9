from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .contract_common import ContractBuilders


class PriceTruthCommon(ContractBuilders, HealthcareCommon):
    """Gloves are 5.00 in the supplier's catalog; ``ask`` asks for them at the facility."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_contracts()
        cls.prices = cls.env["healthcare.price"].with_user(cls.users["requester"])
        cls.info = cls.env["product.supplierinfo"].search([("product_id", "=", cls.gloves.id)])

    def ask(self, **values):
        """Return the answer to one request about gloves in EA from the supplier."""
        request = {
            "key": "1",
            "product_id": self.gloves.id,
            "unit": "EA",
            "facility_id": self.facility.id,
            "partner_id": self.supplier.id,
            "quantity": "10",
            "date": self.today.isoformat(),
            **values,
        }
        [answer] = self.prices.resolve([request])
        return answer

    def said(self, **values):
        """Return price and source of one request."""
        answer = self.ask(**values)
        return answer["price"], answer["source"]

    def lost(self, answer, source):
        """Return the reasons of the losers of a source."""
        return [loser["reason"] for loser in answer["losers"] if loser["source"] == source]

    def make_gpo(self, number="G-1", tiers=None, roster=None, prices=None, **values):
        """Return an active GPO contract: ``tiers`` {code: amount}, ``roster`` {facility: code}."""
        contract = self.make_contract(number, kind="gpo", all_facilities=False, prices=prices or [], **values)
        made = {}
        for code, amount in (tiers or {}).items():
            made[code] = self.env["healthcare.contract.tier"].create(
                {"contract_id": contract.id, "code": code}
            )
            contract.line_ids.price_ids = [Command.create({"amount": amount, "tier_id": made[code].id})]
        contract.eligibility_ids = [
            Command.create({"facility_id": facility.id, "tier_id": made[code].id if code else False})
            for facility, code in (roster or {}).items()
        ]
        return self.activate(contract)


@tagged("post_install", "-at_install")
class TestPriceSources(PriceTruthCommon):
    """The order of sources, and why each other price lost."""

    def test_the_first_valid_source_wins_not_the_lowest(self):
        self.assertEqual(self.said(), ("5", "catalog"))
        self.make_active("L-1", prices=[{"amount": "5.50"}])
        self.assertEqual(self.said(), ("5.5", "local_contract"))
        gpo = self.make_gpo(tiers={"T1": "6.00"}, roster={self.facility: "T1"})
        answer = self.ask()
        self.assertEqual((answer["price"], answer["source"]), ("6", "gpo_contract"))
        self.assertEqual((answer["contract_id"], answer["tier"]), (gpo.id, "T1"))
        self.assertEqual(answer["source_model"], "healthcare.contract.price")
        self.assertEqual([loser["price"] for loser in answer["losers"]], ["5.5", "5"])
        self.assertEqual({loser["reason"] for loser in answer["losers"]}, {"lower_rank"})
        self.assertIn("contracts of buying groups come first", answer["losers"][0]["explanation"])

    def test_roster_and_tier(self):
        self.make_gpo(tiers={"T1": "4.00", "T2": "3.00"}, roster={self.facility: "T1"})
        answer = self.ask()
        self.assertEqual((answer["price"], answer["tier"]), ("4", "T1"))
        self.assertEqual(self.lost(answer, "gpo_contract"), ["tier_not_held"])
        other = self.ask(facility_id=self.clinic.id)
        self.assertEqual(other["source"], "catalog")
        self.assertEqual(set(self.lost(other, "gpo_contract")), {"facility_not_eligible"})
        nobody = self.ask(facility_id=False)
        self.assertEqual(set(self.lost(nobody, "gpo_contract")), {"facility_not_named"})

    def test_roster_days(self):
        contract = self.make_contract("G-2", kind="gpo", all_facilities=False)
        contract.eligibility_ids = [
            Command.create({"facility_id": self.facility.id, "date_to": self.day(-1)})
        ]
        self.activate(contract)
        self.assertEqual(self.lost(self.ask(), "gpo_contract"), ["roster_expired"])
        self.assertEqual(self.said(date=self.day(-1).isoformat())[1], "gpo_contract")

    def test_account_and_price_class(self):
        account = self.env["healthcare.facility.account"].create(
            {
                "facility_id": self.facility.id,
                "partner_id": self.supplier.id,
                "account_number": "A-340",
                "price_class": "340b",
            }
        )
        contract = self.make_contract(
            "G-3", kind="gpo", all_facilities=False, prices=[{"amount": "1.00", "price_class": "340b"}]
        )
        contract.eligibility_ids = [
            Command.create({"facility_id": self.facility.id, "account_id": account.id})
        ]
        self.activate(contract)
        answer = self.ask()
        self.assertEqual((answer["price"], answer["price_class"]), ("1", "340b"))
        self.assertEqual(self.lost(self.ask(price_class="own_use"), "gpo_contract"), ["price_class"])
        account.active = False
        self.assertEqual(self.lost(self.ask(), "gpo_contract"), ["account"])

    def test_states_and_days_of_contracts(self):
        self.make_contract("L-draft", prices=[{"amount": "1"}])
        self.make_active("L-later", valid_from=self.day(10), prices=[{"amount": "2"}])
        self.make_active(
            "L-prices",
            prices=[{"amount": "3", "valid_to": self.day(-1)}, {"amount": "4", "valid_from": self.day(5)}],
        )
        answer = self.ask()
        self.assertEqual(answer["source"], "catalog")
        reasons = {
            loser["contract_number"]: loser["reason"] for loser in answer["losers"] if loser["contract_id"]
        }
        self.assertEqual(reasons["L-draft"], "contract_draft")
        self.assertEqual(reasons["L-later"], "contract_not_yet_valid")
        of_prices = {
            loser["price"]: loser["reason"]
            for loser in answer["losers"]
            if loser["contract_number"] == "L-prices"
        }
        self.assertEqual(of_prices, {"3": "expired", "4": "not_yet_valid"})
        self.assertEqual(self.said(date=self.day(7).isoformat()), ("4", "local_contract"))

    def test_price_date_basis(self):
        self.make_active(
            "L-ship",
            price_date_basis="ship",
            prices=[{"amount": "3", "valid_to": self.day(2)}, {"amount": "4", "valid_from": self.day(3)}],
        )
        self.assertEqual(self.said()[0], "3")
        self.assertEqual(self.said(dates={"ship": self.day(3).isoformat()})[0], "4")
        self.assertEqual(self.said(dates={"receipt": self.day(3).isoformat()})[0], "3")

    def test_quantity_breaks(self):
        self.make_active(
            "L-1",
            prices=[
                {"amount": "4"},
                {"amount": "3", "min_quantity": "100"},
                {"amount": "35", "unit_code": "XBX", "min_quantity": "5"},
            ],
        )
        self.assertEqual(self.said(quantity="99")[0], "4")
        self.assertEqual(self.said(quantity="100")[0], "3")
        answer = self.ask(quantity="10")
        self.assertEqual(self.lost(answer, "local_contract"), ["below_minimum", "below_minimum"])
        self.assertEqual(self.said(unit="BX", quantity="5"), ("35", "local_contract"))
        self.assertEqual(self.said(unit="BX", quantity="4"), ("40", "local_contract"))

    def test_suppliers(self):
        self.make_active("L-other", partner_id=self.other_supplier.id, prices=[{"amount": "2"}])
        answer = self.ask()
        self.assertEqual(answer["source"], "catalog")
        self.assertEqual(self.lost(answer, "local_contract"), ["other_supplier"])
        anyone = self.ask(partner_id=False)
        self.assertEqual((anyone["price"], anyone["partner_id"]), ("2", self.other_supplier.id))
        contact = self.env["res.partner"].create({"name": "Desk", "parent_id": self.supplier.id})
        self.assertEqual(self.said(partner_id=contact.id), ("5", "catalog"))

    def test_distributors_sell_at_the_contract_price(self):
        self.make_active("L-1", distributor_ids=[Command.set(self.other_supplier.ids)])
        answer = self.ask(partner_id=self.other_supplier.id)
        self.assertEqual((answer["price"], answer["partner_id"]), ("4.5", self.other_supplier.id))

    def test_parts_are_kept(self):
        self.make_active(
            "L-1", prices=[{"kind": "cost_plus", "amount": "10", "markup_percent": "5", "fee": "0.25"}]
        )
        answer = self.ask()
        self.assertEqual(answer["price"], "10.75")
        self.assertEqual(answer["parts"], {"acquisition_cost": "10", "markup_percent": "5", "fee": "0.25"})
        self.info.write({"price": 8, "discount": 12.5})
        catalog = next(loser for loser in self.ask()["losers"] if loser["source"] == "catalog")
        self.assertEqual(catalog["price"], "7")
        self.assertEqual(catalog["parts"], {"list_price": "8", "discount_percent": "12.5"})

    def test_last_approved_price(self):
        self.info.date_end = self.day(-1)
        answer = self.ask()
        self.assertEqual((answer["price"], answer["source"]), ("5", "last_approved"))
        self.assertEqual(answer["valid_to"], self.day(-1).isoformat())
        self.info.unlink()
        nothing = self.ask()
        self.assertFalse(nothing["price"])
        self.assertEqual(nothing["reason"], "no_price")
        order = self.order_of_boxes(47)
        order.button_confirm()
        # Odoo makes a catalog price of the first order without a facility
        self.assertEqual(self.said(), ("4.7", "catalog"))
        self.gloves.seller_ids.unlink()
        answer = self.ask()
        self.assertEqual((answer["price"], answer["source"]), ("4.7", "last_approved"))
        self.assertEqual(answer["order_number"], order.name)
        self.assertFalse(self.ask(date=self.day(-1).isoformat())["price"])

    def order_of_boxes(self, price):
        """Return a draft of two boxes of gloves."""
        return self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.gloves.id,
                            "product_qty": 2,
                            "product_uom_id": self.gloves_box.uom_id.id,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )

    def test_other_companies_are_apart(self):
        other = self.make_company("Elsewhere")
        info = self.info.copy({"company_id": other.id, "price": 1})
        self.assertIn("other_company", self.lost(self.ask(), "catalog"))
        facility = self.env["healthcare.facility"].create(
            {"code": "ELSE", "name": "Elsewhere", "company_id": other.id}
        )
        self.assertEqual(self.ask(facility_id=facility.id)["reason"], "unknown_facility")
        self.gloves.company_id = other
        self.assertEqual(self.ask()["reason"], "unknown_item")
        self.assertTrue(info)


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
