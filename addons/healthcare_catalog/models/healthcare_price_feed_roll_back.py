from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_VOID = """
UPDATE product_supplierinfo
   SET date_start = COALESCE(date_start, CURRENT_DATE),
       date_end = COALESCE(date_start, CURRENT_DATE) - 1,
       ended_by_feed_id = %(feed)s, write_uid = %(uid)s, write_date = %(now)s
 WHERE feed_id = %(feed)s
"""

_RESTORE = """
UPDATE product_supplierinfo i
   SET date_end = e.date_end_before, ended_by_feed_id = e.ended_by_before_id,
       write_uid = %(uid)s, write_date = %(now)s
  FROM (SELECT DISTINCT ON (info_id) info_id, date_end_before, ended_by_before_id
          FROM healthcare_price_feed_ending WHERE feed_id = %(feed)s ORDER BY info_id, id) e
 WHERE i.id = e.info_id
"""


class HealthcarePriceFeed(models.Model):
    """Takes back what a feed applied, once a second person agrees."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def action_roll_back(self, reason):
        """Ask a second person to take back all that this feed applied: what it ended goes on, what
        it began never was.

        Once approved it is one step, in one transaction. Orders made meanwhile keep their price
        and say where it was from; rows of the feed stay as evidence, without a day of validity.

        :param str reason: required
        :raise AccessError: neither clerk nor approver
        :raise UserError: the feed is not applied, or a later one has built on its prices
        """
        reason = self._check_reason(reason)
        approver = self.env.user.has_group("healthcare_base.group_approver")
        for feed in self._locked() if approver else self._as_clerk():
            if not feed.applied_at or feed.state != "applied":
                raise UserError(
                    self.env._(
                        "%(feed)s is in state “%(state)s”; what is applied can be rolled back.",
                        feed=feed.name,
                        state=feed._state_label(),
                    )
                )
            feed._check_not_built_on()
            feed._request_approval("price_batch", {"roll_back": reason}, reason)
            feed.state = "waiting_approval"
        return True

    def _is_roll_back(self, kind, proposed_values):
        return kind == "price_batch" and "roll_back" in proposed_values

    def _approval_title(self, kind, proposed_values):
        if self._is_roll_back(kind, proposed_values):
            return self.env._("Roll back %s", self.display_name)
        return super()._approval_title(kind, proposed_values)

    def _approval_describe(self, kind, proposed_values, snapshot):
        if not self._is_roll_back(kind, proposed_values):
            return super()._approval_describe(kind, proposed_values, snapshot)
        return [
            self.env._(
                "%(count)s prices of %(feed)s, applied on %(day)s, are taken back: those before go on.",
                count=self.applied_count,
                feed=self.name,
                day=self.applied_at.date(),
            )
        ]

    def _approval_apply(self, kind, proposed_values):
        if not self._is_roll_back(kind, proposed_values):
            return super()._approval_apply(kind, proposed_values)
        self.ensure_one()
        if self.state != "waiting_approval":
            raise UserError(self.env._("%s does not wait for approval any more.", self.name))
        self._roll_back(proposed_values["roll_back"])
        return None

    def _approval_refused(self, kind, request):
        self._stays_applied(kind, request)
        return super()._approval_refused(kind, request)

    def _approval_withdrawn(self, kind, request):
        self._stays_applied(kind, request)
        return super()._approval_withdrawn(kind, request)

    def _stays_applied(self, kind, request):
        """No second person agreed to roll back: go on, with what is proposed still proposed."""
        if self._is_roll_back(kind, request.proposed_values):
            self.filtered(lambda feed: feed.state == "waiting_approval").state = "applied"

    def _check_not_built_on(self):
        later = self._built_on_by()
        if later:
            raise UserError(
                self.env._(
                    "%(later)s was applied after %(feed)s and changed prices that it brought. Roll that back "
                    "first.",
                    later=later.name,
                    feed=self.name,
                )
            )

    def _roll_back(self, reason):
        self.ensure_one()
        self._check_not_built_on()
        self.env.flush_all()
        values = {"feed": self.id, "uid": self.env.uid, "now": fields.Datetime.now()}
        self.env.cr.execute(SQL(_VOID, **values))
        voided = self.env.cr.rowcount
        self.env.cr.execute(SQL(_RESTORE, **values))
        restored = self.env.cr.rowcount
        self.env.invalidate_all()
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "res_name": self.name,
                    "action": "price_feed_rolled_back",
                    "company_id": self.company_id.id,
                    "changes": {
                        "reason": [None, reason],
                        "voided": [None, voided],
                        "restored": [None, restored],
                        "digest": [self.digest, None],
                    },
                }
            ]
        )
        self.write(
            {
                "state": "rolled_back",
                "state_reason": reason,
                "rolled_back_at": values["now"],
                "rolled_back_by_id": self.env.uid,
            }
        )
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.message_post(body=self.env._("Rolled back: %s", reason))

    def _built_on_by(self):
        """Return a feed that ended prices of this one, or prices that this one ended, since."""
        self.env.cr.execute(
            """
            SELECT i.ended_by_feed_id
              FROM product_supplierinfo i
             WHERE i.feed_id = %(feed)s AND i.ended_by_feed_id <> %(feed)s
             UNION
            SELECT i.ended_by_feed_id
              FROM healthcare_price_feed_ending e
              JOIN product_supplierinfo i ON i.id = e.info_id
             WHERE e.feed_id = %(feed)s AND i.ended_by_feed_id <> %(feed)s
             LIMIT 1
            """,
            {"feed": self.id},
        )
        row = self.env.cr.fetchone()
        return self.browse(row and row[0])
