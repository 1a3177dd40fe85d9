from datetime import timedelta

from odoo import fields, models

from ..tools.context import as_person
from .tier_validation_decision import MAX_ACTIVITIES

_ADMINISTRATORS = "healthcare_base.group_administrator"
_BATCH = 100


class TierReview(models.Model):
    """What is not decided in time goes to the next person, and then to administrators."""

    _inherit = "tier.review"

    def _cron_escalate(self):
        """Hand on reviews whose deadline has passed, in slices.

        The first time whom the tier names may decide too, with as much time again; the second
        time, or where the tier names nobody, administrators are told. They do not get the right
        to decide by it.
        """
        domain = [
            ("status", "=", "pending"),
            ("deadline", "<", fields.Datetime.now()),
            ("escalation_level", "<", 2),
        ]
        total = self.search_count(domain)
        while late := self.search(domain, order="deadline, id", limit=_BATCH):
            late._escalate()
            total -= len(late)
            self.env["ir.cron"]._commit_progress(len(late), remaining=max(total, 0))

    def _escalate(self):
        """Take the next step of escalation with these reviews."""
        now = fields.Datetime.now()
        for review in self:
            if review.model not in self.env or not self.env[review.model].browse(review.res_id).exists():
                review.escalation_level = 2
                continue
            next_people = (
                review._escalation_people() if review.escalation_level == 0 else self.env["res.users"]
            )
            if next_people:
                review.write(
                    {
                        "escalation_level": 1,
                        "escalated_user_ids": [fields.Command.link(user.id) for user in next_people],
                        "deadline": now + timedelta(hours=review.definition_id.deadline_hours),
                    }
                )
                review._tell_escalation(next_people, self.env._("Not decided in time: handed on to you"))
            else:
                review.escalation_level = 2
                review._tell_escalation(
                    review._escalation_administrators(), self.env._("Not decided in time, and nobody next")
                )

    def _escalation_people(self):
        """Return who may decide next, without those who asked or changed the document."""
        self.ensure_one()
        definition = self.definition_id
        people = definition.escalation_user_id | definition.escalation_group_id.user_ids
        excluded = set(self.excluded_users or ())
        return people.filtered(lambda user: user.active and user.id not in excluded) - self.reviewer_ids

    def _escalation_administrators(self):
        """Return the administrators of the document's company."""
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id)
        field = record._tier_validation_company_field
        company = record[field] if field in record._fields else self.env["res.company"]
        administrators = self.env.ref(_ADMINISTRATORS).user_ids
        return administrators.filtered(lambda user: not company or company in user.company_ids)

    def _tell_escalation(self, people, summary):
        """Say in the document's chatter and trail what happened, and give people an activity."""
        self.ensure_one()
        record = self.env[self.model].browse(self.res_id)
        record._approval_audit(
            "approval_escalated",
            {"tier": self.name or "", "level": self.escalation_level, "to": people.mapped("login")},
        )
        if "message_ids" in record._fields:
            record.message_post(
                body=self.env._(
                    "%(tier)s was not decided in time; told: %(people)s.",
                    tier=self.name or "",
                    people=", ".join(people.mapped("name")) or self.env._("nobody"),
                )
            )
        if "activity_ids" not in record._fields:
            return
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": self.env.ref("healthcare_approval.mail_activity_approval").id,
                    "user_id": user.id,
                    "summary": self.name,
                    "note": summary,
                    "date_deadline": fields.Date.today(),
                    "automated": True,
                }
                for user in people[:MAX_ACTIVITIES]
                if as_person(record, user).has_access("read")
            ]
        )
