from odoo import api, models


class HealthcarePartnerIdentifier(models.Model):
    """Other systems hear of a supplier's identifiers."""

    _inherit = "healthcare.partner.identifier"

    @api.model_create_multi
    def create(self, vals_list):
        identifiers = super().create(vals_list)
        identifiers.partner_id._mark_changed()
        return identifiers

    def write(self, vals):
        before = self.partner_id
        result = super().write(vals)
        (before | self.partner_id)._mark_changed()
        return result
