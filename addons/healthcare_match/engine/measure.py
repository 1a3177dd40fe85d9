"""A bill line measured in an order line's reference units."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .facts import BillLine, OrderLine


@dataclass(frozen=True)
class Measure:
    """Quantity and price of a bill line in reference units.

    ``known`` is False where the unit says nothing for the item; the order line's own factor stands in
    then, so that the line can still be shown beside it. ``price`` is net of allowances, None where
    the line has neither price nor amount.
    """

    quantity: Fraction
    price: Fraction | None
    factor: Fraction
    known: bool


def unit_factor(line: BillLine, order_line: OrderLine) -> Fraction | None:
    """Return the reference units in the billed unit for the order line's item, None if unknown."""
    if line.conversion is not None:
        return line.conversion
    factor = line.factors.get(order_line.product_id)
    if factor is None and line.unit and line.unit == order_line.unit:
        factor = order_line.factor
    return None if factor is None else Fraction(factor)


def _price_factor(line: BillLine, order_line: OrderLine) -> Fraction | None:
    if not line.price_unit or line.price_unit == line.unit:
        return unit_factor(line, order_line)
    factor = line.price_factors.get(order_line.product_id)
    if factor is None and line.price_unit == order_line.unit:
        factor = order_line.factor
    return None if factor is None else Fraction(factor)


def allowance(line: BillLine) -> Fraction:
    """Return the sum of the line's own allowances."""
    return sum(
        (Fraction(item.amount) for item in line.charges if item.indicator == "allowance"),
        Fraction(0),
    )


def gross(line: BillLine, ratio: Fraction = Fraction(1)) -> Fraction | None:
    """Return quantity × price before allowances; ``ratio``: priced units in one billed unit."""
    if line.price is None:
        return None
    priced = Fraction(line.quantity) * ratio
    if line.priced_quantity is not None:
        priced = Fraction(line.priced_quantity)
    return priced * Fraction(line.price) / Fraction(line.price_base)


def net(line: BillLine, ratio: Fraction = Fraction(1)) -> Fraction | None:
    """Return what the line costs by its own price, else its amount as sent, before charges."""
    value = gross(line, ratio)
    if value is not None:
        return value - allowance(line)
    return None if line.amount is None else Fraction(line.amount)


def priced_ratio(line: BillLine, order_line: OrderLine) -> Fraction:
    """Return how many priced units one billed unit is (1 where both are the same)."""
    billed, priced = unit_factor(line, order_line), _price_factor(line, order_line)
    return billed / priced if billed and priced else Fraction(1)


def measure(line: BillLine, order_line: OrderLine) -> Measure:
    """Return the bill line in the order line's reference units."""
    factor = unit_factor(line, order_line)
    price_known = line.priced_quantity is not None or _price_factor(line, order_line) is not None
    known = factor is not None and price_known
    used = factor if factor is not None else Fraction(order_line.factor)
    quantity = Fraction(line.quantity) * used
    value = net(line, priced_ratio(line, order_line))
    price = value / quantity if value is not None and quantity else None
    return Measure(quantity, price, used, known)
