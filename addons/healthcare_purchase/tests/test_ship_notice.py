from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestShipNotice(PurchaseCommon):
    """What is announced is proposed on the receipt; the storeroom confirms it."""

    def setUp(self):
        super().setUp()
        self.order = self.make_order((self.gloves, 20, 5.0), (self.suture, 50, 12.0))
        self.line, self.suture_line = self.order.order_line
        self.receipt = self.order.picking_ids.with_user(self.storeroom)

    def suture_lots(self):
        return self.shipped(
            self.suture_line,
            "30",
            {"number": "L1", "expires_on": "2027-06-30", "quantity": "20"},
            {"number": "L2", "expires_on": "2028-01-31", "quantity": "10"},
        )

    def proposed(self, product):
        return sorted(
            (line.lot_name or "", line.quantity, line.picked)
            for line in self.receipt.move_line_ids
            if line.product_id == product
        )

    def test_lots_are_proposed_and_not_validated(self):
        notice = self.take_in(
            self.ship_notice(
                self.order,
                self.suture_lots(),
                expected_at="2026-12-01",
                carrier="UPS",
                tracking_number="1Z",
            )
        )
        self.assertEqual(notice.state, "current")
        self.assertEqual(str(notice.expected_date), "2026-12-01")
        self.assertEqual(self.order.expected_shipments, 1)
        self.assertEqual(self.proposed(self.suture), [("L1", 20, False), ("L2", 10, False)])
        first = self.receipt.move_line_ids.filtered(lambda line: line.lot_name == "L1")
        self.assertEqual(first.expiration_date.date(), date(2027, 6, 30))
        self.assertEqual(self.receipt.state, "assigned")
        self.assertEqual(self.receipt.announced_lot_ids.mapped("state"), ["proposed", "proposed"])
        self.assertFalse(self.suture_line.qty_received)
        # the gloves were not announced: Odoo's own proposal stays
        self.assertEqual(self.proposed(self.gloves), [("", 20, False)])

    def test_the_storeroom_confirms(self):
        notice = self.take_in(self.ship_notice(self.order, self.suture_lots(), self.shipped(self.line, "20")))
        receipt = self.receipt
        action = receipt.button_validate()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.storeroom)
            .with_context(**action["context"])
            .create({})
        )
        wizard.process()
        self.assertEqual(receipt.state, "done")
        lots = self.env["stock.lot"].search([("product_id", "=", self.suture.id)])
        self.assertEqual(
            {(lot.name, lot.expiration_date.date(), lot.product_qty) for lot in lots},
            {("L1", date(2027, 6, 30), 20), ("L2", date(2028, 1, 31), 10)},
        )
        self.assertEqual(notice.state, "received")
        self.assertEqual(self.order.expected_shipments, 0)
        rest = self.order.picking_ids - self.receipt
        self.assertEqual(rest.move_ids.product_uom_qty, 20)
        self.assertFalse(rest.to_fill_in)
        self.take_in(
            self.ship_notice(
                self.order,
                self.shipped(self.suture_line, "20", {"number": "L3", "quantity": "20"}),
                number="SHIP-2",
            )
        )
        self.assertEqual(rest.move_line_ids.lot_name, "L3")

    def test_units_and_packages(self):
        order = self.make_order((self.gloves, 2, 50.0, self.gloves_case.uom_id))
        line = order.order_line
        notice = self.take_in(
            self.ship_notice(
                order,
                self.shipped(line, "12", unit="XBX"),
                number="SHIP-9",
                packages=[
                    {"sscc": "006141411234567890", "parent_sscc": "006141410000000018"},
                    {
                        "sscc": "006141411234567906",
                        "contents": [{"line_number": str(line.line_number), "quantity": "12"}],
                    },
                ],
            )
        )
        self.assertEqual(notice.line_ids.reference_quantity, "120")
        self.assertEqual(notice.package_ids.mapped("sscc"), ["006141411234567890", "006141411234567906"])
        self.assertEqual(notice.line_ids.lot_ids.package_id.sscc, "006141411234567906")
        self.assertEqual(sum(order.picking_ids.move_line_ids.mapped("quantity_product_uom")), 120)

    def test_lots_by_package_count_once(self):
        lots = [{"number": "L1", "quantity": "20"}, {"number": "L2", "quantity": "10"}]
        notice = self.take_in(
            self.ship_notice(
                self.order,
                self.shipped(self.suture_line, "30", *lots),
                packages=[
                    {"sscc": f"00{i}", "contents": [{"line_number": "2", "lots": [lot]}]}
                    for i, lot in enumerate(lots)
                ],
            )
        )
        self.assertEqual(
            [(lot.number, lot.package_id.sscc) for lot in notice.line_ids.lot_ids],
            [("L1", "000"), ("L2", "001")],
        )
        self.assertEqual(self.proposed(self.suture), [("L1", 20, False), ("L2", 10, False)])

    def test_serial_numbers(self):
        pump = self.make_product("Infusion pump", "PMP-1", tracking="serial")
        order = self.make_order((pump, 2, 900.0))
        self.take_in(
            self.ship_notice(
                order,
                self.shipped(order.order_line, "2", {"serials": ["S1", "S2"]}),
                number="SHIP-S",
            )
        )
        lines = order.picking_ids.move_line_ids
        self.assertEqual(sorted(lines.mapped("lot_name")), ["S1", "S2"])
        self.assertEqual(lines.mapped("quantity"), [1, 1])

    def assertHeld(self, problem, *lines, **values):
        """The notice is kept with a problem, its buyer is told, and nothing is proposed."""
        before = self.proposed(self.suture), self.proposed(self.gloves)
        notice = self.take_in(self.ship_notice(self.order, *lines, **values))
        self.assertEqual(notice.line_ids.mapped("problem"), [problem])
        self.assertEqual((self.proposed(self.suture), self.proposed(self.gloves)), before)
        self.assertEqual(self.order.activity_ids[-1:].user_id, self.clerk)
        self.assertFalse(self.receipt.to_fill_in)
        return notice

    def test_more_than_ordered(self):
        self.assertHeld("over_shipped", self.shipped(self.line, "21"))

    def test_more_than_ordered_in_two_notices(self):
        self.take_in(self.ship_notice(self.order, self.shipped(self.line, "15")))
        self.assertHeld("over_shipped", self.shipped(self.line, "6"), number="SHIP-2")

    def test_more_than_ordered_in_two_lines(self):
        notice = self.take_in(
            self.ship_notice(
                self.order,
                self.shipped(self.line, "15"),
                self.shipped(self.line, "6", order_line_number="1", line_number="9"),
            )
        )
        self.assertEqual(notice.line_ids.mapped("problem"), [False, "over_shipped"])
        self.assertEqual(self.proposed(self.gloves), [("", 15, False)])

    def test_unknown_line(self):
        line = self.shipped(self.line, "1", line_number="77", item={"buyer_code": "NO"})
        self.assertHeld("order_line_not_found", line)

    def test_another_item(self):
        other = self.make_product("Vinyl gloves", "GLV-2")
        item = {"buyer_code": other.default_code}
        self.assertHeld("item_mismatch", self.shipped(self.line, "5", item=item))

    def test_unknown_item(self):
        item = {"supplier_code": "WHO-KNOWS"}
        self.assertHeld("item_unknown", self.shipped(self.line, "5", item=item))

    def test_unknown_unit_then_packaging(self):
        notice = self.assertHeld("uom_mismatch", self.shipped(self.line, "2", unit="XPK"))
        self.make_packaging(self.gloves, "XPK", 5)
        notice.with_user(self.clerk).action_evaluate()
        self.assertFalse(notice.line_ids.problem)
        self.assertEqual(self.proposed(self.gloves), [("", 10, False)])

    def test_lots_that_do_not_add_up(self):
        lots = ({"number": "L1", "quantity": "3"}, {"number": "L2", "quantity": "4"})
        self.assertHeld("lot_quantity_mismatch", self.shipped(self.suture_line, "8", *lots))

    def test_no_quantity(self):
        line = self.shipped(self.line, "0")
        self.assertHeld("quantity_missing", line)

    def test_a_line_of_an_order_that_is_not_there(self):
        line = self.shipped(self.line, "5", order_number="P-NONE")
        self.assertHeld("order_not_found", line)

    def test_one_shipment_for_two_orders(self):
        second = self.make_order((self.gloves, 10, 5.0))
        document = self.ship_notice(
            self.order,
            self.shipped(self.line, "20"),
            self.shipped(second.order_line, "10", order_number=second.name, line_number="2"),
        )
        document["lines"][1]["order_line_number"] = "1"
        notice = self.take_in(document)
        self.assertEqual(notice.line_ids.order_id, self.order | second)
        self.assertEqual(second.picking_ids.move_line_ids.ship_notice_lot_id.notice_id, notice)

    def test_the_same_again_has_no_second_effect(self):
        document = self.ship_notice(self.order, self.suture_lots())
        first = self.take_in(document)
        [again] = self.receive(self.endpoint, document, raw=b"another envelope")
        self.assertEqual(again["res_id"], first.id)
        self.assertEqual(self.proposed(self.suture), [("L1", 20, False), ("L2", 10, False)])

    def test_a_corrected_notice_replaces_the_first(self):
        first = self.take_in(self.ship_notice(self.order, self.suture_lots()))
        lot = {"number": "L9", "quantity": "40"}
        self.take_in(self.ship_notice(self.order, self.shipped(self.suture_line, "40", lot)))
        self.assertEqual(first.state, "superseded")
        self.assertEqual(self.proposed(self.suture), [("L9", 40, False)])

    def test_a_correction_after_arrival_is_held(self):
        self.take_in(self.ship_notice(self.order, self.suture_lots(), self.shipped(self.line, "20")))
        self.receipt.move_ids.picked = True
        self.receipt.with_context(skip_backorder=True).button_validate()
        self.assertEqual(self.receipt.state, "done")
        notice = self.take_in(self.ship_notice(self.order, self.shipped(self.suture_line, "5")))
        self.assertEqual(notice.line_ids.problem, "duplicate_shipment")

    def test_a_receipt_in_work_is_left_alone(self):
        line = self.receipt.move_line_ids.filtered(lambda line: line.product_id == self.suture)
        line.write({"lot_name": "COUNTED", "quantity": 5})
        notice = self.take_in(self.ship_notice(self.order, self.suture_lots()))
        self.assertEqual(self.proposed(self.suture), [("COUNTED", 5, False)])
        self.assertEqual(notice.line_ids.lot_ids.mapped("state"), ["expected", "expected"])
        receipt = self.receipt
        self.assertTrue(receipt.to_fill_in)
        receipt.action_fill_in_announced()
        self.assertEqual(
            self.proposed(self.suture), [("COUNTED", 5, False), ("L1", 20, False), ("L2", 10, False)]
        )
        self.assertFalse(receipt.to_fill_in)
        receipt.action_fill_in_announced()
        self.assertEqual(len(self.proposed(self.suture)), 3)

    def test_rejections(self):
        document = self.ship_notice(self.order, self.suture_lots())
        self.assertEqual(self.refused({**document, "order_reference": "P-NONE"}), ["order_not_found"])
        self.assertEqual(self.refused(document, self.other_endpoint), ["order_of_other_supplier"])
        self.assertFalse(self.order.ship_notice_line_ids)

    def test_evidence_does_not_change(self):
        notice = self.take_in(self.ship_notice(self.order, self.suture_lots()))
        for record, vals in (
            (notice, {"carrier": "X"}),
            (notice.line_ids, {"quantity": "1"}),
            (notice.line_ids.lot_ids, {"expires_on": "2030-01-01"}),
        ):
            with self.subTest(record=record), self.assertRaises(UserError):
                record.sudo().write(vals)
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(self.users["administrator"]).write(vals)
        with self.assertRaises(AccessError):
            notice.with_user(self.storeroom).action_evaluate()
