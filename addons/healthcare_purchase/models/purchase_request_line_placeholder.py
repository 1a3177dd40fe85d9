from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class PurchaseRequestLine(models.Model):
    """What is asked for in free text, until a clerk has chosen the item that it is.

    The line keeps what was asked and approved; the item stands beside it and is what is ordered.
    """

    _inherit = "purchase.request.line"

    is_placeholder = fields.Boolean(related="product_id.is_placeholder")
    item_id = fields.Many2one(
        "product.product",
        copy=False,
        index="btree_not_null",
        check_company=True,
        domain=[("item_state", "=", "approved"), ("purchase_ok", "=", True)],
        help="The item that the free text became. It is ordered in place of the placeholder.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered("item_id")._check_item_choice()
        return lines

    def write(self, vals):
        if "item_id" in vals and (
            ordered := self.filtered(
                lambda line: line.item_id and line.purchase_lines and line.item_id.id != vals["item_id"]
            )
        ):
            raise UserError(
                self.env._(
                    "%s is ordered already: the item stays.", ordered[0].name or ordered[0].item_id.name
                )
            )
        result = super().write(vals)
        if "item_id" in vals or "product_id" in vals:
            self.filtered("item_id")._check_item_choice()
        return result

    def _check_item_choice(self):
        """Refuse what is no item of a free-text line, and anybody but clerks.

        :raises AccessError: for others than clerks
        :raises UserError: naming the line
        """
        if not self:
            return
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Procurement clerks choose the item of a free-text request."))
        for line in self:
            if not line.is_placeholder:
                raise UserError(
                    self.env._(
                        "%s is an item already: another one needs a new request.",
                        line.product_id.display_name,
                    )
                )
            if line.item_id.item_state != "approved":
                raise UserError(
                    self.env._(
                        "%s is no approved item of the catalog: propose it first.", line.item_id.display_name
                    )
                )

    def _placeholder_problems(self):
        """Return in sentences what a free-text line lacks."""
        self.ensure_one()
        placeholder = self.product_id
        text = (self.name or "").strip()
        problems = []
        if (not text or text in (placeholder.name, placeholder.display_name)) and not (
            self.specifications or ""
        ).strip():
            problems.append(
                self.env._(
                    "%s: write what is needed, in the description or the specifications.", placeholder.name
                )
            )
        cost = self.estimated_cost
        if not cost or cost <= 0:
            problems.append(self.env._("%s: estimate what it costs.", text or placeholder.name))
        elif (
            placeholder.placeholder_limit
            and self.currency_id.compare_amounts(cost, placeholder.placeholder_limit) > 0
        ):
            problems.append(
                self.env._(
                    "%(text)s: %(cost)s is above the limit of %(limit)s for %(placeholder)s. Ask for an item "
                    "of the catalog, or have it proposed.",
                    text=text or placeholder.name,
                    cost=self.currency_id.format(cost),
                    limit=self.currency_id.format(placeholder.placeholder_limit),
                    placeholder=placeholder.name,
                )
            )
        return problems

    def action_propose_new_item(self):
        """Open a new item with what was asked for filled in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Item"),
            "res_model": "product.template",
            "view_mode": "form",
            "target": "current",
            "context": {
                "default_name": (self.name or "").strip() or False,
                "default_description_purchase": self.specifications or False,
                "default_purchase_ok": True,
                "default_sale_ok": False,
            },
        }
