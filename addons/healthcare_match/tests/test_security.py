from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import MatchCommon

READERS = dict.fromkeys(
    ("clerk", "approver", "accounts_payable", "storeroom", "auditor", "administrator"), "r"
)


@tagged("post_install", "-at_install")
class TestMatchSecurity(MatchCommon):
    """Who may do what with evidence, allocations and exceptions: read."""

    def test_matrix(self):
        self.assertAccessMatrix(
            {
                "healthcare.bill.line": READERS,
                "healthcare.match.allocation": READERS,
                "healthcare.match.exception": READERS,
            }
        )

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("healthcare_match")

    def test_nobody_writes_a_verdict(self):
        order = self.ordered()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.50")))
        for role in ("accounts_payable", "administrator"):
            user = self.users[role]
            for vals in (
                {"match_state": "matched"},
                {"match_gate_exempt": True},
            ):
                with self.assertRaises(AccessError):
                    bill.with_user(user).write(vals)
            with self.assertRaises(AccessError):
                bill.match_exception_ids.with_user(user).write({"state": "closed"})
            with self.assertRaises(AccessError):
                bill.match_exception_ids.with_user(user).unlink()

    def test_owners_read_what_they_own(self):
        order = self.ordered()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00")))
        exception = bill.match_exception_ids.with_user(self.storeroom)
        self.assertEqual(exception.type, "not_received")
        self.assertIn("INV-1", exception.display_name)
        self.assertIn("INV-1", exception.bill_line_id.display_name)

    def test_other_companies_see_nothing(self):
        order = self.ordered()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.50")))
        elsewhere = self.make_company("Elsewhere")
        user = self.make_user(
            "elsewhere",
            "healthcare_base.group_accounts_payable",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        for records in (bill.match_exception_ids, bill.bill_line_ids):
            mine = records.with_user(user).with_context(allowed_company_ids=elsewhere.ids)
            self.assertFalse(mine.search([("id", "in", records.ids)]))

    def test_requester_cannot_ask_for_a_match(self):
        order = self.ordered()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.50")))
        with self.assertRaises(AccessError):
            bill.with_user(self.users["requester"]).action_evaluate_match()
