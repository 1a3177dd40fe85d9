import hashlib

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .bank_common import OTHER_IBAN, BankCommon, bank_account


@tagged("post_install", "-at_install")
class TestBankWaysAround(BankCommon):
    """Money for a supplier reaches nobody but the supplier, on an account that was released."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()
        cls.stranger = cls.env["res.partner"].create(
            {"name": "A Stranger", "property_account_payable_id": cls.payable_account.id}
        )

    def make_bill(self):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": fields.Date.today(),
                "ref": "S-1",
                "journal_id": self.purchase_journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Gloves",
                            "quantity": 1,
                            "price_unit": 100,
                            "tax_ids": [],
                            "account_id": self.expense_account.id,
                        }
                    )
                ],
            }
        )
        bill.action_post()
        return bill

    def test_a_payment_without_payee_names_no_unreleased_account(self):
        self.account.allow_out_payment = False
        for kind in ("supplier", "customer"):
            payment = self.make_payment(partner_id=False, partner_type=kind)
            with self.assertRefused("names bank account"):
                payment.write({"partner_bank_id": self.account.id, "state": "in_process"})
            with self.assertRefused("names bank account"):
                payment.partner_bank_id = self.account
                payment.action_post()

    def test_a_payment_to_another_does_not_settle_a_suppliers_bill(self):
        bill = self.make_bill()
        owed = bill.line_ids.filtered(lambda line: line.account_id == self.payable_account)
        for partner in (self.stranger, self.other_supplier, self.env["res.partner"]):
            payment = self.make_payment(partner_type="customer", partner_id=partner.id)
            payment.write({"destination_account_id": self.payable_account.id, "partner_bank_id": False})
            payment.action_post()
            paid = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.payable_account)
            self.assertTrue(paid)
            with self.assertRefused("pays another than"):
                (owed | paid).reconcile()

    def test_a_payment_to_the_supplier_settles_its_bill(self):
        bill = self.make_bill()
        owed = bill.line_ids.filtered(lambda line: line.account_id == self.payable_account)
        payment = self.make_payment()
        payment.action_post()
        paid = payment.move_id.line_ids.filtered(lambda line: line.account_id == self.payable_account)
        (owed | paid).reconcile()
        self.assertTrue(owed.reconciled)

    def test_who_hands_in_a_file_neither_calls_with_a_new_number_nor_releases(self):
        upload = self.env["healthcare.exchange.upload"]._take(
            self.env["res.partner"], "supplier", "s.csv", b"x", requested_by=self.finance
        )
        message = self.env["healthcare.exchange.message"].create(
            {
                "endpoint_id": upload.endpoint_id.id,
                "company_id": upload.company_id.id,
                "direction": "inbound",
                "document_type": "supplier",
                "idempotency_key": "review-1",
                "upload_id": upload.id,
            }
        )
        message.upload_id = upload
        self.env["healthcare.document.supplier"]._take_bank_accounts(
            self.supplier, {"bank_accounts": [{"iban": OTHER_IBAN}]}, message
        )
        change = self.changes.search([("partner_id", "=", self.supplier.id)], limit=1, order="id desc")
        self.call(change)
        with self.assertRefused("."):
            self.release(change, self.finance)
        self.assertEqual(change.state, "called")
        self.release(change, self.other_finance)
        self.assertEqual(change.state, "released")

    def test_numbers_do_not_leak_by_the_name_of_a_reference(self):
        """Odoo names what a record refers to in superuser mode."""
        change = self.ask()
        self.assertNotIn("3704", str(change.with_user(self.clerk).read(["old_account_id"])))
        [row] = change.with_user(self.clerk).web_read({"old_account_id": {"fields": {"display_name": {}}}})
        self.assertNotIn("3704", str(row))
        self.assertIn("3000", str(row))
        self.assertIn("3704", str(change.with_user(self.payable).read(["old_account_id"])))

    def test_numbers_do_not_stand_in_the_chatter(self):
        """Odoo writes the whole number of an account that is deleted."""
        partner = self.env["res.partner"].create({"name": "No Supplier"})
        account = self.accounts.create({"partner_id": partner.id, "acc_number": OTHER_IBAN})
        shown = account.masked_number
        account.unlink()
        bodies = "".join(partner.message_ids.mapped("body"))
        self.assertIn(shown, bodies)
        self.assertNotIn(OTHER_IBAN, bodies)
        account = self.accounts.create({"partner_id": partner.id, "acc_number": "<b>1 & 2</b> 33"})
        account.unlink()
        bodies = "".join(partner.message_ids.mapped("body"))
        self.assertIn("****", bodies)
        for part in ("1 & 2", "1 &amp; 2"):
            self.assertNotIn(part, bodies)

    def test_digests_cannot_be_tried_out(self):
        """A clerk who reads the digest of a change learns nothing by hashing numbers."""
        change = self.ask()
        parts = bank_account.normalise({"iban": OTHER_IBAN})
        owners = (self.supplier.id, self.supplier.id)
        self.assertEqual(change.account_digest, self.accounts._account_digest(parts, *owners))
        plain = "\0".join((parts["iban"], "", "", *map(str, owners)))
        self.assertNotEqual(change.account_digest, hashlib.sha256(plain.encode()).hexdigest())
        self.assertNotEqual(change.account_digest, bank_account.digest("guess", parts, *owners))
        with self.assertRaises(ValueError):
            bank_account.digest("", parts, *owners)
        for role in ("clerk", "finance", "administrator"):
            with self.assertRaises(AccessError):
                self.env["ir.config_parameter"].with_user(self.users[role]).search(
                    [("key", "=", "healthcare_supplier.bank_digest_key")]
                ).read(["value"])
