"""Exact numbers as text, and money rounded only where money is shown."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction


def is_finite_decimal(value: Fraction) -> bool:
    """Return True where ``value`` can be written with a finite number of decimal places."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    return denominator == 1


def plain(value) -> str:
    """Return an exact number as text: a decimal without exponent, else the fraction ``n/d``."""
    value = Fraction(value)
    if not is_finite_decimal(value):
        return f"{value.numerator}/{value.denominator}"
    with localcontext() as context:
        context.prec = max(50, len(str(value.numerator)) + len(str(value.denominator)) * 4)
        number = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value, digits: int = 2) -> Fraction:
    """Return ``value`` rounded half up (away from zero) to ``digits`` places, exactly."""
    value = Fraction(value)
    scaled = abs(value) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**digits)


def money(value, digits: int = 2) -> str:
    """Return an amount as text with the currency's number of places."""
    amount = rounded(value, digits)
    number = Decimal(amount.numerator) / Decimal(amount.denominator)
    return format(number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP), "f")


def price_text(value) -> str:
    """Return a price for people: at least two places; one without a finite form is cut at six."""
    value = Fraction(value)
    if not is_finite_decimal(value):
        return "≈" + format(Decimal(money(value, 6)), "f")
    text = plain(value)
    places = len(text.partition(".")[2])
    return text if places >= 2 else money(value, 2)


def quantity_text(value) -> str:
    """Return a quantity for people; one without a finite form is cut at six places."""
    value = Fraction(value)
    return plain(value) if is_finite_decimal(value) else "≈" + money(value, 6)


def places(value: Decimal) -> int:
    """Return how many decimal places ``value`` was sent with."""
    return max(0, -value.as_tuple().exponent)
