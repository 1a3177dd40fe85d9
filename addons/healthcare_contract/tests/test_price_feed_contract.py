from odoo import Command
from odoo.addons.healthcare_catalog.tests.price_feed_common import PriceFeedCommon
from odoo.tests import tagged

from .contract_common import ContractBuilders


@tagged("post_install", "-at_install")
class TestPriceFeedContract(ContractBuilders, PriceFeedCommon):
    """A price list is held against the contracts of its supplier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_contracts()
        cls.contract = cls.make_contract(
            "GPO-1",
            kind="gpo",
            currency_id=cls.company.currency_id.id,
            prices=[{"amount": "4.40"}, {"amount": "38", "unit_code": "XBX", "min_quantity": "10"}],
        )
        tiers = cls.env["healthcare.contract.tier"].create(
            [{"contract_id": cls.contract.id, "code": code} for code in ("T1", "T2")]
        )
        cls.contract.line_ids = [
            Command.create(
                {
                    "product_id": cls.suture.id,
                    "price_ids": [
                        Command.create({"amount": amount, "tier_id": tier.id})
                        for tier, amount in zip(tiers, ("11.50", "10.50"), strict=True)
                    ],
                }
            )
        ]
        cls.contract.default_tier_id = tiers[0]
        cls.contract.eligibility_ids = [
            Command.create({"facility_id": cls.facility.id, "tier_id": tiers[1].id})
        ]
        cls.activate(cls.contract)

    def test_the_contract_price_stands_beside_the_line(self):
        feed = self.feed(self.line(1, "S-GLV", "45", unit="BX"), self.line(2, "S-SUT", "11.20"))
        lines = self.lines(feed)
        self.assertEqual(lines["1"].contract_price, "44")
        self.assertIn("GPO-1", lines["1"].contract_name)
        self.assertIn("above_contract", self.flags(lines["1"]))
        self.assertEqual(lines["1"].kind, "suspicious")
        # the dearest tier that somebody buys at counts
        self.assertEqual(lines["2"].contract_price, "11.5")
        self.assertIn("GPO-1", lines["2"].contract_name)
        self.assertNotIn("above_contract", self.flags(lines["2"]))

    def test_base_quantity_and_minimum(self):
        feed = self.feed(
            self.line(1, "S-GLV", "400", price={"base_quantity": "100"}),
            self.line(2, "S-SUT", "12"),
        )
        line = self.lines(feed)["1"]
        self.assertEqual(line.contract_price, "440")

    def test_other_suppliers_and_versions_do_not_count(self):
        other = self.make_active("L-1", partner_id=self.other_supplier.id, prices=[{"amount": "1"}])
        ended = self.make_active("L-2", valid_to=self.day(-1), prices=[{"amount": "1"}])
        draft = self.make_contract("L-3", prices=[{"amount": "1"}])
        self.assertTrue(other and ended and draft)
        line = self.lines(self.feed(self.line(1, "S-GLV", "4.45")))["1"]
        self.assertEqual(line.contract_price, "4.4")

    def test_a_distributor_sells_at_the_contracts_price(self):
        second = self.make_contract(
            "L-9", partner_id=self.other_supplier.id, prices=[{"amount": "4.10"}], kind="gpo"
        )
        second.distributor_ids = self.supplier
        self.activate(second)
        line = self.lines(self.feed(self.line(1, "S-GLV", "4.45")))["1"]
        self.assertEqual(line.contract_price, "4.4")
