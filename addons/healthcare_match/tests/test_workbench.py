import json

from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestWorkbench(MatchCommon):
    """What the workbench is told, and by whom it may be asked."""

    def setUp(self):
        super().setUp()
        order = self.ordered((self.gloves, 10, 5.0), (self.suture, 5, 12.0))
        self.receive_goods(order, {self.gloves: 10, self.suture: 0})
        self.bill_order = order
        line = self.billed(self.gloves, "10", "6")
        self.held = self.bill(self.invoice(order, line, number="WB-1"))
        other = self.ordered((self.gloves, 3, 5.0))
        self.receive_goods(other)
        line = self.billed(self.gloves, "3", "5")
        self.good = self.bill(self.invoice(other, line, number="WB-2"))

    def _workbench(self, role="accounts_payable"):
        return self.env["healthcare.match.workbench"].with_user(self.users[role])

    def test_queue(self):
        page = self._workbench().load_queue("open")
        self.assertEqual(page["total"], 1)
        [item] = page["items"]
        self.assertEqual(item["move_id"], self.held.id)
        self.assertEqual(item["reference"], "WB-1")
        self.assertEqual((item["amount"], item["at_stake"]), ("60.00", "10.00"))
        self.assertEqual(item["families"], ["price"])
        self.assertEqual(page["counts"]["matched"], 1)
        self.assertEqual(page["counts"]["all"], 2)
        json.dumps(page)

    def test_queue_search_and_paging(self):
        workbench = self._workbench()
        for text in ("WB-1", self.bill_order.name, "Test Supplier WB-1"):
            found = workbench.load_queue("all", search=text)
            self.assertEqual([item["move_id"] for item in found["items"]], [self.held.id], text)
        self.assertEqual(workbench.load_queue("all", search="no such thing")["total"], 0)
        first = workbench.load_queue("all", offset=0, limit=1)
        second = workbench.load_queue("all", offset=1, limit=1)
        self.assertEqual(len(first["items"]), 1)
        self.assertNotEqual(first["items"], second["items"])
        with self.assertRaises(UserError):
            workbench.load_queue("everything")

    def test_query_count_does_not_grow(self):
        workbench = self._workbench()
        workbench.load_queue("all")
        self.env.invalidate_all()
        with self.assertQueryCount(60):
            workbench.load_queue("all")

    def test_bill(self):
        bill = self._workbench().load_bill(self.held.id)
        json.dumps(bill)
        self.assertFalse(bill["header"]["payable"])
        self.assertIn("gate", bill["header"]["payable_reason"])
        billed, unbilled = bill["rows"]
        self.assertEqual(billed["bill_line"]["price"], "6")
        self.assertEqual(billed["order_line"]["agreed_price"], "5")
        self.assertEqual(billed["compare"]["price"]["state"], "outside")
        self.assertEqual(billed["compare"]["price"]["difference"], "1")
        self.assertEqual(billed["compare"]["price"]["difference_percent"], "20")
        self.assertEqual(billed["compare"]["quantity"]["state"], "agree")
        self.assertEqual(len(billed["receipts"]), 1)
        self.assertFalse(unbilled["bill_line"])
        [exception] = bill["exceptions"]
        self.assertEqual(exception["type"], "price_variance")
        self.assertEqual(exception["amount_at_stake"], "10.00")
        self.assertTrue(exception["arithmetic"])
        self.assertIn("accept_variance", [each["code"] for each in exception["resolutions"]])
        self.assertEqual(billed["exceptions"], [exception["id"]])
        self.assertEqual({each["document_type"] for each in bill["documents"]}, {"invoice", "purchase_order"})

    def test_who_may_decide_is_told(self):
        self.company.match_ap_limit = 5.0
        [exception] = self._workbench().load_bill(self.held.id)["exceptions"]
        self.assertNotIn("accept_variance", [each["code"] for each in exception["resolutions"]])
        self.assertIn("approver", exception["needs_role"])
        [exception] = self._workbench("approver").load_bill(self.held.id)["exceptions"]
        self.assertIn("accept_variance", [each["code"] for each in exception["resolutions"]])
        [exception] = self._workbench("auditor").load_bill(self.held.id)["exceptions"]
        self.assertFalse(exception["can_resolve"])

    def test_rights(self):
        for role in ("requester", "storeroom", "service"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._workbench(role).load_queue()
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._workbench(role).load_bill(self.held.id)

    def test_other_companies_are_out_of_sight(self):
        company = self.make_company("Somebody Else")
        user = self.make_user("else", "healthcare_base.group_accounts_payable", company_id=company.id,
                              company_ids=[(6, 0, company.ids)])  # fmt: skip
        workbench = self.env["healthcare.match.workbench"].with_user(user).with_company(company)
        workbench = workbench.with_context(allowed_company_ids=company.ids)
        self.assertEqual(workbench.load_queue("all")["total"], 0)
        with self.assertRaises(AccessError):
            workbench.load_bill(self.held.id)

    def test_no_such_bill(self):
        with self.assertRaises(MissingError):
            self._workbench().load_bill(0)
