from collections import defaultdict
from datetime import date
from decimal import Context, Decimal

from odoo import api, models
from odoo.addons.healthcare_base.tools.exact import numeric_text

from ..engine.price_units import convert
from .healthcare_contract import IN_FORCE_STATES

_EXACT = Context(prec=60)


class HealthcarePrice(models.AbstractModel):
    """Prices that suppliers announce, beside what contracts say."""

    _inherit = "healthcare.price"

    @api.model
    def _highest_contract_prices(self, rows):
        """Return the highest contract price beside each announced one.

        :param rows: tuples of (key, product id, unit code, base quantity, minimum quantity, day,
            price class, contract number, company id, supplier id, currency id); numbers as text
        :return: ``{key: (decimal text for the announced base quantity and unit, contract number)}``
        """
        announced = [_Announced(row) for row in rows]
        if not announced:
            return {}
        self._flush_prices()
        product_ids = list({each.product_id for each in announced})
        units = self._load_units(product_ids)[0]
        offers = defaultdict(list)
        companies = {each.company_id for each in announced}
        for offer in self._load_contract_prices(product_ids, companies):
            if offer.contract.state in IN_FORCE_STATES and offer.amount is not None:
                offers[offer.product_id].append(offer)
        contracts = {offer.contract.id: offer.contract for each in offers.values() for offer in each}
        held = self._held_tiers(contracts)
        found = {}
        for each in announced:
            best = max(
                (
                    (price, offer)
                    for offer in offers[each.product_id]
                    if each.is_met_by(offer, held[offer.contract.id])
                    and (price := self._announced_price(offer, each, units)) is not None
                ),
                key=lambda one: one[0],
                default=None,
            )
            if best:
                found[each.key] = (numeric_text(best[0]), best[1].contract.number)
        return found

    @api.model
    def _held_tiers(self, contracts):
        """Return ``{contract id: tiers that any facility holds}``, with ``None`` for no tier."""
        rosters = self._load_rosters(list(contracts))
        return {
            contract.id: {
                None,
                contract.default_tier_id,
                *(entry.tier_id for entry in rosters.get(contract.id, ())),
            }
            for contract in contracts.values()
        }

    @api.model
    def _announced_price(self, offer, announced, units):
        """Return an offer's price for an announced base quantity and unit, ``None`` if unknown."""
        wanted = units.factor(announced.product_id, announced.unit, announced.supplier_id, announced.day)
        offered = units.factor(offer.product_id, offer.unit, announced.supplier_id, announced.day)
        if offer.unit == announced.unit:
            amount, base = offer.amount, offer.base_quantity
        elif wanted and offered:
            amount, base = convert(offer.amount, offer.base_quantity, offered, wanted)
        else:
            return None
        price = _EXACT.divide(_EXACT.multiply(amount, announced.base), base)
        # compared with the decimals that prices have; a price that does not end is cut
        return Decimal(numeric_text(price.quantize(Decimal("1E-12"), context=_EXACT)))


class _Announced:
    """A line of a price list, as far as it is compared."""

    __slots__ = (
        "base",
        "company_id",
        "contract_number",
        "currency_id",
        "day",
        "key",
        "minimum",
        "price_class",
        "product_id",
        "supplier_id",
        "unit",
    )

    def __init__(self, row):
        self.key, self.product_id, self.unit, base, minimum, self.day, *rest = row
        self.price_class, self.contract_number, self.company_id, self.supplier_id, self.currency_id = rest
        self.base = Decimal(base) if base else Decimal(1)
        self.minimum = Decimal(minimum)
        self.day = self.day or date.today()

    def is_met_by(self, offer, held_tiers):
        """Tell whether a contract price is one to hold this line against."""
        contract = offer.contract
        return (
            self.supplier_id in offer.supplier_ids
            and contract.company_id in (None, self.company_id)
            and (not self.contract_number or contract.number.upper() == self.contract_number.upper())
            and (offer.price_class is None or offer.price_class == (self.price_class or "own_use"))
            and offer.tier_id in held_tiers
            and offer.facts["currency_id"] == (self.currency_id or offer.facts["currency_id"])
            and offer.minimum <= max(self.minimum, Decimal(1))
            and all(first is None or first <= self.day for first in (offer.valid_from, contract.valid_from))
            and all(last is None or self.day <= last for last in (offer.valid_to, contract.valid_to))
        )
