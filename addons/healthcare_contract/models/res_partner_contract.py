from odoo import fields, models

_READERS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,healthcare_base.group_accounts_payable,"
    "healthcare_base.group_auditor"
)


class ResPartner(models.Model):
    """The contracts of a supplier, distributor or buying group."""

    _inherit = "res.partner"

    contract_count = fields.Integer(compute="_compute_contract_count", groups=_READERS)

    def _compute_contract_count(self):
        contracts = self.env["healthcare.contract"].search(self._contract_domain())
        for partner in self:
            mine = partner.commercial_partner_id
            partner.contract_count = len(
                contracts.filtered(
                    lambda contract, mine=mine: (
                        mine in contract.partner_id | contract.distributor_ids or contract.owner_id == mine
                    )
                )
            )

    def action_view_contracts(self):
        """Open the contracts that these partners sell on or own."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Contracts"),
            "res_model": "healthcare.contract",
            "view_mode": "list,kanban,form",
            "domain": self._contract_domain(),
            "context": {
                "default_partner_id": self.commercial_partner_id.id if len(self) == 1 else False,
                "search_default_in_use": 1,
            },
        }

    def _contract_domain(self):
        """Return the domain of contracts, drafts and the versions in use, of these partners."""
        ids = self.commercial_partner_id.ids
        return [
            ("state", "in", ("draft", "in_approval", "active")),
            "|",
            "|",
            ("partner_id", "in", ids),
            ("distributor_ids", "in", ids),
            ("owner_id", "in", ids),
        ]
