from odoo import api, fields, models
from odoo.tools import plaintext2html

#: From its submission on a request asks for something.
_ASKED = {"to_approve", "approved", "in_progress", "done"}


class PurchaseRequest(models.Model):
    """A request asks for what the catalog and the formularies let its people ask for."""

    _inherit = "purchase.request"

    formulary_warning = fields.Text(compute="_compute_formulary_warning")

    @api.depends(
        "state",
        "facility_id",
        "requested_by",
        "picking_type_id",
        "line_ids.product_id",
        "line_ids.name",
        "line_ids.specifications",
        "line_ids.estimated_cost",
        "line_ids.cancelled",
    )
    def _compute_formulary_warning(self):
        """Say on a draft what would stop its submission."""
        drafts = self.filtered(lambda request: request.state == "draft")
        (self - drafts).formulary_warning = False
        for request in drafts:
            request.formulary_warning = "\n".join(request.line_ids._formulary_sentences()) or False

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        requests.filtered(lambda request: request.state in _ASKED)._check_formulary()
        return requests

    def write(self, vals):
        asked = self.filtered(lambda request: request.state in _ASKED)
        result = super().write(vals)
        if not {"state", "requested_by", "facility_id", "picking_type_id", "company_id"}.isdisjoint(vals):
            entered = self.filtered(lambda request: request.state in ("to_approve", "approved"))
            if "state" in vals and vals["state"] == "to_approve":
                entered -= asked
            entered._check_formulary()
        if vals.get("state") == "approved":
            self._tell_placeholder_owners()
        return result

    def _check_formulary(self):
        """Refuse requests with lines that may not be asked for.

        :raises UserError: naming each such line and why
        """
        self.line_ids._check_formulary()

    def _formulary_facilities(self):
        """Return ``{request: facility}``: its own, else that of the warehouse which receives."""
        # sudo: which facility a warehouse belongs to is no secret
        warehouses = self.sudo().picking_type_id.warehouse_id
        by_warehouse = self.env["healthcare.facility"].sudo()._of_warehouses(warehouses)
        return {
            request: request.facility_id
            or by_warehouse.get(request.sudo().picking_type_id.warehouse_id)
            or request.facility_id
            for request in self
        }

    def _formulary_users(self):
        """Return the people who must be allowed to ask: for whom it is asked and, where this is no
        clerk, who typed it."""
        self.ensure_one()
        users = self.requested_by
        maker = (
            self.sudo().create_uid or self.env.user.sudo()
        )  # sudo: nobody else may read the roles of another user
        if maker._is_superuser() or maker.has_group("healthcare_base.group_clerk"):
            return users or maker
        return users | maker

    def _tell_placeholder_owners(self):
        """Give the owners of placeholders the approved free-text lines to make items of."""
        for request in self.sudo():
            lines = request.line_ids.filtered(lambda line: line.is_placeholder and not line.item_id)
            for owner in lines.product_id.placeholder_user_id:
                own = lines.filtered(lambda line, owner=owner: line.product_id.placeholder_user_id == owner)
                request.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=owner.id,
                    date_deadline=fields.Date.context_today(self),
                    summary=self.env._("Choose the items of a free-text request"),
                    note=plaintext2html("; ".join(filter(None, own.mapped("name")))),
                )
