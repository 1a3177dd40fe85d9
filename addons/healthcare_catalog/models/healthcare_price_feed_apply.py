from odoo import fields, models
from odoo.tools import SQL

#: Approved lines applied per transaction.
APPLY_SLICE = 20000

# What a line was compared with is not in force any more: another feed or a person came between. Of
# the key of a new price there was no row at all.
_STALE = """
UPDATE healthcare_price_feed_line l
   SET kind = NULL, decision = 'open', decision_reason = NULL
 WHERE l.feed_id = %(feed)s AND l.decision = 'approved' AND l.applied_at IS NULL
   AND (l.old_info_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM product_supplierinfo i
             WHERE i.id = l.old_info_id
               AND COALESCE(i.exact_price, i.price) * l.old_base_quantity
                   = l.old_price * CASE WHEN i.exact_price IS NULL THEN 1
                                        ELSE COALESCE(i.base_quantity, 1) END
               AND (i.date_end IS NOT DISTINCT FROM l.old_date_end OR i.ended_by_feed_id = %(feed)s))
        OR l.change <> 'ended' AND EXISTS (
            SELECT FROM product_supplierinfo i
             WHERE i.product_tmpl_id = (SELECT product_tmpl_id FROM product_product WHERE id = l.product_id)
               AND i.product_id = l.product_id AND i.product_uom_id = l.uom_id
               AND i.min_qty = l.min_quantity AND i.currency_id = l.currency_id
               AND i.price_class IS NOT DISTINCT FROM l.price_class
               AND i.contract_number IS NOT DISTINCT FROM l.contract_number
               AND (l.change = 'new' OR i.create_date > %(compared)s)
               AND i.feed_id IS DISTINCT FROM %(feed)s
               AND %(live)s))
"""

_CHOSEN = """
chosen AS MATERIALIZED (
    SELECT l.*, p.product_tmpl_id,
           CASE WHEN l.change = 'new' AND l.old_info_id IS NULL THEN COALESCE(l.valid_from, %(today)s)
                ELSE GREATEST(l.valid_from, %(today)s) END AS date_start,
           -- the last day of an ended price
           GREATEST(COALESCE(l.valid_to, %(today)s - 1), %(today)s - 1) AS last_day
      FROM healthcare_price_feed_line l
      JOIN product_product p ON p.id = l.product_id
     WHERE %(lines)s
)
"""

# Prices that make way: what is in force from the first day of the new price on. A list of changes
# touches only what lies within the days of its price.
_MAKE_WAY = """
making_way AS (
    SELECT DISTINCT ON (i.id) i.id AS info_id, c.id AS line_id, i.date_end AS date_end_before,
           i.ended_by_feed_id AS ended_by_before,
           CASE WHEN c.change = 'ended' THEN c.last_day ELSE c.date_start - 1 END AS date_end
      FROM chosen c
      JOIN product_supplierinfo i ON i.product_tmpl_id = c.product_tmpl_id AND i.product_id = c.product_id
     WHERE %(live)s
       AND i.company_id = %(company)s
       AND i.feed_line_id IS DISTINCT FROM c.id AND i.feed_id IS DISTINCT FROM %(feed)s
       AND CASE WHEN c.change = 'ended'
                THEN (c.generated AND i.id = c.old_info_id OR NOT c.generated)
                     AND (i.date_end IS NULL OR i.date_end > c.last_day)
                ELSE i.product_uom_id = c.uom_id AND i.min_qty = c.min_quantity
                     AND i.currency_id = c.currency_id
                     AND i.price_class IS NOT DISTINCT FROM c.price_class
                     AND i.contract_number IS NOT DISTINCT FROM c.contract_number
                     AND (i.date_end IS NULL OR i.date_end >= c.date_start)
                     AND (%(full)s OR c.valid_to IS NULL OR i.date_start IS NULL
                          OR i.date_start <= c.valid_to)
           END
     ORDER BY i.id, c.date_start
)
"""

_END = """
INSERT INTO healthcare_price_feed_ending (feed_id, line_id, info_id, date_end_before, ended_by_before_id)
SELECT %(feed)s, line_id, info_id, date_end_before, ended_by_before FROM making_way
RETURNING info_id
"""

_INSERT_COLUMNS = """
INSERT INTO product_supplierinfo (
    partner_id, company_id, product_tmpl_id, product_id, product_uom_id, min_qty, price, currency_id,
    date_start, date_end, product_code, product_name, sequence, delay, discount, exact_price,
    base_quantity, unit_code, price_class, contract_number, buying_group_number, feed_id, feed_line_id,
    create_uid, create_date, write_uid, write_date)
"""


class HealthcarePriceFeed(models.Model):
    """Writes approved lines as price rows with their days, a slice per transaction.

    A price takes effect on its first day by itself: rows carry their dates, and Odoo as well as
    price truth read them. What was in force before ends the day before; nothing in the past
    changes, and nothing is deleted.
    """

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def _begin_application(self):
        """Put aside what is not any more what was approved: it is compared again afterwards."""
        self.ensure_one()
        self.env.flush_all()
        with self._joins_for(self.approved_count):
            self.env.cr.execute(
                SQL(
                    _STALE,
                    feed=self.id,
                    compared=self.compared_at,
                    live=self._live_row(),
                )
            )
            stale = self.env.cr.rowcount
        self.env["healthcare.price.feed.line"].invalidate_model()
        if stale:
            self.message_post(
                body=self.env._(
                    "%s approved lines were compared with prices that have changed since. They are compared "
                    "again and have to be decided again.",
                    stale,
                )
            )

    def _apply_slice(self, limit=APPLY_SLICE):
        """Apply the next approved lines.

        :return: how many; 0 when all are applied.
        """
        self.ensure_one()
        self.env.flush_all()
        count, lines = self._next_lines(SQL("decision = 'approved' AND applied_at IS NULL"), limit)
        if count:
            with self._joins_for(count):
                self._apply_lines(lines)
            self.applied_count += count
        return count

    def _apply_lines(self, lines):
        values = {
            "feed": self.id,
            "lines": lines,
            "today": self._today(),
            "live": self._live_row(),
            "company": self.company_id.id,
            "partner": self.partner_id.id,
            "full": self.scope == "full",
            "insert": SQL(_INSERT_COLUMNS),
            "uid": self.env.uid,
            "now": fields.Datetime.now(),
        }
        cr = self.env.cr
        cr.execute(SQL(f"WITH {_CHOSEN}, {_MAKE_WAY}, ended AS ({_END}) {_SET_ENDS}", **values))
        if not values["full"]:
            cr.execute(SQL(f"WITH {_CHOSEN} {_GO_ON}", **values))
        cr.execute(SQL(f"WITH {_CHOSEN} {_BEGIN}", **values))
        cr.execute(
            SQL("UPDATE healthcare_price_feed_line l SET applied_at = %s WHERE %s", values["now"], lines)
        )
        self.env.invalidate_all()

    def _finish_application(self):
        """Write down what was applied, as one entry of the audit trail with its digest."""
        self.ensure_one()
        self._recount()
        self.digest = self._applied_digest()
        # so many new rows are unknown to the planner of whoever reads prices next
        self.env.cr.execute("ANALYZE product_supplierinfo")
        self.write({"applied_at": fields.Datetime.now(), "state_reason": False})
        self.state = "comparing" if self._is_uncompared() else "applied"
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "res_name": self.name,
                    "action": "price_feed_applied",
                    "company_id": self.company_id.id,
                    "changes": {
                        "applied_count": [None, self.applied_count],
                        "new_count": [None, self.new_count],
                        "changed_count": [None, self.changed_count],
                        "ended_count": [None, self.ended_count],
                        "digest": [None, self.digest],
                    },
                }
            ]
        )
        self._ask_for_review()

    def _is_uncompared(self):
        self.env.cr.execute(
            "SELECT EXISTS (SELECT FROM healthcare_price_feed_line WHERE feed_id = %s AND kind IS NULL)",
            [self.id],
        )
        return self.env.cr.fetchone()[0]

    def _applied_digest(self):
        """Return the SHA-256 over all that was applied: per line its id, item, unit, price,
        quantities and days, separated by ``|``, a line each, in the order of the ids."""
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT encode(sha256(convert_to(COALESCE(string_agg(
                       concat_ws('|', id, change, product_id, unit_code, amount, base_quantity, min_quantity,
                                 valid_from, valid_to, old_info_id), E'\n' ORDER BY id), ''), 'UTF8')), 'hex')
              FROM healthcare_price_feed_line
             WHERE feed_id = %s AND applied_at IS NOT NULL
            """,
            [self.id],
        )
        return self.env.cr.fetchone()[0]


_SET_ENDS = """
UPDATE product_supplierinfo i
   SET date_end = m.date_end, ended_by_feed_id = %(feed)s, write_uid = %(uid)s, write_date = %(now)s
  FROM making_way m JOIN ended e ON e.info_id = m.info_id
 WHERE i.id = m.info_id
"""

# After a price with a last day goes on what it interrupted.
_GO_ON = """%(insert)s
SELECT i.partner_id, i.company_id, i.product_tmpl_id, i.product_id, i.product_uom_id, i.min_qty, i.price,
       i.currency_id, c.valid_to + 1, e.date_end_before, i.product_code, i.product_name, i.sequence, i.delay,
       i.discount, i.exact_price, i.base_quantity, i.unit_code, i.price_class, i.contract_number,
       i.buying_group_number, %(feed)s, NULL, %(uid)s, %(now)s, %(uid)s, %(now)s
  FROM chosen c
  JOIN healthcare_price_feed_ending e ON e.line_id = c.id
  JOIN product_supplierinfo i ON i.id = e.info_id
 WHERE c.change <> 'ended' AND c.valid_to IS NOT NULL
   AND (e.date_end_before IS NULL OR e.date_end_before > c.valid_to)
   AND NOT EXISTS (
       SELECT FROM healthcare_price_feed_line l
        WHERE l.feed_id = %(feed)s AND NOT l.superseded AND l.product_id = c.product_id
          AND l.uom_id = c.uom_id AND l.min_quantity = c.min_quantity AND l.currency_id = c.currency_id
          AND l.price_class IS NOT DISTINCT FROM c.price_class
          AND l.contract_number IS NOT DISTINCT FROM c.contract_number
          AND l.kind <> 'broken' AND l.id <> c.id AND l.valid_from > c.valid_to)
"""

# Odoo's price is a float per one of the unit; the exact one stands beside it.
_BEGIN = """%(insert)s
SELECT %(partner)s, %(company)s, c.product_tmpl_id, c.product_id, c.uom_id, c.min_quantity,
       c.amount / c.base_quantity, c.currency_id, c.date_start, c.valid_to, c.supplier_code,
       left(c.description, 500), COALESCE(before.sequence, 1),
       COALESCE(c.lead_time_days, before.delay, 1), 0, c.amount, c.base_quantity, c.unit_code, c.price_class,
       c.contract_number, c.buying_group_number, %(feed)s, c.id, %(uid)s, %(now)s, %(uid)s, %(now)s
  FROM chosen c
  LEFT JOIN product_supplierinfo before ON before.id = c.old_info_id
 WHERE c.change <> 'ended'
"""
