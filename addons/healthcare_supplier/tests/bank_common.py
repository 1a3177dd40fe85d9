"""Builders for tests of bank data."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.healthcare_approval.tests.common import ApprovalBuilders
from odoo.addons.healthcare_base.tests.common import ROLES, HealthcareCommon

from ..tools import bank_account

#: Valid ones of other countries: none of them exists at a bank.
IBAN = "DE89370400440532013000"
OTHER_IBAN = "GB82WEST12345698765432"
THIRD_IBAN = "FR1420041010050500013M02606"
ROUTING = "021000021"


class BankCommon(ApprovalBuilders, HealthcareCommon):
    """A company whose suppliers' bank data are under control, and an account that was there.

    ``supplier`` with ``account`` (:data:`IBAN`, released) and the phone number ``phone``, known
    for a month; ``finance`` and ``other_finance`` release.
    """

    roles = {
        **ROLES,
        "compliance": "healthcare_supplier.group_compliance",
        "finance": "healthcare_supplier.group_finance",
    }
    phone = "+1 555 0100"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.changes = cls.env["healthcare.bank.change"]
        cls.accounts = cls.env["res.partner.bank"]
        month_ago = fields.Datetime.now() - timedelta(days=30)
        cls.supplier.write({"phone": cls.phone})
        cls.supplier.write({"phone_since": month_ago, "phone_before": False})
        cls.account = cls.accounts.create(
            {"partner_id": cls.supplier.id, "acc_number": IBAN, "allow_out_payment": True}
        )
        cls.company.bank_hold_date = fields.Date.today()
        cls.finance = cls.users["finance"]
        cls.other_finance = cls.make_user("test_other_finance", "healthcare_supplier.group_finance")
        cls.clerk = cls.users["clerk"]
        cls.payable = cls.users["accounts_payable"]

    def ask(self, action="replace", user=None, supplier=None, **values):
        """Return a change that a person asked for through the form, default by the clerk."""
        if action != "add":
            values.setdefault("old_account_id", self.account.id)
        if action != "end" and not {"iban", "account_number"} & values.keys():
            values["iban"] = OTHER_IBAN
        form = (
            self.env["healthcare.bank.change.request"]
            .with_user(user or self.clerk)
            .create({"partner_id": (supplier or self.supplier).id, "action": action, **values})
        )
        return self.changes.browse(form.action_request()["res_id"])

    def call(self, change, user=None, number=None, result="confirmed", **values):
        """Record a call about a change, default by accounts payable."""
        values = {"person": "Ms Treasurer", "note": "Account read back", **values}
        change.with_user(user or self.payable).action_record_call(number or self.phone, result, **values)
        change.invalidate_recordset()
        return change

    def release(self, change, user=None):
        """Approve the release of a change that was confirmed by a call."""
        request = change.approval_request_ids.filtered(lambda one: one.state == "pending")
        self.approve(request, user or self.finance)
        self.env.invalidate_all()
        return change

    def make_released(self, **values):
        """Return a change that went all the way."""
        return self.release(self.call(self.ask(**values)))

    @classmethod
    def make_books(cls):
        """Give the test company the least of accounting that bills and payments need."""
        accounts = cls.env["account.account"]
        values = {"company_ids": [Command.set(cls.company.ids)]}
        cls.payable_account = accounts.create(
            {
                **values,
                "name": "Payable",
                "code": "HPAY",
                "account_type": "liability_payable",
                "reconcile": True,
            }
        )
        cls.expense_account = accounts.create(
            {**values, "name": "Expenses", "code": "HEXP", "account_type": "expense"}
        )
        cls.outstanding_account = accounts.create(
            {
                **values,
                "name": "Outstanding",
                "code": "HOUT",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        cls.suspense_account = accounts.create(
            {**values, "name": "Suspense", "code": "HSUS", "account_type": "asset_current"}
        )
        journals = cls.env["account.journal"]
        cls.purchase_journal = journals.create(
            {
                "name": "Bills",
                "code": "HBIL",
                "type": "purchase",
                "company_id": cls.company.id,
                "default_account_id": cls.expense_account.id,
            }
        )
        cls.bank_journal = journals.create(
            {
                "name": "Bank",
                "code": "HBNK",
                "type": "bank",
                "company_id": cls.company.id,
                "suspense_account_id": cls.suspense_account.id,
            }
        )
        cls.bank_journal.outbound_payment_method_line_ids.payment_account_id = cls.outstanding_account
        for partner in cls.supplier | cls.other_supplier:
            partner.property_account_payable_id = cls.payable_account

    def make_payment(self, supplier=None, user=None, **values):
        """Return a draft payment of 100 to a supplier."""
        return (
            self.env["account.payment"]
            .with_user(user or self.env.user)
            .create(
                {
                    "payment_type": "outbound",
                    "partner_type": "supplier",
                    "partner_id": (supplier or self.supplier).id,
                    "amount": 100.0,
                    "journal_id": self.bank_journal.id,
                    "destination_account_id": self.payable_account.id,
                    **values,
                }
            )
        )


__all__ = ["IBAN", "OTHER_IBAN", "ROUTING", "THIRD_IBAN", "BankCommon", "bank_account"]
