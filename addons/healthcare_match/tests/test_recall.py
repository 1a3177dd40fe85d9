from odoo import Command
from odoo.addons.healthcare_catalog.tests.common import CatalogBuilders
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestRecall(CatalogBuilders, MatchCommon):
    """Bills for recalled lots are found."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.suture.use_expiration_date = False

    def received(self, *lots):
        """Return an order whose receipt brought these ``(lot, quantity)``."""
        order = self.ordered((self.suture, sum(quantity for _lot, quantity in lots), 12.0))
        picking = order.picking_ids.with_user(self.storeroom)
        picking.move_ids.move_line_ids = [
            Command.clear(),
            *(
                Command.create({"product_id": self.suture.id, "lot_name": lot, "quantity": quantity})
                for lot, quantity in lots
            ),
        ]
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        return order

    def bill(self, order, number):
        quantity = f"{order.order_line.product_qty:g}"
        return self.take_in(self.invoice(order, self.billed(self.suture, quantity, "12.00"), number=number))

    def bills(self, recall):
        return {each["name"]: each for each in recall._affected() if each["kind"] == "bill"}

    def test_the_bill_of_a_recalled_lot_is_found(self):
        one, other = self.received(("L1", 5)), self.received(("L2", 5))
        bill, clean = self.bill(one, "INV-1"), self.bill(other, "INV-2")
        recall = self.make_recall(self.suture, "L1")
        found = self.bills(recall)
        self.assertEqual(list(found), [bill.display_name])
        self.assertNotIn(clean.display_name, found)
        [entry] = found.values()
        self.assertEqual((entry["lot"], entry["quantity"], entry["certain"]), ("L1", 5.0, True))
        self.assertEqual(recall.with_user(self.users["requester"]).bill_count, 1)
        action = recall.with_user(self.accounts_payable).action_view_bills()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), bill)

    def test_a_bill_of_several_lots_is_not_certain(self):
        bill = self.bill(self.received(("L1", 2), ("L2", 3)), "INV-1")
        recall = self.make_recall(self.suture, "L1")
        entry = self.bills(recall)[bill.display_name]
        self.assertEqual((entry["lot"], entry["certain"]), ("L1", False))

    def test_all_lots_find_all_bills_but_cancelled_ones(self):
        bill = self.bill(self.received(("L1", 5)), "INV-1")
        gone = self.bill(self.received(("L2", 5)), "INV-2")
        gone.button_draft()
        gone.button_cancel()
        self.assertEqual(list(self.bills(self.make_recall(self.suture))), [bill.display_name])
