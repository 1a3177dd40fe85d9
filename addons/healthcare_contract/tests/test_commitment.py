from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .contract_common import ContractCommon


@tagged("post_install", "-at_install")
class TestCommitment(ContractCommon):
    """How far promises have come is read from orders and receipts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.distributor = cls.make_supplier("Test Distributor", ref="TDIS")
        cls.contract = cls.make_contract(distributor_ids=[Command.link(cls.distributor.id)])
        cls.contract.commitment_ids = [
            Command.create({"name": "spend", "target": "1000"}),
            Command.create({"name": "boxes", "kind": "quantity", "target": "100", "unit_code": "BX"}),
            Command.create({"name": "share", "kind": "share", "target": "80"}),
            Command.create({"name": "received", "target": "1000", "basis": "received"}),
            Command.create(
                {"name": "later", "target": "10", "date_from": cls.day(30), "date_to": cls.day(60)}
            ),
        ]
        cls.activate(cls.contract)
        cls.spend, cls.boxes, cls.share, cls.received, cls.later = [
            cls.contract.commitment_ids.filtered(lambda one, name=name: one.name == name)
            for name in ("spend", "boxes", "share", "received", "later")
        ]

    def order(self, partner, quantity, price, uom=None, product=None, days=-10, confirm=True):
        """Return an order; confirmed unless told otherwise."""
        order = (
            self.env["purchase.order"]
            .with_user(self.clerk)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "date_order": f"{self.day(days)} 12:00:00",
                    "order_line": [
                        Command.create(
                            {
                                "product_id": (product or self.gloves).id,
                                "product_qty": quantity,
                                "product_uom_id": (uom or self.unit).id,
                                "price_unit": price,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
            )
        )
        order.order_line.price_unit = price
        if confirm:
            order.button_confirm()
            order.sudo().date_order = f"{self.day(days)} 12:00:00"
        return order

    def reread(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def test_progress(self):
        self.order(self.supplier, 20, 5)
        self.order(self.distributor, 3, 40, uom=self.gloves_box.uom_id)
        self.order(self.supplier, 7, 5, confirm=False)
        self.order(self.supplier, 1, 900, product=self.suture)
        self.order(self.supplier, 5, 5, days=-200)
        self.order(self.other_supplier, 55, 1)
        self.reread()
        self.assertEqual(self.spend.achieved, 220)
        self.assertEqual(self.spend.progress, 22)
        self.assertEqual(self.boxes.achieved, 5)
        self.assertEqual(self.share.achieved, 80)
        self.assertFalse(self.share.is_behind)
        self.assertEqual(self.received.achieved, 0)
        self.assertEqual((self.later.achieved, self.later.expected, self.later.is_behind), (0, 0, False))
        # 101 of 366 days are over
        self.assertAlmostEqual(self.spend.expected, 1000 * 101 / 366, 2)
        self.assertTrue(self.spend.is_behind)
        behind = self.env["healthcare.contract.commitment"].search([("is_behind", "=", True)])
        self.assertLessEqual(self.spend | self.boxes | self.received, behind)
        self.assertNotIn(self.share, behind)
        self.order(self.supplier, 20, 5)
        self.reread()
        self.assertFalse(self.spend.is_behind)

    def test_what_was_received(self):
        order = self.order(self.supplier, 20, 5)
        picking = order.sudo().picking_ids
        picking.move_ids.write({"quantity": 5, "picked": True})
        picking._action_done()
        self.reread()
        self.assertEqual(self.received.achieved, 25)

    def test_progress_goes_on_over_versions(self):
        self.order(self.supplier, 20, 5)
        second = self.amend(self.contract)
        second.effective_from = self.today - timedelta(days=1)
        self.activate(second)
        spend = second.commitment_ids.filtered(lambda one: one.name == "spend")
        self.assertEqual(spend.achieved, 100)

    def test_the_responsible_is_alerted_once_a_week(self):
        contracts = self.env["healthcare.contract"]
        contracts._cron_daily()
        contracts._cron_daily()
        activity = self.contract.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn("spend: 0 of 1000", activity.note)
        self.assertNotIn("later", activity.note)

    def test_an_item_without_factor_is_said(self):
        self.order(self.supplier, 20, 5)
        self.gloves_box.active = False
        self.reread()
        self.assertIn("no factor for unit XBX", self.boxes.progress_note)

    def test_orders_that_count_are_shown(self):
        order = self.order(self.supplier, 20, 5)
        self.order(self.other_supplier, 20, 5)
        action = self.spend.action_view_orders()
        self.assertEqual(self.env["purchase.order.line"].search(action["domain"]), order.sudo().order_line)
