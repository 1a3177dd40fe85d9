from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import ValidationError

from ..tools.selections import COMMITMENT_KINDS


class HealthcareContractCommitment(models.Model):
    """What was promised to the supplier for a period: spend, volume or a share of the spend."""

    _name = "healthcare.contract.commitment"
    _description = "Contract Commitment"
    _inherit = ["healthcare.contract.part"]
    _order = "contract_id, date_from, id"

    contract_id = fields.Many2one("healthcare.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    name = fields.Char(string="Description")
    kind = fields.Selection(COMMITMENT_KINDS, required=True, default="amount")
    tier_id = fields.Many2one(
        "healthcare.contract.tier",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id)]",
        help="The tier that depends on it.",
    )
    line_id = fields.Many2one(
        "healthcare.contract.line",
        string="Contract Line",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id)]",
        help="Empty: all items of the contract.",
    )
    categ_id = fields.Many2one(
        "product.category", string="Category", ondelete="restrict", help="Of items; with its parts."
    )
    target = ExactDecimal(
        required=True, help="Amount in the contract's currency, quantity in the unit, or percent."
    )
    unit_code = fields.Char(string="Unit", help="UN/ECE code of the volume's unit. Empty: reference units.")
    date_from = fields.Date(string="From", help="First day. Empty: the contract's.")
    date_to = fields.Date(string="To", help="Last day. Empty: the contract's.")
    basis = fields.Selection(
        [("ordered", "Ordered"), ("received", "Received")],
        required=True,
        default="ordered",
        help="What counts: confirmed orders, or what of them came in.",
    )
    alert_percent = fields.Integer(
        string="Alert Behind By (%)",
        default=10,
        help="An alert is given when this much less than the share of the period that is over was bought.",
    )

    _alert_range = models.Constraint(
        "CHECK(alert_percent BETWEEN 0 AND 100)", "The alert's percentage is from 0 to 100."
    )

    @api.depends("name", "kind", "target")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for commitment in self:
            commitment.display_name = commitment.name or f"{kinds.get(commitment.kind)} {commitment.target}"

    @api.constrains("kind", "target", "contract_id", "tier_id", "line_id", "date_from", "date_to")
    def _check_commitment(self):
        for commitment in self:
            contract = commitment.contract_id
            if Decimal(commitment.target or 0) <= 0:
                raise commitment._commitment_error(
                    self.env._("it is above 0, not %s", commitment.target or "0"), "target"
                )
            if commitment.date_from and commitment.date_to and commitment.date_to < commitment.date_from:
                raise commitment._commitment_error(self.env._("it ends before it begins"), "date_to")
            if commitment.kind == "share" and Decimal(commitment.target) > 100:
                raise commitment._commitment_error(self.env._("a share is at most 100 percent"), "target")
            for name in ("tier_id", "line_id"):
                if commitment[name] and commitment[name].contract_id != contract:
                    raise commitment._commitment_error(
                        self.env._("%s belongs to another contract", commitment[name].display_name), name
                    )
            if not contract._covers(commitment.date_from, commitment.date_to):
                raise commitment._commitment_error(
                    self.env._("its days are outside the contract's: %s", contract._days_text()), "date_from"
                )

    def _commitment_error(self, text, name):
        """Return the error of one commitment, naming contract, commitment and field."""
        return ValidationError(
            self.env._(
                "%(contract)s, commitment %(commitment)s, field %(field)s: %(text)s.",
                contract=self.contract_id.display_name,
                commitment=self.display_name,
                field=self._fields[name]._description_string(self.env),
                text=text,
            )
        )
