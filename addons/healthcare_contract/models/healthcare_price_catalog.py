from decimal import Decimal

from odoo import api, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.units import normalise_unit_code

from ..engine.price_facts import Offer
from ..engine.price_rules import catalog_rank
from ..engine.price_units import whole_fraction

_ZERO, _ONE = Decimal(0), Decimal(1)


class HealthcarePrice(models.AbstractModel):
    """Facts that no contract tells: suppliers' price lists, and what was approved last."""

    _inherit = "healthcare.price"

    @api.model
    def _load_catalog_prices(self, items, units):
        """Return the prices of these items in suppliers' price lists, fed or made by hand.

        :param items: ``{template id: [(product id, reference unit id)]}``
        :param units: ``{unit id: (code, factor, root)}``
        """
        cr = self.env.cr
        cr.execute(
            """
            SELECT info.id, info.product_tmpl_id, info.product_id, partner.commercial_partner_id,
                   info.product_uom_id, info.unit_code, trim_scale(info.exact_price)::text,
                   trim_scale(info.base_quantity)::text, trim_scale(info.price::text::numeric)::text,
                   NULLIF(trim_scale(info.discount::text::numeric), 0)::text,
                   NULLIF(trim_scale(info.min_qty::text::numeric), 0)::text, info.date_start, info.date_end,
                   info.price_class, info.company_id, info.contract_number, info.ended_by_feed_id,
                   info.sequence, currency.id, currency.name
              FROM product_supplierinfo info
              JOIN res_partner partner ON partner.id = info.partner_id
              JOIN res_currency currency ON currency.id = info.currency_id
             WHERE info.product_tmpl_id = ANY(%s) AND partner.active
            """,
            [list(items)],
        )
        return [
            self._catalog_offer(
                info_id, product_id, supplier_id, fed, units[uom_id], units[reference_id], *rest
            )
            for info_id, template_id, only, supplier_id, uom_id, fed, *rest in cr.fetchall()
            for product_id, reference_id in items[template_id]
            if only is None or only == product_id
        ]

    @api.model
    def _catalog_offer(self, info_id, product_id, supplier_id, fed_unit, uom, reference, *rest):
        """Return one line of a supplier's price list as an offer."""
        exact, base, price, discount, minimum, start, end = rest[:7]
        price_class, company_id, contract_number, ended_by, sequence, *currency = rest[7:]
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
            supplier_ids=(supplier_id,),
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
        offer.rank = catalog_rank(offer, sequence or 0)
        offer.facts = self._facts(offer, "product.supplierinfo", currency, parts, start, end)
        offer.facts.update(price=text, base_quantity=base or "1", minimum_quantity=minimum or False)
        offer.facts["contract_number"] = contract_number or False
        return offer

    @api.model
    def _load_ordered(self, asks):
        """Return the price of the last order that was approved before the day asked for.

        :return: ``{(product id, supplier id or None, company id, day, order id or None): [offer]}``
        """
        wanted = {
            (ask.product_id, ask.supplier_id or 0, ask.company_id, ask.day, ask.order_id or 0) for ask in asks
        }
        self.env["purchase.order"].flush_model(["state", "partner_id", "date_approve", "company_id"])
        self.env["purchase.order.line"].flush_model(
            ["order_id", "product_id", "product_uom_id", "price_unit", "discount"]
        )
        columns = [list(column) for column in zip(*wanted, strict=True)]
        self.env.cr.execute(
            """
            SELECT want.product_id, want.supplier_id, want.company_id, want.day, want.order_id, ordered.*
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::date[], %s::int[])
                   AS want(product_id, supplier_id, company_id, day, order_id)
              CROSS JOIN LATERAL (
                   SELECT line.id, partner.commercial_partner_id, uom.unit_code, uom.factor::text,
                          reference.factor::text, line.price_unit, line.discount, po.date_approve::date,
                          po.name, currency.id, currency.name
                     FROM purchase_order_line line
                     JOIN purchase_order po ON po.id = line.order_id
                     JOIN res_partner partner ON partner.id = po.partner_id
                     JOIN uom_uom uom ON uom.id = line.product_uom_id
                     JOIN product_product product ON product.id = line.product_id
                     JOIN product_template template ON template.id = product.product_tmpl_id
                     JOIN uom_uom reference ON reference.id = template.uom_id
                     JOIN res_currency currency ON currency.id = po.currency_id
                    WHERE line.product_id = want.product_id
                      AND po.state = 'purchase'
                      AND po.company_id = want.company_id
                      AND (want.supplier_id = 0 OR partner.commercial_partner_id = want.supplier_id)
                      AND po.date_approve < want.day + 1
                      AND po.id != want.order_id
                      AND line.price_unit > 0
                    ORDER BY po.date_approve DESC, line.id DESC
                    LIMIT 1
              ) ordered
            """,
            columns,
        )
        return {
            (row[0], row[1] or None, row[2], row[3], row[4] or None): [
                self._ordered_offer(row[0], row[2], *row[5:])
            ]
            for row in self.env.cr.fetchall()
        }

    @api.model
    def _ordered_offer(self, product_id, company_id, line_id, supplier_id, unit, factor, reference, *rest):
        """Return the price of a confirmed order line as an offer."""
        price, discount, approved_on, number, *currency = rest
        amount = Decimal(repr(price))
        if discount:
            amount *= 1 - Decimal(repr(discount)) / 100
        offer = Offer(
            source="last_approved",
            id=line_id,
            product_id=product_id,
            supplier_ids=(supplier_id,),
            unit=normalise_unit_code(unit),
            factor=whole_fraction(float(factor) / float(reference)),
            amount=amount,
            base_quantity=Decimal(1),
            minimum=Decimal(0),
            valid_from=approved_on,
            valid_to=None,
            price_class=None,
            company_id=company_id,
        )
        offer.facts = self._facts(offer, "purchase.order.line", currency, False, approved_on, None)
        offer.facts.update(price=numeric_text(amount), base_quantity="1", order_number=number)
        return offer
