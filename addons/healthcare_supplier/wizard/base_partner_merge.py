from odoo import models
from odoo.exceptions import UserError

from ..tools import inside


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Suppliers are merged by two people, whoever opens Odoo's own dialog."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        partners = self.env["res.partner"].sudo().browse(partner_ids).exists()
        suppliers = partners.commercial_partner_id.filtered(
            lambda one: one.supplier_state or one.supplier_rank
        )
        if suppliers and "merge" not in inside.allowed(self.env):
            raise UserError(
                self.env._(
                    "%s is a supplier: use Propose a Merge on it. A second person agrees, and what was "
                    "merged can be explained afterwards.",
                    suppliers[0].display_name,
                )
            )
        return super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)

    def _merge_bank_accounts(self, src_partners, dst_partner):
        """Archived accounts, too: Odoo would have them deleted where the other has the same."""
        if "merge" in inside.allowed(self.env):
            src_partners = src_partners.with_context(active_test=False)
            dst_partner = dst_partner.with_context(active_test=False)
        return super()._merge_bank_accounts(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """What a supplier takes over is what was agreed to, see ``healthcare.partner.merge``."""
        if "merge" in inside.allowed(self.env):
            return None
        return super()._update_values(src_partners, dst_partner)

    def _log_merge_operation(self, src_partners, dst_partner):
        result = super()._log_merge_operation(src_partners, dst_partner)
        if "merge" in inside.allowed(self.env):
            # Reviewed suppliers are not deleted; this one goes on in the other.
            src_partners._set_supplier_state(False)
            self.env.flush_all()
        return result
