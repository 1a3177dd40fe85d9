from odoo import models


class HealthcareContractLine(models.Model):
    """An item that became known may have been bought off its contract."""

    _inherit = "healthcare.contract.line"

    def _resolved(self):
        for contract in self.contract_id.filtered("approved_at"):
            lines = self.filtered(lambda line, contract=contract: line.contract_id == contract)
            contract._forget_leakage(lines.product_id, contract.effective_from)
        return super()._resolved()
