from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError, UserError, ValidationError

#: What a clinical reviewer has agreed to.
_FACTS = (
    "product_id",
    "substitute_id",
    "factor",
    "company_id",
    "facility_ids",
    "date_from",
    "date_to",
    "reason",
)


class HealthcareSubstitute(models.Model):
    """An item that may take the place of another, once a clinical reviewer has agreed.

    Only forward: that A may replace B does not mean that B may replace A.
    """

    _name = "healthcare.substitute"
    _description = "Substitute"
    _inherit = ["mail.thread", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "product_id, priority, id"
    _check_company_auto = True

    _approval_fields = _FACTS
    _audit_fields = (*_FACTS, "state")

    product_id = fields.Many2one(
        "product.product", string="Item", required=True, index=True, ondelete="cascade", check_company=True
    )
    substitute_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
    )
    factor = ExactDecimal(
        required=True,
        default="1",
        help="How many reference units of the substitute take the place of one of the item.",
    )
    reference_uom_id = fields.Many2one(related="product_id.uom_id", string="Unit of the Item")
    substitute_uom_id = fields.Many2one(related="substitute_id.uom_id", string="Unit of the Substitute")
    company_id = fields.Many2one("res.company", index=True, help="Empty: for all companies.")
    facility_ids = fields.Many2many(
        "healthcare.facility", string="Facilities", help="With their parts. Empty: all."
    )
    date_from = fields.Date(string="Valid From", help="First day. Empty: from its approval on.")
    date_to = fields.Date(string="Valid To", help="Last day. Empty: open end.")
    priority = fields.Integer(default=10, help="The lowest is offered first.")
    reason = fields.Text(
        string="Clinical Note", help="Why it is as good, and what has to be watched. The reviewer reads it."
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("in_review", "In Review"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("ended", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )

    _factor_positive = models.Constraint("CHECK(factor > 0)", "The factor of a substitute is above zero.")
    _another = models.Constraint(
        "CHECK(product_id != substitute_id)", "An item cannot be its own substitute: choose another item."
    )
    _date_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A substitute cannot end before it begins.",
    )
    _one_in_force = models.UniqueIndex(
        "(product_id, substitute_id, COALESCE(company_id, 0)) "
        "WHERE state IN ('draft', 'in_review', 'approved')",
        "The item has this substitute already: end that one first.",
    )

    @api.depends("product_id", "substitute_id")
    def _compute_display_name(self):
        for substitute in self:
            substitute.display_name = (
                f"{substitute.product_id.display_name} → {substitute.substitute_id.display_name}"
            )

    @api.constrains("product_id", "substitute_id")
    def _check_kind(self):
        for substitute in self:
            if substitute.product_id.type != substitute.substitute_id.type:
                raise ValidationError(
                    self.env._(
                        "%s: a service cannot replace goods, nor the other way round.",
                        substitute.display_name,
                    )
                )

    @api.constrains("company_id", "facility_ids")
    def _check_facilities(self):
        for substitute in self.filtered("company_id"):
            if strange := substitute.facility_ids.filtered(
                lambda facility, substitute=substitute: facility.company_id != substitute.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "%(substitute)s is for %(company)s, and %(facility)s belongs to another company.",
                        substitute=substitute.display_name,
                        company=substitute.company_id.name,
                        facility=strange[0].display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "draft") != "draft" for vals in vals_list):
            raise self._state_error()
        return (
            super(HealthcareSubstitute, without_defaults(self, {"state"}))
            .create(vals_list)
            .with_env(self.env)
        )

    def write(self, vals):
        if not self.env.su:
            if "state" in vals:
                raise self._state_error()
            if not set(_FACTS).isdisjoint(vals) and (
                fixed := self.filtered(lambda each: each.state != "draft")
            ):
                raise UserError(
                    self.env._(
                        "%s is no draft: what the reviewer sees or has agreed to does not change. End it "
                        "and make a new one.",
                        fixed[0].display_name,
                    )
                )
        result = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")  # nobody moves it into a company that is not theirs
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if decided := self.filtered(lambda each: each.state != "draft" or each.approval_request_ids):
            raise UserError(
                self.env._("%s is evidence of a decision: end it instead.", decided[0].display_name)
            )

    def _state_error(self):
        return AccessError(self.env._("Substitutes are approved by clinical reviewers, not by hand."))

    def action_request_approval(self):
        """Ask a clinical reviewer.

        :raises UserError: when it is no draft, an item is not approved, or the note is missing
        """
        self.check_access("write")
        for substitute in self:
            if substitute.state != "draft":
                raise UserError(self.env._("%s is no draft.", substitute.display_name))
            if problems := substitute._approval_problems():
                raise UserError("\n".join(problems))
            substitute._request_approval("substitute", {"state": "approved"}, substitute.reason or "")
            # sudo: the state is written by these methods alone
            substitute.sudo().state = "in_review"
        return True

    def action_end(self, reason):
        """End substitutes at once; by those who keep them and by clinical reviewers.

        :param str reason: required
        """
        if not self.env.user.has_group("healthcare_catalog.group_clinical"):
            self.check_access("write")
        self.check_access("read")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the substitute ends."))
        # sudo: reviewers do not write substitutes otherwise
        for substitute in self.sudo():
            substitute.approval_request_ids.filtered(
                lambda request: request.state == "pending"
            ).action_cancel()
            substitute.state = "ended"
            substitute.message_post(body=self.env._("Ended: %s", reason.strip()))
        return True

    def action_draft(self):
        """Take refused substitutes back to draft, to change and ask again."""
        self.check_access("write")
        for substitute in self:
            if substitute.state != "refused":
                raise UserError(self.env._("%s was not refused.", substitute.display_name))
            substitute.sudo().state = "draft"
        return True

    def _approval_problems(self):
        """Return in sentences what keeps a substitute from being asked for or approved."""
        self.ensure_one()
        problems = [
            self.env._("%s is no approved item of the catalog.", product.display_name)
            for product in (self.product_id, self.substitute_id)
            if product.item_state != "approved"
        ]
        if not (self.reason or "").strip():
            problems.append(self.env._("%s: the clinical note is missing.", self.display_name))
        return problems

    def _approval_apply(self, kind, proposed_values):
        if problems := self._approval_problems():
            raise UserError("\n".join(problems))
        return super()._approval_apply(kind, proposed_values)

    def _approval_refused(self, kind, request):
        self.state = "refused"
        return super()._approval_refused(kind, request)

    @api.model
    def _find_substitutes(self, requests):
        """Return approved substitutes for many items at once, the preferred one first.

        :param requests: list of ``{"key", "product_id", "facility_id" or False, "date" (default
            today)}``
        :return: dict from key to a list of ``{"substitute_id", "product_id", "factor"}``; the factor
            is exact text
        """
        # sudo: what may replace an item is for everybody who handles it
        substitutes = self.sudo().search(
            [
                ("product_id", "in", list({request["product_id"] for request in requests})),
                ("state", "=", "approved"),
                ("substitute_id.item_state", "=", "approved"),
            ]
        )
        by_product = substitutes.grouped(lambda each: each.product_id.id)
        facilities = self.env["healthcare.facility"].sudo()
        today = fields.Date.context_today(self)
        return {
            request["key"]: [
                {
                    "substitute_id": each.id,
                    "product_id": each.substitute_id.id,
                    "factor": to_decimal(each.factor).normalize().to_eng_string(),
                }
                for each in by_product.get(request["product_id"], self.browse())
                if each._holds(
                    facilities.browse(request.get("facility_id") or []),
                    fields.Date.to_date(request.get("date") or today),
                )
            ]
            for request in requests
        }

    def _holds(self, facility, date):
        """Tell whether a substitute may be used at a facility on a day."""
        self.ensure_one()
        if (self.date_from and date < self.date_from) or (self.date_to and self.date_to < date):
            return False
        company = facility.company_id or self.env.company
        if self.company_id and self.company_id != company:
            return False
        above = {int(part) for part in (facility.parent_path or "").split("/") if part}
        return not self.facility_ids or bool(above & set(self.facility_ids.ids))
