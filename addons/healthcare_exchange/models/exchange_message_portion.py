from odoo import models
from odoo.tools import SQL

#: Bytes of documents and payloads that one claim hands out, unless a single message has more.
PORTION_BYTES = 16 * 1024 * 1024


class HealthcareExchangeMessage(models.Model):
    """Claims in portions: a worker's memory is bounded however large the backlog's documents are."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    def _lock_due(self, shares):
        """Return what is due, as far as it fits into one portion; the rest is due still."""
        rows = super()._lock_due(shares)
        if len(rows) < 2:
            return rows
        self.env.cr.execute(
            SQL(
                """
                SELECT id, COALESCE(octet_length(document::text), 0)
                         + COALESCE(octet_length(payload), 0)
                  FROM healthcare_exchange_message WHERE id = ANY(%s)
                """,
                [row["id"] for row in rows],
            )
        )
        sizes = dict(self.env.cr.fetchall())
        portion, total = [], 0
        for row in rows:
            total += sizes[row["id"]]
            if portion and total > PORTION_BYTES:
                break
            portion.append(row)
        return portion
