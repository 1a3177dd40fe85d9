"""What a unit holds, and prices from one unit to another, exactly."""

from __future__ import annotations

from collections import defaultdict
from decimal import Context, Decimal
from fractions import Fraction

#: More digits than a product or an ending quotient of prices and pack factors has.
_EXACT = Context(prec=250)
#: Digits enough for the product of such numbers: a check of a quotient must not round it right.
_CHECK = Context(prec=600)


class UnitBook:
    """How many of an item's reference unit a unit code holds, by item, supplier and day.

    It answers as ``healthcare.packaging._resolve_units`` does: the supplier's own packaging, else
    the one for all suppliers, else the item's reference unit, else a unit whose code says how much
    it is. What it was asked before it knows.
    """

    def __init__(self):
        self._packs = defaultdict(list)
        self._references = {}
        self._standards = {}
        self._known = {}

    def add_pack(self, product_id, unit, supplier_id, factor, date_from, date_to):
        """Take in a packaging; ``supplier_id`` is ``None`` where it is for all suppliers."""
        self._packs[product_id, unit].append((supplier_id, factor, date_from, date_to))

    def add_reference(self, product_id, unit, unit_id):
        """Take in an item's reference unit: its code, if it has one, and its id."""
        self._references[product_id] = (unit, unit_id)

    def add_standard(self, unit, reference_id, factor):
        """Take in a unit with a fixed meaning: how many of ``reference_id`` it holds."""
        self._standards[unit, reference_id] = factor

    def factor(self, product_id, unit, supplier_id, day):
        """Return how many of the reference unit are in ``unit``, or ``None`` if nobody knows."""
        key = (product_id, unit, supplier_id, day)
        if key not in self._known:
            self._known[key] = self._find(*key)
        return self._known[key]

    def _find(self, product_id, unit, supplier_id, day):
        packs = [
            pack
            for pack in self._packs.get((product_id, unit), ())
            if pack[0] in (None, supplier_id)
            and (pack[2] is None or pack[2] <= day)
            and (pack[3] is None or day <= pack[3])
        ]
        if packs:
            return max(packs, key=lambda pack: pack[0] is not None)[1]
        reference, reference_id = self._references.get(product_id, (None, None))
        if unit is not None and unit == reference:
            return 1
        return self._standards.get((unit, reference_id))


def whole_fraction(ratio):
    """Return how many of one unit make another as what is meant, an integer where it is one.

    Odoo keeps factors as floats: 1 lb is 16.000000000000004 oz, a unit 0.08333333333333333 dozen.

    :param float ratio: how many of the other unit are in it, above 0
    """
    for value, invert in ((ratio, False), (1 / ratio, True)):
        nearest = round(value)
        if nearest >= 1 and abs(value - nearest) <= 1e-9 * value:
            return Fraction(1, nearest) if invert and nearest != 1 else nearest
    return Fraction(repr(ratio))


def convert(amount, base_quantity, from_factor, to_factor):
    """Return a price for another unit, without rounding.

    A price of 10 for 1 box of 3 is 10 for 3 each: where the price for the base quantity does not
    end, the base quantity takes what is left.

    :param Decimal amount: price for ``base_quantity`` of the unit that holds ``from_factor`` of
        the item's reference unit
    :param to_factor: how many the wanted unit holds; both are integers or fractions
    :return: ``(amount, base_quantity)`` for the wanted unit, as decimals
    """
    if from_factor == to_factor:
        return amount, base_quantity
    if isinstance(to_factor, int) and isinstance(from_factor, int):
        whole = _EXACT.multiply(amount, to_factor)
        price = _EXACT.divide(whole, from_factor)
        if _CHECK.multiply(price, from_factor) == whole:
            return price.normalize(_EXACT), base_quantity
    ratio = Fraction(to_factor) / from_factor
    if (price := finite_decimal(Fraction(amount) * ratio)) is not None:
        return price, base_quantity
    return (
        _product(amount, ratio.numerator),
        _product(base_quantity, ratio.denominator),
    )


def decimal_text(number):
    """Return a decimal as text without exponent and trailing zeros, however many digits it has."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def times(number, factor):
    """Multiply a decimal by what a unit holds, an integer or a fraction, exactly."""
    if isinstance(factor, int):
        return _EXACT.multiply(number, factor)
    return Fraction(number) * factor


def finite_decimal(number):
    """Return a fraction as a decimal if it has an end, else ``None``.

    :param Fraction number: as it is
    """
    rest = number.denominator
    twos = fives = 0
    while rest % 2 == 0:
        rest //= 2
        twos += 1
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        return None
    places = max(twos, fives)
    return _scaled(number.numerator * 10**places // number.denominator, -places)


def _scaled(digits, exponent):
    sign = 1 if digits < 0 else 0
    return Decimal((sign, tuple(int(digit) for digit in str(abs(digits))), exponent))


def _product(number, factor):
    """Multiply without the rounding of the decimal context."""
    return finite_decimal(Fraction(number) * factor)
