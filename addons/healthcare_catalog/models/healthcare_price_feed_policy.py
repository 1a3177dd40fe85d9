from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError, ValidationError

#: What applies where no policy says anything: strict enough for a list nobody has looked at.
DEFAULTS = {
    "scope": "changes",
    "increase_percent": "10",
    "decrease_percent": "25",
    "slip_percent": "3",
    "absurd_factor": "20",
    "price_max": "250000",
    "changed_share_percent": "30",
    "ended_share_percent": "5",
    "share_min_lines": 20,
    "above_contract": True,
    "ignore_unknown_items": False,
    "complete_hours": 24,
}
_EXACT = (
    "increase_percent",
    "decrease_percent",
    "slip_percent",
    "absurd_factor",
    "price_max",
    "changed_share_percent",
    "ended_share_percent",
)


class HealthcarePriceFeedPolicy(models.Model):
    """What of a supplier's price feed needs a person, and a second one.

    A policy becomes active by another person's approval; from then on it cannot be changed, only
    replaced by another that is approved.
    """

    _name = "healthcare.price.feed.policy"
    _description = "Price Feed Policy"
    _inherit = ["mail.thread", "healthcare.approval.mixin", "healthcare.audit.mixin"]
    _order = "company_id, partner_id, id desc"
    _audit_fields = ("partner_id", "company_id", "state", *DEFAULTS)
    _approval_fields = ("partner_id", "company_id", *DEFAULTS)

    name = fields.Char(compute="_compute_name")
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: for every supplier without a policy of their own.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("in_approval", "Waiting for Approval"),
            ("active", "Active"),
            ("retired", "Retired"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    scope = fields.Selection(
        [("full", "Whole Catalog"), ("changes", "Changes Only")],
        required=True,
        default=DEFAULTS["scope"],
        help="What a list is that does not say it itself. Whole catalog: what is not in it ends.",
    )
    increase_percent = ExactDecimal(
        string="Increase (%)",
        required=True,
        default=DEFAULTS["increase_percent"],
        help="A price that rises by more is suspicious.",
    )
    decrease_percent = ExactDecimal(
        string="Decrease (%)",
        required=True,
        default=DEFAULTS["decrease_percent"],
        help="A price that falls by more is suspicious.",
    )
    slip_percent = ExactDecimal(
        string="Slip Tolerance (%)",
        required=True,
        default=DEFAULTS["slip_percent"],
        help="How near a price has to be to ten times, a tenth, or a pack's factor of the old one to count "
        "as a decimal slip or a wrong unit.",
    )
    absurd_factor = ExactDecimal(
        string="Absurd Factor",
        required=True,
        default=DEFAULTS["absurd_factor"],
        help="So many times the old price, or so small a part of it, is absurd.",
    )
    price_max = ExactDecimal(
        string="Highest Price",
        required=True,
        default=DEFAULTS["price_max"],
        help="A price above it for one reference unit is absurd, in the currency of the list.",
    )
    changed_share_percent = ExactDecimal(
        string="Changed Share (%)",
        required=True,
        default=DEFAULTS["changed_share_percent"],
        help="A list that changes a larger share of the supplier's prices needs a second person.",
    )
    ended_share_percent = ExactDecimal(
        string="Ended Share (%)",
        required=True,
        default=DEFAULTS["ended_share_percent"],
        help="A list that ends a larger share of the supplier's prices needs a second person.",
    )
    share_min_lines = fields.Integer(
        string="Shares From (lines)",
        default=DEFAULTS["share_min_lines"],
        help="A supplier with fewer prices has no shares: each change would be a large one.",
    )
    above_contract = fields.Boolean(string="Above Contract Is Suspicious", default=DEFAULTS["above_contract"])
    ignore_unknown_items = fields.Boolean(
        help="Items of the supplier that are not in our catalog are left out instead of broken."
    )
    complete_hours = fields.Integer(
        string="Portions Within (hours)",
        default=DEFAULTS["complete_hours"],
        help="A list whose portions are not all in by then counts as failed.",
    )

    _active_unique = models.UniqueIndex(
        "(company_id, COALESCE(partner_id, 0)) WHERE state = 'active'",
        "There is an active policy for this supplier already.",
    )
    _numbers_check = models.Constraint(
        "CHECK(increase_percent >= 0 AND decrease_percent BETWEEN 0 AND 100 AND slip_percent BETWEEN 0 AND 20"
        " AND absurd_factor > 1 AND price_max > 0 AND changed_share_percent BETWEEN 0 AND 100"
        " AND ended_share_percent BETWEEN 0 AND 100 AND share_min_lines >= 0"
        " AND complete_hours BETWEEN 1 AND 720)",
        "Percentages are not below 0; a decrease and shares are not above 100, the slip tolerance not above "
        "20; the absurd factor is above 1, the highest price above 0; portions come within 1 to 720 hours.",
    )

    @api.depends("partner_id", "company_id")
    def _compute_name(self):
        for policy in self:
            policy.name = policy.partner_id.name or self.env._("All suppliers of %s", policy.company_id.name)

    @api.constrains(*_EXACT)
    def _check_numbers(self):
        for policy in self:
            for name in _EXACT:
                if policy[name] and to_decimal(policy[name]) < 0:
                    raise ValidationError(
                        self.env._("%s cannot be below 0.", self._fields[name]._description_string(self.env))
                    )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**vals, "state": "draft"} for vals in vals_list]
        return super().create([self._commercial(vals) for vals in vals_list])

    def write(self, vals):
        if not self.env.su:
            if "state" in vals:
                raise AccessError(self.env._("A policy becomes active by another person's approval."))
            if set(vals) & set(self._approval_fields) and (
                fixed := self.filtered(lambda p: p.state != "draft")
            ):
                raise UserError(
                    self.env._(
                        "The policy “%s” is not a draft any more and does not change. Duplicate it, change "
                        "the copy and have that approved.",
                        fixed[0].name,
                    )
                )
        return super().write(self._commercial(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(policy.state != "draft" for policy in self):
            raise UserError(self.env._("Policies that were in force are kept; retire them instead."))

    @api.model
    def _commercial(self, vals):
        if not vals.get("partner_id"):
            return vals
        partner = self.env["res.partner"].browse(vals["partner_id"])
        return {**vals, "partner_id": partner.commercial_partner_id.id}

    def action_request_activation(self, reason=""):
        """Ask for a second person's approval; the policy is active from then on."""
        self.check_access("write")
        for policy in self:
            if policy.state != "draft":
                raise UserError(self.env._("The policy “%s” is not a draft.", policy.name))
            policy._request_approval("policy", {"state": "active"}, reason)
            policy.sudo().state = "in_approval"  # sudo: states are changed by these methods alone
        return True

    def action_request_retirement(self, reason=""):
        """Ask for a second person's approval to end these policies: what applies then may be laxer."""
        self.check_access("write")
        for policy in self:
            if policy.state != "active":
                raise UserError(self.env._("The policy “%s” is not active.", policy.name))
            policy._request_approval("policy", {"state": "retired"}, reason)
        return True

    def _approval_apply(self, kind, proposed_values):
        if kind != "policy":
            return super()._approval_apply(kind, proposed_values)
        self.ensure_one()
        if proposed_values["state"] == "active":
            self.search(
                [
                    ("company_id", "=", self.company_id.id),
                    ("partner_id", "=", self.partner_id.id),
                    ("state", "=", "active"),
                ]
            ).write({"state": "retired"})
            self.env.flush_all()
        self.write({"state": proposed_values["state"]})
        return None

    def _approval_refused(self, kind, request):
        result = super()._approval_refused(kind, request)
        self.filtered(lambda policy: policy.state == "in_approval").write({"state": "draft"})
        return result

    def _approval_withdrawn(self, kind, request):
        result = super()._approval_withdrawn(kind, request)
        self.filtered(lambda policy: policy.state == "in_approval").write({"state": "draft"})
        return result

    @api.model
    def _thresholds(self, partner, company):
        """Return the thresholds for a supplier's feeds: of its own policy, else of the company's,
        else :data:`DEFAULTS`. JSON-able; decimals are text.

        sudo: what a feed is judged by does not depend on who may read policies.
        """
        policies = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("partner_id", "in", [False, partner.commercial_partner_id.id]),
                ("state", "=", "active"),
            ]
        )
        policy = policies.sorted(lambda p: not p.partner_id)[:1]
        if not policy:
            return {**DEFAULTS, "policy_id": False}
        return {**{name: policy[name] for name in DEFAULTS}, "policy_id": policy.id}
