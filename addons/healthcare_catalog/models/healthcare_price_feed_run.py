import logging

from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import plaintext2html

from .healthcare_price_feed import WORK_STATES

_logger = logging.getLogger(__name__)

#: Key of the advisory lock with which one worker at a time works on a feed.
_LOCK = "healthcare.price.feed:%s"


class HealthcarePriceFeed(models.Model):
    """The cron's side: each step commits, so that a worker that is killed is followed by another
    that goes on where it was. All state is in the database."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _trigger_work(self, at=None):
        self.env.ref("healthcare_catalog.cron_price_feed")._trigger(at=at)

    @api.model
    def _cron_work(self):
        """Work on all feeds that have something to do, in slices."""
        feeds = self.search([("state", "in", WORK_STATES)], order="id")
        for feed in feeds:
            while feed._work_step():
                if not self.env["ir.cron"]._commit_progress(1, remaining=len(feeds)):
                    return
            self.env["ir.cron"]._commit_progress(1)

    def _work_step(self):
        """Do the next slice of this feed.

        What goes wrong stays with the feed: it is ``failed`` with its reason and its owner, and
        can be taken up again where it was.

        :return: whether there may be more to do.
        """
        # pylint: disable=invalid-commit
        self.ensure_one()
        self.env.cr.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [_LOCK % self.id])
        if not self.env.cr.fetchone()[0]:
            return False
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                return self._step()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:
            _logger.exception("Price feed %s failed", self.id)
            self.env.invalidate_all()
            self._fail(f"{type(error).__name__}: {error}")
            return False

    def _step(self):
        """Do one slice in the feed's state; return whether there may be more to do."""
        if self.state == "staging":
            if self.complete_by and self.complete_by < fields.Datetime.now():
                self._fail_incomplete()
            return False
        if self.state == "comparing":
            if not self.thresholds or not self.compared_count:
                self._begin_comparison()
                self.env.cr.execute("ANALYZE healthcare_price_feed_line")
            if self._compare_slice():
                self._show_progress()
                return True
            self._finish_comparison()
            self._show_progress()
            return False
        if self.state == "approved":
            self._begin_application()
            self.state = "applying"
            return True
        if self.state == "applying":
            if self._apply_slice():
                self._show_progress()
                return True
            self._finish_application()
            self._show_progress()
            return self.state == "comparing"
        return False

    def _fail(self, reason):
        """Put the feed aside with its reason and an activity for its owner."""
        self.ensure_one()
        self.write({"failed_state": self.state, "state": "failed", "state_reason": reason[:1000]})
        if self.owner_id:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                user_id=self.owner_id.id,
                summary=self.env._("Price list failed"),
                note=plaintext2html(reason),
            )

    def _fail_incomplete(self):
        missing = sorted(set(range(1, self.portion_count + 1)) - set(self.portions or ()))
        shown = ", ".join(map(str, missing[:20])) + ("…" if len(missing) > 20 else "")
        self._fail(
            self.env._(
                "Portions %(missing)s of %(count)s have not come. Ask the supplier to send them again: they "
                "are taken in under the same number of the list.",
                missing=shown,
                count=self.portion_count,
            )
        )

    def action_retry(self):
        """Take a failed feed up again where it was."""
        for feed in self._as_clerk().filtered(lambda feed: feed.state == "failed"):
            if feed.failed_state == "staging":
                feed.complete_by = fields.Datetime.add(fields.Datetime.now(), hours=24)
            feed.write({"state": feed.failed_state, "state_reason": False, "failed_state": False})
            feed.activity_unlink(["mail.mail_activity_data_warning"])
        self._trigger_work()
        return True

    def _show_progress(self):
        """Tell the open screens of the feed how far it is, over the bus, after the commit."""
        self.ensure_one()
        self.env.ref("healthcare_base.group_clerk")._bus_send(
            "healthcare_catalog/price_feed",
            {"feed_id": self.id, "state": self.state, "progress": self.progress},
        )
