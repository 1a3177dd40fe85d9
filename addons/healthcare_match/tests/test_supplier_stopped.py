from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestSupplierStopped(MatchCommon):
    """Bills of a supplier that compliance stopped wait for a person, until it is approved again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = cls.make_user("test_officer", "healthcare_supplier.group_compliance")
        cls.company.supplier_gate_date = fields.Date.today()
        cls.supplier._set_supplier_state("approved")

    def setUp(self):
        super().setUp()
        order = self.ordered((self.gloves, 10, 5.0))
        self.receive_goods(order)
        self.document = self.invoice(order, self.billed(self.gloves, "10", "5"))

    def stop(self, action="block"):
        supplier = self.supplier.with_user(self.officer)
        getattr(supplier, f"action_{action}_supplier")("Excluded by authority")

    def test_bill_of_a_stopped_supplier(self):
        for action, state in (("suspend", "Suspended"), ("block", "Blocked")):
            self.stop(action)
            bill = self.bill({**self.document, "number": f"INV-{action}"})
            found = bill.match_exception_ids.filtered(lambda each: each.type == "supplier_blocked")
            self.assertEqual(found.family, "control")
            self.assertEqual(found.amount_at_stake, 50.0)
            self.assertEqual(found.explanation, f"Test Supplier is {state}: Excluded by authority")
            self.assertEqual((bill.match_state, bill.match_payable), ("exception", False))

    def test_stopped_later_and_freed_again(self):
        bill = self.bill(self.document)
        self.assertEqual(bill.match_state, "matched")
        self.stop()
        self.assertEqual((bill.match_state, self.types(bill)), ("exception", ["supplier_blocked"]))
        self.supplier._set_supplier_state("approved")
        self.assertEqual((bill.match_state, self.types(bill)), ("matched", []))
        self.assertEqual(bill.match_exception_ids.state, "closed")

    def test_released_by_an_approver_the_gate_still_holds(self):
        bill = self.bill(self.document)
        self.stop()
        exception = bill.match_exception_ids
        with self.assertRaises(UserError), self.env.cr.savepoint():
            exception.with_user(self.accounts_payable).action_resolve("accept_variance", "It is fine")
        exception.with_user(self.users["approver"]).action_resolve("accept_variance", "Owed before")
        self.assertEqual(bill.match_state, "released")
        with self.assertRefused("is blocked and is not paid"):
            self.pay(bill)

    def test_without_the_control(self):
        self.company.supplier_gate_date = False
        self.stop()
        self.assertEqual(self.bill(self.document).match_state, "matched")
