from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.context import without_defaults
from ..tools.digest import digest_of
from .tier_review import OPEN
from .tier_validation_decision import APPROVED, REFUSED

KINDS = [
    ("supplier", "Supplier"),
    ("bank_change", "Bank Account Change"),
    ("contract", "Contract"),
    ("price_batch", "Price Batch"),
    ("mapping", "Mapping"),
    ("policy", "Policy"),
    ("endpoint", "Endpoint"),
    ("override", "Override"),
    ("bill", "Bill Without Order"),
    ("unit_conversion", "Unit Conversion"),
]


class HealthcareApprovalRequest(models.Model):
    """One question to a second person: may this change of this record happen?

    Made by ``healthcare.approval.mixin._request_approval`` and decided by the methods below;
    nobody writes it. The digest covers the proposed values and the record's state at the time
    of asking: what is approved is what was looked at.
    """

    _name = "healthcare.approval.request"
    _description = "Approval Request"
    _inherit = ["mail.thread", "mail.activity.mixin", "tier.validation", "healthcare.audit.mixin"]
    _order = "deadline, id desc"

    _state_field = "state"
    _state_from = ["pending"]
    _state_to = ["approved"]
    _cancel_state = "cancelled"

    _audit_fields = ("kind", "model", "res_id", "proposed_values", "state", "reason", "decision_reason")

    name = fields.Char(required=True, readonly=True)
    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Record ID", model_field="model", required=True, readonly=True, index=True
    )
    kind = fields.Selection(KINDS, required=True, readonly=True, index=True)
    proposed_values = fields.Json(readonly=True)
    snapshot = fields.Json(readonly=True, help="The record's state that the decision rests on.")
    digest = fields.Char(readonly=True, help="SHA-256 of the proposed values and that state.")
    state = fields.Selection(
        [
            ("pending", "Pending"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        default="pending",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    reason = fields.Text(readonly=True, help="Why it is asked for.")
    requester_id = fields.Many2one("res.users", required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_for_id = fields.Many2one("res.users", string="In the Name Of", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True)
    deadline = fields.Datetime(readonly=True)
    amount = fields.Monetary(readonly=True, help="What is at stake.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    facility_id = fields.Many2one("healthcare.facility", readonly=True)
    category_id = fields.Many2one("product.category", readonly=True)
    urgency = fields.Char(readonly=True, help="Urgency of the order or request it is about.")
    proposal_text = fields.Text(string="Proposed", compute="_compute_proposal_text")
    waiting_for = fields.Char(compute="_compute_waiting_for", compute_sudo=True)

    # One question at a time: two answers to the same question could contradict each other.
    _pending_unique = models.UniqueIndex(
        "(model, res_id, kind) WHERE state = 'pending'",
        "A request of this kind already waits for this record.",
    )
    # For the requests of a record.
    _record_index = models.Index("(model, res_id)")

    @api.depends("proposed_values", "snapshot")
    def _compute_proposal_text(self):
        for request in self:
            request.proposal_text = "\n".join(request._proposal_lines())

    @api.depends("state", "review_ids.status", "review_ids.todo_by")
    def _compute_waiting_for(self):
        for request in self:
            request.waiting_for = request._waiting_for() if request.state == "pending" else False

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Approvals are asked for where the change is made, not here."))
        return super(HealthcareApprovalRequest, without_defaults(self)).create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(self.env._("Approval requests change by decisions only."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Approval requests are evidence and are kept."))

    def action_approve(self, reason=""):
        """Approve the open tiers that are the user's; after the last one the change is applied.

        :param str reason: a remark for the record, optional
        :raises AccessError: when no open tier is the user's to decide
        :raises UserError: when the record has changed since, or the request is decided already
        """
        for request in self:
            request._approval_decide(APPROVED, reason)
        return True

    def action_refuse(self, reason):
        """Refuse: nothing is changed, and the requester is told.

        :param str reason: required
        """
        for request in self:
            request._approval_decide(REFUSED, reason)
        return True

    def action_cancel(self):
        """Withdraw requests: by who asked, or by an administrator."""
        self.check_access("read")
        administrator = self.env.su or self.env.user.has_group("healthcare_base.group_administrator")
        # sudo: requests are written by these methods alone; who may is checked here
        for request in self._trusting_no_key().sudo():
            request._approval_lock()
            request._check_decidable_state()
            if not administrator and request.requester_id != self.env.user:
                raise AccessError(
                    self.env._("%s is withdrawn by who asked for it, or by an administrator.", request.name)
                )
            request._finish("cancelled", "")
            request._record()._approval_withdrawn(request.kind, request)
            request._approval_audit("approval_cancelled", {})
        return True

    def action_apply_tiers(self):
        """Ask the tiers again where none matched; by who asked, or by an administrator."""
        self.check_access("read")
        administrator = self.env.su or self.env.user.has_group("healthcare_base.group_administrator")
        # sudo: reviews are made by the system; who may ask for them is checked here
        for request in self.sudo():
            request._check_decidable_state()
            if not administrator and request.requester_id != self.env.user:
                raise AccessError(self.env._("%s belongs to another person.", request.name))
            request.request_validation()
        return True

    def action_open_record(self):
        """Open the record that this is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
            "name": self.name,
        }

    def _record(self):
        """Return the record that this is about, in superuser mode: who decides need not have
        rights on it."""
        self.ensure_one()
        return self.env[self.model].sudo().browse(self.res_id)

    def _open(self):
        """Take down what the decision rests on, and ask the first tier."""
        for request in self:
            snapshot = request._record()._approval_snapshot(request.kind)
            request.write({"snapshot": snapshot, "digest": request._digest(snapshot)})
            request.request_validation()
            if not request.review_ids:
                request.message_post(
                    body=self.env._(
                        "No tier asks for approval of this, so nobody can approve it. An administrator has "
                        "to add a tier for it."
                    )
                )

    def _proposal_lines(self):
        """Return the proposal in lines for people, with what holds now where it is known."""
        self.ensure_one()
        if self.model not in self.env:
            return []
        return self._record()._approval_describe(self.kind, self.proposed_values or {}, self.snapshot or {})

    def _digest(self, snapshot):
        """Return the digest of what is asked in this state of the record."""
        self.ensure_one()
        return digest_of(
            {
                "model": self.model,
                "res_id": self.res_id,
                "kind": self.kind,
                "proposed_values": self.proposed_values,
                "snapshot": snapshot,
            }
        )

    def _check_unchanged_since_asked(self):
        for request in self:
            record = request._record().exists()
            if not record or request._digest(record._approval_snapshot(request.kind)) != request.digest:
                raise UserError(
                    self.env._(
                        "%s: the record has changed since this was asked for. Refuse it or have it "
                        "withdrawn, and ask again.",
                        request.name,
                    )
                )
        return super()._check_unchanged_since_asked()

    def _approval_kind(self):
        return self.kind

    def _approval_requester(self):
        return self.requester_id

    def _approval_excluded(self):
        return super()._approval_excluded() | self._record()._approval_changers(self.kind)

    def _approval_audit_facts(self):
        return {**super()._approval_audit_facts(), "kind": self.kind, "digest": self.digest}

    def _approval_begun(self, reviews):
        for request in self:
            deadlines = request.review_ids.filtered(lambda review: review.status == "pending").mapped(
                "deadline"
            )
            request.deadline = min(filter(None, deadlines), default=False)
        return super()._approval_begun(reviews)

    def _approval_granted_hook(self, reason):
        """Carry out what was approved, in this transaction."""
        self._finish("approved", reason)
        record = self._record()
        record._approval_apply(self.kind, self.proposed_values)
        if record._approval_covers(self.kind):
            record.approval_authors = False
        return super()._approval_granted_hook(reason)

    def _approval_refused_hook(self, reason):
        self._finish("refused", reason)
        self._record()._approval_refused(self.kind, self)
        return super()._approval_refused_hook(reason)

    def _finish(self, state, reason):
        """Write down what became of the request, and tell who asked.

        ``decided_by_id`` is empty for a withdrawal.
        """
        decided = self.review_ids.filtered(lambda review: review.done_by == self.env.user)[-1:]
        self.review_ids.filtered(lambda review: review.status in OPEN).write({"status": "cancel"})
        self.write(
            {
                "state": state,
                "decision_reason": reason or False,
                "decided_by_id": False if state == "cancelled" else self.env.uid,
                "decided_for_id": decided.delegated_by.id if state != "cancelled" else False,
                "decided_at": fields.Datetime.now(),
                "deadline": False,
            }
        )
        self._approval_close_activities()
        if state != "cancelled" and self.requester_id.active:
            label = dict(self._fields["state"]._description_selection(self.env))[state]
            self.message_notify(
                partner_ids=self.requester_id.partner_id.ids,
                subject=f"{self.name}: {label}",
                body=reason or label,
            )

    def _allow_to_remove_reviews(self, values):
        """The reviews of a request are evidence, whatever becomes of it."""
        return False

    def _check_allow_write_under_validation(self, vals):
        """Only superuser code writes requests, see :meth:`write`."""
        return True
