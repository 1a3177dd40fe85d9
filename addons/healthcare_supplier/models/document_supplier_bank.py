from odoo import api, models

from ..tools import bank_account
from .healthcare_bank_change import WAITING


class HealthcareDocumentSupplier(models.AbstractModel):
    """Bank accounts in a document are asked for, as by anybody else."""

    _inherit = "healthcare.document.supplier"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _take_bank_accounts(self, supplier, document, message):
        """Ask for a bank change for each account that is not the supplier's; return exceptions.

        A masked account says nothing. That an account is not named ends none.
        """
        exceptions = []
        stated = [one for one in document.get("bank_accounts") or () if not bank_account.is_masked(one)]
        released = supplier.bank_ids.filtered("released")
        for index, account in enumerate(stated):
            path = f"bank_accounts[{index}]"
            try:
                parts = bank_account.normalise(account)
            except bank_account.BankAccountError as error:
                changes = self.env["healthcare.bank.change"]
                text = changes._account_error_text(error, supplier)
                self._reject("supplier_invalid", text, path=f"{path}.{error.part}")
            if exception := self._take_bank_account(supplier, parts, account, message, (stated, released)):
                exceptions.append(exception)
        return exceptions

    @api.model
    def _take_bank_account(self, supplier, parts, account, message, beside):
        """Ask for one account; return an exception or None.

        :param beside: ``(accounts of the document, released accounts of the supplier)``
        """
        changes = self.env["healthcare.bank.change"]
        accounts = self.env["res.partner.bank"]
        digest = accounts._account_digest(parts, supplier.id, supplier.id)
        stated, released = beside
        if any(
            accounts._account_digest(one._bank_account(), supplier.id, supplier.id) == digest
            for one in released
        ):
            return None
        before = changes.search([("partner_id", "=", supplier.id), ("account_digest", "=", digest)])
        if before._waiting():
            return None
        refused = before.filtered(
            lambda change: change.state == "refused" and change.message_id.endpoint_id == message.endpoint_id
        )
        if refused:
            return "bank_change_refused_before"
        old = released if len(released) == len(stated) == 1 else released.browse()
        if changes.search_count([("old_account_id", "in", old.ids), ("state", "in", WAITING)], limit=1):
            old = released.browse()
        # A person who hands in a file asks for what it says: they neither choose the number to call
        # nor release it.
        changes.with_user(message.upload_id.requested_by_id or self.env.user)._ask(
            supplier,
            "replace" if old else "add",
            parts,
            old,
            source="sync",
            holder_name=account.get("holder"),
            message_id=message.id,
            note=self.env._("Stated by %s.", message.endpoint_id.display_name),
        )
        return "bank_change_held"
