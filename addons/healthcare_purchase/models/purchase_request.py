from odoo import api, fields, models

from ..tools.selections import URGENCY


class PurchaseRequest(models.Model):
    _inherit = "purchase.request"

    facility_id = fields.Many2one(
        "healthcare.facility",
        check_company=True,
        index="btree_not_null",
        tracking=True,
        domain="[('company_id', '=', company_id)]",
        help="Who the goods are for. Its warehouse receives them.",
    )
    urgency = fields.Selection(URGENCY, default="routine", tracking=True)

    @api.onchange("facility_id")
    def _onchange_facility_id(self):
        if picking_type := self.facility_id.warehouse_id.in_type_id:
            self.picking_type_id = picking_type

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self.env["purchase.order"]._with_facility_picking_types(vals_list))

    def write(self, vals):
        if "facility_id" in vals:
            vals = self.env["purchase.order"]._with_facility_picking_types([vals])[0]
        return super().write(vals)
