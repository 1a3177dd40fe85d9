from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

_ADMINISTRATOR = "healthcare_base.group_administrator"


class HealthcareApprovalDelegation(models.Model):
    """For some days, another person decides in the name of a reviewer.

    A delegation is not passed on: who stands in for somebody does not stand in for those whom
    that person stands in for. What the delegate or the delegator asked for or changed stays
    closed to both.
    """

    _name = "healthcare.approval.delegation"
    _description = "Approval Delegation"
    _inherit = ["healthcare.audit.mixin"]
    _order = "date_from desc, id desc"
    _rec_name = "delegate_id"

    _audit_fields = ("user_id", "delegate_id", "date_from", "date_to", "kind_ids", "active")

    user_id = fields.Many2one(
        "res.users",
        string="On Behalf Of",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    delegate_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
    )
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(string="To", required=True, help="The last day, in UTC.")
    kind_ids = fields.Many2many(
        "healthcare.approval.kind", string="Approvals", help="Empty: all that the person may decide."
    )
    reason = fields.Char()
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("coming", "Coming"), ("current", "In Force"), ("past", "Past")], compute="_compute_state"
    )

    _dates = models.Constraint("CHECK (date_to >= date_from)", "A delegation ends before it begins.")
    _another = models.Constraint("CHECK (user_id <> delegate_id)", "Nobody is their own delegate.")
    # For the delegations in force of a delegate, asked with each decision.
    _delegate_index = models.Index("(delegate_id, date_from, date_to) WHERE active")

    @api.depends("date_from", "date_to", "active")
    def _compute_state(self):
        today = fields.Date.today()
        for delegation in self:
            if not delegation.active or (delegation.date_to and delegation.date_to < today):
                delegation.state = "past"
            elif delegation.date_from and delegation.date_from > today:
                delegation.state = "coming"
            else:
                delegation.state = "current"

    @api.constrains("user_id", "delegate_id")
    def _check_internal(self):
        for delegation in self:
            if delegation.user_id.share or delegation.delegate_id.share:
                raise ValidationError(self.env._("Approvals are delegated among internal users only."))

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        delegations._check_own()
        return delegations

    def write(self, vals):
        self._check_own()
        if not self.env.su and vals.keys() - {"active", "date_to", "reason"}:
            raise AccessError(
                self.env._(
                    "A delegation can be ended or extended. For anything else, end it and make a new one."
                )
            )
        result = super().write(vals)
        self._check_own()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise AccessError(self.env._("Delegations are evidence and are kept. Archive it to end it."))

    def _check_own(self):
        """Refuse delegations of others' rights, but by administrators, and never to themselves.

        :raises AccessError: naming what is refused
        """
        if self.env.su:
            return
        foreign = self.filtered(lambda delegation: delegation.user_id != self.env.user)
        if not foreign:
            return
        if not self.env.user.has_group(_ADMINISTRATOR):
            raise AccessError(
                self.env._("People delegate their own approvals; administrators those of others.")
            )
        if self.env.user in foreign.delegate_id:
            raise AccessError(self.env._("Nobody gives themselves the approvals of another person."))

    @api.model
    def _principals(self, user):
        """Return in whose name ``user`` may decide today, the user first.

        :return: list of ``(user id, kind codes or None for all)``
        """
        today = fields.Date.today()
        # sudo: what holds does not depend on who may read delegations
        current = self.sudo().search(
            [
                ("active", "=", True),  # said outright: a caller's context could ask for all
                ("delegate_id", "=", user.id),
                ("date_from", "<=", today),
                ("date_to", ">=", today),
                ("user_id.active", "=", True),
            ]
        )
        return [
            (user.id, None),
            *((each.user_id.id, each.kind_ids.mapped("code") or None) for each in current),
        ]
