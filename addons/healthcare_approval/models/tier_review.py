from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.context import without_defaults

#: Open: somebody may still decide.
OPEN = ("waiting", "pending")


class TierReview(models.Model):
    """One person's (or group's) decision about one document.

    Reviews are written by the methods of ``tier.validation`` alone, in superuser mode; the
    guards here hold whatever the access rights say.
    """

    _inherit = "tier.review"

    kind = fields.Char(readonly=True, help="Code of healthcare.approval.kind.")
    excluded_users = fields.Json(
        readonly=True, help="Ids of those who asked for it or changed the document: they do not decide."
    )
    distinct_approver = fields.Boolean(readonly=True)
    delegated_by = fields.Many2one("res.users", string="In the Name Of", readonly=True)
    deadline = fields.Datetime(readonly=True)
    escalation_level = fields.Integer(
        readonly=True, help="0 in time, 1 handed on, 2 administrators were told."
    )
    escalated_user_ids = fields.Many2many(
        "res.users",
        relation="tier_review_escalated_user_rel",
        column1="tier_review_id",
        column2="user_id",
        string="Escalated To",
        readonly=True,
    )

    # For what waits for a person: the counter on each page, the filter, the escalation.
    _open_index = models.Index("(model, res_id, sequence) WHERE status IN ('waiting', 'pending')")
    _refused_index = models.Index("(model, res_id) WHERE status = 'rejected'")
    _deadline_index = models.Index("(deadline) WHERE status = 'pending'")

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super(TierReview, without_defaults(self)).create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    def unlink(self):
        # Documents without reviews are deleted by way of this, too.
        if self:
            self._check_inside()
        return super().unlink()

    def _check_inside(self):
        """Refuse everybody: reviews come and go with decisions.

        :raises AccessError: unless in superuser mode, which no caller from outside has
        """
        if not self.env.su:
            raise AccessError(self.env._("Reviews are written by decisions, not by hand."))

    @api.model
    def _get_reviewer_fields(self):
        return [*super()._get_reviewer_fields(), "escalated_user_ids", "excluded_users"]

    def _get_reviewers(self):
        """Who decides: as the tier says and whoever it was escalated to, but nobody who asked
        for it or changed the document."""
        reviewers = super()._get_reviewers() | self.escalated_user_ids
        excluded = set(self.excluded_users or ()) | set(self.requested_by.ids)
        return reviewers.filtered(lambda user: user.id not in excluded)

    def _update_review_status(self):
        """Let those whose turn it is begin: with a deadline, and an activity for who decides."""
        # sudo: whose turn it is follows from the decisions; people do not write it. The context
        # key of OCA's module that defers this is not for callers to set.
        reviews = self.sudo().with_context(tier_validation_defer_compute_can_review=False)
        waiting = reviews.filtered(lambda review: review.status == "waiting")
        result = super(TierReview, reviews)._update_review_status()
        waiting.filtered(lambda review: review.status == "pending")._begin()
        return result

    def _begin(self):
        """Set the deadline of reviews whose turn has come, and tell who decides."""
        now = fields.Datetime.now()
        for review in self:
            if hours := review.definition_id.deadline_hours:
                review.deadline = now + timedelta(hours=hours)
        for model, reviews in self.grouped("model").items():
            self._documents(model, reviews.mapped("res_id"))._approval_begun(reviews)

    @api.model
    def _documents(self, model, res_ids):
        """Return the documents that a caller names.

        :raises UserError: where the model is nothing that tiers decide on
        """
        if model not in self.env or not hasattr(self.env[model], "_approval_decide"):
            raise UserError(self.env._("%s is nothing that is approved.", model))
        return self.env[model].browse(res_ids).exists()

    @api.model
    def _decidable_sql(self, user):
        """Return a query of what ``user`` may decide now: review, in whose name, model, record.

        A person's turn: the review is open, the document is not refused, and where tiers go in
        sequence no lower one is open. A delegate decides in the name of a reviewer. Neither may
        have asked for it or changed the document, nor, where the tier wants another person,
        have decided a tier before.
        """
        self.flush_model()
        principals = SQL(", ").join(
            SQL("(%s::int, %s::varchar)", principal, kind)
            for principal, kinds in self.env["healthcare.approval.delegation"]._principals(user)
            for kind in (kinds or [None])
        )
        rel = self._fields["reviewer_ids"]
        return SQL(
            """
            SELECT review.id AS review_id, principal.user_id AS principal_id,
                   review.model AS model, review.res_id AS res_id
              FROM tier_review review
              JOIN %(relation)s reviewer ON reviewer.%(review_column)s = review.id
              JOIN (VALUES %(principals)s) AS principal (user_id, kind)
                ON principal.user_id = reviewer.%(user_column)s
               AND (principal.kind IS NULL OR principal.kind = review.kind)
             WHERE review.status IN ('waiting', 'pending')
               AND review.requested_by IS DISTINCT FROM %(uid)s
               AND NOT COALESCE(review.excluded_users, '[]'::jsonb) @> to_jsonb(%(uid)s::int)
               AND (NOT COALESCE(review.approve_sequence, FALSE) OR NOT EXISTS (
                        SELECT 1 FROM tier_review lower
                         WHERE lower.model = review.model AND lower.res_id = review.res_id
                           AND lower.status IN ('waiting', 'pending')
                           AND lower.sequence < review.sequence))
               AND NOT EXISTS (
                        SELECT 1 FROM tier_review refused
                         WHERE refused.model = review.model AND refused.res_id = review.res_id
                           AND refused.status = 'rejected')
               AND (NOT COALESCE(review.distinct_approver, FALSE) OR NOT EXISTS (
                        SELECT 1 FROM tier_review earlier
                         WHERE earlier.model = review.model AND earlier.res_id = review.res_id
                           AND earlier.status = 'approved'
                           AND (earlier.done_by IN (%(uid)s, principal.user_id)
                                OR earlier.delegated_by IN (%(uid)s, principal.user_id))))
            """,
            relation=SQL.identifier(rel.relation),
            review_column=SQL.identifier(rel.column1),
            user_column=SQL.identifier(rel.column2),
            principals=principals,
            uid=user.id,
        )

    @api.model
    def _decidable(self, user, model, res_ids):
        """Return what ``user`` may decide on these records.

        :return: ``{res_id: {review id: id of the user in whose name}}``, reviews in the order of
            their tiers; the user's own name goes before that of others
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT mine.res_id, mine.review_id, mine.principal_id
                  FROM (%s) mine
                  JOIN tier_review ON tier_review.id = mine.review_id
                 WHERE mine.model = %s AND mine.res_id = ANY(%s)
                 ORDER BY tier_review.sequence, mine.review_id,
                          mine.principal_id <> %s, mine.principal_id
                """,
                self._decidable_sql(user),
                model,
                list(res_ids),
                user.id,
            )
        )
        decidable = {}
        for res_id, review_id, principal_id in rows:
            decidable.setdefault(res_id, {}).setdefault(review_id, principal_id)
        return decidable
