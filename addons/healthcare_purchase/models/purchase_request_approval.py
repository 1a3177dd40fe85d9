from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError

_APPROVED = {"approved", "in_progress", "done"}


class PurchaseRequest(models.Model):
    """What a request asks for is what was approved, by another person than who asked."""

    _name = "purchase.request"
    _inherit = ["purchase.request", "healthcare.approval.document", "tier.validation"]

    _state_from = ["draft", "to_approve"]
    _state_to = ["approved"]
    _cancel_state = "rejected"

    _approval_head_fields = ("requested_by", "company_id", "picking_type_id", "facility_id", "urgency")
    _approval_fixed_fields = ("requested_by", "company_id")
    _approval_lines_field = "line_ids"
    _approval_line_fields = (
        "product_id",
        "name",
        "product_qty",
        "product_uom_id",
        "estimated_cost",
        "date_required",
        "specifications",
    )
    _approval_line_fixed_fields = ("product_id", "product_uom_id")
    _approval_line_limited_fields = ("product_qty", "estimated_cost")

    @api.model
    def _approval_states(self):
        return _APPROVED

    def _approval_excluded(self):
        return super()._approval_excluded() | self.requested_by

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state") in _APPROVED for vals in vals_list):
            raise self._approval_error()
        model = super(PurchaseRequest, without_defaults(self, {"state"}))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        if vals.get("state") in _APPROVED and not self.env.su:
            entering = self.filtered(lambda request: request.state not in _APPROVED)
            if entering and not self.env.user.has_group("purchase_request.group_purchase_request_manager"):
                raise self._approval_error()
            asking = entering.sudo()
            if self.env.user in asking.requested_by | asking._approval_creators():
                raise AccessError(
                    self.env._("You asked for this yourself: another person has to approve it.")
                )
        return super().write(vals)

    def _approval_error(self):
        return AccessError(self.env._("Requests are approved by approvers."))
