from odoo import api, models

from ..tools import inside


class ResPartnerBank(models.Model):
    """An account that is another supplier's is refused: the same supplier twice, or worse."""

    _inherit = "res.partner.bank"

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts._guard_duplicate_account()
        return accounts

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"acc_number", "partner_id", "active"}:
            self._guard_duplicate_account()
        return result

    def _guard_duplicate_account(self):
        """:raises ValidationError: naming the account's other holder"""
        if "merge" in inside.allowed(self.env):
            return
        # sudo: what is the same does not depend on who may see it
        commercial = self.sudo().partner_id.commercial_partner_id
        commercial.filtered(lambda one: one.supplier_state or one.supplier_rank)._check_exact_duplicates()
