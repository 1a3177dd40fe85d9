from contextlib import contextmanager

from odoo import fields, models
from odoo.tools import SQL

from ..tools.price_flags import BROKEN_FLAGS, ENDED_STATUSES, SUSPICIOUS_FLAGS

#: Lines compared per transaction.
COMPARE_SLICE = 50000
#: From so many lines on they are joined as sets.
_MANY = 500

# The price before: of the same unit, break, class and contract if there is one, else the nearest.
_BEFORE = """
before AS (
    SELECT DISTINCT ON (r.id)
           r.id, i.id AS info_id, COALESCE(i.exact_price, i.price) AS price,
           CASE WHEN i.exact_price IS NULL THEN 1 ELSE COALESCE(i.base_quantity, 1) END AS base,
           COALESCE(i.unit_code, u.unit_code) AS unit_code, i.date_start, i.date_end,
           i.product_uom_id, i.currency_id, u.factor::float8 / NULLIF(r.reference_factor, 0) AS factor,
           i.product_uom_id = r.uom_id AND i.min_qty = r.min_quantity
           AND i.contract_number IS NOT DISTINCT FROM r.contract_number
           AND i.currency_id = r.currency_id AS same_key
      FROM read r
      JOIN product_supplierinfo i ON i.product_tmpl_id = r.product_tmpl_id
       AND (i.product_id IS NULL OR i.product_id = r.product_id)
       AND i.price_class IS NOT DISTINCT FROM r.price_class
      JOIN uom_uom u ON u.id = i.product_uom_id
     WHERE %(live)s
     ORDER BY r.id,
              (i.product_uom_id = r.uom_id AND i.min_qty = r.min_quantity
               AND i.contract_number IS NOT DISTINCT FROM r.contract_number
               AND i.currency_id = r.currency_id) DESC,
              ((i.date_start IS NULL OR i.date_start <= r.effective)
               AND (i.date_end IS NULL OR i.date_end >= r.effective)) DESC,
              (i.date_start IS NULL OR i.date_start <= r.effective) DESC,
              i.min_qty = r.min_quantity DESC,
              i.date_start DESC NULLS LAST, i.sequence, i.id DESC
)
"""

_READ = """
read AS (
    SELECT s.id, i.product_id, i.unknown, i.ambiguous, i.contradicted,
           u.product_tmpl_id, u.uom_id, u.factor, u.stated_factor,
           reference.factor::float8 AS reference_factor,
           s.unit_code, s.unit_sent, s.gtin, s.gtin_sent, s.valid_from, s.valid_to,
           GREATEST(s.valid_from, %(today)s) AS effective,
           COALESCE(s.correction->>'amount', s.amount_sent)::numeric AS amount,
           COALESCE(s.correction->>'base_quantity', s.base_quantity_sent, '1')::numeric AS base_quantity,
           COALESCE(s.correction->>'min_quantity', s.min_quantity_sent, '0')::numeric AS min_quantity,
           s.price_class, s.contract_number, s.price_kind, s.tier,
           s.correction IS NOT NULL AS corrected, s.reading,
           s.correction IS NOT NULL AND s.correction ? 'gtin' AS gtin_corrected,
           COALESCE(lower(s.status_sent) = ANY(%(ended_statuses)s), FALSE) AS is_ended,
           CASE WHEN s.currency_sent IS NULL THEN %(currency)s ELSE money.id END AS currency_id
      FROM slice s
      JOIN item i ON i.id = s.id
      LEFT JOIN unit u ON u.id = s.id
      LEFT JOIN uom_uom reference ON reference.id = u.reference_uom_id
      LEFT JOIN res_currency money ON money.name = s.currency_sent AND money.active
)
"""

# For one reference unit, in binary floats: these numbers only raise questions. Whether a price is
# the same is decided exactly, by crosswise multiplication. Materialized, because what is used many
# times below would be calculated as often.
_RATED = """
rated AS MATERIALIZED (
    SELECT r.*, b.info_id, b.price AS old_price, b.base AS old_base, b.unit_code AS old_unit_code,
           b.date_start AS old_date_start, b.date_end AS old_date_end, b.currency_id AS old_currency_id,
           COALESCE(b.same_key, FALSE) AS same_key,
           b.product_uom_id IS DISTINCT FROM r.uom_id AS other_unit,
           r.amount::float8 / NULLIF(r.base_quantity, 0)::float8 / NULLIF(r.factor, 0) AS reference_price,
           (r.amount::float8 / NULLIF(r.base_quantity, 0)::float8 / NULLIF(r.factor, 0))
           / NULLIF(b.price::float8 / NULLIF(b.base, 0)::float8 / NULLIF(b.factor, 0), 0) AS ratio,
           b.same_key AND r.amount * b.base = b.price * r.base_quantity AS same_price
      FROM read r
      LEFT JOIN before b ON b.id = r.id
)
"""

_FLAGGED = """
flagged AS MATERIALIZED (
    SELECT x.*, array_remove(ARRAY[
        CASE WHEN reading = 'unreadable' AND NOT corrected THEN 'unreadable' END,
        CASE WHEN unknown THEN 'item_unknown' END,
        CASE WHEN ambiguous THEN 'item_ambiguous' END,
        CASE WHEN contradicted THEN 'item_contradiction' END,
        CASE WHEN gtin_sent IS NOT NULL AND gtin_sent <> '' AND gtin IS NULL
               OR reading = 'gtin_invalid' AND NOT gtin_corrected THEN 'gtin_invalid' END,
        CASE WHEN currency_id IS NULL THEN 'currency_unknown' END,
        CASE WHEN NOT is_ended THEN CASE
             WHEN price_kind = 'cost_plus' THEN 'cost_plus'
             WHEN price_kind = 'list' THEN 'list_price_only'
             WHEN tier IS NOT NULL THEN 'tier_price'
             WHEN amount IS NULL THEN 'price_missing'
             WHEN amount < 0 THEN 'price_negative' END END,
        CASE WHEN NOT is_ended AND unit_sent IS NULL THEN 'unit_missing'
             WHEN NOT is_ended AND uom_id IS NULL AND product_id IS NOT NULL THEN 'unit_unknown' END,
        CASE WHEN base_quantity <= 0 OR min_quantity < 0 THEN 'quantity_invalid' END,
        CASE WHEN valid_to < valid_from THEN 'dates_reversed'
             WHEN NOT is_ended AND valid_to < %(today)s THEN 'validity_over' END,
        CASE WHEN is_ended OR amount < 0 THEN NULL
             WHEN amount = 0 THEN 'price_zero'
             WHEN reference_price > %(price_max)s
               OR ratio > %(absurd)s OR ratio < 1 / %(absurd)s THEN 'price_absurd' END,
        CASE WHEN is_ended OR same_price OR ratio IS NULL OR ratio <= 0 THEN NULL
             WHEN ratio BETWEEN 1 - %(decrease)s AND 1 + %(increase)s THEN NULL
             WHEN abs(ratio / 10 ^ round(log(ratio::numeric)::float8) - 1) <= %(slip)s
              AND abs(round(log(ratio::numeric))) BETWEEN 1 AND 4 THEN 'decimal_slip' END,
        CASE WHEN is_ended OR same_price OR ratio IS NULL OR ratio <= 0 THEN NULL
             WHEN ratio BETWEEN 1 - %(decrease)s AND 1 + %(increase)s THEN NULL
             WHEN EXISTS (SELECT FROM healthcare_packaging k
                           WHERE k.active AND k.product_id = x.product_id AND k.factor > 1
                             AND (k.partner_id IS NULL OR k.partner_id = %(partner)s)
                             AND (abs(ratio / k.factor - 1) <= %(slip)s
                                  OR abs(ratio * k.factor - 1) <= %(slip)s))
             THEN CASE WHEN other_unit THEN 'unit_flip' ELSE 'pack_factor' END
             WHEN other_unit AND info_id IS NOT NULL THEN 'unit_flip' END,
        CASE WHEN is_ended OR same_price OR ratio IS NULL OR ratio <= 0 THEN NULL
             WHEN ratio > 1 + %(increase)s THEN 'large_increase'
             WHEN ratio < 1 - %(decrease)s THEN 'large_decrease' END,
        CASE WHEN info_id IS NOT NULL AND currency_id <> old_currency_id THEN 'currency_changed' END,
        CASE WHEN stated_factor <> factor THEN 'packaging_mismatch' END,
        CASE WHEN corrected THEN 'corrected' END,
        CASE WHEN info_id IS NOT NULL AND uom_id IS NOT NULL AND other_unit AND NOT is_ended
             THEN 'unit_changed' END,
        CASE WHEN NOT is_ended AND info_id IS NOT NULL AND valid_from < %(today)s AND NOT same_price
             THEN 'backdated' END,
        CASE WHEN same_price AND (valid_to IS DISTINCT FROM old_date_end OR old_date_start > effective)
             THEN 'validity_changed' END,
        CASE WHEN reading = 'read_with_doubt' THEN 'read_with_doubt' END
    ], NULL) AS flags
      FROM rated x
)
"""

_UPDATE = """
UPDATE healthcare_price_feed_line l
   SET product_id = f.product_id, uom_id = f.uom_id, unit_code = f.unit_code, factor = f.factor,
       stated_factor = f.stated_factor, amount = f.amount, base_quantity = f.base_quantity,
       min_quantity = f.min_quantity, currency_id = f.currency_id,
       valid_from = f.valid_from, valid_to = f.valid_to,
       old_info_id = f.info_id, old_price = f.old_price, old_base_quantity = f.old_base,
       old_unit_code = f.old_unit_code, old_date_end = f.old_date_end,
       change_percent = CASE WHEN f.is_ended THEN NULL
                             ELSE round((f.ratio::numeric - 1) * 100, 2) END,
       contract_price = NULL, contract_name = NULL, related_line = NULL,
       flags = NULLIF(array_to_string(f.flags, ' '), ''),
       change = f.change,
       kind = CASE WHEN f.flags && %(broken)s
                   THEN CASE WHEN %(ignore_unknown)s AND 'item_unknown' = ANY(f.flags)
                              AND NOT 'unreadable' = ANY(f.flags)
                             THEN 'ignored' ELSE 'broken' END
                   WHEN f.is_ended AND f.info_id IS NULL THEN 'ignored'
                   WHEN f.flags && %(suspicious)s AND f.change <> 'unchanged' THEN 'suspicious'
                   ELSE f.change END,
       decision = 'open'
  FROM (SELECT *, CASE WHEN is_ended THEN 'ended'
                       WHEN NOT same_key THEN 'new'
                       WHEN same_price AND NOT ('validity_changed' = ANY(flags)) THEN 'unchanged'
                       ELSE 'changed' END AS change
          FROM flagged) f
 WHERE l.id = f.id AND %(lines)s
"""


class HealthcarePriceFeed(models.Model):
    """Compares staged lines with the prices that are in force, a slice per transaction."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def _today(self):
        """Return the company's day: from it on a feed may change prices, never before."""
        self.ensure_one()
        return fields.Date.context_today(self.with_company(self.company_id))

    def _live_row(self):
        """Return the condition on price rows ``i`` of this supplier that may still count: rows that
        were ended before they began do not."""
        return SQL(
            """i.partner_id = ANY(%s) AND COALESCE(i.company_id, %s) = %s
               AND (i.date_start IS NULL OR i.date_end IS NULL OR i.date_start <= i.date_end)""",
            self._partner_family(),
            self.company_id.id,
            self.company_id.id,
        )

    def _begin_comparison(self):
        """Take down the policy that this feed is judged by."""
        self.ensure_one()
        self.thresholds = self.env["healthcare.price.feed.policy"]._thresholds(
            self.partner_id, self.company_id
        )

    def _compare_slice(self, limit=COMPARE_SLICE):
        """Compare the next lines; the result stands on them.

        :return: how many were compared; 0 when all are.
        """
        self.ensure_one()
        self.env.flush_all()
        count, lines = self._next_lines(SQL("kind IS NULL"), limit)
        if count:
            with self._joins_for(count):
                self._compare_lines(lines)
            self.compared_count = min(self.compared_count + count, self.line_count)
        return count

    @contextmanager
    def _joins_for(self, count):
        """Keep the planner from joining many lines row by row.

        It knows nothing yet of lines that this transaction or the one before wrote, takes them
        for one or two, and would need minutes instead of a second. Compiling such statements takes
        longer than running them.
        """
        if count < _MANY:
            yield
            return
        self.env.cr.execute(
            "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"
        )
        yield
        self.env.cr.execute(
            "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL work_mem TO DEFAULT; SET LOCAL jit TO DEFAULT"
        )

    def _next_lines(self, where, limit):
        """Return ``(count, condition)`` of the next lines that meet a condition; the condition names
        the table ``l``."""
        self.env.cr.execute(
            SQL(
                "SELECT count(*), max(id) FROM (SELECT id FROM healthcare_price_feed_line"
                " WHERE feed_id = %s AND %s ORDER BY id LIMIT %s) AS next",
                self.id,
                where,
                limit,
            )
        )
        count, last = self.env.cr.fetchone()
        return count, SQL("l.feed_id = %s AND l.id <= %s AND %s", self.id, last, where)

    def _compare_lines(self, lines):
        """Resolve, compare and judge some lines of this feed in one statement.

        :param SQL lines: which, as of :meth:`_next_lines`
        """
        limits = self.thresholds
        today = self._today()
        query = SQL(
            "WITH %s, %s, %s, %s, %s %s",
            self._resolve_sql(lines),
            SQL(
                _READ,
                today=today,
                currency=self.currency_id.id,
                ended_statuses=list(ENDED_STATUSES),
            ),
            SQL(_BEFORE, live=self._live_row()),
            SQL(_RATED),
            SQL(
                _FLAGGED,
                today=today,
                partner=self.partner_id.id,
                price_max=float(limits["price_max"]),
                absurd=float(limits["absurd_factor"]),
                increase=float(limits["increase_percent"]) / 100,
                decrease=float(limits["decrease_percent"]) / 100,
                slip=float(limits["slip_percent"]) / 100,
            ),
            SQL(
                _UPDATE,
                lines=lines,
                broken=list(BROKEN_FLAGS),
                suspicious=list(SUSPICIOUS_FLAGS),
                ignore_unknown=bool(limits["ignore_unknown_items"]),
            ),
        )
        self.env.cr.execute(query)
        self.env["healthcare.price.feed.line"].invalidate_model()
