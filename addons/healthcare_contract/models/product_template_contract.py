from odoo import fields, models

_READERS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,healthcare_base.group_accounts_payable,"
    "healthcare_base.group_auditor"
)


class ProductTemplate(models.Model):
    """The active contracts that an item stands in."""

    _inherit = "product.template"

    contract_line_count = fields.Integer(compute="_compute_contract_line_count", groups=_READERS)

    def _compute_contract_line_count(self):
        counts = dict(
            self.env["healthcare.contract.line"]._read_group(
                [
                    ("product_id.product_tmpl_id", "in", self.ids),
                    ("contract_id.state", "=", "active"),
                ],
                ["product_id"],
                ["__count"],
            )
        )
        for template in self:
            template.contract_line_count = sum(
                counts.get(product, 0)
                for product in template.with_context(active_test=False).product_variant_ids
            )

    def action_view_contract_prices(self):
        """Open the contract prices of these items, those of active contracts first."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contract Prices"),
            "res_model": "healthcare.contract.price",
            "view_mode": "list,form",
            "domain": [("product_id.product_tmpl_id", "in", self.ids)],
            "context": {"create": False, "search_default_active": 1},
        }

    def action_price_timeline(self):
        """Open how the item's price came about; variants have a timeline each."""
        self.ensure_one()
        return self.product_variant_id.action_price_timeline()
