from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestResolution(MatchCommon):
    """Decisions: with a reason, by the right role, within its limit, all or none."""

    def _dear_bill(self, price="6", quantity=10, number="RES-1"):
        order = self.ordered((self.gloves, quantity, 5.0))
        self.receive_goods(order)
        line = self.billed(self.gloves, str(quantity), price)
        return self.bill(self.invoice(order, line, number=number))

    def _open(self, bill, role="accounts_payable"):
        found = bill.match_exception_ids.filtered(lambda each: each.state == "open")
        return found.with_user(self.users[role])

    def test_accept_within_the_limit(self):
        bill = self._dear_bill()
        exception = self._open(bill)
        answer = exception.action_resolve("accept_variance", "Agreed by phone")
        self.assertEqual(answer["exceptions"], [{"id": exception.id, "state": "resolved"}])
        self.assertEqual(answer["bills"], [{"move_id": bill.id, "match_state": "released"}])
        self.assertEqual(exception.resolution_reason, "Agreed by phone")
        self.assertEqual(exception.resolved_by_id, self.users["accounts_payable"])
        self.assertTrue(bill.match_payable)
        entries = self.audit_entries(exception.sudo(), "write")
        self.assertIn(self.users["accounts_payable"].login, entries.mapped("login"))

    def test_released_bill_is_not_raised_again_for_the_same_facts(self):
        bill = self._dear_bill()
        self._open(bill).action_resolve("accept_variance", "Agreed")
        bill.sudo()._evaluate_match()
        self.assertEqual(bill.match_state, "released")
        self.assertFalse(self._open(bill))

    def test_reason_is_required(self):
        exception = self._open(self._dear_bill())
        for reason in ("", "   ", None, False, 7):
            with self.assertRaisesRegex(UserError, "reason"):
                exception.action_resolve("accept_variance", reason)
        with self.assertRaisesRegex(UserError, "longer"):
            exception.action_resolve("accept_variance", "x" * 2001)
        self.assertEqual(exception.state, "open")

    def test_above_the_limit_an_approver_decides(self):
        bill = self._dear_bill(price="600")
        exception = self._open(bill)
        with self.assertRaisesRegex(AccessError, "above the limit"):
            exception.action_resolve("accept_variance", "I would like to")
        with self.assertRaisesRegex(AccessError, "above the limit"):
            exception.with_context(skip=True, bypass=True).action_resolve("accept_variance", "Please")
        self._open(bill, "approver").action_resolve("accept_variance", "New price list")
        self.assertEqual(bill.match_state, "released")

    def test_piece_by_piece_gains_nothing(self):
        order = self.ordered((self.gloves, 10, 5.0), (self.suture, 10, 12.0))
        self.receive_goods(order, {self.gloves: 10, self.suture: 0})
        self.company.match_ap_limit = 100.0
        lines = (
            self.billed(self.gloves, "10", "14"),
            self.billed(self.suture, "10", "12", number="2"),
        )
        bill = self.bill(self.invoice(order, *lines, number="RES-2"))
        exceptions = self._open(bill)
        first = exceptions.filtered(lambda each: each.type == "price_variance")
        self.assertEqual(first.amount_at_stake, 90.0)
        first.action_resolve("accept_variance", "Fine")
        rest = self._open(bill)
        self.assertTrue(rest)
        with self.assertRaisesRegex(AccessError, "limit"):
            rest.action_resolve("accept_variance", "Fine too")

    def test_together_counts_as_one_after_the_other(self):
        self.company.match_ap_limit = 15.0
        order = self.ordered((self.gloves, 10, 5.0), (self.gloves, 10, 5.0))
        self.receive_goods(order)
        lines = (
            self.billed(self.gloves, "10", "6", order_line_number="1"),
            self.billed(self.gloves, "10", "6", number="2", order_line_number="2"),
        )
        bill = self.bill(self.invoice(order, *lines, number="RES-3"))
        exceptions = self._open(bill)
        self.assertEqual(sum(exceptions.mapped("amount_at_stake")), 20.0)
        with self.assertRaisesRegex(AccessError, "limit"):
            exceptions.action_resolve("accept_variance", "All of it")
        self.assertEqual(set(exceptions.mapped("state")), {"open"})

    def test_roles(self):
        bill = self._dear_bill()
        for role in ("requester", "auditor", "storeroom", "clerk", "administrator", "service"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._open(bill, role).action_resolve("accept_variance", "Let me")
        self.assertEqual(bill.match_state, "exception")

    def test_direct_writes_are_refused(self):
        exception = self._open(self._dear_bill())
        for vals in ({"state": "resolved"}, {"releases": True}, {"amount_at_stake": 0}):
            with self.assertRaises(AccessError):
                exception.write(vals)
        with self.assertRaises(AccessError):
            exception.create({"type": "price_variance", "company_id": self.company.id})
        with self.assertRaises(AccessError):
            exception.unlink()

    def test_unknown_or_unfit_decisions(self):
        exception = self._open(self._dear_bill())
        for decision in ("whatever", "convert_unit", "mark_duplicate", "short_pay"):
            with self.assertRaises(UserError):
                exception.action_resolve(decision, "Because")
        with self.assertRaises(UserError):
            exception.browse().action_resolve("accept_variance", "Because")
        with self.assertRaises(UserError):
            exception.action_resolve("accept_variance", "Because", {"amount": 1})

    def test_settled_is_settled(self):
        exception = self._open(self._dear_bill())
        exception.action_resolve("accept_variance", "Agreed")
        with self.assertRaisesRegex(UserError, "settled already"):
            exception.action_resolve("dispute", "Changed my mind")

    def test_dispute_keeps_the_bill_held_and_can_be_decided_again(self):
        bill = self._dear_bill()
        exception = self._open(bill)
        exception.action_resolve("dispute", "Wrong price list")
        self.assertEqual(bill.match_state, "exception")
        self.assertFalse(bill.match_payable)
        exception.action_resolve("accept_variance", "Supplier showed the letter")
        self.assertEqual(bill.match_state, "released")

    def test_wait_and_assign_keep_it_open(self):
        order = self.ordered((self.gloves, 10, 5.0))
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "10", "5"), number="RES-4"))
        exception = self._open(bill)
        self.assertEqual(exception.type, "not_received")
        exception.action_resolve("wait_receipt", "Truck is late")
        self.assertEqual((exception.state, exception.resolution), ("open", "wait_receipt"))
        exception.action_resolve("assign_buyer", "Please chase")
        self.assertEqual(exception.group_id, self.env.ref("healthcare_base.group_clerk"))
        self.receive_goods(order)
        self.assertEqual(bill.match_state, "matched")
        self.assertEqual(exception.state, "closed")

    def test_clerk_corrects_the_order(self):
        bill = self._dear_bill()
        exception = self._open(bill, "clerk")
        exception.action_resolve("correct_order", "Price list of November")
        self.assertEqual(exception.purchase_line_id.price_unit, 6.0)
        self.assertEqual(bill.match_state, "matched")

    def test_clerk_corrects_nothing_above_the_limit(self):
        exception = self._open(self._dear_bill(price="600"), "clerk")
        with self.assertRaisesRegex(AccessError, "above the limit"):
            exception.action_resolve("correct_order", "Price list")

    def test_editing_the_order_is_no_way_around_the_approver(self):
        bill = self._dear_bill(price="600")
        line = self._open(bill, "clerk").purchase_line_id
        with self.assertRefused("an approver decides", AccessError):
            line.with_context(su=True).write({"price_unit": 600.0})
        self.assertEqual(bill.match_state, "exception")
        line.write({"price_unit": 4.0})
        self.assertEqual(bill.match_state, "exception")

    def test_convert_unit(self):
        order = self.ordered((self.gloves, 20, 5.0))
        self.receive_goods(order)
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "2", "50", unit="EA"), number="RES-5"))
        self.assertEqual(self.types(bill), ["uom_mismatch"])
        self._open(bill).action_resolve("convert_unit", "They bill boxes as each")
        self.assertEqual(bill.match_state, "released")

    def test_duplicate(self):
        first = self._dear_bill(price="5", number="RES-6")
        self.assertEqual(first.match_state, "matched")
        order = first.match_allocation_ids.purchase_line_id.order_id
        again = self.invoice(order, self.billed(self.gloves, "10", "5"), number="res 6")
        second = self.bill(again)
        self.assertEqual(self.types(second), ["duplicate_invoice"])
        exception = self._open(second)
        with self.assertRaisesRegex(AccessError, "approver decides"):
            exception.action_resolve("accept_variance", "Looks fine")
        exception.action_resolve("mark_duplicate", "Sent twice")
        self.assertEqual(second.state, "cancel")
        self.assertEqual(first.match_state, "matched")

    def test_wizard_decides_for_many(self):
        bills = self._dear_bill(number="RES-7") | self._dear_bill(number="RES-8")
        exceptions = self._open(bills)
        wizard = (
            self.env["healthcare.match.exception.decide"]
            .with_user(self.accounts_payable)
            .with_context(active_model=exceptions._name, active_ids=exceptions.ids)
            .create({"resolution": "accept_variance", "reason": "Same letter"})
        )
        wizard.action_decide()
        self.assertEqual(set(bills.mapped("match_state")), {"released"})
