from odoo import models
from odoo.fields import Domain

from .match_evaluator_supplier import STOPPED_STATES


class ResPartner(models.Model):
    """A supplier that is stopped, or set free again, has its open bills judged anew."""

    _inherit = "res.partner"

    def _set_supplier_state(self, state, reason="", **values):
        before = {partner.id: partner.supplier_state for partner in self.sudo()}
        result = super()._set_supplier_state(state, reason, **values)
        stops = state in STOPPED_STATES
        touched = self.filtered(lambda partner: stops or before[partner.id] in STOPPED_STATES)
        if touched:
            # sudo: the match judges whoever stopped the supplier
            bills = self.env["account.move"].sudo()
            domain = bills._match_open_domain() & Domain("commercial_partner_id", "in", touched.ids)
            bills.search(domain)._match_touched()
        return result
