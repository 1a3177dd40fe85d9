from odoo import api, models
from odoo.exceptions import UserError


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.order_id.state == "purchase")._check_formulary()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if not {"product_id", "order_id", "display_type"}.isdisjoint(vals):
            self.filtered(lambda line: line.order_id.state == "purchase")._check_formulary()
        return result

    def _check_formulary(self):
        """Refuse lines that may not be ordered; a placeholder never is, the rest from the day on
        which the formularies hold.

        :raises UserError: naming each such line and why
        """
        # sudo: rules bind whoever confirms; requests behind the lines may be other people's
        lines = self.sudo().filtered(lambda line: line.product_id and not line.display_type)
        sentences = [
            f"{line.order_id.name}: {sentence}"
            for line in lines.filtered(lambda line: line.product_id.is_placeholder)
            for sentence in line.product_id._catalog_problems("order")
        ]
        held = lines.company_id._control_on("formulary_date")
        facilities = lines.order_id._formulary_facilities()
        asked = {}
        for line in lines.filtered(
            lambda line: line.company_id in held and not line.product_id.is_placeholder
        ):
            for user_id in line._formulary_user_ids():
                asked[line.id, user_id] = {
                    "key": (line.id, user_id),
                    "product_id": line.product_id.id,
                    "facility_id": facilities[line.order_id].id,
                    "user_id": user_id,
                    "company_id": line.company_id.id,
                    "purpose": "order",
                }
        problems = self.env["product.product"]._formulary_problems(list(asked.values()))
        for (line_id, _user_id), found in problems.items():
            order = self.browse(line_id).sudo().order_id
            sentences += [f"{order.name}: {sentence}" for sentence in found]
        if sentences:
            raise UserError("\n".join(dict.fromkeys(sentences)))

    def _formulary_user_ids(self):
        """Return the ids of those who must be allowed: who asked for it in an approved request for
        this item, else who ordered it; ``False`` stands for the system."""
        self.ensure_one()
        requested = self.purchase_request_lines.filtered(
            lambda line: (
                line.request_id.state in ("approved", "in_progress", "done")
                and self.product_id in (line.product_id | line.item_id)
            )
        )
        users = requested.request_id.requested_by or self.order_id.with_user(self.env.uid)._formulary_users()
        return users.ids or [False]
