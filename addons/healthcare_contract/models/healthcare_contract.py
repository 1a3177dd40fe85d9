from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import ValidationError

from ..tools.selections import KINDS, PRICE_DATE_BASES, RENEWALS

#: The states of a version whose prices hold, or held, between its effective days.
IN_FORCE_STATES = ("active", "expired", "ended", "superseded")


class HealthcareContract(models.Model):
    """A version of a contract: who sells what to whom, at which price, from when to when.

    Each amendment is a record of its own with the next ``version``; all versions have one
    ``root_id``. A version's prices hold on the days from ``effective_from`` to ``effective_to``
    when its state is one of ``IN_FORCE_STATES``; at any day at most one version of a contract
    does, so that the price of a day gone by can always be told.
    """

    _name = "healthcare.contract"
    _description = "Contract"
    _inherit = [
        "healthcare.approval.mixin",
        "healthcare.audit.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "valid_to, number, version desc, id"
    _rec_names_search = ["number", "name", "partner_id"]

    _audit_fields = (
        "number",
        "name",
        "kind",
        "is_service",
        "owner_id",
        "partner_id",
        "distributor_ids",
        "company_id",
        "currency_id",
        "price_date_basis",
        "valid_from",
        "valid_to",
        "effective_from",
        "effective_to",
        "state",
        "version",
        "amends_id",
        "superseded_by_id",
        "all_facilities",
        "default_tier_id",
        "renewal_kind",
        "notice_days",
        "not_to_exceed",
        "call_off_limit",
        "content_digest",
        "ended_reason",
    )

    number = fields.Char(required=True, index="trigram", tracking=True)
    name = fields.Char(string="Title", help="What the contract is about.")
    kind = fields.Selection(KINDS, required=True, default="local", index=True, tracking=True)
    is_service = fields.Boolean(
        string="Service Contract", help="Orders call off from it, up to an amount not to exceed."
    )
    owner_id = fields.Many2one(
        "res.partner",
        string="Contract Owner",
        index="btree_not_null",
        ondelete="restrict",
        help="The buying group whose contract it is. Empty: our own.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, ondelete="restrict", tracking=True
    )
    distributor_ids = fields.Many2many(
        "res.partner",
        "healthcare_contract_distributor_rel",
        "contract_id",
        "partner_id",
        string="Distributors",
        help="Who else delivers at these prices.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty: a contract of the whole group, which administrators keep.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    price_date_basis = fields.Selection(
        PRICE_DATE_BASES,
        required=True,
        default="order",
        help="Which date decides the price that is valid.",
    )
    valid_from = fields.Date(required=True, default=fields.Date.context_today, tracking=True)
    valid_to = fields.Date(index=True, tracking=True, help="Last day. Empty: open end.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("in_approval", "In Approval"),
            ("active", "Active"),
            ("expired", "Expired"),
            ("ended", "Ended"),
            ("superseded", "Superseded"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        index=True,
        tracking=True,
        help="Gets the alerts, and unknown items.",
    )
    notes = fields.Html()

    # Versions
    version = fields.Integer(readonly=True, copy=False, default=1)
    root_id = fields.Many2one(
        "healthcare.contract", string="First Version", readonly=True, copy=False, index=True
    )
    amends_id = fields.Many2one("healthcare.contract", readonly=True, copy=False, index="btree_not_null")
    superseded_by_id = fields.Many2one("healthcare.contract", readonly=True, copy=False)
    version_ids = fields.One2many("healthcare.contract", "root_id", string="Versions")
    effective_from = fields.Date(
        string="In Force From",
        copy=False,
        index=True,
        help="First day on which this version's prices hold. Of an amendment: the day from which it "
        "replaces the earlier version; a day gone by makes its prices backdated.",
    )
    effective_to = fields.Date(
        string="In Force To",
        readonly=True,
        copy=False,
        help="Last day on which this version's prices hold. Empty: open end.",
    )
    approved_at = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    content_digest = fields.Char(
        readonly=True, copy=False, help="SHA-256 of what was approved, with all its parts."
    )
    ended_reason = fields.Char(readonly=True, copy=False)

    # Who may buy
    all_facilities = fields.Boolean(
        help="Every facility of the company may buy on it, at the default tier where the roster says "
        "nothing else. Else the roster alone decides."
    )
    default_tier_id = fields.Many2one(
        "healthcare.contract.tier",
        copy=False,
        ondelete="restrict",
        domain="[('contract_id', '=', id)]",
        help="For facilities whose roster entry names none.",
    )

    # Renewal
    renewal_kind = fields.Selection(RENEWALS, required=True, default="none")
    renewal_months = fields.Integer(help="For how long it renews.")
    notice_days = fields.Integer(default=90, help="Days before the end when a decision is due.")
    notice_date = fields.Date(compute="_compute_notice_date", store=True, index=True)
    renewal_alert = fields.Selection(
        [("notice", "Notice"), ("expired", "Expired")], readonly=True, copy=False
    )

    # Service contracts
    not_to_exceed = ExactDecimal(help="Amount that all call-offs together do not exceed, before tax.")
    call_off_limit = ExactDecimal(help="Amount that one call-off does not exceed, before tax.")
    call_off_serial = fields.Integer(
        readonly=True, copy=False, help="Written at each call-off, so that two at a time see each other."
    )

    rebate = fields.Text(help="As the contract states it. Rebates are expected credits, never prices.")
    source_message_id = fields.Many2one(
        "healthcare.exchange.message",
        string="Document",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    source_digest = fields.Char(readonly=True, copy=False)
    source_issued_at = fields.Char(readonly=True, copy=False)
    commitment_alert_on = fields.Date(string="Commitments Looked At", readonly=True, copy=False)

    # Parts
    tier_ids = fields.One2many("healthcare.contract.tier", "contract_id", string="Tiers")
    eligibility_ids = fields.One2many("healthcare.contract.eligibility", "contract_id", string="Roster")
    line_ids = fields.One2many("healthcare.contract.line", "contract_id", string="Lines")
    commitment_ids = fields.One2many("healthcare.contract.commitment", "contract_id", string="Commitments")
    cap_ids = fields.One2many("healthcare.contract.cap", "contract_id", string="Construct Caps")
    problem_ids = fields.One2many("healthcare.contract.problem", "contract_id", string="Problems")

    _date_order = models.Constraint(
        "CHECK(valid_to IS NULL OR valid_from <= valid_to)", "A contract cannot end before it begins."
    )
    _notice_positive = models.Constraint(
        "CHECK(notice_days >= 0 AND renewal_months >= 0)", "Notice and renewal are not below 0."
    )
    _version_unique = models.UniqueIndex(
        "(COALESCE(company_id, 0), partner_id, upper(number), version)",
        "This supplier has a contract of this number and version already. Amend that one.",
    )
    # One amendment at a time: two drafts on one version would undo each other.
    _open_unique = models.UniqueIndex(
        "(root_id) WHERE state IN ('draft', 'in_approval')",
        "This contract has a version that is being prepared already. Change that one.",
    )
    # For price truth: contracts in force by supplier.
    _in_force_index = models.Index(
        "(partner_id, effective_from, effective_to)"
        " WHERE state IN ('active', 'expired', 'ended', 'superseded')"
    )

    @api.depends("number", "version", "name")
    def _compute_display_name(self):
        for contract in self:
            version = f" v{contract.version}" if contract.version > 1 else ""
            title = f" {contract.name}" if contract.name else ""
            contract.display_name = f"{contract.number or ''}{version}{title}"

    @api.depends("valid_to", "notice_days")
    def _compute_notice_date(self):
        for contract in self:
            contract.notice_date = contract.valid_to and contract.valid_to - timedelta(
                days=contract.notice_days
            )

    @api.constrains("partner_id", "distributor_ids", "owner_id", "company_id")
    def _check_partners(self):
        for contract in self:
            partners = contract.partner_id | contract.distributor_ids | contract.owner_id
            for partner in partners.filtered("company_id"):
                if partner.company_id != contract.company_id:
                    raise ValidationError(
                        self.env._(
                            "%(contract)s: %(partner)s belongs to %(company)s only.",
                            contract=contract.display_name,
                            partner=partner.display_name,
                            company=partner.company_id.display_name,
                        )
                    )

    @api.constrains("default_tier_id")
    def _check_default_tier(self):
        for contract in self:
            if contract.default_tier_id and contract.default_tier_id.contract_id != contract:
                raise ValidationError(
                    self.env._(
                        "%(contract)s: tier %(tier)s belongs to another contract.",
                        contract=contract.display_name,
                        tier=contract.default_tier_id.display_name,
                    )
                )

    @api.constrains("valid_from", "valid_to")
    def _check_parts_inside(self):
        """Moving the contract's days leaves no price, roster entry or promise outside."""
        for contract in self:
            contract.line_ids.price_ids._check_inside_contract()
            contract.eligibility_ids._check_inside_contract()
            contract.commitment_ids._check_commitment()
            contract.cap_ids._check_cap()

    @api.constrains("not_to_exceed", "call_off_limit")
    def _check_limits(self):
        for contract in self:
            for name in ("not_to_exceed", "call_off_limit"):
                if contract[name] and Decimal(contract[name]) <= 0:
                    raise ValidationError(
                        self.env._(
                            "%(contract)s, field %(field)s: it is above 0, not %(value)s.",
                            contract=contract.display_name,
                            field=self._fields[name]._description_string(self.env),
                            value=contract[name],
                        )
                    )

    @api.constrains("effective_from", "valid_from", "valid_to")
    def _check_effective(self):
        for contract in self.filtered("effective_from"):
            if not contract._covers(contract.effective_from, contract.effective_from):
                raise ValidationError(
                    self.env._(
                        "%(contract)s: it cannot be in force from %(date)s, outside its days: %(days)s.",
                        contract=contract.display_name,
                        date=contract.effective_from,
                        days=contract._days_text(),
                    )
                )

    def _covers(self, date_from, date_to):
        """Return whether two days, each may be empty, lie within the contract's days."""
        self.ensure_one()
        for day in (date_from, date_to):
            if day and (
                (self.valid_from and day < self.valid_from) or (self.valid_to and day > self.valid_to)
            ):
                return False
        return True

    def _price_day(self, date_from, date_to, today):
        """Return the day whose packagings a price is read with: its first, or today if it runs."""
        self.ensure_one()
        first, last = date_from or self.valid_from, date_to or self.valid_to
        if first and first > today:
            return first
        return last if last and last < today else today

    def _days_text(self):
        """Return the contract's days for messages."""
        self.ensure_one()
        return f"{self.valid_from or '…'} – {self.valid_to or '…'}"
