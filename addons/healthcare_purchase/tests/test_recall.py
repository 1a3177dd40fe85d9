from odoo import Command
from odoo.addons.healthcare_catalog.tests.common import CatalogBuilders
from odoo.tests import Form, tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestRecall(CatalogBuilders, PurchaseCommon):
    """Recalled lots that are announced stay off the receipt, and are found on order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.suture.use_expiration_date = False

    def found(self, recall, *kinds):
        return [each for each in recall._affected() if each["kind"] in kinds]

    def test_an_announced_lot_that_is_recalled_stays_off_the_receipt(self):
        recall = self.make_recall(self.suture, "L1")
        order = self.make_order((self.suture, 20, 12.0))
        line = order.order_line
        notice = self.take_in(
            self.ship_notice(
                order,
                self.shipped(
                    line, "20", {"number": "L-1", "quantity": "8"}, {"number": "L2", "quantity": "12"}
                ),
            )
        )
        picking = order.picking_ids
        self.assertEqual(picking.move_line_ids.mapped("lot_name"), ["L2"])
        lots = notice.line_ids.lot_ids
        self.assertEqual(lots.filtered("is_recalled").number, "L-1")
        picking.with_user(self.storeroom).action_fill_in_announced()
        self.assertEqual(picking.move_line_ids.mapped("lot_name"), ["L2"])
        [announced] = self.found(recall, "announced")
        self.assertEqual((announced["lot"], announced["quantity"], announced["certain"]), ("L-1", 8.0, True))
        self.assertEqual(recall.with_user(self.users["requester"]).announced_count, 1)
        action = recall.action_view_announced()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), notice)

    def test_a_lot_that_was_filled_in_before_is_stopped_at_the_door(self):
        order = self.make_order((self.suture, 20, 12.0))
        self.take_in(self.ship_notice(order, self.shipped(order.order_line, "20", {"number": "L1"})))
        picking = order.picking_ids
        self.make_recall(self.suture, "L1")
        picking.move_ids.picked = True
        with self.assertRefused("is recalled by"):
            picking.with_user(self.storeroom).button_validate()
        picking.move_line_ids.lot_name = "L9"
        picking.with_user(self.storeroom).button_validate()
        self.assertEqual(picking.state, "done")

    def test_orders_that_may_bring_it_are_found(self):
        order = self.make_order((self.suture, 20, 12.0), (self.gloves, 5, 5.0))
        self.make_order((self.suture, 7, 12.0), confirm=False)
        recall = self.make_recall(self.suture, "L1")
        [found] = self.found(recall, "order")
        self.assertEqual((found["name"], found["quantity"], found["certain"]), (order.name, 20.0, False))
        self.make_recall(self.suture, reference="Z-2")
        [certain] = self.found(self.env["healthcare.recall"].search([("reference", "=", "Z-2")]), "order")
        self.assertTrue(certain["certain"])
        self.assertEqual(recall.with_user(self.users["auditor"]).order_line_count, 1)
        action = recall.action_view_order_lines()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), order)

    def test_a_received_order_is_found_no_more(self):
        order = self.make_order((self.suture, 20, 12.0))
        picking = order.picking_ids.with_user(self.storeroom)
        picking.move_ids.move_line_ids = [
            Command.clear(),
            Command.create({"product_id": self.suture.id, "lot_name": "L7", "quantity": 20}),
        ]
        picking.move_ids.picked = True
        picking.button_validate()
        recall = self.make_recall(self.suture, "L1")
        self.assertFalse(self.found(recall, "order"))

    def test_the_form_opens(self):
        recall = self.make_recall(self.suture, "L1")
        for role in ("clerk", "storeroom", "administrator"):
            self.assertTrue(Form(recall.with_user(self.users[role])).name)
