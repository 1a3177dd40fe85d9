from collections import defaultdict
from decimal import Decimal

from odoo import api, models
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.units import normalise_unit_code
from odoo.tools import SQL

from ..engine.price_facts import Offer
from ..engine.price_units import whole_fraction
from .healthcare_price_load import day_text


class HealthcarePrice(models.AbstractModel):
    """Facts for items that no contract and no price list prices: what was approved last."""

    _inherit = "healthcare.price"

    @api.model
    def _load_ordered(self, asks):
        """Return the prices of the last orders that were approved until the day asked for.

        One for each price class that was bought at, the newest first: what was paid at one class
        says nothing of another.

        :return: ``{(product id, supplier id or None, company id, day, order id or None): [offer]}``
        """
        wanted = {
            (ask.product_id, ask.supplier_id or 0, ask.company_id, ask.day, ask.order_id or 0) for ask in asks
        }
        self.env["purchase.order"].flush_model(["state", "partner_id", "date_approve", "company_id"])
        self.env["purchase.order.line"].flush_model(
            ["order_id", "product_id", "product_uom_id", "price_unit", "discount"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT want.*, ordered.*
                  FROM unnest(%(products)s::int[], %(suppliers)s::int[], %(companies)s::int[],
                              %(days)s::date[], %(orders)s::int[])
                       AS want(product_id, supplier_id, company_id, day, order_id)
                  CROSS JOIN LATERAL (
                       SELECT DISTINCT ON (price_class.code)
                              line.id, partner.commercial_partner_id, uom.unit_code, uom.factor::text,
                              reference.factor::text, line.price_unit, line.discount, po.date_approve,
                              po.name, price_class.code, currency.id, currency.name
                         FROM purchase_order_line line
                         JOIN purchase_order po ON po.id = line.order_id
                         JOIN res_partner partner ON partner.id = po.partner_id
                         JOIN uom_uom uom ON uom.id = line.product_uom_id
                         JOIN product_product product ON product.id = line.product_id
                         JOIN product_template template ON template.id = product.product_tmpl_id
                         JOIN uom_uom reference ON reference.id = template.uom_id
                         JOIN res_currency currency ON currency.id = po.currency_id
                        CROSS JOIN LATERAL (SELECT %(price_class)s AS code) price_class
                        WHERE line.product_id = want.product_id
                          AND po.state = 'purchase'
                          AND po.company_id = want.company_id
                          AND (want.supplier_id = 0 OR partner.commercial_partner_id = want.supplier_id)
                          AND po.date_approve < want.day + 1
                          AND po.id != want.order_id
                          AND line.price_unit > 0
                        ORDER BY price_class.code, po.date_approve DESC, line.id DESC
                  ) ordered
                """,
                price_class=self._ordered_class(),
                **dict(
                    zip(
                        ("products", "suppliers", "companies", "days", "orders"),
                        map(list, zip(*wanted, strict=True)),
                        strict=True,
                    )
                ),
            )
        )
        ordered = defaultdict(list)
        for product_id, supplier_id, company_id, day, order_id, *row in sorted(
            rows, key=lambda row: (row[12], row[5]), reverse=True
        ):
            key = (product_id, supplier_id or None, company_id, day, order_id or None)
            ordered[key].append(self._ordered_offer(product_id, company_id, row))
        return ordered

    @api.model
    def _ordered_class(self):
        """Hook: return as SQL the price class of a ``line`` of order ``po`` from ``partner``.

        NULL where its price is for everybody. Addons that know for whom an order was override it.
        """
        return SQL("NULL::varchar")

    @api.model
    def _ordered_offer(self, product_id, company_id, row):
        """Return the price of a confirmed order line as an offer."""
        line_id, supplier_id, unit, factor, reference, price, discount, approved_at, number = row[:9]
        price_class, currency_id, currency = row[9:]
        amount = Decimal(repr(price))
        if discount:
            amount *= 1 - Decimal(repr(discount)) / 100
        approved_on = approved_at.date()
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
            price_class=price_class,
            company_id=company_id,
        )
        offer.facts = {
            "price": numeric_text(amount),
            "base_quantity": "1",
            "unit": offer.unit or False,
            "source": "last_approved",
            "source_model": "purchase.order.line",
            "source_id": line_id,
            "contract_id": False,
            "contract_number": False,
            "tier": False,
            "valid_from": day_text(approved_on),
            "valid_to": False,
            "price_class": price_class or False,
            "minimum_quantity": False,
            "currency_id": currency_id,
            "currency": currency,
            "parts": False,
            "partner_id": supplier_id,
            "partner_name": False,
            "reason": "other_supplier",
            "explanation": False,
            "order_number": number,
        }
        return offer
