"""Which item and which unit the lines of a feed mean: the set-based twin of
``product.product._find_by_item_codes`` and ``healthcare.packaging._resolve_units``.

A test compares both; what one learns the other has to learn.
"""

from odoo import models
from odoo.addons.healthcare_base.tools.identifiers import normalise_gtin, normalise_hibc, normalise_ndc
from odoo.addons.healthcare_base.tools.packaging_string import PackagingStringError, parse_packaging_string
from odoo.addons.healthcare_base.tools.units import normalise_unit_code
from odoo.tools import SQL

# Codes as the items have them: normalised in Python, once per text.
_SLICE = """
slice AS MATERIALIZED (
    SELECT l.id, l.supplier_code, l.buyer_code, l.manufacturer_code,
           l.correction, (l.correction->>'product_id')::integer AS chosen_product_id,
           gtins.code AS gtin, udis.code AS udi_di, hibcs.code AS hibc, ndcs.code AS ndc,
           CASE WHEN l.correction ? 'gtin' THEN l.correction->>'gtin' ELSE l.gtin END AS gtin_sent,
           units.code AS unit_code,
           COALESCE(l.correction->>'unit', l.unit_sent) AS unit_sent,
           l.packaging, l.valid_from_sent,
           COALESCE((l.correction->>'valid_from')::date, l.valid_from_sent) AS valid_from,
           COALESCE((l.correction->>'valid_to')::date, l.valid_to_sent) AS valid_to,
           l.amount_sent, l.base_quantity_sent, l.min_quantity_sent, l.price_class, l.contract_number,
           l.price_kind, l.tier, l.status_sent, l.currency_sent, l.reading
      FROM healthcare_price_feed_line l
      LEFT JOIN unnest(%(unit_texts)s::text[], %(unit_codes)s::text[]) AS units(sent, code)
             ON units.sent = COALESCE(l.correction->>'unit', l.unit_sent)
      LEFT JOIN unnest(%(gtin_texts)s::text[], %(gtin_codes)s::text[]) AS gtins(sent, code)
             ON gtins.sent = CASE WHEN l.correction ? 'gtin' THEN l.correction->>'gtin' ELSE l.gtin END
      LEFT JOIN unnest(%(gtin_texts)s::text[], %(gtin_codes)s::text[]) AS udis(sent, code)
             ON udis.sent = l.udi_di
      LEFT JOIN unnest(%(hibc_texts)s::text[], %(hibc_codes)s::text[]) AS hibcs(sent, code)
             ON hibcs.sent = l.hibc
      LEFT JOIN unnest(%(ndc_texts)s::text[], %(ndc_codes)s::text[]) AS ndcs(sent, code)
             ON ndcs.sent = l.ndc
     WHERE %(lines)s
)
"""

# Ranks as in `_find_by_item_codes`. Barcodes stand in any of a GTIN's shorter forms.
_EVIDENCE = """
visible AS (
    SELECT p.id, p.product_tmpl_id, p.default_code, p.barcode, t.manufacturer_code, t.hibc, t.ndc
      FROM product_product p
      JOIN product_template t ON t.id = p.product_tmpl_id
     WHERE p.active AND (t.company_id IS NULL OR t.company_id = %(company)s)
),
gtin_owner AS (
    SELECT lpad(barcode, 14, '0') AS gtin, id AS product_id FROM visible
     WHERE barcode ~ '^([0-9]{8}|[0-9]{12,14})$'
     UNION ALL
    SELECT lpad(link.barcode, 14, '0'), link.product_id FROM product_uom link
     WHERE link.barcode ~ '^([0-9]{8}|[0-9]{12,14})$'
     UNION ALL
    SELECT unnest(string_to_array(packaging.gtins, ' ')), packaging.product_id
      FROM healthcare_packaging packaging WHERE packaging.active AND packaging.gtins IS NOT NULL
),
evidence AS (
    SELECT s.id, 1 AS rank, p.id AS product_id
      FROM slice s JOIN visible p ON p.default_code = s.buyer_code
     UNION
    SELECT s.id, 2, p.id
      FROM slice s
      JOIN product_supplierinfo i ON i.product_code = s.supplier_code AND i.partner_id = ANY(%(family)s)
      JOIN visible p ON p.product_tmpl_id = i.product_tmpl_id
       AND (i.product_id IS NULL OR i.product_id = p.id)
     UNION
    SELECT s.id, 3, p.id
      FROM slice s JOIN visible p ON p.manufacturer_code = s.manufacturer_code
     UNION
    SELECT s.id, 4, p.id
      FROM slice s JOIN gtin_owner g ON g.gtin = s.gtin JOIN visible p ON p.id = g.product_id
     UNION
    SELECT s.id, 5, p.id
      FROM slice s JOIN gtin_owner g ON g.gtin = s.udi_di JOIN visible p ON p.id = g.product_id
     UNION
    SELECT s.id, 6, p.id FROM slice s JOIN visible p ON p.hibc = s.hibc
     UNION
    SELECT s.id, 7, p.id FROM slice s JOIN visible p ON p.ndc = s.ndc
),
ranked AS (
    SELECT id, rank, array_agg(product_id ORDER BY product_id) AS products FROM evidence GROUP BY id, rank
),
best AS (
    SELECT DISTINCT ON (id) id, rank, products FROM ranked ORDER BY id, rank
),
-- a manufacturer's code is unique with that manufacturer only, so it contradicts nothing
contradicted AS (
    SELECT DISTINCT b.id FROM best b JOIN ranked r ON r.id = b.id AND r.rank NOT IN (b.rank, 3)
     WHERE NOT r.products && b.products
),
item AS (
    SELECT s.id, COALESCE(s.chosen_product_id, b.products[1]) AS product_id,
           s.chosen_product_id IS NULL AND b.id IS NULL AS unknown,
           s.chosen_product_id IS NULL AND cardinality(b.products) > 1 AS ambiguous,
           s.chosen_product_id IS NULL AND c.id IS NOT NULL AS contradicted
      FROM slice s
      LEFT JOIN best b ON b.id = s.id
      LEFT JOIN contradicted c ON c.id = s.id
)
"""

# The supplier's own packaging before the one for all, then the item's reference unit, then a unit
# that means the same everywhere.
_UNIT = """
unit AS (
    SELECT s.id, i.product_id, p.product_tmpl_id, t.uom_id AS reference_uom_id,
           CASE WHEN packaging.id IS NOT NULL THEN packaging.uom_id
                WHEN reference.unit_code = s.unit_code THEN reference.id
                ELSE standard.uom_id END AS uom_id,
           CASE WHEN packaging.id IS NOT NULL THEN packaging.factor
                WHEN reference.unit_code = s.unit_code THEN 1
                ELSE standard.factor END AS factor,
           stated.factor AS stated_factor
      FROM slice s
      JOIN item i ON i.id = s.id
      JOIN product_product p ON p.id = i.product_id
      JOIN product_template t ON t.id = p.product_tmpl_id
      JOIN uom_uom reference ON reference.id = t.uom_id
      LEFT JOIN LATERAL (
           SELECT k.id, k.uom_id, k.factor
             FROM healthcare_packaging k
            WHERE k.active AND k.product_id = i.product_id AND k.unit_code = s.unit_code
              AND (k.partner_id IS NULL OR k.partner_id = %(partner)s)
              AND (k.date_from IS NULL OR k.date_from <= GREATEST(s.valid_from, %(today)s))
              AND (k.date_to IS NULL OR k.date_to >= GREATEST(s.valid_from, %(today)s))
            ORDER BY k.partner_id IS NULL, k.id
            LIMIT 1) packaging ON TRUE
      LEFT JOIN unnest(%(standard_codes)s::text[], %(standard_references)s::integer[],
                       %(standard_uoms)s::integer[], %(standard_factors)s::integer[])
                AS standard(code, reference_id, uom_id, factor)
             ON standard.code = s.unit_code AND standard.reference_id = t.uom_id
      LEFT JOIN unnest(%(packed_texts)s::text[], %(packed_first)s::text[], %(packed_codes)s::text[],
                       %(packed_factors)s::integer[]) AS stated(text, first, code, factor)
             ON stated.text = s.packaging AND stated.code = s.unit_code
            AND stated.first = reference.unit_code
)
"""


class HealthcarePriceFeed(models.Model):
    """What the lines of a feed mean."""

    _inherit = "healthcare.price.feed"  # pylint: disable=consider-merging-classes-inherited

    def _resolve_sql(self, lines):
        """Return the common table expressions ``slice``, ``ranked``, ``item`` and ``unit`` over
        some lines of this feed: item and unit of each, and how sure that is.

        :param SQL lines: condition on the table ``l``
        """
        self.ensure_one()
        return SQL(
            ",".join((_SLICE, _EVIDENCE, _UNIT)),
            lines=lines,
            company=self.company_id.id,
            partner=self.partner_id.id,
            family=self._partner_family(),
            today=self._today(),
            **self._code_maps(lines),
        )

    def _partner_family(self):
        """Return the ids of all partners that are this supplier."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id FROM res_partner WHERE commercial_partner_id = %s", [self.partner_id.id]
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _code_maps(self, lines):
        """Return the arrays that :meth:`_resolve_sql` joins: each distinct text of the lines with
        what it means. Normalisation has one home, in Python."""
        texts = self._distinct_texts(lines)
        maps = {}
        for name, normalise in (
            ("unit", normalise_unit_code),
            ("gtin", normalise_gtin),
            ("hibc", normalise_hibc),
            ("ndc", normalise_ndc),
        ):
            pairs = [(text, normalise(text)) for text in texts[name]]
            maps[f"{name}_texts"] = [text for text, code in pairs if code]
            maps[f"{name}_codes"] = [code for _text, code in pairs if code]
        maps.update(self._standard_map(set(maps["unit_codes"])))
        maps.update(_packed_map(texts["packaging"]))
        return maps

    def _distinct_texts(self, lines):
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT sent.name, sent.text
                  FROM healthcare_price_feed_line l
                 CROSS JOIN LATERAL (VALUES
                       ('unit', COALESCE(l.correction->>'unit', l.unit_sent)),
                       ('gtin', CASE WHEN l.correction ? 'gtin' THEN l.correction->>'gtin' ELSE l.gtin END),
                       ('gtin', l.udi_di),
                       ('hibc', l.hibc),
                       ('ndc', l.ndc),
                       ('packaging', l.packaging)) AS sent(name, text)
                 WHERE sent.text <> '' AND %s
                """,
                lines,
            )
        )
        texts = {name: [] for name in ("unit", "gtin", "hibc", "ndc", "packaging")}
        for name, text in self.env.cr.fetchall():
            texts[name].append(text)
        return texts

    def _standard_map(self, codes):
        """Return the units with a fixed meaning (a dozen) per reference unit of any item, where
        they hold a whole number of it."""
        packagings = self.env["healthcare.packaging"]
        standard = packagings._standard_units(codes)
        rows = []
        if standard:
            self.env.cr.execute("SELECT DISTINCT uom_id FROM product_template")
            references = self.env["uom.uom"].browse([row[0] for row in self.env.cr.fetchall()])
            for reference in references:
                for code, uom in standard.items():
                    if factor := packagings._standard_factor(uom, reference):
                        rows.append((code, reference.id, uom.id, factor))
        return {
            f"standard_{name}": [row[index] for row in rows]
            for index, name in enumerate(("codes", "references", "uoms", "factors"))
        }


def _packed_map(texts):
    """Return the factors that packaging strings such as ``EA 10/BX 25/CS`` state, with the unit
    that they begin with; unreadable ones state nothing."""
    rows = []
    for text in texts:
        try:
            levels = parse_packaging_string(text)
        except PackagingStringError:
            continue
        first = normalise_unit_code(levels[0][0])
        rows.extend((text, first, normalise_unit_code(code), factor) for code, factor in levels)
    rows = [row for row in rows if row[3] < 2**31]
    return {
        f"packed_{name}": [row[index] for row in rows]
        for index, name in enumerate(("texts", "first", "codes", "factors"))
    }
