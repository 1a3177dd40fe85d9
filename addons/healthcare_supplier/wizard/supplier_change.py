from odoo import api, fields, models

from ..models.res_partner_onboarding import CHANGEABLE_FIELDS


class HealthcareSupplierChange(models.TransientModel):
    """Proposes a change of who a supplier is, for the tiers that approved it."""

    _name = "healthcare.supplier.change"
    _description = "Request a Change of a Supplier"

    partner_id = fields.Many2one("res.partner", string="Supplier", required=True)
    name = fields.Char(compute="_compute_from_partner", store=True, readonly=False, required=True)
    vat = fields.Char(string="Tax ID", compute="_compute_from_partner", store=True, readonly=False)
    company_registry = fields.Char(
        string="Company ID", compute="_compute_from_partner", store=True, readonly=False
    )
    country_id = fields.Many2one("res.country", compute="_compute_from_partner", store=True, readonly=False)
    supplier_category_id = fields.Many2one(
        "healthcare.supplier.category", compute="_compute_from_partner", store=True, readonly=False
    )
    reason = fields.Text(required=True)

    @api.depends("partner_id")
    def _compute_from_partner(self):
        for dialog in self:
            for name in CHANGEABLE_FIELDS:
                dialog[name] = dialog.partner_id[name]

    def action_request(self):
        """Ask for it; only what differs is proposed."""
        self.ensure_one()
        values = {name: self._fields[name].convert_to_write(self[name], self) for name in CHANGEABLE_FIELDS}
        self.partner_id._request_supplier_change(values, self.reason)
        return {"type": "ir.actions.act_window_close"}
