from odoo import models

from ..tools import bank_account


class HealthcareExchangeMessage(models.Model):
    """Bank accounts of suppliers leave masked, unless the endpoint's list of fields has them."""

    _inherit = "healthcare.exchange.message"

    def _prepare_outbound_vals(self, request, number, mappings, now):
        vals = super()._prepare_outbound_vals(request, number, mappings, now)
        if vals["document_type"] != "supplier":
            return vals
        masked = []
        sent = vals["document"].get("bank_accounts") or []
        for account in request["document"].get("bank_accounts") or ():
            name = "iban" if account.get("iban") else "account_number"
            if any(one.get(name) == account[name] for one in sent):
                continue
            masked.append({name: bank_account.mask(account[name])})
        if masked:
            whole = [one for one in sent if one.get("iban") or one.get("account_number")]
            vals["document"]["bank_accounts"] = [*whole, *masked]
        return vals
