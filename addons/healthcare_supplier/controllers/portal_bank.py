from odoo import http
from odoo.http import request

from ..models.res_partner_portal_bank import BANK_LENGTHS
from .portal import SupplierPortal


class SupplierPortalBank(SupplierPortal):
    """The page of a supplier's bank accounts."""

    @http.route("/my/supplier/bank", type="http", auth="user", website=True, methods=["GET", "POST"])
    def supplier_bank(self, **form):
        """Show the accounts, masked; on POST ask for a change."""
        supplier = self._supplier()
        values = dict.fromkeys(BANK_LENGTHS, "")
        problem = message = ""
        if request.httprequest.method == "POST":
            values = {name: form.get(name, "") for name in BANK_LENGTHS}
            problem, message = self._try(lambda: supplier._portal_ask_bank(values))
            if not problem:
                values = dict.fromkeys(BANK_LENGTHS, "")
        return self._page(
            "healthcare_supplier.portal_bank",
            accounts=supplier._portal_bank_accounts(),
            changes=supplier._portal_bank_changes(),
            values=values,
            lengths=BANK_LENGTHS,
            editable=tuple(BANK_LENGTHS),
            problem=problem,
            message=message,
        )
