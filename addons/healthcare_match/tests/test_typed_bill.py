from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestTypedBill(MatchCommon):
    """Bills that people type match too, by evidence derived from their lines."""

    def test_matches_when_posted(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        self.assertEqual(bill.match_state, "waiting")
        bill.action_post()
        self.assertEqual(bill.match_state, "matched", bill.match_exception_ids.mapped("explanation"))
        self.assertTrue(bill.bill_line_ids.derived)
        self.assertEqual(bill.match_allocation_ids.purchase_line_id, order.order_line)
        self.assertTrue(self.pay(bill))

    def test_price_exception_is_posted_and_held(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        bill.invoice_line_ids.price_unit = 6.0
        bill.action_post()
        self.assertEqual((bill.state, bill.match_state), ("posted", "exception"))
        self.assertEqual(self.types(bill), ["price_variance"])
        with self.assertRaises(UserError):
            self.pay(bill)

    def test_company_refuses_held_bills(self):
        self.company.match_post_held = False
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        bill.invoice_line_ids.price_unit = 6.0
        with self.assertRaisesRegex(UserError, "stay drafts"):
            bill.action_post()

    def test_no_order_stays_a_draft(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "ref": "LOOSE-1",
                "invoice_date": "2026-01-05",
                "invoice_line_ids": [self.make_line(self.gloves, 3, 5.0)],
            }
        )
        with self.assertRaisesRegex(UserError, "names no order"):
            bill.action_post()
        self.assertEqual(bill.state, "draft")

    def test_edit_takes_the_verdict_back(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        bill.action_evaluate_match()
        self.assertEqual(bill.match_state, "matched")
        line = bill.invoice_line_ids
        bill.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 9.0})]})
        self.assertEqual(self.types(bill), ["price_variance"])
        bill.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 5.0})]})
        self.assertEqual(bill.match_state, "matched")
        line.price_unit = 7.0
        self.assertEqual(bill.match_state, "waiting")
        self.assertTrue(bill.match_dirty)
        self.env.ref("healthcare_match.cron_match").method_direct_trigger()
        self.assertEqual(bill.match_state, "exception")

    def test_edit_of_a_received_bill_is_found(self):
        self.company.match_auto_post = False
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(
            self.invoice(order, self.billed(self.gloves, "20", "5.00"), totals={"payable": "100.00"})
        )
        self.assertEqual((bill.match_state, bill.state), ("matched", "draft"))
        line = bill.invoice_line_ids
        bill.write({"invoice_line_ids": [Command.update(line.id, {"price_unit": 50.0})]})
        self.assertEqual(self.types(bill), ["total_mismatch"])
        self.assertEqual(bill.match_exception_ids.amount_at_stake, 900.0)

    def test_context_does_not_hide_an_edit(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        bill.action_evaluate_match()
        bill.invoice_line_ids.with_context(
            healthcare_match_writing=True, check_move_validity=False
        ).price_unit = 9.0
        self.assertEqual(bill.match_state, "waiting")

    def test_gate_off_leaves_odoo_alone(self):
        self.company.match_gate_date = False
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-01-05",
                "invoice_line_ids": [self.make_line(self.gloves, 3, 5.0)],
            }
        )
        bill.action_post()
        self.assertEqual((bill.state, bill.match_state), ("posted", "waiting"))
        self.assertFalse(bill.bill_line_ids)

    def test_credit_note(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.typed_bill(order)
        bill.action_post()
        loose = self.env["account.move"].create(
            {
                "move_type": "in_refund",
                "partner_id": self.supplier.id,
                "invoice_date": "2026-01-05",
                "invoice_line_ids": [self.make_line(self.gloves, 3, 5.0)],
            }
        )
        loose.action_evaluate_match()
        self.assertEqual(self.types(loose), ["credit_mismatch"])
        credit = bill._reverse_moves()
        credit.action_evaluate_match()
        self.assertEqual(credit.match_state, "matched")

    def test_paid_unmatched_once(self):
        order = self.ordered((self.gloves, 20, 5.0))
        bill = self.typed_bill(order, invoice_line_ids=[self.make_line(self.gloves, 3, 5.0)])
        bill._match_paid_unmatched()
        bill._match_paid_unmatched()
        self.assertEqual(self.types(bill), ["paid_unmatched"])
