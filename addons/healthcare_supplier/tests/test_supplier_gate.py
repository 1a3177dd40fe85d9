from contextlib import suppress
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupplierCommon


class GateCommon(SupplierCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.users["clerk"]
        cls.approved = cls.make_approved_supplier("Approved Devices")

    def order(self, supplier=None, user=None, **values):
        """Return a draft order of one line."""
        return (
            self.env["purchase.order"]
            .with_user(user or self.clerk)
            .create(
                {
                    "partner_id": (supplier or self.approved).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.gloves.id,
                                "product_qty": 10,
                                "price_unit": 5.0,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def in_state(self, state, **values):
        """Return a supplier in a state."""
        supplier = self.make_supplier(f"{state} Devices".capitalize())
        supplier._set_supplier_state(state, "Failed audit", **values)
        return supplier


@tagged("post_install", "-at_install")
class TestOrderGate(GateCommon):
    """No order to a supplier that is not approved, in whatever way it is confirmed."""

    def test_states(self):
        never = self.env["res.partner"].create({"name": "Never Qualified"})
        suppliers = [never] + [
            self.in_state(state) for state in ("draft", "in_review", "suspended", "blocked", "off_boarded")
        ]
        for supplier in suppliers:
            order = self.order(supplier)
            self.assertIn("is not an approved supplier", order.supplier_problem)
            with self.assertRefused("is not an approved supplier"):
                order.button_confirm()
            self.assertEqual(order.state, "draft")
        for state in ("approved", "conditional"):
            order = self.order(self.in_state(state))
            self.assertFalse(order.supplier_problem)
            order.button_confirm()
            self.assertEqual(order.state, "purchase")

    def test_says_why(self):
        with self.assertRefused(
            "Suspended devices is not an approved supplier \\(Suspended\\): Failed audit"
        ):
            self.order(self.in_state("suspended")).button_confirm()

    def test_condition_that_is_over(self):
        supplier = self.in_state("conditional", condition_until=self.today - timedelta(days=1))
        with self.assertRefused("approved on a condition until"):
            self.order(supplier).button_confirm()
        supplier.condition_until = self.today
        self.order(supplier).button_confirm()

    def confirm_in_every_way(self, supplier):
        """Try each way into a confirmed order; return how many orders of a supplier are."""
        manager = self.make_user(f"test_manager_of_{supplier.id}", "purchase.group_purchase_manager")
        forged = {"default_state": "purchase", "supplier_gate": False}
        ways = (
            lambda: self.order(supplier).button_confirm(),
            lambda: self.order(supplier, user=manager).button_approve(force=True),
            lambda: self.order(supplier).write({"state": "purchase"}),
            lambda: self.order(supplier).sudo().write({"state": "purchase"}),
            lambda: self.order(supplier, state="purchase"),
            lambda: self.order(supplier).with_context(**forged).copy(),
            lambda: (
                self.env["purchase.order"]
                .with_user(self.clerk)
                .load(["partner_id/.id", "state"], [[str(supplier.id), "purchase"]])
            ),
        )
        for number, way in enumerate(ways):
            with self.subTest(number), suppress(UserError), self.env.cr.savepoint():
                way()
        domain = [("partner_id", "=", supplier.id), ("state", "=", "purchase")]
        return self.env["purchase.order"].search_count(domain)

    def test_every_way_into_confirmation(self):
        self.assertEqual(self.confirm_in_every_way(self.in_state("blocked")), 0)
        self.assertGreaterEqual(self.confirm_in_every_way(self.approved), 5)

    def test_confirmed_order_is_not_handed_to_another(self):
        order = self.order()
        order.button_confirm()
        with self.assertRefused("is not an approved supplier"):
            order.partner_id = self.in_state("blocked")

    def test_confirmed_order_does_not_grow(self):
        order = self.order()
        order.button_confirm()
        self.approved.with_user(self.officer).action_suspend_supplier("Failed audit")
        with self.assertRefused("Failed audit"):
            order.order_line.product_qty = 11
        with self.assertRefused("Failed audit"):
            order.write({"order_line": [Command.create({"product_id": self.gloves.id, "product_qty": 1})]})
        other = self.order(self.in_state("approved"))
        with self.assertRefused("Failed audit"):
            other.order_line.order_id = order
        order.order_line.product_qty = 9

    def test_off_before_its_date(self):
        supplier = self.in_state("blocked")
        for date in (False, self.today + timedelta(days=1)):
            self.company.supplier_gate_date = date
            self.order(supplier).button_confirm()
        self.company.supplier_gate_date = self.today
        with self.assertRaises(UserError):
            self.order(supplier).button_confirm()

    def test_another_company_has_its_own_date(self):
        other = self.make_company("Clinic Without Gate")
        self.assertFalse(self.in_state("blocked")._supplier_problems("order", other))

    def test_contact_of_a_supplier(self):
        contact = self.env["res.partner"].create({"name": "Ann", "parent_id": self.approved.id})
        self.order(contact).button_confirm()
        blocked = self.in_state("blocked")
        contact = self.env["res.partner"].create({"name": "Bob", "parent_id": blocked.id})
        with self.assertRefused("Blocked devices is not an approved supplier"):
            self.order(contact).button_confirm()

    def test_no_laundering_by_another_company(self):
        blocked = self.in_state("blocked")
        contact = self.env["res.partner"].create({"name": "Bob", "parent_id": blocked.id})
        with self.assertRefused("Use Request Change"):
            blocked.with_user(self.clerk).write({"parent_id": self.approved.id})
        for partner in (blocked, contact):
            with self.assertRefused("follows from its company"):
                partner.with_user(self.clerk).write({"commercial_partner_id": self.approved.id})
        blocked.sudo().parent_id = self.approved
        problems = blocked._supplier_problems("order", self.company)
        self.assertIn(blocked.id, problems)

    def test_many_at_once(self):
        suppliers = self.env["res.partner"]
        for _number in range(20):
            suppliers |= self.in_state("draft")
        suppliers |= self.approved
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(8):
            problems = suppliers._supplier_problems("order", self.company)
        self.assertEqual(set(problems), set((suppliers - self.approved).ids))


@tagged("post_install", "-at_install")
class TestPayGate(GateCommon):
    """A blocked supplier is not paid: by the wizard, by payments, by reconciliation, by RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.payable = cls.users["accounts_payable"]
        # Payments of matched bills are another control's business.
        if "match_gate_date" in cls.company._fields:
            cls.company.match_gate_date = False

    def bill(self, supplier):
        """Return a posted bill of 50."""
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": supplier.id,
                "ref": "BILL-1",
                "invoice_date": self.today,
                "invoice_line_ids": [
                    Command.create({"name": "Gloves", "price_unit": 50.0, "tax_ids": False})
                ],
            }
        )
        bill.action_post()
        return bill

    def payment(self, supplier, **values):
        """Return a draft payment to a supplier, made by accounts payable."""
        return (
            self.env["account.payment"]
            .with_user(self.payable)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": supplier.id,
                    "amount": 50.0,
                    "journal_id": self.bank.id,
                    **values,
                }
            )
        )

    def block(self, supplier):
        supplier.with_user(self.officer).action_block_supplier("Excluded")

    def register(self, bill):
        return (
            self.env["account.payment.register"]
            .with_user(self.payable)
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({})
            ._create_payments()
        )

    def test_register(self):
        bill = self.bill(self.approved)
        self.block(self.approved)
        with self.assertRefused("Approved Devices is blocked and is not paid: Excluded"):
            self.register(bill)
        self.assertEqual(bill.payment_state, "not_paid")

    def test_others_are_paid(self):
        for state in ("approved", "suspended", "off_boarded", "conditional", "draft"):
            bill = self.bill(self.in_state(state))
            self.register(bill)
            self.assertIn(bill.payment_state, ("paid", "in_payment"))

    def test_payment_actions_and_writes(self):
        payment = self.payment(self.approved)
        self.block(self.approved)
        attempts = (
            lambda: payment.action_post(),
            lambda: payment.action_validate(),
            lambda: payment.write({"state": "in_process"}),
            lambda: payment.write({"state": "paid"}),
            lambda: payment.sudo().write({"state": "paid"}),
            lambda: self.payment(self.approved, state="paid"),
            lambda: self.payment(self.approved, partner_type="customer", payment_type="outbound").write(
                {
                    "partner_type": "supplier",
                    "state": "in_process",
                }
            ),
        )
        for number, attempt in enumerate(attempts):
            with self.subTest(number), self.assertRefused("is blocked and is not paid"):
                attempt()

    def test_paying_payment_is_not_handed_to_a_blocked_supplier(self):
        other = self.in_state("approved")
        payment = self.payment(other)
        payment.action_post()
        self.block(self.approved)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            payment.partner_id = self.approved

    def test_draft_payment_may_be_prepared(self):
        self.block(self.approved)
        self.assertEqual(self.payment(self.approved).state, "draft")

    def entry(self, bill):
        """Return the debit line of a journal entry that pays the bill's payable."""
        account = bill.line_ids.filtered(lambda line: line.account_type == "liability_payable").account_id
        entry = self.env["account.move"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [
                    Command.create(
                        {"account_id": account.id, "partner_id": bill.partner_id.id, "debit": 50.0}
                    ),
                    Command.create({"account_id": self.bank.default_account_id.id, "credit": 50.0}),
                ],
            }
        )
        entry.action_post()
        return entry.line_ids.filtered("debit")

    def test_reconciliation(self):
        bill = self.bill(self.approved)
        payable = bill.line_ids.filtered(lambda line: line.account_type == "liability_payable")
        paid = self.entry(bill)
        self.block(self.approved)
        with self.assertRefused("BILL-1: Approved Devices is blocked"):
            (payable + paid).reconcile()
        with self.assertRefused("BILL-1: Approved Devices is blocked"):
            self.env["account.partial.reconcile"].create(
                {
                    "debit_move_id": paid.id,
                    "credit_move_id": payable.id,
                    "amount": 50.0,
                    "debit_amount_currency": 50.0,
                    "credit_amount_currency": 50.0,
                }
            )

    def test_credit_is_no_payment(self):
        bill = self.bill(self.approved)
        refund = bill._reverse_moves([{"invoice_date": self.today, "date": self.today}])
        self.block(self.approved)
        refund.action_post()  # sets itself off against the bill
        lines = (bill + refund).line_ids.filtered(lambda line: line.account_type == "liability_payable")
        self.assertTrue(all(lines.mapped("reconciled")))

    def test_written_as_paid(self):
        bill = self.bill(self.approved).with_user(self.payable)
        payment = self.payment(self.approved)
        self.block(self.approved)
        for values in (
            {"payment_state": "paid"},
            {"payment_state": "in_payment"},
            {"matched_payment_ids": [Command.link(payment.id)]},
        ):
            with self.assertRefused("is blocked and is not paid"):
                bill.write(values)
        with self.assertRefused("is blocked and is not paid"):
            self.env["account.move"].with_user(self.payable).create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.approved.id,
                    "payment_state": "paid",
                    "invoice_date": self.today,
                }
            )

    def test_off_without_date(self):
        bill = self.bill(self.approved)
        self.block(self.approved)
        self.company.supplier_gate_date = False
        self.register(bill)
        self.assertIn(bill.payment_state, ("paid", "in_payment"))


@tagged("post_install", "-at_install")
class TestControlStart(GateCommon):
    """A control starts on a day that an administrator sets after seeing what it would stop."""

    def dialog(self, user, **values):
        return (
            self.env["healthcare.control.start"]
            .with_user(user)
            .create({"company_id": self.company.id, "control": "supplier_gate_date", **values})
        )

    def test_shows_the_effect(self):
        self.company.supplier_gate_date = False
        draft = self.in_state("draft")
        self.order(draft)
        self.order(draft).button_confirm()
        text = self.dialog(self.users["administrator"]).effect_text
        self.assertIn("1 open orders to 1 suppliers", text)
        self.assertIn("1 suppliers of the last twelve months are not approved: Draft devices", text)

    def test_starts_and_stops_with_an_audit(self):
        administrator = self.users["administrator"]
        self.company.supplier_gate_date = False
        self.dialog(administrator, date=self.today).action_start()
        self.assertEqual(self.company.supplier_gate_date, self.today)
        entry = self.audit_entries(self.company, "control_date")[-1]
        self.assertEqual(entry.login, administrator.login)
        self.assertIn(fields.Date.to_string(self.today), entry.changes)
        self.dialog(administrator).action_stop()
        self.assertFalse(self.company.supplier_gate_date)
        self.assertIn("null", self.audit_entries(self.company, "control_date")[-1].changes)
