from odoo import fields, models

from ..models.res_partner_bank import FACTS
from ..tools import inside


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """A merge keeps bank accounts, and releases none for the supplier that is left."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge_bank_accounts(self, src_partners, dst_partner):
        """Move the accounts as Odoo does; of another supplier, nobody has released them for this one."""
        moved = src_partners.sudo().with_context(active_test=False).bank_ids
        with inside.changing(self.env, *FACTS):
            result = super()._merge_bank_accounts(src_partners, dst_partner)
            moved.exists().write({"allow_out_payment": False})
        return result

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Phone numbers that come with the other record were not this supplier's before."""
        partners = self.env["res.partner"].sudo().browse(partner_ids)
        contacts = partners.search([("commercial_partner_id", "in", partners.ids)]) - partners
        before = {contact: contact.commercial_partner_id for contact in contacts}
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        for contact, supplier in before.items():
            if contact.exists() and contact.phone and contact.commercial_partner_id != supplier:
                contact.write({"phone_since": fields.Datetime.now(), "phone_before": False})
        return result
