from odoo import api, fields, models


class ProductTemplate(models.Model):
    """Recalls and substitutes of an item, to see and to open."""

    _inherit = "product.template"

    recall_count = fields.Integer(compute="_compute_recalls", compute_sudo=True)
    is_recalled = fields.Boolean(
        string="Recalled",
        compute="_compute_recalls",
        compute_sudo=True,
        search="_search_is_recalled",
        help="A recall in force names the item or some of its lots.",
    )
    substitute_count = fields.Integer(compute="_compute_substitute_count")

    @api.depends("product_variant_ids")
    def _compute_recalls(self):
        lines = self._recall_lines()
        for template in self:
            own = lines.filtered(lambda line, template=template: line.product_id.product_tmpl_id == template)
            template.recall_count = len(own.recall_id)
            template.is_recalled = bool(own)

    def _compute_substitute_count(self):
        counts = dict(
            self.env["healthcare.substitute"]._read_group(
                [("product_id.product_tmpl_id", "in", self.ids), ("state", "!=", "ended")],
                ["product_id"],
                ["__count"],
            )
        )
        for template in self:
            template.substitute_count = sum(
                counts.get(variant, 0) for variant in template.product_variant_ids
            )

    @api.model
    def _search_is_recalled(self, operator, value):
        if operator != "in":
            return NotImplemented
        products = (
            self.env["product.product"].sudo().browse(self.env["healthcare.recall"]._stopped_products())
        )
        return [("id", "in" if True in value else "not in", products.product_tmpl_id.ids)]

    def _recall_lines(self):
        """Return the lines of recalls in force that name the items."""
        return self.env["healthcare.recall.line"].search(
            [
                ("product_id.product_tmpl_id", "in", self.ids),
                ("recall_id.state", "in", ("active", "completed")),
            ]
        )

    def action_view_recalls(self):
        """Open the recalls in force that name the items."""
        recalls = self._recall_lines().recall_id
        return recalls._list_action(self.env._("Recalls"), recalls)

    def action_view_substitutes(self):
        """Open what may take the place of the items."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Substitutes"),
            "res_model": "healthcare.substitute",
            "view_mode": "list,form",
            "domain": [("product_id.product_tmpl_id", "=", self.id)],
            "context": {"default_product_id": self.product_variant_ids[:1].id},
        }
