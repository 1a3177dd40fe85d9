from odoo import models

#: A feed with more lines to compare is compared by the cron.
_AT_ONCE = 2000


class HealthcarePriceFeed(models.Model):
    """Comparing some lines of a feed once more."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def action_compare_again(self):
        """Compare what is open or broken once more, after items or packagings were changed."""
        for feed in self._as_clerk():
            feed._check_open()
            feed._compare_again(
                feed.line_ids.filtered(
                    lambda line: not line.superseded and not line.generated and line.decision == "open"
                )
            )
        return True

    def _compare_again(self, lines):
        """Compare lines anew, with all lines of the same items; at once where they are few."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            """
            UPDATE healthcare_price_feed_line other
               SET kind = NULL, decision = 'open', decision_reason = NULL,
                   decided_by_id = NULL, decided_at = NULL
             WHERE other.feed_id = %(feed)s AND NOT other.superseded AND NOT other.generated
               AND other.applied_at IS NULL
               AND (other.id = ANY(%(lines)s)
                    OR other.decision = 'open' AND (other.product_id IN (
                           SELECT product_id FROM healthcare_price_feed_line
                            WHERE id = ANY(%(lines)s) AND product_id IS NOT NULL)
                    OR other.product_id = ANY(%(chosen)s)))
            """,
            {
                "feed": self.id,
                "lines": lines.ids,
                "chosen": [
                    line.correction["product_id"]
                    for line in lines
                    if line.correction and line.correction.get("product_id")
                ],
            },
        )
        again = self.env.cr.rowcount
        self.env["healthcare.price.feed.line"].invalidate_model()
        self.write({"state": "comparing", "compared_count": max(self.line_count - again, 1)})
        if again <= _AT_ONCE:
            self._compare_slice()
            self._finish_comparison()
        else:
            self._trigger_work()
