import hashlib

from odoo import models
from odoo.tools import SQL

#: What is approved of each part, in SQL: table, columns, order.
_PARTS = (
    ("healthcare_contract_tier", "id, code, name, conditions, min_amount, min_quantity, unit_code,"
     " min_share_percent"),
    ("healthcare_contract_eligibility", "id, facility_id, account_id, price_class, tier_id, date_from,"
     " date_to"),
    ("healthcare_contract_line", "id, line_number, product_id, description, buyer_code, supplier_code,"
     " manufacturer_code, gtin, ndc, hibc, udi_di"),
    ("healthcare_contract_price", "id, line_id, tier_id, kind, amount, discount_percent, markup_percent, fee,"
     " net_amount, product_id, base_quantity, unit_code, min_quantity, price_class, valid_from, valid_to"),
    ("healthcare_contract_commitment", "id, kind, tier_id, line_id, categ_id, target, unit_code, date_from,"
     " date_to, basis, alert_percent"),
    ("healthcare_contract_cap", "id, code, name, amount, date_from, date_to"),
    ("healthcare_contract_problem", "id, message, is_done, done_note"),
)  # fmt: skip


class HealthcareContract(models.Model):
    """A contract with all its parts, as one digest; and how one version differs from another."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    def _content_digest(self):
        """Return the SHA-256 of the parts of this contract, in hexadecimal.

        Made in the database: contracts have thousands of prices.
        """
        self.ensure_one()
        self.env.flush_all()
        digest = hashlib.sha256()
        for table, columns in _PARTS:
            row = self.env.execute_query(
                SQL(
                    "SELECT encode(sha256(convert_to(COALESCE(string_agg(part::text, E'\\n'"
                    " ORDER BY part.id), ''), 'UTF8')), 'hex')"
                    " FROM (SELECT %s FROM %s WHERE contract_id = %s) part",
                    SQL(columns),
                    SQL.identifier(table),
                    self.id,
                )
            )
            digest.update(row[0][0].encode())
        rows = self.env.execute_query(
            SQL(
                "SELECT string_agg(relation::text, ',' ORDER BY relation::text)"
                "  FROM healthcare_contract_cap_healthcare_contract_line_rel relation"
                "  JOIN healthcare_contract_cap cap ON cap.id = relation.healthcare_contract_cap_id"
                " WHERE cap.contract_id = %s",
                self.id,
            )
        )
        digest.update((rows[0][0] or "").encode())
        return digest.hexdigest()

    def _price_differences(self):
        """Compare the prices with those of the version that this one amends.

        Prices are the same one when item (or supplier code), tier, unit, quantity, price class
        and first day are; amounts compare per one of the unit.

        :return: list of ``(line_id, kind, old, new, percent)``, the largest change first, where
            kind is ``new``, ``ended`` or ``changed`` and old and new are texts or ``None``
        """
        self.ensure_one()
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """
                WITH price AS (
                    SELECT p.contract_id, l.id AS line_id,
                           COALESCE(l.product_id::text, l.supplier_code, l.manufacturer_code, l.gtin,
                                    l.line_number) AS item,
                           upper(COALESCE(t.code, '')) AS tier, p.unit_code, p.min_quantity,
                           COALESCE(p.price_class, '') AS price_class,
                           COALESCE(p.valid_from, '-infinity'::date) AS first_day,
                           p.net_amount / p.base_quantity AS net
                      FROM healthcare_contract_price p
                      JOIN healthcare_contract_line l ON l.id = p.line_id
                      LEFT JOIN healthcare_contract_tier t ON t.id = p.tier_id
                     WHERE p.contract_id IN (%(mine)s, %(earlier)s)
                )
                SELECT COALESCE(new.line_id, old.line_id),
                       CASE WHEN old.net IS NULL THEN 'new' WHEN new.net IS NULL THEN 'ended'
                            ELSE 'changed' END,
                       trim_scale(round(old.net, 6))::text, trim_scale(round(new.net, 6))::text,
                       round((new.net - old.net) * 100 / NULLIF(old.net, 0), 1)::float
                  FROM (SELECT * FROM price WHERE contract_id = %(earlier)s) old
                  FULL JOIN (SELECT * FROM price WHERE contract_id = %(mine)s) new
                    ON (new.item, new.tier, new.unit_code, new.min_quantity, new.price_class, new.first_day)
                     = (old.item, old.tier, old.unit_code, old.min_quantity, old.price_class, old.first_day)
                 WHERE old.net IS DISTINCT FROM new.net
                 ORDER BY abs((new.net - old.net) / NULLIF(old.net, 0)) DESC NULLS LAST, 1
                """,
                mine=self.id,
                earlier=self.amends_id.id or 0,
            )
        )

    def _flag_backdated(self):
        """Mark prices that hold on days before today, and did not before this approval."""
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_contract_price p
                   SET is_backdated = true
                  FROM healthcare_contract c, healthcare_contract_line l
                 WHERE c.id = %(mine)s AND p.contract_id = c.id AND l.id = p.line_id
                   AND GREATEST(COALESCE(p.valid_from, c.effective_from), c.effective_from)
                       < (now() AT TIME ZONE 'UTC')::date
                   AND NOT EXISTS (
                       SELECT FROM healthcare_contract_price q
                         JOIN healthcare_contract_line m ON m.id = q.line_id
                         LEFT JOIN healthcare_contract_tier u ON u.id = q.tier_id
                         LEFT JOIN healthcare_contract_tier t ON t.id = p.tier_id
                        WHERE q.contract_id = c.amends_id
                          AND m.product_id = l.product_id
                          AND upper(u.code) IS NOT DISTINCT FROM upper(t.code)
                          AND q.unit_code = p.unit_code AND q.min_quantity = p.min_quantity
                          AND q.price_class IS NOT DISTINCT FROM p.price_class
                          AND q.valid_from IS NOT DISTINCT FROM p.valid_from
                          AND q.net_amount * p.base_quantity = p.net_amount * q.base_quantity
                   )
                """,
                mine=self.id,
            )
        )
        self.line_ids.price_ids.invalidate_recordset(["is_backdated"])
