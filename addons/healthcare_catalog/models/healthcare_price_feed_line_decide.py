from odoo import models
from odoo.tools import SQL


class HealthcarePriceFeedLine(models.Model):
    """Decisions on chosen lines; who may decide what: see the feed."""

    _inherit = "healthcare.price.feed.line"  # pylint: disable=consider-merging-classes-inherited

    def action_approve(self, reason=""):
        """Approve these lines of one feed, or propose them where a second person has to agree."""
        return self._decide("approved", reason)

    def action_refuse(self, reason):
        """Refuse these lines of one feed: the prices before stay.

        :param str reason: required
        """
        return self._decide("refused", reason)

    def action_reopen(self):
        """Take back a decision that nothing followed from yet."""
        return self._decide("open", "")

    def _decide(self, decision, reason):
        self.check_access("read")
        feed = self.env["healthcare.price.feed"]._feed_of(self)
        feed._as_clerk()._decide(SQL("id = ANY(%s)", self.ids), decision, reason)
        return True
