from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestGate(MatchCommon):
    """A held bill is not paid: by the wizard, by payments, by reconciliation, by RPC or in code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    def setUp(self):
        super().setUp()
        self.order = self.ordered((self.gloves, 10, 5.0))
        self.receive_goods(self.order)
        self.held = self._bill("GATE-1", "6")

    def _bill(self, number, price):
        order = self.ordered((self.gloves, 10, 5.0))
        self.receive_goods(order)
        document = self.invoice(order, self.billed(self.gloves, "10", price), number=number)
        return self.bill(document)

    def _payment(self, bill=None, **values):
        return self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.held.partner_id.id,
                "amount": 60.0,
                "journal_id": self.bank.id,
                "invoice_ids": [Command.set(bill.ids)] if bill else False,
                **values,
            }
        )

    def _post_held(self):
        """Post the held bill: allowed for a price exception, payment stays held."""
        self.held.action_post()
        self.assertEqual(self.held.state, "posted")
        return self.held.line_ids.filtered(lambda line: line.account_type == "liability_payable")

    def test_held_bill_is_named_with_its_state(self):
        self.assertEqual(self.held.match_state, "exception")
        self.assertFalse(self.held.match_payable)
        with self.assertRaisesRegex(UserError, "GATE-1.*Exception"):
            self.held._check_match_gate()

    def test_register_wizard(self):
        self._post_held()
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            self.pay(self.held)

    def test_register_wizard_on_many(self):
        good = self._bill("GATE-OK", "5")
        self.assertEqual(good.match_state, "matched")
        self._post_held()
        with self.assertRaisesRegex(UserError, "GATE-1"):
            self.pay(self.held | good)
        self.assertEqual(good.payment_state, "not_paid")

    def test_matched_bill_is_paid(self):
        good = self._bill("GATE-OK", "5")
        self.pay(good)
        self.assertIn(good.payment_state, ("paid", "in_payment"))

    def test_payment_names_held_bill(self):
        self._post_held()
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            self._payment(self.held)
        payment = self._payment()
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            payment.invoice_ids = self.held

    def test_draft_bill_cannot_be_paid(self):
        self.assertEqual(self.held.state, "draft")
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            self._payment(self.held)

    def test_payment_without_bill(self):
        payment = self._payment()
        for action in ("action_post", "action_validate"):
            with self.assertRaisesRegex(UserError, "names no bill"):
                getattr(payment, action)()
        for state in ("in_process", "paid"):
            with self.assertRaisesRegex(UserError, "names no bill"):
                payment.state = state

    def test_payment_of_more_than_is_open(self):
        good = self._bill("GATE-OK", "5")
        payment = self._payment(good, amount=50.01)
        with self.assertRaisesRegex(UserError, "more than what is open"):
            payment.action_post()
        payment.amount = 50.0
        payment.action_post()
        with self.assertRaisesRegex(UserError, "more than what is open"):
            payment.amount = 5000.0

    def test_inbound_turned_outbound(self):
        payment = self._payment(payment_type="inbound")
        payment.action_post()
        with self.assertRaises(UserError):
            payment.payment_type = "outbound"

    def test_reconciliation_with_a_journal_entry(self):
        payable = self._post_held()
        entry = self.env["account.move"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": payable.account_id.id,
                            "partner_id": payable.partner_id.id,
                            "debit": 60.0,
                        }
                    ),
                    Command.create({"account_id": self.bank.default_account_id.id, "credit": 60.0}),
                ],
            }
        )
        entry.action_post()
        other = entry.line_ids.filtered(lambda line: line.account_id == payable.account_id)
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            (payable + other).reconcile()
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            self.env["account.partial.reconcile"].create(
                {
                    "debit_move_id": other.id,
                    "credit_move_id": payable.id,
                    "amount": 60.0,
                    "debit_amount_currency": 60.0,
                    "credit_amount_currency": 60.0,
                }
            )

    def test_written_payment_state(self):
        bill = self.held.with_user(self.accounts_payable)
        for state in ("paid", "in_payment", "partial", "reversed", "invoicing_legacy"):
            with self.assertRaisesRegex(UserError, "payment gate holds"):
                bill.write({"payment_state": state})

    def test_linked_payment(self):
        payment = self._payment()
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            self.held.write({"matched_payment_ids": [Command.link(payment.id)]})

    def test_verdict_is_not_written(self):
        bill = self.held.with_user(self.accounts_payable).with_context(su=True, force=True)
        for vals in ({"match_state": "released"}, {"match_gate_exempt": True}):
            with self.assertRaises(AccessError):
                bill.write(vals)

    def test_no_context_key_is_a_verdict(self):
        context = {
            "default_match_state": "released",
            "default_match_gate_exempt": True,
            "default_match_evaluated_at": "2026-01-01 00:00:00",
            "default_payment_state": "paid",
            "default_exchange_message_id": self.held.exchange_message_id.id,
            "default_bill_document": {"number": "forged"},
        }
        moves = self.env["account.move"].with_user(self.accounts_payable).with_context(**context)
        bill = moves.create({"move_type": "in_invoice", "partner_id": self.held.partner_id.id})
        self.assertFalse(bill.match_gate_exempt or bill.match_evaluated_at or bill.bill_document)
        self.assertNotEqual(bill.match_state, "released")
        self.assertNotEqual(bill.payment_state, "paid")
        self.assertFalse(bill.exchange_message_id)

    def test_refund_passes(self):
        payable = self._post_held()
        refund = self.held._reverse_moves([{"invoice_date": fields.Date.today()}])
        refund.sudo()._evaluate_match()
        refund.action_post()
        other = refund.line_ids.filtered(lambda line: line.account_type == "liability_payable")
        if not payable.reconciled:
            (payable + other).reconcile()
        self.assertEqual(self.held.payment_state, "reversed")

    def test_bank_statement_is_not_refused(self):
        """Money that is gone is gone: the bill gets an exception instead."""
        payable = self._post_held()
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": fields.Date.today(),
                "payment_ref": "GATE-1",
                "partner_id": self.held.partner_id.id,
                "amount": -60.0,
            }
        )
        _liquidity, suspense, _other = line.with_context(force_delete=True)._seek_for_lines()
        suspense.account_id = payable.account_id
        (suspense + payable).reconcile()
        self.assertIn("paid_unmatched", self.types(self.held))

    def test_message_to_finance(self):
        endpoint = self.make_endpoint("FINANCE")
        messages = self.env["healthcare.exchange.message"].sudo()
        vals = {
            "direction": "outbound",
            "endpoint_id": endpoint.id,
            "company_id": self.company.id,
            "document_type": "invoice",
            "number": "GATE-1",
            "idempotency_key": "gate-1",
        }
        with self.assertRaisesRegex(UserError, "names no vendor bill"):
            messages.create(vals)
        with self.assertRaisesRegex(UserError, "payment gate holds"):
            messages.create(
                {
                    **vals,
                    "idempotency_key": "gate-2",
                    "res_model": "account.move",
                    "res_id": self.held.id,
                }
            )

    def test_exempt_bills_stay_payable(self):
        self.company.match_gate_date = False
        old = self.typed_bill(self.order, invoice_date=fields.Date.today() - timedelta(days=40))
        self.company.match_gate_date = fields.Date.today() - timedelta(days=7)
        self.assertTrue(old.match_gate_exempt)
        self.assertTrue(old.match_payable)

    def test_gate_off(self):
        self.company.match_gate_date = False
        self._post_held()
        self.pay(self.held)
        self.assertNotEqual(self.held.payment_state, "not_paid")

    def test_controls_are_the_administrators(self):
        company = self.company.with_user(self.accounts_payable).with_context(force=True)
        for vals in ({"match_gate_date": False}, {"match_ap_limit": 1e9}):
            with self.assertRaises(AccessError):
                company.write(vals)
        with self.assertRaises(AccessError):
            company.action_match_break_glass("because")

    def test_break_glass(self):
        administrator = self.users["administrator"]
        company = self.company.with_user(administrator)
        with self.assertRaisesRegex(UserError, "why"):
            company.action_match_break_glass("  ")
        with self.assertRaisesRegex(UserError, "1 to 24"):
            company.action_match_break_glass("Bank holiday", 48)
        self.env["healthcare.match.break.glass"].with_user(administrator).create(
            {
                "company_id": self.company.id,
                "reason": "Supplier stops deliveries tomorrow",
                "hours": 2,
            }
        ).action_open()
        self._post_held()
        self.pay(self.held)
        [entry] = self.audit_entries(self.company, "break_glass")
        self.assertEqual(entry.login, administrator.login)

    def test_verdict_cannot_be_made_deaf_to_edits(self):
        bill = self._bill("GATE-DEAF", "5").with_user(self.accounts_payable)
        self.assertEqual(bill.match_state, "matched")
        forged = {
            "match_evaluated_at": False,
            "match_dirty": False,
            "match_waiting_until": False,
            "match_notices": ["nothing"],
            "bill_facility_id": False,
        }
        for name, value in forged.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                bill.write({name: value})

    def test_edited_bill_is_not_payable(self):
        bill = self._bill("GATE-EDIT", "5").with_user(self.accounts_payable)
        self.assertTrue(bill.match_payable)
        bill.button_draft()
        bill.invoice_line_ids[:1].price_unit = 15.0
        self.assertFalse(bill.match_payable)
        bill.action_evaluate_match()
        self.assertFalse(bill.match_payable)
        self.assertEqual(bill.match_exception_ids.mapped("type"), ["total_mismatch"])

    def test_held_bill_keeps_its_type(self):
        for move_type in ("entry", "out_refund", "in_refund"):
            with self.subTest(move_type=move_type), self.assertRaisesRegex(UserError, "GATE-1"):
                self.held.write({"move_type": move_type})

    def test_payment_of_a_payable_by_another_partner_type(self):
        payable = self.held.partner_id.property_account_payable_id
        payment = self._payment(partner_type="customer", destination_account_id=payable.id)
        with self.assertRaisesRegex(UserError, "names no bill"):
            payment.action_post()

    def test_payment_that_names_a_journal_entry(self):
        payable = self.held.partner_id.property_account_payable_id
        other = self.env["account.account"].search([("account_type", "=", "expense")], limit=1)
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    Command.create(
                        {"account_id": payable.id, "partner_id": self.held.partner_id.id, "credit": 60.0}
                    ),
                    Command.create({"account_id": other.id, "debit": 60.0}),
                ],
            }
        )
        entry.action_post()
        payment = self._payment(entry)
        with self.assertRaisesRegex(UserError, "names no bill"):
            payment.action_post()
