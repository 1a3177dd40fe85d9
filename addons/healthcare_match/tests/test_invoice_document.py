from datetime import timedelta

from odoo import fields
from odoo.addons.healthcare_exchange.tests.common import envelope
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestInvoiceDocument(MatchCommon):
    """A supplier's invoice becomes a bill with evidence and a verdict."""

    def test_matched_bill_is_posted(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(
            self.invoice(
                order,
                self.billed(self.gloves, "2", "50.00", "XBX"),
                totals={"payable": "100.00"},
            )
        )
        self.assertEqual(bill.match_state, "matched", bill.match_exception_ids.mapped("explanation"))
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.amount_total, 100.0)
        line = bill.bill_line_ids
        self.assertEqual((line.quantity, line.unit, line.price_unit), ("2", "XBX", "50"))
        self.assertEqual(line.match_state, "matched")
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, order.order_line)
        self.assertEqual(bill.invoice_line_ids.product_uom_id, self.gloves_box.uom_id)
        allocation = bill.match_allocation_ids
        self.assertEqual(allocation.quantity, "20")
        self.assertEqual(allocation.stock_move_id, order.order_line.move_ids)
        self.assertEqual(allocation.move_line_id, bill.invoice_line_ids)
        self.assertEqual(order.order_line.qty_invoiced, 20)

    def test_price_variance(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.50")))
        self.assertEqual(bill.match_state, "exception")
        self.assertEqual(bill.state, "draft")
        exception = bill.match_exception_ids
        self.assertEqual(exception.type, "price_variance")
        self.assertEqual(exception.family, "price")
        self.assertEqual(exception.amount_at_stake, 10.0)
        self.assertEqual(exception.group_id, self.env.ref("healthcare_base.group_clerk"))
        self.assertEqual(exception.user_id, self.clerk)
        self.assertTrue(exception.deadline)
        self.assertIn("0.50 × 20 EA = 10.00", exception.arithmetic)
        self.assertEqual(exception.facts["difference"], "0.5")

    def test_unit_mismatch(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "2", "50.00")))
        self.assertEqual(self.types(bill), ["uom_mismatch"])
        self.assertEqual(bill.match_exception_ids.facts["factor"], "10")
        with self.assertRaisesRegex(UserError, "stay drafts"):
            bill.action_post()

    def test_unknown_unit(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00", "XYZ")))
        self.assertEqual(self.types(bill), ["uom_mismatch"])

    def test_receipt_later(self):
        order = self.ordered((self.gloves, 20, 5.0))
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")))
        self.assertEqual(self.types(bill), ["not_received"])
        self.assertEqual(bill.match_exception_ids.amount_at_stake, 100.0)
        self.receive_goods(order)
        self.assertEqual(bill.match_state, "matched")
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.match_exception_ids.state, "closed")
        self.assertTrue(bill.match_exception_ids.closed_reason)

    def test_waiting_for_goods(self):
        order = self.ordered((self.gloves, 20, 5.0))
        order.order_line.sudo().write({"date_planned": fields.Datetime.now() + timedelta(days=5)})
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")))
        self.assertEqual((bill.match_state, bill.state), ("waiting", "draft"))
        self.assertFalse(bill.match_exception_ids)
        self.assertEqual(bill.match_waiting_until, fields.Date.to_date(order.order_line.date_planned))
        bill.sudo().match_waiting_until = fields.Date.today() - timedelta(days=1)
        order.order_line.with_context(x=1).sudo().write(
            {"date_planned": fields.Datetime.now() - timedelta(days=5)}
        )
        self.assertEqual(self.types(bill), ["not_received"])

    def test_order_price_corrected(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.50")))
        order.order_line.price_unit = 5.5
        self.assertEqual(bill.match_state, "exception")
        change = {"line_id": order.order_line.id, "price_unit": "5.5"}
        request = order._request_approval("override", {"lines": [change]}, "New price list")
        request.with_user(self.users["approver"]).action_approve()
        self.assertEqual((bill.match_state, bill.state), ("matched", "posted"))

    def test_one_line_over_two_order_lines(self):
        order = self.ordered((self.gloves, 10, 5.0), (self.gloves, 10, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")))
        self.assertEqual(bill.match_state, "matched")
        self.assertEqual(len(bill.invoice_line_ids), 2)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, order.order_line)
        self.assertEqual(bill.bill_line_ids.move_line_ids, bill.invoice_line_ids)

    def test_billed_twice_by_other_numbers(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        line = self.billed(self.gloves, "20", "5.00")
        first = self.bill(self.invoice(order, line))
        second = self.bill(self.invoice(order, line, number="OTHER-77"))
        self.assertEqual(first.match_state, "matched")
        self.assertIn("quantity_over_received", self.types(second))
        first._evaluate_match()
        self.assertEqual(first.match_state, "matched")

    def test_charges_are_not_accepted_silently(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(
            self.invoice(
                order,
                self.billed(self.gloves, "20", "5.00"),
                allowances_charges=[{"indicator": "charge", "kind": "freight", "amount": "12.00"}],
                taxes=[{"category": "S", "rate": "7", "amount": "7.00"}],
                totals={"payable": "119.00"},
            )
        )
        self.assertEqual(self.types(bill), ["tax_variance", "unplanned_charge"])
        self.assertEqual(bill.amount_total, 119.0)

    def test_as_sent_precision(self):
        order = self.ordered((self.gloves, 1, 5.0))
        self.receive_goods(order)
        bill = self.bill(
            self.invoice(
                order,
                self.billed(self.gloves, "0.125", "5.00", line_amount="0.63"),
                totals={"payable": "0.63"},
            )
        )
        self.assertEqual(bill.bill_line_ids.quantity, "0.125")
        self.assertEqual(bill.amount_total, 0.63)
        self.assertEqual(bill.match_allocation_ids.quantity, "0.125")
        self.assertEqual(bill.match_state, "matched")

    def test_total_of_unrounded_lines(self):
        order = self.ordered((self.gloves, 3, 0.333))
        self.receive_goods(order)
        lines = [self.billed(self.gloves, "1", "0.333", number=number) for number in "123"]
        bill = self.bill(self.invoice(order, *lines, totals={"payable": "1.00"}))
        self.assertEqual(bill.match_state, "matched", bill.match_exception_ids.mapped("explanation"))
        self.assertEqual(bill.amount_total, 1.0)

    def test_evidence_is_immutable(self):
        order = self.ordered((self.gloves, 20, 5.0))
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")))
        line = bill.bill_line_ids
        for record in (line.sudo(), line.with_user(self.users["administrator"])):
            # AccessError is a UserError
            with self.assertRaises(UserError):
                record.write({"quantity": "1"})
            with self.assertRaises(UserError):
                record.unlink()
        with self.assertRaises(UserError):
            bill.sudo().write({"bill_document": {}})
        with self.assertRaises(UserError):
            bill.sudo().unlink()
        for model in ("healthcare.match.exception", "healthcare.match.allocation"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.users["administrator"]).create({})


@tagged("post_install", "-at_install")
class TestInvoiceDocumentBadInput(MatchCommon):
    """What is wrong gets a name, an owner, and posts nothing."""

    def test_unknown_order(self):
        bill = self.bill(self.invoice("P99999", self.billed(self.gloves, "20", "5.00")))
        self.assertEqual(self.types(bill), ["order_line_not_found"])
        self.assertEqual(bill.state, "draft")
        self.assertIn("P99999", bill.match_exception_ids.explanation)

    def test_no_order(self):
        bill = self.bill(self.invoice(None, self.billed(self.gloves, "20", "5.00")))
        self.assertEqual(self.types(bill), ["no_purchase_order"])
        self.assertEqual(bill.match_exception_ids.amount_at_stake, 100.0)

    def test_unknown_item(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        line = self.billed(self.gloves, "20", "5.00", item={"supplier_code": "NOBODY"})
        bill = self.bill(self.invoice(order, line))
        self.assertEqual(self.types(bill), ["order_line_not_found"])
        self.assertEqual(bill.amount_total, 100.0)

    def test_other_suppliers_order(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")), self.other_endpoint)
        self.assertEqual(bill.partner_id, self.other_supplier)
        self.assertEqual(self.types(bill), ["supplier_mismatch"])
        self.assertFalse(bill.match_allocation_ids)
        self.assertFalse(order.order_line.qty_invoiced)

    def test_same_number_again(self):
        order = self.ordered((self.gloves, 40, 5.0))
        self.receive_goods(order)
        line = self.billed(self.gloves, "20", "5.00")
        first = self.bill(self.invoice(order, line, number="INV-0042"))
        second = self.bill(self.invoice(order, line, number="inv 0042"))
        self.assertEqual(first.match_state, "matched")
        self.assertEqual(self.types(second), ["duplicate_invoice"])
        self.assertEqual(second.state, "draft")
        self.assertFalse(second.match_allocation_ids)

    def test_same_bytes_again(self):
        order = self.ordered((self.gloves, 40, 5.0))
        document = self.invoice(order, self.billed(self.gloves, "20", "5.00"))
        bill = self.bill(document)
        service = self.service()
        [answer] = service.ingest(self.endpoint.code, [envelope(document)])
        self.assertEqual(answer["status"], "duplicate")
        self.assertEqual(self.env["account.move"].search_count([("ref", "=", "INV-1")]), 1)
        self.assertTrue(bill)

    def test_impossible_bills_are_rejected(self):
        order = self.ordered((self.gloves, 20, 5.0))
        good = self.billed(self.gloves, "20", "5.00")
        for number, lines in (
            ("A", []),
            ("B", [{**good, "quantity": "0", "price": {}} | {"line_number": "1"}]),
            ("C", [{k: v for k, v in good.items() if k != "price"}]),
            ("D", [{**good, "price": {"amount": "5", "base_quantity": "0"}}]),
            ("E", [{**good, "quantity": "1" + "0" * 30}]),
        ):
            codes = self.refused(self.invoice(order, *lines, number=number))
            self.assertEqual(set(codes), {"line_invalid"}, number)
        self.assertFalse(self.env["account.move"].search([("ref", "in", ["A", "B", "C", "D", "E"])]))

    def test_total_mismatch(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(
            self.invoice(order, self.billed(self.gloves, "20", "5.00"), totals={"payable": "140.00"})
        )
        self.assertEqual(self.types(bill), ["total_mismatch"])
        self.assertEqual(bill.match_exception_ids.amount_at_stake, 40.0)

    def test_currency(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        other = "EUR" if self.company.currency_id.name != "EUR" else "USD"
        self.env["res.currency"].with_context(active_test=False).search([("name", "=", other)]).active = True
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00"), currency=other))
        self.assertIn("currency_mismatch", self.types(bill))


@tagged("post_install", "-at_install")
class TestEvaluationQueries(MatchCommon):
    """The number of queries does not grow with the number of lines."""

    def loaded(self, count):
        """Return how many queries it takes to load a bill of ``count`` lines."""
        order = self.ordered(*[(self.gloves, 10, 5.0)] * count)
        self.receive_goods(order)
        lines = [
            self.billed(self.gloves, "10", "5.00", number=str(i + 1), order_line_number=str(i + 1))
            for i in range(count)
        ]
        bill = self.bill(self.invoice(order, *lines, number=f"MANY-{count}"))
        self.assertEqual(bill.match_state, "matched")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["healthcare.match.loader"].sudo()._load(bill.sudo())
        return self.env.cr.sql_log_count - before

    def test_loading_is_set_based(self):
        few, many = self.loaded(2), self.loaded(12)
        self.assertLessEqual(many, few + 2)


@tagged("post_install", "-at_install")
class TestReevaluation(MatchCommon):
    """What happens later to orders, receipts and other bills changes open verdicts, and only those."""

    def test_duplicate_is_the_later_by_date(self):
        order = self.ordered((self.gloves, 40, 5.0))
        self.receive_goods(order)
        self.company.match_auto_post = False
        line = self.billed(self.gloves, "20", "5.00")
        late = self.bill(self.invoice(order, line))
        self.assertEqual(late.match_state, "matched")
        early = self.bill(self.invoice(order, line, issued_at="2026-01-02", number="inv-1"))
        self.assertNotIn("duplicate_invoice", self.types(early))
        self.assertEqual(late.match_state, "waiting")
        self.env.ref("healthcare_match.cron_match").method_direct_trigger()
        self.assertIn(late.match_exception_ids.type, ("duplicate_invoice", "suspected_duplicate"))

    def test_cancelled_original_frees_the_duplicate(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        line = self.billed(self.gloves, "20", "5.00")
        first = self.bill(self.invoice(order, line))
        second = self.bill(self.invoice(order, line, number="inv-1"))
        self.assertEqual(self.types(second), ["duplicate_invoice"])
        first.button_draft()
        first.button_cancel()
        self.assertEqual((second.match_state, second.state), ("matched", "posted"))

    def test_return_before_the_bill(self):
        order = self.ordered((self.gloves, 20, 5.0))
        picking = self.receive_goods(order)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_ids=picking.ids, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 5
        returned = self.env["stock.picking"].browse(wizard.action_create_returns()["res_id"])
        returned.move_ids.quantity = 5
        returned.move_ids.picked = True
        returned._action_done()
        tomorrow = (fields.Date.today() + timedelta(days=1)).isoformat()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00"), issued_at=tomorrow))
        # the five may still be delivered again until the bill's day is over
        self.assertEqual(bill.match_state, "waiting")
        part = self.bill(
            self.invoice(order, self.billed(self.gloves, "15", "5.00"), issued_at=tomorrow, number="INV-2")
        )
        self.assertEqual(part.match_state, "matched")

    def test_case_of_144_received_in_single_units(self):
        """Odoo's own counters round 1 EA of a case of 144 to 0.01 CS = 1.44 EA."""
        case = self.make_packaging(self.suture, "XCS", 144)
        lot = self.env["stock.lot"].create(
            {"name": "L1", "product_id": self.suture.id, "company_id": self.company.id}
        )
        order = self.ordered((self.suture, 1, 144.0, case.uom_id))
        picking = order.picking_ids
        picking.move_ids.move_line_ids.unlink()
        self.env["stock.move.line"].create(
            {
                "move_id": picking.move_ids.id,
                "picking_id": picking.id,
                "product_id": self.suture.id,
                "product_uom_id": self.suture.uom_id.id,
                "quantity": 1,
                "lot_id": lot.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True)._action_done()
        bill = self.bill(self.invoice(order, self.billed(self.suture, "1", "1.00")))
        self.assertEqual(bill.match_state, "matched", bill.match_exception_ids.mapped("explanation"))
        more = self.bill(self.invoice(order, self.billed(self.suture, "0.44", "1.00"), number="INV-2"))
        self.assertIn("quantity_over_received", self.types(more))

    def test_one_poisoned_bill_harms_only_itself(self):
        order = self.ordered((self.gloves, 40, 5.0))
        line = self.billed(self.gloves, "20", "5.00")
        good = self.bill(self.invoice(order, line, number="GOOD"))
        bad = self.bill(self.invoice(order, line, number="BAD"))
        self.env.cr.execute(
            "UPDATE healthcare_bill_line SET price_base_quantity = -1 WHERE move_id = %s", [bad.id]
        )
        self.env.invalidate_all()
        (good | bad).sudo().match_dirty = True
        with self.assertLogs("odoo.addons.healthcare_match.models.account_move", "ERROR"):
            (good | bad).sudo()._evaluate_match_slice()
        self.assertEqual((good.match_dirty, bad.match_dirty), (False, True))
