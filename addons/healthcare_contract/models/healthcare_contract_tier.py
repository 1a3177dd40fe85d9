from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal


class HealthcareContractTier(models.Model):
    """A price level of a contract, and what has to be met for it."""

    _name = "healthcare.contract.tier"
    _description = "Contract Tier"
    _inherit = ["healthcare.contract.part"]
    _order = "contract_id, sequence, code, id"
    _rec_names_search = ["code", "name"]

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, help="As prices and rosters of the contract name it.")
    name = fields.Char()
    conditions = fields.Text(help="What has to be met for these prices, in words.")
    min_amount = ExactDecimal(string="Spend From", help="Spend in the contract's currency.")
    min_quantity = ExactDecimal(string="Volume From")
    unit_code = fields.Char(string="Unit", help="UN/ECE code of the unit of that volume.")
    min_share_percent = ExactDecimal(string="Share From (%)", help="Share of the spend on such items.")

    _code_unique = models.UniqueIndex(
        "(contract_id, upper(code))", "The contract has a tier of this code already."
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for tier in self:
            tier.display_name = " ".join(filter(None, (tier.code, tier.name)))
