from odoo import api, fields, models
from odoo.exceptions import AccessError

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
        for vals in vals_list:
            self._check_may_approve(vals)
        return super().create(self.env["purchase.order"]._with_facility_picking_types(vals_list))

    def write(self, vals):
        self._check_may_approve(vals)
        if "facility_id" in vals:
            vals = self.env["purchase.order"]._with_facility_picking_types([vals])[0]
        return super().write(vals)

    @api.model
    def _check_may_approve(self, vals):
        """Refuse approval by anyone but approvers, by whatever way the state is written."""
        if vals.get("state") != "approved" or self.env.su:
            return
        if not self.env.user.has_group("purchase_request.group_purchase_request_manager"):
            raise AccessError(self.env._("Requests are approved by approvers."))
