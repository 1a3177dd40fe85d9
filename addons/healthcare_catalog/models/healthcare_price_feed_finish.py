from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import numeric_text, to_decimal
from odoo.tools import SQL

# What makes two prices the same price at different times.
_KEY = SQL("product_id, uom_id, min_quantity, price_class, contract_number, currency_id")

# Two prices for the same thing at the same time. The later of two that say the same is the one
# too many; where they differ nobody knows which is right.
_REPEATED = """
WITH keyed AS MATERIALIZED (
    SELECT id, line_number, amount, base_quantity, valid_from, valid_to,
           count(*) OVER same AS together, min(id) OVER same AS first_id
      FROM healthcare_price_feed_line
     WHERE feed_id = %(feed)s AND NOT superseded AND decision <> 'refused'
       AND kind IN ('new', 'changed', 'unchanged', 'suspicious') AND change <> 'ended'
    WINDOW same AS (PARTITION BY %(key)s)
),
crowded AS MATERIALIZED (SELECT * FROM keyed WHERE together > 1),
clash AS (
    SELECT DISTINCT ON (mine.id) mine.id, other.line_number,
           CASE WHEN mine.amount * other.base_quantity = other.amount * mine.base_quantity
                THEN 'repeated_line'
                WHEN (mine.valid_from, mine.valid_to) IS NOT DISTINCT FROM (other.valid_from, other.valid_to)
                THEN 'same_item_twice' ELSE 'overlapping_validity' END AS flag
      FROM crowded mine
      JOIN crowded other ON other.first_id = mine.first_id AND other.id <> mine.id
       AND COALESCE(mine.valid_from, '-infinity') <= COALESCE(other.valid_to, 'infinity')
       AND COALESCE(other.valid_from, '-infinity') <= COALESCE(mine.valid_to, 'infinity')
       AND (other.id < mine.id
            OR mine.amount * other.base_quantity <> other.amount * mine.base_quantity)
     ORDER BY mine.id, other.id
)
UPDATE healthcare_price_feed_line l
   SET kind = 'broken', flags = concat_ws(' ', l.flags, clash.flag), related_line = clash.line_number
  FROM clash WHERE l.id = clash.id AND l.applied_at IS NULL
"""

# Several prices of one key, one after the other: where one is written all are, else the row that
# goes on unchanged would be cut off by the one before it.
_TOGETHER = """
UPDATE healthcare_price_feed_line l
   SET kind = 'changed', change = 'changed', flags = concat_ws(' ', l.flags, 'same_price')
  FROM (SELECT %(key)s FROM healthcare_price_feed_line
         WHERE feed_id = %(feed)s AND NOT superseded
           AND kind IN ('new', 'changed', 'unchanged', 'suspicious') AND change <> 'ended'
         GROUP BY %(key)s HAVING count(*) > 1 AND bool_or(kind <> 'unchanged')) moving
 WHERE l.feed_id = %(feed)s AND NOT l.superseded AND l.kind = 'unchanged'
   AND (l.product_id, l.uom_id, l.min_quantity, l.currency_id)
       = (moving.product_id, moving.uom_id, moving.min_quantity, moving.currency_id)
   AND (l.price_class, l.contract_number) IS NOT DISTINCT FROM (moving.price_class, moving.contract_number)
"""

# What a list of the whole catalog does not name any more. An item with a broken line is named; of a
# line that nobody could read it is not known which item it names.
_ENDED = """
INSERT INTO healthcare_price_feed_line (
    feed_id, generated, superseded, product_id, uom_id, unit_code, supplier_code, description,
    price_class, contract_number, min_quantity, currency_id, base_quantity,
    old_info_id, old_price, old_base_quantity, old_unit_code, old_date_end, change, kind, flags, decision)
SELECT %(feed)s, TRUE, FALSE, i.product_id, i.product_uom_id, COALESCE(i.unit_code, u.unit_code),
       i.product_code, left(i.product_name, 500), i.price_class, i.contract_number, i.min_qty, i.currency_id,
       COALESCE(i.base_quantity, 1), i.id, COALESCE(i.exact_price, i.price), COALESCE(i.base_quantity, 1),
       COALESCE(i.unit_code, u.unit_code), i.date_end, 'ended',
       CASE WHEN incomplete.yes THEN 'suspicious' ELSE 'ended' END,
       CASE WHEN incomplete.yes THEN 'list_incomplete' END, 'open'
  FROM product_supplierinfo i
 CROSS JOIN (SELECT EXISTS (
           SELECT FROM healthcare_price_feed_line l
            WHERE l.feed_id = %(feed)s AND NOT l.superseded AND l.kind = 'broken'
              AND l.decision <> 'refused' AND l.reading = 'unreadable' AND l.product_id IS NULL) AS yes
       ) AS incomplete
  JOIN uom_uom u ON u.id = i.product_uom_id
 WHERE %(live)s
   AND i.company_id = %(company)s AND i.product_id IS NOT NULL
   AND (i.date_end IS NULL OR i.date_end >= %(today)s)
   AND i.feed_id IS DISTINCT FROM %(feed)s
   AND NOT EXISTS (
       SELECT FROM healthcare_price_feed_line l
        WHERE l.feed_id = %(feed)s AND NOT l.superseded AND l.product_id = i.product_id
          AND (l.kind IN ('broken', 'ignored') OR l.change = 'ended' AND NOT l.generated
               OR l.uom_id = i.product_uom_id AND l.min_quantity = i.min_qty
                  AND l.price_class IS NOT DISTINCT FROM i.price_class
                  AND l.contract_number IS NOT DISTINCT FROM i.contract_number
                  AND l.currency_id = i.currency_id))
   AND NOT EXISTS (
       SELECT FROM healthcare_price_feed_line l
        WHERE l.feed_id = %(feed)s AND NOT l.superseded AND l.kind = 'broken'
          AND l.supplier_code = i.product_code)
   AND NOT EXISTS (
       SELECT FROM healthcare_price_feed_line l
        WHERE l.feed_id = %(feed)s AND l.generated AND l.old_info_id = i.id)
"""

_COUNTS = """
SELECT count(*) FILTER (WHERE NOT generated) AS line_count,
       count(*) FILTER (WHERE kind = 'new') AS new_count,
       count(*) FILTER (WHERE kind = 'changed') AS changed_count,
       count(*) FILTER (WHERE kind = 'ended') AS ended_count,
       count(*) FILTER (WHERE kind = 'unchanged') AS unchanged_count,
       count(*) FILTER (WHERE kind = 'suspicious') AS suspicious_count,
       count(*) FILTER (WHERE kind = 'broken' AND decision <> 'refused') AS broken_count,
       count(*) FILTER (WHERE kind = 'ignored') AS ignored_count,
       count(*) FILTER (WHERE decision = 'open'
                          AND kind IN ('new', 'changed', 'ended', 'suspicious')) AS open_count,
       count(*) FILTER (WHERE decision = 'proposed') AS proposed_count,
       count(*) FILTER (WHERE decision = 'approved') AS approved_count,
       count(*) FILTER (WHERE decision = 'refused') AS refused_count,
       count(*) FILTER (WHERE applied_at IS NOT NULL) AS applied_count,
       count(*) FILTER (WHERE change = 'changed' AND kind <> 'broken') AS changes,
       count(*) FILTER (WHERE change = 'ended' AND kind <> 'ignored') AS ends
  FROM healthcare_price_feed_line
 WHERE feed_id = %(feed)s AND NOT superseded
"""


class HealthcarePriceFeed(models.Model):
    """What can only be said of a feed as a whole, once every line is compared."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def _finish_comparison(self):
        """Find what lines say of each other and what is missing, and open the review."""
        self.ensure_one()
        self.env.flush_all()
        cr = self.env.cr
        # a second run, after a correction, finds anew what the first one found
        cr.execute(
            "DELETE FROM healthcare_price_feed_line WHERE feed_id = %s AND generated AND decision = 'open'",
            [self.id],
        )
        with self._joins_for(self.line_count):
            cr.execute(SQL(_REPEATED, feed=self.id, key=_KEY))
            cr.execute(SQL(_TOGETHER, feed=self.id, key=_KEY))
            if self.scope == "full":
                cr.execute(
                    SQL(
                        _ENDED,
                        feed=self.id,
                        live=self._live_row(),
                        company=self.company_id.id,
                        today=self._today(),
                    )
                )
        self.env["healthcare.price.feed.line"].invalidate_model()
        self._judge_contract_prices()
        counts = self._recount()
        self._judge_shares(counts)
        self.write({"compared_at": fields.Datetime.now(), "state": self._state_after_comparison()})
        self._ask_for_review()

    def _state_after_comparison(self):
        if self.approval_pending:
            return "waiting_approval"
        return "applied" if self.applied_at else "review"

    @api.model
    def _contract_prices(self, line_ids):
        """Hook: return what a contract says of these lines.

        :param line_ids: ids of compared lines of one feed that are new, changed or suspicious
        :return: dict from line id to ``(decimal text, contract's name)``: the contract's price for
            the line's base quantity and unit; lines without a contract price are left out
        """
        return {}

    def _judge_contract_prices(self):
        """Put the contract's price beside each that moves; a price above it is suspicious."""
        self.env.cr.execute(
            "SELECT id FROM healthcare_price_feed_line WHERE feed_id = %s AND NOT superseded"
            " AND kind IN ('new', 'changed', 'suspicious') AND change <> 'ended'",
            [self.id],
        )
        prices = self._contract_prices([row[0] for row in self.env.cr.fetchall()])
        if not prices:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_price_feed_line l
                   SET contract_price = c.price, contract_name = c.name,
                       flags = CASE WHEN %(judged)s AND l.amount > c.price
                                    THEN concat_ws(' ', l.flags, 'above_contract') ELSE l.flags END,
                       kind = CASE WHEN %(judged)s AND l.amount > c.price THEN 'suspicious' ELSE l.kind END
                  FROM unnest(%(ids)s::integer[], %(prices)s::numeric[], %(names)s::text[])
                       AS c(id, price, name)
                 WHERE l.id = c.id AND l.applied_at IS NULL
                """,
                judged=bool(self.thresholds["above_contract"]),
                ids=list(prices),
                prices=[price for price, _name in prices.values()],
                names=[name for _price, name in prices.values()],
            )
        )
        self.env["healthcare.price.feed.line"].invalidate_model()

    def _recount(self):
        """Count the lines anew, on the feed; return the counts."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(SQL(_COUNTS, feed=self.id))
        counts = self.env.cr.dictfetchall()[0]
        self.write({name: count for name, count in counts.items() if name in self._fields})
        return counts

    def _judge_shares(self, counts):
        """Say why even what is not flagged needs a second person, if it does."""
        if self.applied_at:
            return
        self.env.cr.execute(
            SQL(
                "SELECT count(*) FROM product_supplierinfo i"
                " WHERE %s AND (i.date_end IS NULL OR i.date_end >= %s)",
                self._live_row(),
                self._today(),
            )
        )
        [current] = self.env.cr.fetchone()
        limits = self.thresholds
        shares = {
            name: to_decimal(100 * counts[counted]) / current if current else to_decimal(0)
            for name, counted in (("changed", "changes"), ("ended", "ends"))
        }
        reasons = [
            {"share": name, "percent": numeric_text(share, 2), "limit": limits[f"{name}_share_percent"]}
            for name, share in shares.items()
            if current >= limits["share_min_lines"] and share > to_decimal(limits[f"{name}_share_percent"])
        ]
        self.write(
            {
                "current_count": current,
                "changed_share": numeric_text(shares["changed"], 2),
                "ended_share": numeric_text(shares["ended"], 2),
                "approval_reasons": reasons,
            }
        )

    def _ask_for_review(self):
        """Give the owner something to do, once."""
        self.ensure_one()
        kind = "mail.mail_activity_data_todo"
        if not (self.open_count or self.broken_count):
            self.activity_unlink([kind])
            return
        if self.owner_id and not self.activity_ids:
            self.activity_schedule(
                kind,
                user_id=self.owner_id.id,
                summary=self.env._(
                    "Price list: %(open)s to decide, %(suspicious)s suspicious, %(broken)s broken",
                    open=self.open_count,
                    suspicious=self.suspicious_count,
                    broken=self.broken_count,
                ),
            )
