"""Exact decimal numbers: as sent, without rounding and without floats.

Amounts, prices and quantities travel as decimal strings. They are kept in PostgreSQL
``numeric`` columns and in Python as :class:`decimal.Decimal` or as canonical text.
"""

import re
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

#: More digits than any price, quantity or amount has; it bounds the work on hostile input.
MAX_DIGITS = 60
MAX_EXPONENT = 60
MAX_LENGTH = 100

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_CONTEXT = Context(prec=4 * MAX_DIGITS)


class ExactError(ValueError):
    """A value that is not an exact decimal number; the text says why."""


def to_decimal(value):
    """Return ``value`` as a finite :class:`~decimal.Decimal`, exactly.

    :param value: ``str`` (plain or scientific notation, no separators), ``int`` or ``Decimal``
    :raises ExactError: for floats, booleans, NaN, infinity, text that is not a number,
        and numbers of more than :data:`MAX_DIGITS` digits
    """
    if isinstance(value, bool) or value is None:
        raise ExactError(f"{value!r} is not a number")
    if isinstance(value, float):
        raise ExactError(f"{value!r} is a binary float, which is not exact: give the number as text")
    if isinstance(value, str):
        text = value.strip()
        if len(text) > MAX_LENGTH or not _DECIMAL.fullmatch(text):
            raise ExactError(f"{value[:MAX_LENGTH]!r} is not a decimal number such as 12.50")
        value = text
    elif not isinstance(value, (int, Decimal)):
        raise ExactError(f"{type(value).__name__} is not a number")
    elif isinstance(value, int) and value.bit_length() > 4 * MAX_DIGITS:
        raise ExactError(f"more than {MAX_DIGITS} digits")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise ExactError(f"{value!r} is not a decimal number such as 12.50") from error
    if not number.is_finite():
        raise ExactError(f"{value} is not a finite number")
    _sign, digits, exponent = number.as_tuple()
    if len(digits) > MAX_DIGITS or abs(exponent) > MAX_EXPONENT:
        raise ExactError(f"more than {MAX_DIGITS} digits")
    return number


def numeric_text(value, places=None):
    """Return the canonical text of a number: no exponent, no trailing zeros, no ``-0``.

    ``5.00`` is ``5``, ``1E+2`` is ``100``, ``-0.0`` is ``0``. Equal numbers have equal texts.

    :param value: as for :func:`to_decimal`
    :param int places: round half up to that many decimals first, and show all of them
    :raises ExactError: as :func:`to_decimal`
    """
    number = to_decimal(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP, context=_CONTEXT)
        text = format(number, "f")
        return text[1:] if number == 0 and text.startswith("-") else text
    if not number:
        return "0"
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
