from odoo import models
from odoo.exceptions import UserError

#: What the portal's bank form takes, with the length it may have.
BANK_LENGTHS = {
    "action": 10,
    "old_account_id": 12,
    "iban": 60,
    "routing_number": 20,
    "account_number": 60,
    "bic": 20,
    "bank_name": 100,
    "holder_name": 200,
    "note": 500,
}


class ResPartner(models.Model):
    """A supplier asks for another bank account in the portal; two people here decide."""

    _inherit = "res.partner"

    def _portal_bank_accounts(self):
        """Return the accounts that are in use, for the portal; numbers are masked there."""
        self.ensure_one()
        accounts = self.env["res.partner.bank"].search([("partner_id.commercial_partner_id", "=", self.id)])
        return accounts.filtered("released")

    def _portal_bank_changes(self):
        """Return the last changes that were asked for, newest first."""
        self.ensure_one()
        return self.env["healthcare.bank.change"].search([("partner_id", "=", self.id)], limit=10)

    def _portal_ask_bank(self, given):
        """Ask for a change of the bank account, as the supplier.

        :param dict given: texts of the form, keys of ``BANK_LENGTHS``; hostile
        :return: what was done, for the supplier
        :raises UserError: saying what is wrong
        """
        self.ensure_one()
        texts = {name: " ".join((given.get(name) or "").split()) for name in BANK_LENGTHS}
        for name, length in BANK_LENGTHS.items():
            if len(texts[name]) > length:
                raise UserError(
                    self.env._("%(field)s: at most %(length)s characters.", field=name, length=length)
                )
        if texts["action"] not in ("add", "replace", "end"):
            raise UserError(self.env._("Choose what is to change."))
        old = self._portal_bank_accounts().filtered(
            lambda account: str(account.id) == texts["old_account_id"]
        )
        if texts["action"] != "add" and not old:
            raise UserError(self.env._("Choose the account that is replaced or ended."))
        if texts["action"] != "end" and not texts["holder_name"]:
            raise UserError(self.env._("Fill in the account holder."))
        account = {name: texts[name] for name in ("iban", "routing_number", "account_number", "bic")}
        told = {name: texts[name] or False for name in ("bank_name", "holder_name", "note")}
        self.env["healthcare.bank.change"]._ask(
            self,
            texts["action"],
            account=account,
            old_account=old if texts["action"] != "add" else None,
            source="portal",
            **told,
        )
        return self.env._(
            "Your change waits. We call you at a number that we know already; payments wait until then."
        )
