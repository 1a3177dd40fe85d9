from decimal import Decimal

from odoo import api, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

from ..engine.price_facts import Offer
from ..engine.price_rules import rank_catalog_price
from .healthcare_price_load import day_text

_ZERO, _ONE = Decimal(0), Decimal(1)


class HealthcarePrice(models.AbstractModel):
    """Facts that no contract tells: suppliers' price lists."""

    _inherit = "healthcare.price"

    @api.model
    def _load_catalog_prices(self, items, units, company_ids):
        """Return the prices of these items in suppliers' price lists, fed or made by hand.

        :param items: ``{template id: [(product id, reference unit id)]}``
        :param units: ``{unit id: (code, factor, root)}``
        :param company_ids: lists of other companies are left out
        """
        cr = self.env.cr
        cr.execute(
            """
            SELECT info.id, info.product_tmpl_id, info.product_id, partner.commercial_partner_id,
                   info.product_uom_id, info.unit_code, trim_scale(info.exact_price)::text,
                   trim_scale(info.base_quantity)::text, trim_scale(info.price)::text,
                   NULLIF(trim_scale(info.discount), 0)::text,
                   NULLIF(trim_scale(info.min_qty), 0)::text, info.date_start, info.date_end,
                   info.price_class, info.company_id, info.contract_number, info.ended_by_feed_id,
                   currency.id, currency.name, COALESCE(info.sequence, 0)
              FROM product_supplierinfo info
              JOIN res_partner partner ON partner.id = info.partner_id
              JOIN res_currency currency ON currency.id = info.currency_id
             WHERE info.product_tmpl_id = ANY(%s) AND partner.active
               AND (info.company_id IS NULL OR info.company_id = ANY(%s))
            """,
            [list(items), list(company_ids)],
        )
        rows = cr.fetchall()
        suppliers = {row[3]: (row[3],) for row in rows}
        # a supplier has one place among an item's: the first that people gave one of its lines
        places = {}
        for row in rows:
            of_item = row[1], row[3]
            if row[-1] <= places.get(of_item, row[-1]):
                places[of_item] = row[-1]
        return [
            self._catalog_offer(
                row, places[row[1], row[3]], product_id, suppliers[row[3]], units[row[4]], units[reference_id]
            )
            for row in rows
            for product_id, reference_id in items[row[1]]
            if row[2] is None or row[2] == product_id
        ]

    @api.model
    def _catalog_offer(self, row, sequence, product_id, supplier_ids, uom, reference):
        """Return one line of a supplier's price list as an offer."""
        # fmt: off
        (
            info_id, _template_id, _only, supplier_id, _uom_id, fed_unit, exact, base, price, discount,
            minimum, start, end, price_class, company_id, contract_number, ended_by, currency_id,
            currency, _own_sequence,
        ) = row
        # fmt: on
        unit, factor = normalise_unit_code(fed_unit) if fed_unit else uom[0], None
        if unit == uom[0]:
            factor = self._ratio(uom, reference)
        parts, text = False, exact or price or "0"
        if exact is None:
            base = None
            if discount:
                parts = {"list_price": text, "discount_percent": discount}
                text = numeric_text(Decimal(text) * (1 - Decimal(discount) / 100))
        offer = Offer(
            source="catalog",
            id=info_id,
            product_id=product_id,
            supplier_ids=supplier_ids,
            unit=unit,
            factor=factor,
            amount=Decimal(text),
            base_quantity=Decimal(base) if base else _ONE,
            minimum=Decimal(minimum) if minimum else _ZERO,
            valid_from=start,
            valid_to=end,
            price_class=price_class,
            company_id=company_id,
            withdrawn=ended_by is not None,
        )
        rank_catalog_price(offer, sequence)
        offer.facts = {
            "price": text,
            "base_quantity": base or "1",
            "unit": offer.unit or False,
            "source": "catalog",
            "source_model": "product.supplierinfo",
            "source_id": info_id,
            "contract_id": False,
            "contract_number": contract_number or False,
            "tier": False,
            "valid_from": day_text(start),
            "valid_to": day_text(end),
            "price_class": price_class or False,
            "minimum_quantity": minimum or False,
            "currency_id": currency_id,
            "currency": currency,
            "parts": parts,
            "partner_id": supplier_id,
            "partner_name": False,
            "reason": "other_supplier",
            "explanation": False,
        }
        return offer
