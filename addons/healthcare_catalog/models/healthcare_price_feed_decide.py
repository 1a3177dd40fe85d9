from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

#: Kinds of lines that there is something to decide about.
DECIDABLE = ("new", "changed", "ended", "suspicious")

_DIGEST = """
SELECT count(*), encode(sha256(convert_to(COALESCE(string_agg(
           concat_ws('|', id, kind, flags, product_id, unit_code, amount, base_quantity, min_quantity,
                     valid_from, valid_to, old_info_id, old_price), E'\n' ORDER BY id), ''), 'UTF8')), 'hex')
  FROM healthcare_price_feed_line
 WHERE feed_id = %(feed)s AND decision = 'proposed'
"""


class HealthcarePriceFeed(models.Model):
    """Who decides what: a clerk what is beyond doubt, a second person what is flagged, corrected,
    or too much of the catalog at once (docs/decisions/0020)."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def action_approve_unflagged(self):
        """Approve all lines that nothing was found about; they are applied by the cron.

        :raise AccessError: not a clerk, or the person who gave in the file
        :raise UserError: not in review, or the feed changes so much that a second person decides
        """
        for feed in self._as_clerk():
            feed._check_open()
            feed._check_one_person_may()
            feed._decide_lines(feed._unflagged_sql(), "approved", "")
            feed._start_application()
        return True

    @api.model
    def _unflagged_sql(self):
        """Return the condition on lines that are open and that nothing was found about."""
        return SQL("kind IN ('new', 'changed', 'ended') AND decision = 'open'")

    def _submitters(self):
        """Return the people of ours who gave in a file of this feed: the first, and each whose file
        brought lines again."""
        # sudo: who decides need not see the documents
        messages = self.sudo().exchange_message_ids
        return self.sudo().submitter_id | messages.upload_id.requested_by_id.filtered(
            lambda user: not user.share
        )

    def _check_one_person_may(self):
        if self.env.user in self._submitters():
            raise AccessError(
                self.env._(
                    "You gave in the file of %s: another person approves it, or you ask for approval.",
                    self.name,
                )
            )
        if self.approval_reasons:
            raise UserError(
                self.env._(
                    "%(feed)s needs a second person: %(reasons)s. Ask for approval instead.",
                    feed=self.name,
                    reasons=" ".join(self._approval_sentences()),
                )
            )

    def _approval_sentences(self):
        """Return ``approval_reasons`` as people read them."""
        texts = {
            "changed": self.env._("it changes %(percent)s %% of the supplier's prices (limit %(limit)s %%)"),
            "ended": self.env._("it ends %(percent)s %% of the supplier's prices (limit %(limit)s %%)"),
        }
        return [texts[reason["share"]] % reason for reason in self.approval_reasons or ()]

    def action_refuse(self, reason):
        """Refuse all that is not applied yet: the prices before stay.

        :param str reason: required
        """
        reason = self._check_reason(reason)
        for feed in self._as_clerk():
            feed._check_open()
            feed._decide_lines(
                SQL("kind IN ('new', 'changed', 'ended', 'suspicious', 'broken') AND decision <> 'approved'"),
                "refused",
                reason,
            )
            feed._recount()
            if not feed.applied_at:
                feed.write({"state": "refused", "state_reason": reason})
            feed.activity_unlink(["mail.mail_activity_data_todo"])
        return True

    def _decide(self, where, decision, reason):
        """Decide lines of a feed in review.

        A clerk's "approved" is a proposal where a line is suspicious, or the whole feed needs a
        second person: :meth:`action_request_approval` asks for it.

        :param SQL where: condition on the lines
        :param decision: ``approved``, ``refused`` or ``open``
        :return: how many lines were decided
        """
        self.ensure_one()
        if decision not in ("approved", "refused", "open"):
            raise UserError(self.env._("Lines are approved, refused or left open."))
        if decision != "open":
            reason = self._check_reason(reason) if decision == "refused" else (reason or "").strip()[:1000]
        self._check_open()
        kinds = DECIDABLE if decision == "approved" else (*DECIDABLE, "broken")
        where = SQL("(%s) AND kind = ANY(%s) AND decision <> 'approved'", where, list(kinds))
        if decision == "open":
            decided = self._decide_lines(where, "open", None)
        elif decision == "refused":
            decided = self._decide_lines(where, "refused", reason)
        else:
            doubtful = SQL("kind = 'suspicious'")
            if self.approval_reasons or self.env.user in self._submitters():
                doubtful = SQL("TRUE")
            decided = self._decide_lines(SQL("%s AND %s", where, doubtful), "proposed", reason)
            decided += self._decide_lines(SQL("%s AND NOT (%s)", where, doubtful), "approved", reason)
        self._recount()
        if decision == "approved" and self._has_unapplied():
            self._start_application()
        return decided

    def _decide_lines(self, where, decision, reason):
        """Write a decision on lines of this feed; return how many."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_price_feed_line
                   SET decision = %s, decision_reason = %s, decided_by_id = %s, decided_at = %s
                 WHERE feed_id = %s AND NOT superseded AND applied_at IS NULL AND %s
                """,
                decision,
                reason or None,
                self.env.uid if decision != "open" else None,
                fields.Datetime.now() if decision != "open" else None,
                self.id,
                where,
            )
        )
        decided = self.env.cr.rowcount
        self.env["healthcare.price.feed.line"].invalidate_model()
        return decided

    def _has_unapplied(self):
        self.env.cr.execute(
            "SELECT EXISTS (SELECT FROM healthcare_price_feed_line WHERE feed_id = %s"
            " AND decision = 'approved' AND applied_at IS NULL)",
            [self.id],
        )
        return self.env.cr.fetchone()[0]

    def _start_application(self):
        """Let the cron apply what is approved."""
        self.ensure_one()
        self._recount()
        if self._has_unapplied() or not self.applied_at and not self.open_count:
            self.state = "approved"
            self._trigger_work()

    # A second person

    def action_request_approval(self, reason=""):
        """Ask a second person about what is proposed, and about all of it where the feed changes
        too much for one.

        :param str reason: why it is right, for those who decide
        :return: the pending ``healthcare.approval.request``'s id
        """
        self.ensure_one()
        reason = self._check_reason(reason)
        feed = self._as_clerk()
        feed._check_open()
        if feed.approval_reasons or self.env.user in feed._submitters():
            feed._decide_lines(feed._unflagged_sql(), "proposed", reason)
        feed._recount()
        if not feed.proposed_count:
            raise UserError(
                self.env._("Nothing is proposed: approve the suspicious lines first that you believe in.")
            )
        request = feed._request_approval("price_batch", {"lines": feed.proposed_count}, reason)
        feed.state = "waiting_approval"
        return request.id

    def _approval_snapshot(self, kind):
        """See the base: the digest of the proposed lines; what is approved is what was looked at."""
        if kind != "price_batch":
            return super()._approval_snapshot(kind)
        self.env.flush_all()
        self.env.cr.execute(SQL(_DIGEST, feed=self.id))
        count, digest = self.env.cr.fetchone()
        return {"lines": count, "digest": digest}

    def _approval_describe(self, kind, proposed_values, snapshot):
        if kind != "price_batch":
            return super()._approval_describe(kind, proposed_values, snapshot)
        lines = [
            self.env._("%(count)s prices of %(supplier)s", count=snapshot.get("lines"), supplier=self.name),
            *self._approval_sentences(),
        ]
        shown = self.env["healthcare.price.feed.line"].search(
            [("feed_id", "=", self.id), ("decision", "=", "proposed")], order="kind desc, id", limit=20
        )
        lines.extend(f"{line.line_label}: {line.explanation}" for line in shown)
        return lines

    def _approval_changers(self, kind):
        """See the base: who gave in the file, corrected or proposed a line does not approve it."""
        if kind != "price_batch":
            return super()._approval_changers(kind)
        self.env.cr.execute(
            """
            SELECT decided_by_id FROM healthcare_price_feed_line
             WHERE feed_id = %(feed)s AND decision = 'proposed' AND decided_by_id IS NOT NULL
             UNION
            SELECT corrected_by_id FROM healthcare_price_feed_line
             WHERE feed_id = %(feed)s AND decision = 'proposed' AND corrected_by_id IS NOT NULL
            """,
            {"feed": self.id},
        )
        users = self.env["res.users"].browse([row[0] for row in self.env.cr.fetchall()])
        return users | self._submitters()

    def _approval_apply(self, kind, proposed_values):
        if kind != "price_batch":
            return super()._approval_apply(kind, proposed_values)
        self.ensure_one()
        if self.state != "waiting_approval":
            raise UserError(self.env._("%s does not wait for approval any more.", self.name))
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE healthcare_price_feed_line SET decision = 'approved'"
            " WHERE feed_id = %s AND decision = 'proposed'",
            [self.id],
        )
        self.env["healthcare.price.feed.line"].invalidate_model()
        self._start_application()
        return None

    def _approval_refused(self, kind, request):
        result = super()._approval_refused(kind, request)
        if kind == "price_batch":
            self._reopen_proposed()
        return result

    def _approval_withdrawn(self, kind, request):
        result = super()._approval_withdrawn(kind, request)
        if kind == "price_batch":
            self._reopen_proposed()
        return result

    def _reopen_proposed(self):
        """No second person agreed: what was proposed is open again."""
        for feed in self.filtered(lambda feed: feed.state == "waiting_approval"):
            feed._decide_lines(SQL("decision = 'proposed'"), "open", None)
            feed._recount()
            feed.state = "applied" if feed.applied_at else "review"

    @api.model
    def _feed_of(self, lines):
        """Return the one feed of these lines.

        :raise UserError: none, or several feeds
        """
        feeds = lines.feed_id
        if len(feeds) != 1:
            raise UserError(self.env._("Decide the lines of one price list at a time."))
        return feeds
