from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

#: Context keys by which callers of OCA's module switch its checks off. Callers from outside set
#: any key, so none of them counts.
_UNTRUSTED_KEYS = (
    "skip_validation_check",
    "skip_check_state_condition",
    "tier_validation_defer_compute_can_review",
)


class TierValidation(models.AbstractModel):
    """Documents under tier validation: who may ask, and what may not happen without approval.

    Invariant: a document enters one of :meth:`_approval_states` from any other state, or is
    created there, only when every tier approved it or no tier asks for it. That is checked
    after the write, so that what is written together with the state counts too.
    """

    _inherit = "tier.validation"

    @api.model
    def _approval_states(self):
        """Return the states that need approval to get into. Override where there are more than
        ``_state_to``."""
        return set(self._state_to)

    @api.model_create_multi
    def create(self, vals_list):
        records = super(TierValidation, self._trusting_no_key()).create(vals_list).with_env(self.env)
        records._approval_entered()._check_approved()
        return records

    def write(self, vals):
        records = self._trusting_no_key()
        if not records._may_enter(vals):
            return super(TierValidation, records).write(vals)
        outside = records - records._approval_entered()
        result = super(TierValidation, records).write(vals)
        outside._approval_entered()._check_approved()
        return result

    def unlink(self):
        # sudo: whoever may delete the document deletes its reviews with it
        self.sudo().review_ids.unlink()
        return super().unlink()

    def _trusting_no_key(self):
        """Return the records without the context keys that switch checks off.

        In superuser mode OCA's lock of documents under validation is not asked: it is there for
        people, and the digest holds for everybody.
        """
        keys = {key: False for key in _UNTRUSTED_KEYS if self.env.context.get(key)}
        if self.env.su and self.ids:
            keys["skip_validation_check"] = True
        return self.with_context(**keys) if keys else self

    def _may_enter(self, vals):
        """Return whether a write can bring these records into a state that needs approval."""
        return vals.get(self._state_field) in self._approval_states()

    def _approval_entered(self):
        """Return those of the records that are in a state that needs approval."""
        if self._state_field not in self._fields:
            return self.browse()
        states = self._approval_states()
        return self.filtered(lambda record: record[self._state_field] in states)

    def _tier_validation_check_state_on_write(self, vals):
        """Leave stored states to :meth:`_check_approved`.

        OCA's check looks before the write, only from some states, and lets a user who is a
        reviewer approve by confirming.
        """
        if not self._tier_validation_state_field_is_computed:
            return None
        return super()._tier_validation_check_state_on_write(vals)

    def _tier_validation_check_write_remove_reviews(self, vals):
        """Remove reviews in superuser mode: nobody else may."""
        if gone := self.sudo().filtered(lambda record: record._allow_to_remove_reviews(vals)):
            gone._approval_removed()

    def _check_approved(self):
        """Refuse documents that a tier asks for and that are not approved as they are.

        :raises ValidationError: naming the document and who has to approve it
        """
        if not self or not self.env["tier.definition"]._has_rules(self._name):
            return
        # sudo: what needs approval does not depend on who may see rules and reviews
        matching = self.sudo()._matching_tiers()
        for record in self.sudo():
            tiers = matching.get(record.id)
            if record.review_ids and record.validation_status != "validated":
                raise ValidationError(
                    self.env._(
                        "%(document)s still waits for approval: %(waiting)s.",
                        document=record.display_name,
                        waiting=record._waiting_for() or self.env._("it was refused"),
                    )
                )
            if record.review_ids:
                record._check_unchanged_since_asked()
            elif tiers:
                raise ValidationError(
                    self.env._(
                        "%(document)s needs approval: %(tiers)s. Use Request Validation.",
                        document=record.display_name,
                        tiers=", ".join(tiers.mapped("name")),
                    )
                )

    def _check_unchanged_since_asked(self):
        """Refuse to go on with what is not what was asked for. Override with a digest.

        :raises UserError: saying what to do
        """

    def _matching_tiers(self):
        """Return ``{id: tier definitions}`` that ask for approval of these records as they are.

        Definitions are in the order of OCA's module: the highest ``sequence`` is the first tier.
        """
        # sudo: rules of the record's company hold, whoever asks
        records = self.sudo().with_context(active_test=True)
        company_field = self._tier_validation_company_field
        tiers = self.env["tier.definition"].sudo().search([("model", "=", self._name)], order="sequence desc")
        matching = {}
        for tier in tiers:
            mine = records
            if tier.company_id and company_field in self._fields:
                mine = records.filtered(lambda record, tier=tier: record[company_field] == tier.company_id)
            for record in mine:
                # one record at a time: a formula answers for one
                if record.evaluate_tier(tier):
                    matching[record.id] = matching.get(record.id, tier.browse()) | tier
        return matching

    def _compute_need_validation(self):
        """As OCA's, but whoever looks, and in one search."""
        real = self.filtered(lambda record: isinstance(record.id, int))
        matching = {}
        if real and self.env["tier.definition"]._has_rules(self._name):
            matching = real._matching_tiers()
        for record in self:
            record.need_validation = (
                record.id in matching and not record.review_ids and record._check_state_from_condition()
            )

    @api.depends_context("uid")
    @api.depends("review_ids.reviewer_ids", "review_ids.status", "review_ids.sequence")
    def _compute_can_review(self):
        ids = [record.id for record in self if isinstance(record.id, int)]
        decidable = {}
        if ids:
            decidable = self.env["tier.review"].sudo()._decidable(self.env.user, self._name, ids)
        for record in self:
            record.can_review = record.id in decidable

    @api.model
    def _search_can_review(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: the query itself answers for this user alone
        mine = self.env["tier.review"].sudo()._decidable_sql(self.env.user)
        ids = SQL("(SELECT mine.res_id FROM (%s) mine WHERE mine.model = %s)", mine, self._name)
        return Domain("id", "in" if True in value else "not in", ids)

    def _get_sequences_to_approve(self, user):
        """Return the numbers of the tiers that ``user`` may decide now."""
        self.ensure_one()
        # sudo: the query itself answers for this user alone
        reviews = self.env["tier.review"].sudo()
        decidable = reviews._decidable(user, self._name, self.ids).get(self.id, {})
        return reviews.browse(decidable).mapped("sequence")

    def _compute_has_comment(self):
        for record in self:
            mine = record.review_ids.filtered(
                lambda review, record=record: (
                    review.sequence in record._get_sequences_to_approve(self.env.user)
                )
            )
            record.has_comment = any(mine.mapped("has_comment"))

    def _waiting_for(self):
        """Return in words who has to decide next, for messages."""
        self.ensure_one()
        reviews = self.sudo().review_ids.filtered(lambda review: review.status == "pending")
        return ", ".join(
            f"{review.name} ({review.todo_by})" if review.todo_by else review.name for review in reviews
        )

    # Asking

    def request_validation(self):
        """Ask the tiers that match for their approval of these documents as they are now.

        Public: who may write a document may ask for its approval.

        :return: the new ``tier.review`` records
        :raises UserError: where no tier asks for approval
        """
        self.check_access("write")
        # sudo: reviews are written by these methods alone; the right to ask was checked
        records = self._trusting_no_key().sudo()
        asked = records.filtered(
            lambda record: record._check_state_from_condition() and not record.review_ids
        )
        matching = asked._matching_tiers() if asked else {}
        vals_list = []
        for record in asked:
            for number, tier in enumerate(matching.get(record.id, ()), start=1):
                vals_list.append(record._prepare_tier_review_vals(tier, number))
        asked = asked.filtered(lambda record: record.id in matching)
        asked._approval_asked()
        reviews = self.env["tier.review"].sudo().create(vals_list)
        reviews._update_review_status()
        for record in asked:
            record._approval_audit("approval_requested", {"tiers": record.review_ids.mapped("name")})
        asked._update_counter({"review_created": True})
        asked._notify_review_requested(reviews)
        return reviews.sudo(False)

    def _prepare_tier_review_vals(self, definition, sequence):
        vals = super()._prepare_tier_review_vals(definition, sequence)
        vals["requested_by"] = self._approval_requester().id
        return {
            **vals,
            "kind": self._approval_kind(),
            "excluded_users": sorted({vals["requested_by"], *self._approval_excluded().ids}),
            "distinct_approver": definition.distinct_approver,
        }

    def _approval_requester(self):
        """Return who asks for the approval."""
        return self.env.user

    def _approval_kind(self):
        """Return the code of ``healthcare.approval.kind`` of this document's decisions."""
        return self._name.replace(".", "_")

    def _approval_excluded(self):
        """Return who may not decide beside who asks: override with who changed what is asked."""
        return self.env["res.users"]

    def _approval_asked(self):
        """Called in superuser mode before reviews are made: override to keep what is asked."""

    def restart_validation(self):
        """Take all reviews back, so that the document can be changed and asked for again.

        Public: who may write a document may take its request back. It only takes approvals away.
        """
        self.check_access("write")
        # sudo: reviews are removed by this method alone; the right to was checked
        records = self._trusting_no_key().sudo()
        records.filtered(lambda record: record[self._state_field] in self._state_from)._approval_removed()

    def _approval_removed(self):
        """Remove the reviews of these documents; what they said stays in the audit trail."""
        for record in self.filtered("review_ids"):
            record._approval_audit(
                "approval_removed",
                {
                    "reviews": [
                        f"{review.name}: {review.status}"
                        + (f" ({review.done_by.login})" if review.done_by else "")
                        for review in record.review_ids
                    ]
                },
            )
            record._notify_restarted_review()
            record._approval_close_activities()
        partners = self.review_ids.reviewer_ids.partner_id
        self.review_ids.unlink()
        for partner in partners:
            partner._bus_send("base.tier.validation/updated", {"review_deleted": True})

    def _approval_audit(self, action, changes):
        """Write an entry in the audit trail about this document."""
        self.ensure_one()
        company_field = self._tier_validation_company_field
        company = self[company_field] if company_field in self._fields else self.env.company
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "res_name": self.display_name,
                    "action": action,
                    "changes": changes,
                    "company_id": company.id or 0,
                }
            ]
        )

    def _tier_validation_write_is_locked(self):
        """Return whether the document is locked for people because it is being approved."""
        self.ensure_one()
        return bool(self.review_ids) and self[self._state_field] in self._state_from

    def _check_decidable_state(self):
        """Refuse decisions about documents that are not up for one.

        :raises UserError: naming the document's state
        """
        self.ensure_one()
        if self[self._state_field] not in self._state_from:
            state = self._fields[self._state_field]
            label = dict(state._description_selection(self.env)).get(self[self._state_field], "")
            raise UserError(
                self.env._("%(document)s is %(state)s already.", document=self.display_name, state=label)
            )
