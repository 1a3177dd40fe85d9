from odoo import fields, models

_READERS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,healthcare_base.group_accounts_payable,"
    "healthcare_base.group_auditor"
)


class ResPartner(models.Model):
    """What was bought elsewhere, or too dear, though a contract with the supplier had a price."""

    _inherit = "res.partner"

    leakage_count = fields.Integer(compute="_compute_leakage_count", groups=_READERS)

    def _compute_leakage_count(self):
        counts = dict(
            self.env["healthcare.contract.leakage"]._read_group(
                self._leakage_domain(), ["contract_partner_id"], ["__count"]
            )
        )
        for partner in self:
            partner.leakage_count = counts.get(partner.commercial_partner_id, 0)

    def action_view_leakage(self):
        """Open what leaked from the contracts with these suppliers."""
        action = self.env["ir.actions.act_window"]._for_xml_id("healthcare_purchase.contract_leakage_action")
        action["domain"] = self._leakage_domain()
        return action

    def _leakage_domain(self):
        return [
            ("contract_partner_id", "in", self.commercial_partner_id.ids),
            ("verdict", "!=", "on_contract"),
        ]
