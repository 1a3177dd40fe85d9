from odoo import api, fields, models


class HealthcarePackaging(models.Model):
    _inherit = "healthcare.packaging"

    product_tmpl_id = fields.Many2one(
        related="product_id.product_tmpl_id", string="Product", store=True, index=True
    )

    @api.model
    def _clean_vals(self, vals):
        """A packaging that is added on the form of an item is one of its only variant."""
        vals = super()._clean_vals(vals)
        template = vals.pop("product_tmpl_id", None)
        if template and not vals.get("product_id"):
            variants = self.env["product.template"].browse(template).product_variant_ids
            if len(variants) == 1:
                vals["product_id"] = variants.id
        return vals
