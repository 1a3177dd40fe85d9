from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.digest import digest_of

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
        string="Record ID", model_field="model", required=True, readonly=True
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
    decided_at = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True)
    deadline = fields.Datetime(readonly=True)
    amount = fields.Monetary(readonly=True, help="What is at stake.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    facility_id = fields.Many2one("healthcare.facility", readonly=True)
    category_id = fields.Many2one("product.category", readonly=True)
    urgency = fields.Char(readonly=True, help="Urgency of the order or request it is about.")

    # One question at a time: two answers to the same question could contradict each other.
    _pending_unique = models.UniqueIndex(
        "(model, res_id, kind) WHERE state = 'pending'",
        "A request of this kind already waits for this record.",
    )
    # For the requests of a record.
    _record_index = models.Index("(model, res_id)")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Approvals are asked for where the change is made, not here."))
        return super().create(vals_list)

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
            request._check_open()
            request._check_unchanged()
            request._approve(reason)
        return True

    def action_refuse(self, reason):
        """Refuse: nothing is changed, and the requester is told.

        :param str reason: required
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is refused: the requester has to know what to do."))
        for request in self:
            request._check_open()
            request._refuse(reason.strip())
        return True

    def action_cancel(self):
        """Withdraw a request: by who asked, or by an administrator."""
        for request in self:
            request._check_open()
            if not (
                self.env.su
                or request.requester_id == self.env.user
                or self.env.user.has_group("healthcare_base.group_administrator")
            ):
                raise AccessError(
                    self.env._("%s is withdrawn by who asked for it, or by an administrator.", request.name)
                )
            request._finish("cancelled", "")
        return True

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

    def _check_open(self):
        self.ensure_one()
        self.check_access("read")
        if self.state != "pending":
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(self.env._("%(name)s is already %(state)s.", name=self.name, state=states[self.state]))

    def _check_unchanged(self):
        self.ensure_one()
        record = self._record().exists()
        if not record or self.sudo()._digest(record._approval_snapshot(self.kind)) != self.sudo().digest:
            raise UserError(
                self.env._(
                    "%s: the record has changed since this was asked for. Refuse or cancel it, and ask again.",
                    self.name,
                )
            )

    def _approve(self, reason):
        """Approve the user's open tiers, and apply the change after the last one."""
        request = self.sudo()
        if self.env.user == request.requester_id:
            raise AccessError(self.env._("You asked for %s: another person has to decide it.", self.name))
        if not request.can_review:
            raise AccessError(self.env._("No open tier of %s is yours to decide.", self.name))
        request._validate_tier(
            request.review_ids.filtered(
                lambda review: review.sequence in request._get_sequences_to_approve(self.env.user)
            )
        )
        if request.validation_status == "validated":
            request._finish("approved", reason)
            request._record()._approval_apply(request.kind, request.proposed_values)

    def _refuse(self, reason):
        """Refuse the user's open tiers, and so the request."""
        request = self.sudo()
        if not request.can_review:
            raise AccessError(self.env._("No open tier of %s is yours to decide.", self.name))
        request._rejected_tier()
        request._finish("refused", reason)
        request._record()._approval_refused(request.kind, request)

    def _finish(self, state, reason):
        """Write down the decision; ``decided_by_id`` is empty for a withdrawal."""
        self.sudo().write(
            {
                "state": state,
                "decision_reason": reason or False,
                "decided_by_id": False if state == "cancelled" else self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )

    def _allow_to_remove_reviews(self, values):
        """The reviews of a request are evidence, whatever becomes of it."""
        return False

    def _check_allow_write_under_validation(self, vals):
        """Only superuser code writes requests, see :meth:`write`."""
        return True
