from datetime import datetime, time

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

    def lot_findings(self, bill):
        return bill.match_exception_ids.filtered(
            lambda each: each.type == "recalled_or_expired_lot" and each.state != "closed"
        )

    def test_a_bill_waits_while_its_lot_is_recalled(self):
        bill, clean = (
            self.bill(self.received(("L1", 5)), "INV-1"),
            self.bill(self.received(("L2", 5)), "INV-2"),
        )
        self.assertEqual(bill.match_state, "matched")
        recall = self.make_recall(self.suture, "L1")
        self.assertEqual((bill.match_state, bill.match_payable), ("exception", False))
        finding = self.lot_findings(bill)
        self.assertEqual((finding.family, finding.amount_at_stake), ("unit_item", 60.0))
        self.assertIn("5 EA of lot L1 are recalled by", finding.explanation)
        self.assertEqual(clean.match_state, "matched")
        recall.sudo().write({"state": "lifted"})
        self.assertEqual((bill.match_state, self.lot_findings(bill)), ("matched", self.env[finding._name]))

    def test_a_lot_that_comes_after_its_recall_was_begun(self):
        """It is not received; what came before under the same number, written otherwise, is found."""
        order = self.received(("l-1", 5))
        self.make_recall(self.suture, "L1")
        self.assertTrue(self.lot_findings(self.bill(order, "INV-1")))

    def test_a_lot_added_to_a_recall(self):
        bill = self.bill(self.received(("L2", 5)), "INV-1")
        recall = self.make_recall(self.suture, "L1")
        self.assertFalse(self.lot_findings(bill))
        recall.line_ids.write({"lot_names": "L1\nL2"})
        self.assertTrue(self.lot_findings(bill))

    def test_what_was_sent_back_is_not_held_for_its_lot(self):
        order = self.received(("L1", 2), ("L2", 3))
        recall = self.make_recall(self.suture, "L1")
        wizard = self.env["stock.return.picking"].create({"picking_id": order.picking_ids.id})
        wizard.product_return_moves.quantity = 2
        back = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        back.move_ids.move_line_ids = [
            Command.clear(),
            Command.create(
                {
                    "product_id": self.suture.id,
                    "lot_id": self.env["stock.lot"].search([("name", "=", "L1")]).id,
                    "quantity": 2,
                }
            ),
        ]
        back.move_ids.picked = True
        back.button_validate()
        self.assertEqual(back.state, "done")
        bill = self.bill(order, "INV-1")
        self.assertFalse(self.lot_findings(bill), recall.display_name)

    def test_a_lot_that_had_expired_when_it_came(self):
        self.suture.use_expiration_date = True
        order = self.received(("L1", 5))
        lot = order.picking_ids.sudo().move_ids.move_line_ids.lot_id
        lot.expiration_date = "2026-01-31 12:00:00"
        finding = self.lot_findings(self.bill(order, "INV-1"))
        self.assertIn("had expired on 2026-01-31", finding.explanation)

    def test_a_lot_may_come_on_its_last_day(self):
        self.suture.use_expiration_date = True
        order = self.received(("L1", 5))
        moves = order.picking_ids.sudo().move_ids
        moves.move_line_ids.lot_id.expiration_date = datetime.combine(moves.date.date(), time())
        self.assertFalse(self.lot_findings(self.bill(order, "INV-1")))
