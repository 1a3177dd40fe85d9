from odoo import Command
from odoo.tests import tagged

from .price_common import PriceTruthCommon


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

    def test_a_class_that_is_not_bought_at(self):
        self.make_active("L-1", prices=[{"amount": "1", "price_class": "340b"}])
        asked = self.ask(price_class="340b")
        self.assertEqual((asked["price"], self.lost(asked, "local_contract")), ("5", ["price_class"]))
        # of nobody in particular, any class may be asked
        self.assertEqual(self.said(price_class="340b", facility_id=False), ("1", "local_contract"))
        self.env["healthcare.facility.account"].create(
            [
                {
                    "facility_id": self.facility.id,
                    "partner_id": self.supplier.id,
                    "account_number": price_class,
                    "price_class": price_class,
                }
                for price_class in ("340b", "own_use")
            ]
        )
        self.assertEqual(self.said(price_class="340b"), ("1", "local_contract"))
        # of two accounts, own use unless the other is named
        self.assertEqual(self.said(), ("5", "catalog"))

    def test_classes_of_catalog_prices(self):
        self.env["healthcare.facility.account"].create(
            {
                "facility_id": self.facility.id,
                "partner_id": self.supplier.id,
                "account_number": "W-1",
                "price_class": "wac",
            }
        )
        self.info.copy({"price": 7, "price_class": "wac"})
        self.info.copy({"price": 2, "price_class": "340b"})
        answer = self.ask()
        self.assertEqual((answer["price"], answer["price_class"]), ("7", "wac"))
        self.assertEqual(self.lost(answer, "catalog"), ["lower_rank", "price_class"][::-1])
        self.assertEqual(self.said(facility_id=self.clinic.id), ("5", "catalog"))

    def test_the_larger_break_by_what_units_hold(self):
        self.make_active(
            "L-1",
            prices=[
                {"amount": "35", "unit_code": "XBX", "min_quantity": "5"},
                {"amount": "300", "unit_code": "XCS", "min_quantity": "1"},
            ],
        )
        self.assertEqual(self.said(quantity="99"), ("3.5", "local_contract"))
        self.assertEqual(self.said(quantity="100"), ("3", "local_contract"))
        self.assertEqual(self.said(quantity="49")[1], "catalog")

    def test_breaks_of_many_requests_in_one_call(self):
        """What one request was told serves others only where their quantities reach the same."""
        self.make_active("L-1", prices=[{"amount": "4.5", "min_quantity": "50"}, {"amount": "4.8"}])
        self.info.copy({"price": 4, "min_qty": 100})
        request = {
            "product_id": self.gloves.id,
            "facility_id": self.facility.id,
            "partner_id": self.supplier.id,
            "date": self.today.isoformat(),
        }
        wanted = [("EA", "10"), ("EA", "49"), ("EA", "50"), ("XBX", "4"), ("XBX", "5"), ("EA", "500")]
        requests = [
            {**request, "key": f"{unit} {quantity}", "unit": unit, "quantity": quantity}
            for unit, quantity in [*wanted, *reversed(wanted)]
        ]
        for position, each in enumerate(requests):
            each["key"] += f" {position}"
        together = self.prices.resolve(requests)
        alone = [answer for each in requests for answer in self.prices.resolve([each])]
        self.assertEqual(together, alone)
        self.assertEqual(
            [answer["price"] for answer in together[:6]], ["4.8", "4.8", "4.5", "48", "45", "4.5"]
        )

    def test_breaks_of_one_supplier_whatever_their_place(self):
        self.info.sequence = 1
        self.info.copy({"price": 4, "min_qty": 100, "sequence": 5})
        self.info.copy({"partner_id": self.other_supplier.id, "price": 3, "sequence": 3})
        self.assertEqual(self.said(partner_id=False, quantity="99"), ("5", "catalog"))
        self.assertEqual(self.said(partner_id=False, quantity="100"), ("4", "catalog"))

    def test_the_newer_contract_comes_first(self):
        self.make_active("L-old", prices=[{"amount": "4"}])
        self.make_active("L-new", valid_from=self.day(-10), prices=[{"amount": "4.2"}])
        answer = self.ask()
        self.assertEqual((answer["price"], answer["contract_number"]), ("4.2", "L-new"))
        self.assertIn("newer or more specific", answer["losers"][0]["explanation"])
        self.assertEqual(self.ask(date=self.day(-11).isoformat())["contract_number"], "L-old")

    def test_days_of_a_contract_by_its_basis(self):
        self.make_active("L-1", price_date_basis="invoice", valid_from=self.day(3))
        self.assertEqual(self.lost(self.ask(), "local_contract"), ["contract_not_yet_valid"])
        billed = {"order": self.today.isoformat(), "invoice": self.day(3).isoformat()}
        self.assertEqual(self.said(dates=billed), ("4.5", "local_contract"))

    def test_list_less_discount(self):
        self.make_active("L-1", prices=[{"kind": "list", "amount": "8", "discount_percent": "12.5"}])
        answer = self.ask()
        self.assertEqual(answer["price"], "7")
        self.assertEqual(answer["parts"], {"list_price": "8", "discount_percent": "12.5"})

    def test_currencies_are_told_not_converted(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.make_active("L-1", currency_id=euro.id)
        answer = self.ask()
        self.assertEqual((answer["price"], answer["currency"]), ("4.5", "EUR"))
        self.assertEqual(answer["losers"][0]["currency"], self.company.currency_id.name)

    def test_many_losers(self):
        self.env["product.supplierinfo"].create(
            [
                {
                    "partner_id": self.other_supplier.id,
                    "product_id": self.gloves.id,
                    "product_tmpl_id": self.gloves.product_tmpl_id.id,
                    "price": 6 + number,
                }
                for number in range(60)
            ]
        )
        answer = self.ask()
        self.assertEqual((len(answer["losers"]), answer["losers_left_off"]), (50, 10))
        self.assertEqual({loser["reason"] for loser in answer["losers"]}, {"other_supplier"})
        self.assertEqual(answer["losers"][0]["explanation"], "It is a price of Other Supplier.")
