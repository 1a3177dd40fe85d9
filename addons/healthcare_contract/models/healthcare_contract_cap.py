from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import ValidationError


class HealthcareContractCap(models.Model):
    """What the implants of one case may cost at most, whatever was used: a construct cap."""

    _name = "healthcare.contract.cap"
    _description = "Construct Cap"
    _inherit = ["healthcare.contract.part"]
    _order = "contract_id, code, id"
    _rec_names_search = ["code", "name"]

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    code = fields.Char(required=True)
    name = fields.Char(string="Construct")
    amount = ExactDecimal(required=True, help="Total of a case, in the contract's currency.")
    line_ids = fields.Many2many(
        "healthcare.contract.line",
        string="Components",
        domain="[('contract_id', '=', contract_id)]",
        help="Lines of the contract that count. Empty: all.",
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")

    @api.constrains("contract_id", "code", "amount", "line_ids", "date_from", "date_to")
    def _check_cap(self):
        for cap in self:
            contract = cap.contract_id
            if Decimal(cap.amount or 0) <= 0:
                raise cap._cap_error(self.env._("it is above 0, not %s", cap.amount or "0"), "amount")
            if cap.date_from and cap.date_to and cap.date_to < cap.date_from:
                raise cap._cap_error(self.env._("it ends before it begins"), "date_to")
            if stray := (cap.line_ids - contract.line_ids)[:1]:
                raise cap._cap_error(
                    self.env._("%s belongs to another contract", stray.display_name), "line_ids"
                )
            if not contract._covers(cap.date_from, cap.date_to):
                raise cap._cap_error(
                    self.env._("its days are outside the contract's: %s", contract._days_text()), "date_from"
                )
            twins = contract.cap_ids.filtered(
                lambda other, cap=cap: (
                    other != cap
                    and other.code.casefold() == cap.code.casefold()
                    and (not other.date_to or not cap.date_from or other.date_to >= cap.date_from)
                    and (not cap.date_to or not other.date_from or cap.date_to >= other.date_from)
                )
            )
            if twins:
                raise cap._cap_error(
                    self.env._("a cap of this code holds on some of these days already"), "code"
                )

    def _cap_error(self, text, name):
        """Return the error of one cap, naming contract, cap and field."""
        return ValidationError(
            self.env._(
                "%(contract)s, construct cap %(cap)s, field %(field)s: %(text)s.",
                contract=self.contract_id.display_name,
                cap=self.code,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )
