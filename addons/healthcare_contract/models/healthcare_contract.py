from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.selections import KINDS, PRICE_DATE_BASES, RENEWALS

#: Written by this model's methods alone, in superuser mode.
CLOSED_FIELDS = {
    "state",
    "version",
    "root_id",
    "amends_id",
    "superseded_by_id",
    "effective_to",
    "approved_at",
    "approved_by_id",
    "content_digest",
    "ended_reason",
    "source_message_id",
    "source_digest",
    "source_issued_at",
    "renewal_alert",
    "call_off_serial",
    "commitment_alert_on",
}
#: What people may write in any state: it changes nothing of what was agreed.
FREE_FIELDS = {"user_id", "notice_days", "notes"}
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
    amends_id = fields.Many2one(
        "healthcare.contract", string="Amends", readonly=True, copy=False, index="btree_not_null"
    )
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

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        if not self.env.su and any(
            vals.get(name) not in (None, False, "", "draft")
            for vals in vals_list
            for name in CLOSED_FIELDS & vals.keys()
        ):
            raise self._closed_error()
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in CLOSED_FIELDS}
                for vals in vals_list
            ]
        for vals in vals_list:
            self._check_number_free(vals)
        model = super(HealthcareContract, without_defaults(self, CLOSED_FIELDS))
        contracts = model.create(vals_list).with_env(self.env)
        for contract in contracts.sudo().filtered(lambda one: not one.root_id):
            contract.root_id = contract
        contracts._check_group_contract()
        return contracts

    def write(self, vals):
        vals = self._clean_vals(vals)
        if self.env.su:
            return super().write(vals)
        if CLOSED_FIELDS & vals.keys():
            raise self._closed_error()
        if not self._is_free(vals):
            self._check_draft()
            self._check_identity(vals)
        self._check_group_contract()
        result = super().write(vals)
        if "company_id" in vals:
            self._check_group_contract()
            # Odoo asks the rules before a write only: nobody moves it where they have no right.
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for contract in self:
            if contract.state != "draft" or contract.approval_request_count:
                raise UserError(
                    self.env._(
                        "%s was submitted for approval: it is evidence, and kept. End it instead.",
                        contract.display_name,
                    )
                )

    def unlink(self):
        """Delete drafts with their parts by the ORM, so that guards and the audit trail see them."""
        self.check_access("unlink")
        self._unlink_except_approved()
        self._check_group_contract()
        # sudo: the parts go with their contract, whoever may delete one for itself
        drafts = self.sudo()
        drafts.default_tier_id = False
        for parts in (drafts.commitment_ids, drafts.cap_ids, drafts.problem_ids, drafts.eligibility_ids):
            parts.unlink()
        drafts.line_ids.price_ids.unlink()
        drafts.line_ids.unlink()
        drafts.tier_ids.unlink()
        return super().unlink()

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with a number without blanks around it, and commercial partners."""
        vals = dict(vals)
        if vals.get("number"):
            vals["number"] = vals["number"].strip()
        for name in ("partner_id", "owner_id"):
            if vals.get(name):
                vals[name] = self.env["res.partner"].browse(vals[name]).commercial_partner_id.id
        return vals

    @api.model
    def _check_number_free(self, vals):
        """Refuse a second contract of the same supplier and number.

        The unique index would refuse it too, without saying which one is there.
        """
        if not vals.get("number") or not vals.get("partner_id") or vals.get("version", 1) != 1:
            return
        # sudo: a number is taken whoever may see the contract
        company_id = vals.get("company_id", self.env.company.id)
        same = (
            self.sudo()
            .search(
                [
                    ("number", "ilike", vals["number"]),
                    ("partner_id", "=", vals["partner_id"]),
                    ("company_id", "=", company_id),
                ]
            )
            .filtered(lambda one: one.number.upper() == vals["number"].upper())[:1]
        )
        if same:
            raise ValidationError(
                self.env._(
                    "Contract %(number)s: %(partner)s has a contract of this number already (%(state)s). "
                    "Amend that one, or enter another number.",
                    number=vals["number"],
                    partner=same.partner_id.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[same.state],
                )
            )

    def _is_free(self, vals):
        """Return whether people may write ``vals`` whatever the state."""
        return all(
            name in FREE_FIELDS or name.startswith(("message_", "activity_", "website_message_"))
            for name in vals
        )

    def _check_draft(self):
        """Refuse people's changes of what waits for approval or was approved."""
        closed = self.sudo().filtered(lambda contract: contract.state != "draft")[:1]
        if closed:
            raise closed._not_draft_error()

    def _check_identity(self, vals):
        """An amendment is of the same contract: number, supplier and company are its root's."""
        names = {"number", "partner_id", "company_id", "currency_id"} & vals.keys()
        for contract in self.sudo().filtered("amends_id"):
            for name in names:
                field = self._fields[name]
                if field.convert_to_write(contract[name], contract) != (vals[name] or False):
                    raise UserError(
                        self.env._(
                            "%(contract)s amends a contract: its %(field)s stays. Make a new contract "
                            "for another one.",
                            contract=contract.display_name,
                            field=field._description_string(self.env),
                        )
                    )

    def _check_group_contract(self):
        """A contract of the whole group binds every company: administrators keep it."""
        if self.env.su or self.env.user.has_group("healthcare_base.group_administrator"):
            return
        shared = self.sudo().filtered(lambda contract: not contract.company_id)[:1]
        if shared:
            raise AccessError(
                self.env._(
                    "%s has no company, so it binds the whole group: administrators keep such contracts.",
                    shared.display_name,
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

    def _not_draft_error(self):
        """Return the error for a change of a contract that is no draft."""
        self.ensure_one()
        if self.state == "in_approval":
            return UserError(
                self.env._(
                    "%s waits for approval as it is. Withdraw the request to change it.", self.display_name
                )
            )
        return UserError(
            self.env._("%s is not a draft: amend it to change what was agreed.", self.display_name)
        )

    def _closed_error(self):
        return AccessError(
            self.env._("State, versions and approval of a contract are recorded by the system, not by hand.")
        )
