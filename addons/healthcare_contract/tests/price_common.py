"""What tests of price truth have in common."""

from odoo import Command
from odoo.addons.healthcare_base.tests.common import HealthcareCommon

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
