from odoo import models


class PurchaseOrder(models.Model):
    """Odoo gives a bill the supplier's first bank account; only a released one is given."""

    _inherit = "purchase.order"

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        account = self.env["res.partner.bank"].browse(values.get("partner_bank_id") or [])
        controlled = self.company_id in self.env["res.company"]._bank_hold_companies()
        if controlled and account.partner_id._bank_controlled() and not account.released:
            accounts = account.partner_id.bank_ids.filtered(
                lambda one: one.released and one.company_id.id in (False, self.company_id.id)
            )
            values["partner_bank_id"] = accounts[:1].id
        return values
