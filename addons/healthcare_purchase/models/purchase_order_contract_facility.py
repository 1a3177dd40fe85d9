from odoo import models
from odoo.exceptions import UserError


class PurchaseOrder(models.Model):
    """An order on a contract is for a facility that may buy on it."""

    _inherit = "purchase.order"  # pylint: disable=consider-merging-classes-inherited

    def _check_contract_in_force(self):
        result = super()._check_contract_in_force()
        day = self._contract_day()
        contract = self._contract_version()
        if not contract._is_eligible(self.facility_id, day):
            raise UserError(
                self.env._(
                    "%(order)s: %(facility)s may not buy on contract %(contract)s on %(date)s. Choose "
                    "another contract, or none, or have the roster amended.",
                    order=self.display_name,
                    facility=self.facility_id.display_name or self.env._("an order without facility"),
                    contract=contract.display_name,
                    date=day,
                )
            )
        return result
