from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.context import as_person
from .tier_review import OPEN

#: With more reviewers than this nobody gets an activity: the list and the counter show it.
MAX_ACTIVITIES = 10

APPROVED, REFUSED, FORWARDED = "approved", "rejected", "forwarded"
AUDIT_ACTIONS = {
    APPROVED: "approval_approved",
    REFUSED: "approval_refused",
    FORWARDED: "approval_forwarded",
}


class TierValidation(models.AbstractModel):
    """Decisions: the one way in which a review becomes approved, refused or forwarded."""

    _inherit = "tier.validation"

    def validate_tier(self):
        """Approve what is the user's to decide; asks for a remark where the tier wants one."""
        self.ensure_one()
        self.check_access("read")
        if self.has_comment:
            return self._decide_action("approve")
        self._approval_decide(APPROVED)
        return False

    def reject_tier(self):
        """Open the form in which a refusal gets its reason."""
        self.ensure_one()
        self.check_access("read")
        self._check_decidable()
        return self._decide_action("refuse")

    def _decide_action(self, decision):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approve") if decision == "approve" else self.env._("Refuse"),
            "res_model": "healthcare.approval.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_decision": decision,
            },
        }

    def _validate_tier(self, tiers=False):
        """Approve; OCA's name for it. Of ``tiers`` those that are the user's to decide."""
        self.ensure_one()
        self._approval_decide(APPROVED, tiers=tiers)

    def _rejected_tier(self, tiers=False):
        """Refuse; OCA's name for it."""
        self.ensure_one()
        self._approval_decide(REFUSED, tiers=tiers)

    def _forward_tier(self, tiers=False):
        """Forwarding needs to know to whom: ``_approval_forward`` does it."""
        raise UserError(self.env._("Choose whom to forward it to."))

    def _approval_decide(self, status, reason="", tiers=False):
        """Approve or refuse, in the name of the user, what is the user's to decide.

        :param str status: "approved" or "rejected"
        :param str reason: required to refuse
        :param tiers: only these ``tier.review``; default all that are the user's
        :raises AccessError: when nothing here is the user's to decide
        :raises UserError: when the document has changed since it was asked for
        """
        self.ensure_one()
        self.check_access("read")
        reason = (reason or "").strip()
        if status == REFUSED and not reason:
            raise UserError(self.env._("Say why it is refused: who asked has to know what to do."))
        # sudo: reviews are written by decisions alone; the right to decide is checked here
        record = self._trusting_no_key().sudo()
        record._approval_lock()
        record._check_decidable_state()
        mine = record._check_decidable(tiers)
        if status == APPROVED:
            record._check_unchanged_since_asked()
        while mine:
            record._write_decision(mine, status, reason)
            record.review_ids._update_review_status()
            mine = record._next_bypassed() if status == APPROVED else {}
        record._update_counter({"review_deleted": True})
        if status == REFUSED:
            record._approval_refused_hook(reason)
        elif record.validation_status == "validated":
            record._approval_granted_hook(reason)

    def _check_decidable(self, tiers=False):
        """Return ``{review id: principal id}`` that the user may decide now.

        :raises AccessError: when there is none, saying why
        """
        self.ensure_one()
        # sudo: the query itself answers for this user alone
        reviews = self.env["tier.review"].sudo()
        mine = reviews._decidable(self.env.user, self._name, self.ids).get(self.id, {})
        if tiers:
            mine = {key: principal for key, principal in mine.items() if key in tiers.ids}
        if not mine:
            raise AccessError(self.sudo()._not_decidable_reason())
        distinct = reviews.browse(mine).filtered("distinct_approver")
        if not distinct:
            return mine
        # One decision makes the user a person who decided: the other tiers want another one.
        first = next(iter(mine))
        return {first: mine[first]}

    def _not_decidable_reason(self):
        """Return why the user cannot decide this now, and who can."""
        self.ensure_one()
        name, user = self.display_name, self.env.user
        reviews = self.review_ids
        opened = reviews.filtered(lambda review: review.status in OPEN)
        if not opened:
            return self.env._("Nothing about %s waits for a decision.", name)
        if user in reviews.requested_by:
            return self.env._("You asked for %s yourself: another person has to decide it.", name)
        if any(user.id in (review.excluded_users or ()) for review in opened):
            return self.env._("You changed %s yourself: another person has to decide it.", name)
        if user in reviews.done_by | reviews.delegated_by:
            return self.env._("You have decided a tier of %s already: the next wants another person.", name)
        return self.env._(
            "No open tier of %(document)s is yours to decide. It waits for %(who)s.",
            document=name,
            who=self._waiting_for() or self.env._("nobody: an administrator has to look at the tiers"),
        )

    def _approval_lock(self):
        """Make decisions about one document wait for each other.

        Two people approving the last two tiers at once would otherwise each see the other's
        still open. An update, not a lock alone: with the snapshot that a request works on, only
        a change makes the second one start over.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET write_date = write_date WHERE id = ANY(%s)",
                SQL.identifier(self._table),
                self.ids,
            )
        )

    def _write_decision(self, mine, status, reason):
        """Write down the decision on these reviews; ``{review id: principal id}``."""
        reviews = self.env["tier.review"].browse(mine)
        for review in reviews:
            principal = self.env["res.users"].browse(mine[review.id])
            review.write(
                {
                    "status": status,
                    "done_by": self.env.uid,
                    "delegated_by": principal.id if principal != self.env.user else False,
                    "reviewed_date": fields.Datetime.now(),
                    "comment": reason or review.comment,
                }
            )
        if status == REFUSED:
            self.review_ids.filtered(lambda review: review.status in OPEN).write({"status": "cancel"})
        self._approval_close_activities(reviews)
        self._say_decision(reviews, status, reason)

    def _next_bypassed(self):
        """Return what the user may decide next where the tier is passed by who decided before."""
        reviews = self.env["tier.review"]
        mine = reviews._decidable(self.env.user, self._name, self.ids).get(self.id, {})
        return {
            review.id: mine[review.id]
            for review in reviews.browse(mine)
            if review.approve_sequence_bypass and not review.distinct_approver
        }

    def _say_decision(self, reviews, status, reason):
        """Write the decision in the chatter and in the audit trail."""
        for review in reviews:
            values = {
                "tier": review.name or "",
                "user": self.env.user.name,
                "principal": review.delegated_by.name or "",
            }
            text = self._decision_text(status, bool(review.delegated_by)) % values
            self._approval_audit(
                AUDIT_ACTIONS[status],
                {
                    "tier": review.name or "",
                    "delegated_by": review.delegated_by.login or None,
                    "reason": reason or None,
                    **self._approval_audit_facts(),
                },
            )
            if hasattr(self, "message_post"):
                body = Markup("%s<br/>%s") % (text, reason) if reason else text
                self.message_post(
                    body=body,
                    author_id=self.env.user.partner_id.id,
                    subtype_xmlid=(
                        self._get_rejected_notification_subtype()
                        if status == REFUSED
                        else self._get_accepted_notification_subtype()
                    ),
                )

    def _decision_text(self, status, delegated):
        """Return the sentence of a decision, with places for ``tier``, ``user``, ``principal``."""
        texts = {
            (APPROVED, False): self.env._("%(tier)s: approved by %(user)s."),
            (APPROVED, True): self.env._("%(tier)s: approved by %(user)s in the name of %(principal)s."),
            (REFUSED, False): self.env._("%(tier)s: refused by %(user)s."),
            (REFUSED, True): self.env._("%(tier)s: refused by %(user)s in the name of %(principal)s."),
            (FORWARDED, False): self.env._("%(tier)s: forwarded by %(user)s."),
            (FORWARDED, True): self.env._("%(tier)s: forwarded by %(user)s in the name of %(principal)s."),
        }
        return texts[status, delegated]

    def _approval_audit_facts(self):
        """Return what the audit entry of a decision says about what was decided on."""
        return {}

    def _approval_granted_hook(self, reason):
        """Called in superuser mode when the last tier approved. Override to go on."""

    def _approval_refused_hook(self, reason):
        """Called in superuser mode when a tier refused. Override to react."""

    # Forwarding

    def forward_tier(self):
        """Open the form in which to choose who decides instead."""
        self.ensure_one()
        self.check_access("read")
        self._check_forwardable()
        wizard = self.env.ref("base_tier_validation_forward.view_forward_wizard")
        return {
            "name": self.env._("Forward"),
            "type": "ir.actions.act_window",
            "view_mode": "form",
            "res_model": "tier.validation.forward.wizard",
            "views": [(wizard.id, "form")],
            "target": "new",
            "context": {"default_res_id": self.id, "default_res_model": self._name},
        }

    def _check_forwardable(self):
        """Return ``{review id: principal id}`` of the user's reviews whose tier may be forwarded.

        :raises AccessError: when there is none
        """
        mine = self._check_decidable()
        reviews = self.env["tier.review"].sudo().browse(mine).filtered("definition_id.has_forward")
        if not reviews:
            raise AccessError(self.env._("The tiers of %s are not to be forwarded.", self.display_name))
        return {review.id: mine[review.id] for review in reviews}

    def _approval_forward(self, user, description=""):
        """Hand the user's decision to another person, who decides as a tier of the same rank.

        :param user: ``res.users``, internal, who can read the document and neither asked for it
            nor changed it
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: reviews are written by decisions alone; the right to decide is checked here
        record = self._trusting_no_key().sudo()
        record._approval_lock()
        record._check_decidable_state()
        mine = record._check_forwardable()
        reviews = self.env["tier.review"].sudo().browse(mine)
        excluded = {uid for review in reviews for uid in review.excluded_users or ()}
        if user == self.env.user or user.id in excluded or user.share or not user.active:
            raise UserError(
                self.env._(
                    "%(user)s cannot decide %(document)s: choose another internal user, who neither "
                    "asked for it nor changed it.",
                    user=user.name,
                    document=record.display_name,
                )
            )
        if not as_person(self, user).has_access("read"):
            raise UserError(
                self.env._("%(user)s may not see %(document)s.", user=user.name, document=record.display_name)
            )
        for review in reviews:
            record._write_decision({review.id: mine[review.id]}, FORWARDED, f">> {user.name}")
            forwarded = review.create(
                {
                    "model": review.model,
                    "res_id": review.res_id,
                    "sequence": review.sequence,
                    "requested_by": review.requested_by.id,
                    "kind": review.kind,
                    "excluded_users": review.excluded_users,
                    "distinct_approver": review.distinct_approver,
                }
            )
            forwarded.write(
                {
                    "name": (description or "").strip() or review.name,
                    "review_type": "individual",
                    "reviewer_id": user.id,
                    "approve_sequence": review.approve_sequence,
                }
            )
        record.review_ids._update_review_status()

    # Telling

    def _approval_begun(self, reviews):
        """Give each person who may decide these reviews an activity, where there are few."""
        if "activity_ids" not in self._fields:
            return
        activity_type = self.env.ref("healthcare_approval.mail_activity_approval")
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list = []
        for review in reviews:
            record = self.browse(review.res_id)
            if len(review.reviewer_ids) > MAX_ACTIVITIES:
                continue
            for user in review.reviewer_ids.filtered("active"):
                if not as_person(record, user).has_access("read"):
                    continue
                vals_list.append(
                    {
                        "res_model_id": model_id,
                        "res_id": record.id,
                        "activity_type_id": activity_type.id,
                        "user_id": user.id,
                        "summary": review.name,
                        "date_deadline": (review.deadline or fields.Datetime.now()).date(),
                        "automated": True,
                    }
                )
        # Without e-mail: people who want them have them by their notification settings.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(vals_list)

    def _approval_close_activities(self, reviews=None):
        """Remove the activities of reviews that are decided, default all of the document."""
        if "activity_ids" not in self._fields:
            return
        activity_type = self.env.ref("healthcare_approval.mail_activity_approval")
        activities = self.sudo().activity_ids.filtered(lambda each: each.activity_type_id == activity_type)
        if reviews is not None:
            names = set(reviews.mapped("name"))
            if not any(review.status == REFUSED for review in reviews):
                activities = activities.filtered(lambda each: each.summary in names)
        activities.unlink()
