from odoo import fields, models

_READERS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,healthcare_base.group_accounts_payable,"
    "healthcare_base.group_auditor"
)


class ProductTemplate(models.Model):
    """What of an item was bought beside its contracts, or above their prices."""

    _inherit = "product.template"

    leakage_count = fields.Integer(compute="_compute_leakage_count", groups=_READERS)

    def _compute_leakage_count(self):
        rows = self.env["healthcare.contract.leakage"]._read_group(
            self._leakage_domain(), ["product_id"], ["__count"]
        )
        for template in self:
            template.leakage_count = sum(
                count for product, count in rows if product.product_tmpl_id == template
            )

    def action_view_leakage(self):
        """Open what leaked from the contracts of these items."""
        action = self.env["ir.actions.act_window"]._for_xml_id("healthcare_purchase.contract_leakage_action")
        action["domain"] = self._leakage_domain()
        return action

    def _leakage_domain(self):
        return [("product_id.product_tmpl_id", "in", self.ids), ("verdict", "!=", "on_contract")]
