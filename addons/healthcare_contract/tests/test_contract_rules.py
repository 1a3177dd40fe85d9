from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .contract_common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractRules(ContractCommon):
    """What a contract cannot say; each refusal names contract, line and field."""

    def assertInvalid(self, regex):
        return self.assertRefused(regex, ValidationError)

    def price(self, contract, **values):
        """Add a price to the contract's first line."""
        return (
            self.env["healthcare.contract.price"]
            .with_user(self.clerk)
            .create({"line_id": contract.line_ids[0].id, "amount": "4.00", "unit_code": "EA", **values})
        )

    def test_overlapping_validity(self):
        contract = self.make_contract(
            prices=[{"amount": "4.50", "unit_code": "EA", "valid_to": self.day(30)}]
        )
        with self.assertInvalid(r"C-100, line 1: .*Nitrile gloves.*field Valid From: .*4\.5 / EA"):
            self.price(contract, valid_from=self.day(30))
        later = self.price(contract, valid_from=self.day(31))
        self.assertEqual(later.net_amount, "4")
        with self.assertInvalid("End that price before this one begins"):
            later.valid_from = self.day(10)

    def test_same_days_differ_by_tier_class_unit_and_quantity(self):
        contract = self.make_contract()
        tier = self.env["healthcare.contract.tier"].create({"contract_id": contract.id, "code": "T1"})
        self.price(contract, tier_id=tier.id)
        self.price(contract, price_class="340b")
        self.price(contract, unit_code="BX", amount="40")
        self.price(contract, min_quantity="100")
        self.assertEqual(len(contract.line_ids.price_ids), 5)
        with self.assertInvalid("End that price before"):
            self.price(contract, min_quantity="100.0")
        with self.assertInvalid("End that price before"):
            self.price(contract, unit_code="XBX", amount="41")

    def test_same_item_twice(self):
        contract = self.make_contract()
        with self.assertInvalid(
            "C-100, line 2, field Item: the item stands in line 1: .*Nitrile gloves already"
        ):
            contract.line_ids = [Command.create({"line_number": "2", "product_id": self.gloves.id})]
        with self.assertInvalid("C-100, line 3, field Item: the item stands in line 2 already"):
            contract.line_ids = [
                Command.create({"line_number": number, "product_id": self.suture.id}) for number in "23"
            ]
        contract.line_ids = [Command.create({"line_number": "2", "supplier_code": "X"})]
        with self.assertInvalid("the item stands in line 1"):
            contract.line_ids[1].product_id = self.gloves
        with self.assertInvalid("field No.: line 1: .* has this number already"):
            contract.line_ids[1].line_number = "1"

    def test_numbers_that_cannot_be(self):
        contract = self.make_contract()
        for values, regex in (
            ({"amount": "-1"}, "field Amount: it is above 0, not -1"),
            ({"amount": "0"}, "field Amount"),
            ({"amount": "12000000000"}, "cannot be: compare"),
            ({"base_quantity": "0"}, "field Per"),
            ({"min_quantity": "-5"}, "field From Quantity"),
            ({"kind": "list", "discount_percent": "100"}, "discount is from 0"),
            ({"kind": "cost_plus", "markup_percent": "5000"}, "markup is above -100"),
            ({"kind": "cost_plus", "fee": "-1"}, "field Fee"),
            ({"markup_percent": "5"}, "belong to a price of kind cost plus"),
            ({"discount_percent": "5"}, "belongs to a price of kind list"),
        ):
            with self.subTest(values=values), self.assertInvalid(f"C-100, line 1: .*{regex}"):
                self.price(contract, price_class="wac", **values)

    def test_a_float_is_no_price(self):
        with self.assertInvalid("binary float"):
            self.price(self.make_contract(), amount=4.1, price_class="wac")

    def test_net_amount_keeps_its_parts(self):
        contract = self.make_contract()
        plus = self.price(
            contract, kind="cost_plus", amount="100", markup_percent="2.5", fee="0.75", price_class="wac"
        )
        off = self.price(contract, kind="list", amount="10", discount_percent="12.5", price_class="gpo")
        self.assertEqual((plus.net_amount, plus.amount, plus.fee), ("103.25", "100", "0.75"))
        self.assertEqual(off.net_amount, "8.75")

    def test_unit_without_factor(self):
        contract = self.make_contract()
        with self.assertInvalid("line 1: .*field Unit: unit XPK has no factor for .*Nitrile gloves"):
            self.price(contract, unit_code="PK")
        with self.assertInvalid("is no unit code"):
            self.price(contract, unit_code="a box")

    def test_unit_of_an_item_that_becomes_known(self):
        contract = self.make_contract(
            lines=[
                {
                    "line_number": "7",
                    "supplier_code": "X-1",
                    "price_ids": [Command.create({"amount": "9", "unit_code": "PK"})],
                }
            ]
        )
        with self.assertInvalid("no factor"):
            contract.line_ids.product_id = self.gloves

    def test_validity_outside_the_contract(self):
        contract = self.make_contract()
        for values in ({"valid_from": self.day(-101)}, {"valid_to": self.day(266)}):
            with self.subTest(values=values), self.assertInvalid("outside the contract's days"):
                self.price(contract, price_class="wac", **values)
        self.price(contract, price_class="wac", valid_to=self.end)
        with self.assertInvalid("outside the contract's days"):
            contract.valid_to = self.day(200)

    def test_roster(self):
        contract = self.make_contract()
        entries = self.env["healthcare.contract.eligibility"].with_user(self.clerk)
        tiers = self.env["healthcare.contract.tier"]
        tier = tiers.create({"contract_id": contract.id, "code": "T1"})
        foreign = tiers.create({"contract_id": self.make_contract("C-200").id, "code": "T1"})
        base = {"contract_id": contract.id, "facility_id": self.facility.id}
        entries.create({**base, "tier_id": tier.id, "date_to": self.day(10)})
        with self.assertInvalid("roster, .MAIN. Facility MAIN, field From: it is on the roster"):
            entries.create({**base, "date_from": self.day(10)})
        with self.assertInvalid("tier T1 belongs to another contract"):
            entries.create({**base, "tier_id": foreign.id, "date_from": self.day(11)})
        account = self.env["healthcare.facility.account"].create(
            {"facility_id": self.clinic.id, "partner_id": self.supplier.id, "account_number": "A1"}
        )
        with self.assertInvalid("account A1 belongs to .CLIN."):
            entries.create({**base, "account_id": account.id})
        account.facility_id = self.facility
        with self.assertInvalid("account A1 is of price class own_use"):
            entries.create({**base, "account_id": account.id, "price_class": "340b"})
        account.partner_id = self.other_supplier
        with self.assertInvalid("does not sell on this contract"):
            entries.create({**base, "account_id": account.id})
        with self.assertInvalid("outside the contract's: "):
            entries.create({**base, "facility_id": self.clinic.id, "date_to": self.day(300)})

    def test_facility_of_another_company(self):
        other = self.make_company("Elsewhere")
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        foreign = self.env["healthcare.facility"].create(
            {"code": "FAR", "name": "Far", "company_id": other.id, "warehouse_id": warehouse.id}
        )
        contract = self.make_contract()
        with self.assertInvalid("the facility belongs to Elsewhere"):
            self.env["healthcare.contract.eligibility"].create(
                {"contract_id": contract.id, "facility_id": foreign.id}
            )

    def test_commitments_and_caps(self):
        contract = self.make_contract()
        other = self.make_contract("C-200")
        commitments = self.env["healthcare.contract.commitment"].with_user(self.clerk)
        with self.assertInvalid("a share is at most 100"):
            commitments.create({"contract_id": contract.id, "kind": "share", "target": "120"})
        with self.assertInvalid("belongs to another contract"):
            commitments.create({"contract_id": contract.id, "target": "100", "line_id": other.line_ids.id})
        with self.assertInvalid("outside the contract's"):
            commitments.create({"contract_id": contract.id, "target": "100", "date_to": self.day(999)})
        caps = self.env["healthcare.contract.cap"].with_user(self.clerk)
        caps.create({"contract_id": contract.id, "code": "HIP", "amount": "4000"})
        with self.assertInvalid("a cap of this code holds"):
            caps.create({"contract_id": contract.id, "code": "hip", "amount": "4100"})
        with self.assertInvalid("belongs to another contract"):
            caps.create(
                {
                    "contract_id": contract.id,
                    "code": "KNEE",
                    "amount": "1",
                    "line_ids": [Command.link(other.line_ids.id)],
                }
            )

    def test_number_is_unique_per_supplier(self):
        self.make_contract()
        self.make_contract(partner_id=self.other_supplier.id)
        with self.assertInvalid("Test Supplier has a contract of this number already .Draft."):
            self.make_contract("c-100 ")

    def test_submission_says_all_that_is_missing(self):
        contract = self.make_contract(lines=[], all_facilities=False)
        with self.assertRefused("(?s)Lines: there are none.*Roster: nobody may buy"):
            contract.action_submit()
        contract.line_ids = [Command.create({"line_number": "9", "product_id": self.gloves.id})]
        contract.all_facilities = True
        with self.assertRefused("Line 9: .*has no price"):
            contract.action_submit()
        self.assertEqual(contract.state, "draft")

    def test_submission_of_a_price_whose_packaging_ended(self):
        contract = self.make_contract(prices=[{"amount": "40", "unit_code": "XBX"}])
        self.gloves_box.active = False
        with self.assertRefused("field Unit: XBX has no factor"):
            contract.action_submit()

    def test_service_contract_needs_its_limit(self):
        contract = self.make_contract(is_service=True)
        with self.assertRefused("Not To Exceed"):
            contract.action_submit()
