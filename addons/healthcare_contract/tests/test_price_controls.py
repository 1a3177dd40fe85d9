from datetime import timedelta

from odoo import Command, fields
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders
from odoo.tests import tagged

from .price_common import PriceTruthCommon


@tagged("post_install", "-at_install")
class TestPriceCompanies(PriceTruthCommon):
    """What belongs to another company is not told, neither as a price nor as a loser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.make_company("Elsewhere")

    def test_other_companies_are_not_told(self):
        self.info.copy({"company_id": self.elsewhere.id, "price": 1})
        contract = self.make_active("L-else", prices=[{"amount": "0.5"}])
        contract.sudo().company_id = self.elsewhere
        answer = self.ask()
        self.assertEqual((answer["price"], answer["losers"]), ("5", []))
        anyone = self.ask(partner_id=False, facility_id=False)
        self.assertEqual((anyone["price"], anyone["losers"]), ("5", []))

    def test_facilities_items_and_suppliers_of_other_companies_are_unknown(self):
        facility = self.env["healthcare.facility"].create(
            {"code": "ELSE", "name": "Elsewhere", "company_id": self.elsewhere.id}
        )
        self.assertEqual(self.ask(facility_id=facility.id)["reason"], "unknown_facility")
        self.assertEqual(
            self.ask(company_id=self.elsewhere.id, facility_id=False)["reason"], "unknown_company"
        )
        self.other_supplier.company_id = self.elsewhere
        self.assertEqual(self.ask(partner_id=self.other_supplier.id)["reason"], "unknown_supplier")
        self.gloves.company_id = self.elsewhere
        self.assertEqual(self.ask()["reason"], "unknown_item")

    def test_a_company_in_the_context_is_not_ones_own(self):
        request = {"key": "1", "product_id": self.gloves.id, "company_id": self.elsewhere.id}
        prices = self.prices.with_context(allowed_company_ids=self.elsewhere.ids)
        with self.assertRefused("", Exception):
            prices.resolve([request])

    def test_who_has_both_companies_sees_both(self):
        both = self.make_user(
            "test_both",
            "healthcare_base.group_requester",
            company_ids=[Command.set((self.company | self.elsewhere).ids)],
        )
        self.info.copy({"company_id": self.elsewhere.id, "price": 1})
        self.prices = self.prices.with_user(both).with_context(
            allowed_company_ids=(self.company | self.elsewhere).ids
        )
        answer = self.ask()
        self.assertEqual((answer["price"], self.lost(answer, "catalog")), ("5", ["other_company"]))
        there = self.ask(facility_id=False, company_id=self.elsewhere.id)
        self.assertEqual(there["price"], "1")

    def test_a_contract_of_the_group_is_everybodys(self):
        contract = self.make_active("G-all", kind="gpo")
        contract.sudo().company_id = False
        self.assertEqual(self.said(), ("4.5", "gpo_contract"))


@tagged("post_install", "-at_install")
class TestPriceControls(ExchangeBuilders, PriceTruthCommon):
    """Prices and suppliers that a control stops: late price lists, suppliers not to order from."""

    def policy(self, **values):
        """Return the supplier's inbound catalog with what happens when no list comes."""
        endpoint = self.make_endpoint("LISTS", documents=(), partner_id=self.supplier.id)
        return self.env["healthcare.exchange.endpoint.document"].create(
            {"endpoint_id": endpoint.id, "document_type": "catalog", "direction": "inbound", **values}
        )

    def feed(self, state, days=0):
        """Return a price list of the supplier that came, or was applied, so many days ago."""
        at = fields.Datetime.now() - timedelta(days=days)
        return (
            self.env["healthcare.price.feed"]
            .sudo()
            .create(
                {
                    "partner_id": self.supplier.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "number": f"LIST-{state}",
                    "state": state,
                    "received_at": at,
                    "applied_at": at if state == "applied" else False,
                }
            )
        )

    def test_last_approved_prices_hold_for_their_days(self):
        self.policy(contingency="last_price", price_valid_days=10)
        self.feed("applied", days=5)
        self.info.date_end = self.day(-1)
        answer = self.ask()
        self.assertEqual((answer["price"], answer["source"]), ("5", "last_approved"))
        self.assertEqual(answer["held_until"], self.day(5).isoformat())
        self.assertEqual(self.said(date=self.day(5).isoformat()), ("5", "last_approved"))
        # of two days in one call, each has its own answer
        request = {"product_id": self.gloves.id, "partner_id": self.supplier.id}
        held, over = self.prices.resolve(
            [{"key": days, "date": self.day(days).isoformat(), **request} for days in (5, 6)]
        )
        self.assertEqual((held["price"], over["price"]), ("5", False))
        self.assertEqual(over["reason"], "feed_stopped")
        self.assertIn("10 days", over["explanation"])
        self.make_active("L-1")
        self.assertEqual(self.said(date=self.day(6).isoformat()), ("4.5", "local_contract"))

    def test_a_valid_price_is_stopped_too(self):
        self.policy(contingency="stop_buying")
        self.feed("failed")
        answer = self.ask()
        self.assertEqual((answer["price"], answer["reason"]), (False, "feed_stopped"))
        self.assertEqual(self.lost(answer, "catalog"), ["feed_stopped"])
        other = self.make_supplierinfo(self.gloves, self.other_supplier, "O-GLV", 6)
        anyone = self.ask(partner_id=False)
        self.assertEqual((anyone["price"], anyone["source_id"]), ("6", other.id))

    def test_what_was_ordered_once_is_stopped_too(self):
        self.order_of_boxes(47).button_confirm()
        self.gloves.seller_ids.unlink()
        self.assertEqual(self.said(), ("4.7", "last_approved"))
        self.policy(contingency="stop_buying")
        self.feed("failed")
        answer = self.ask()
        self.assertEqual((answer["price"], answer["reason"]), (False, "feed_stopped"))
        self.assertEqual(self.ask(partner_id=False)["reason"], "feed_stopped")

    def test_nobody_is_sent_to_a_supplier_who_may_not_be_ordered_from(self):
        self.make_active("L-1", partner_id=self.other_supplier.id, prices=[{"amount": "2"}])
        self.supplier.sudo()._set_supplier_state("approved", "for the test")
        self.assertEqual(self.ask(partner_id=False)["partner_id"], self.other_supplier.id)
        self.company.supplier_gate_date = self.today
        answer = self.ask(partner_id=False)
        self.assertEqual((answer["price"], answer["partner_id"]), ("5", self.supplier.id))
        self.assertEqual(self.lost(answer, "local_contract"), ["supplier_barred"])
        self.assertIn("not an approved supplier", answer["losers"][0]["explanation"])
        # whose price is asked for by name, or was on a day gone by, is told: bills are held against it
        self.assertEqual(self.said(partner_id=self.other_supplier.id), ("2", "local_contract"))
        before = self.ask(partner_id=False, date=self.day(-1).isoformat())
        self.assertEqual(before["partner_id"], self.other_supplier.id)

    def test_a_distributor_stands_in(self):
        self.make_active("L-1", distributor_ids=[Command.set(self.other_supplier.ids)])
        self.other_supplier.sudo()._set_supplier_state("approved", "for the test")
        self.company.supplier_gate_date = self.today
        answer = self.ask(partner_id=False)
        self.assertEqual((answer["price"], answer["partner_id"]), ("4.5", self.other_supplier.id))

    def test_an_archived_supplier(self):
        self.make_active("L-1", partner_id=self.other_supplier.id, prices=[{"amount": "2"}])
        self.other_supplier.active = False
        answer = self.ask(partner_id=False)
        self.assertEqual(self.lost(answer, "local_contract"), ["supplier_barred"])
        self.assertIn("archived", answer["losers"][0]["explanation"])
