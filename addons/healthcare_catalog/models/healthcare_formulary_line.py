from odoo import api, fields, models
from odoo.exceptions import ValidationError

#: From the widest to the narrowest.
POLICIES = [("allowed", "Allowed"), ("restricted", "Restricted"), ("not_allowed", "Not Allowed")]
RANK = {code: rank for rank, (code, _label) in enumerate(POLICIES)}


class HealthcareFormularyLine(models.Model):
    """One rule: an item, a category or everything is allowed, restricted or not allowed."""

    _name = "healthcare.formulary.line"
    _description = "Formulary Rule"
    _inherit = ["healthcare.audit.mixin"]
    _order = "formulary_id, product_id, categ_id, date_from, id"

    _audit_fields = (
        "formulary_id",
        "product_id",
        "categ_id",
        "policy",
        "group_ids",
        "user_ids",
        "department_ids",
        "local_override",
        "date_from",
        "date_to",
        "reason",
    )

    formulary_id = fields.Many2one("healthcare.formulary", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="formulary_id.company_id", store=True, index=True)
    facility_id = fields.Many2one(related="formulary_id.facility_id", store=True, index="btree_not_null")
    product_id = fields.Many2one(
        "product.product", string="Item", index="btree_not_null", ondelete="cascade", check_company=True
    )
    categ_id = fields.Many2one(
        "product.category",
        string="Category",
        index="btree_not_null",
        ondelete="cascade",
        help="With all categories below it. Without item and category the rule is for everything.",
    )
    policy = fields.Selection(POLICIES, required=True, default="allowed", index=True)
    group_ids = fields.Many2many(
        "res.groups", string="Roles", help="Who may request it although it is restricted: people with a role."
    )
    user_ids = fields.Many2many(
        "res.users", string="People", help="Who may request it although it is restricted."
    )
    department_ids = fields.Many2many(
        "healthcare.facility",
        string="Departments",
        check_company=True,
        help="Departments and facilities, with their parts, for which it may be requested although it "
        "is restricted.",
    )
    local_override = fields.Selection(
        [("any", "Free"), ("tighten", "Narrower Only"), ("none", "None")],
        string="Local Overrides",
        help="What formularies of facilities may change of this rule of the group policy.",
    )
    date_from = fields.Date(string="Valid From", help="First day. Empty: always was.")
    date_to = fields.Date(string="Valid To", help="Last day. Empty: open end.")
    reason = fields.Char(help="Shown to people whose request the rule stops.")

    _date_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "A rule cannot end before it begins.",
    )
    _one_scope = models.Constraint(
        "CHECK(product_id IS NULL OR categ_id IS NULL)",
        "A rule is for an item or for a category, not for both.",
    )

    @api.depends("product_id", "categ_id", "policy")
    def _compute_display_name(self):
        policies = dict(self._fields["policy"]._description_selection(self.env))
        for line in self:
            line.display_name = f"{line._scope_name()}: {policies.get(line.policy, '')}"

    @api.constrains("policy", "group_ids", "user_ids", "department_ids")
    def _check_restriction(self):
        for line in self:
            named = line.group_ids or line.user_ids or line.department_ids
            if line.policy == "restricted" and not named:
                raise ValidationError(
                    self.env._(
                        "%(formulary)s, %(item)s: a restricted item needs roles, people or departments that "
                        "may request it. For nobody at all choose Not Allowed.",
                        formulary=line.formulary_id.name,
                        item=line._scope_name(),
                    )
                )

    @api.constrains("formulary_id", "product_id", "categ_id", "date_from", "date_to")
    def _check_overlap(self):
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT mine.id, other.id
              FROM healthcare_formulary_line mine
              JOIN healthcare_formulary_line other
                ON other.id != mine.id
               AND other.formulary_id = mine.formulary_id
               AND other.product_id IS NOT DISTINCT FROM mine.product_id
               AND other.categ_id IS NOT DISTINCT FROM mine.categ_id
               AND daterange(other.date_from, other.date_to, '[]')
                   && daterange(mine.date_from, mine.date_to, '[]')
             WHERE mine.id = ANY(%s)
             ORDER BY mine.id, other.id
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            mine, other = self.browse(row[0]), self.browse(row[1])
            raise ValidationError(
                self.env._(
                    "%(formulary)s has a rule for %(item)s from %(date_from)s to %(date_to)s already. End "
                    "that one first: of two rules nobody knows which holds.",
                    formulary=mine.formulary_id.name,
                    item=mine._scope_name(),
                    date_from=other.date_from or "…",
                    date_to=other.date_to or "…",
                )
            )

    @api.constrains(
        "formulary_id", "product_id", "categ_id", "policy", "local_override", "date_from", "date_to"
    )
    def _check_override(self):
        """A local rule stays within the room that the group policy leaves it on its first day."""
        today = fields.Date.context_today(self)
        # sudo: the group policy binds whoever may read it
        for line in self.sudo():
            if not line.facility_id:
                continue
            group = line._group_rule(line.date_from or today)
            if group and not line._within(group):
                raise ValidationError(
                    self.env._(
                        "%(formulary)s: the group policy has %(group)s and leaves no room for this rule. "
                        "Choose a narrower one, or have the group policy changed.",
                        formulary=line.formulary_id.name,
                        group=group.display_name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "formulary_id" in vals:
            self.check_access("write")  # nobody moves rules into a company that is not theirs
        return result

    def _scope_name(self):
        self.ensure_one()
        return self.product_id.display_name or self.categ_id.complete_name or self.env._("Everything")

    def _group_rule(self, date):
        """Return the rule of the group policy that a local rule changes, if there is one."""
        self.ensure_one()
        rules = self.search(
            [
                ("company_id", "=", self.company_id.id),
                ("facility_id", "=", False),
                ("formulary_id.active", "=", True),
            ]
        ).filtered(lambda rule: rule._holds_on(date))
        categories = self._ancestors(self.product_id.categ_id or self.categ_id)
        return rules._most_specific(self.product_id.id, categories)

    def _holds_on(self, date):
        self.ensure_one()
        return (not self.date_from or self.date_from <= date) and (not self.date_to or date <= self.date_to)

    def _within(self, group):
        """Tell whether a local rule keeps within the room that rule ``group`` leaves."""
        self.ensure_one()
        if group.local_override == "none":
            return False
        return group.local_override != "tighten" or RANK[self.policy] >= RANK[group.policy]

    def _overrides(self, group, categories):
        """Tell whether this local rule replaces rule ``group``: that leaves it free, and is not
        about something more specific.

        :param categories: ids of the item's categories, nearest first
        """
        self.ensure_one()
        if not group:
            return True
        return group.local_override != "tighten" and self._width(categories) <= group._width(categories)

    def _width(self, categories):
        """Return how much the rule is about: 0 an item, then its nearest category, last everything."""
        self.ensure_one()
        if self.product_id:
            return 0
        return 1 + categories.index(self.categ_id.id) if self.categ_id else 1 + len(categories)

    @api.model
    def _ancestors(self, category):
        """Return the ids of a category and of those above it, nearest first."""
        return [int(part) for part in reversed((category.parent_path or "").split("/")) if part]

    def _most_specific(self, product_id, categories):
        """Return the rule for the item, else for its nearest category, else for everything.

        :param categories: ids, nearest first
        """
        by_scope = {(rule.product_id.id, rule.categ_id.id): rule for rule in self}
        for scope in (
            *([(product_id, False)] if product_id else []),
            *((False, category) for category in categories),
            (False, False),
        ):
            if scope in by_scope:
                return by_scope[scope]
        return self.browse()
