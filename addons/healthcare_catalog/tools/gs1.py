"""GS1 element strings as scanners hand them over. Pure functions.

GS1 General Specifications: application identifiers (section 3), element strings of predefined
length that need no separator (7.8.5.2), dates (7.12). Odoo's ``barcodes_gs1_nomenclature``
refuses a whole string for one identifier that it has no rule for (production date, customer
part number), and does not know the printed form with brackets; see docs/decisions/0019.
"""

import calendar
import re
from datetime import date

#: FNC1 as data: ASCII 29.
GROUP_SEPARATOR = "\x1d"
MAX_LENGTH = 500

#: Symbology identifiers of the carriers of element strings (7.1, ISO/IEC 15424).
_CARRIER = re.compile(r"\](?:C1|e0|d2|Q3|J1)")
_BRACKETS = re.compile(r"\((\d{2,4})\)")
_VALUE = re.compile(r"[!\"%-?A-Z_a-z]{1,90}", re.ASCII)

#: Whole length with identifier of element strings that end without a separator, by its first two
#: digits (figure 7.8.5.2-1).
_PREDEFINED = {
    "00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "11": 8, "12": 8, "13": 8, "14": 8, "15": 8,
    "16": 8, "17": 8, "18": 8, "19": 8, "20": 4, "31": 10, "32": 10, "33": 10, "34": 10, "35": 10,
    "36": 10, "41": 16,
}  # fmt: skip

#: Number of digits of an identifier by its first two (figure 7.8.1-1 and the list of section 3).
_IDENTIFIER_LENGTH = {
    **dict.fromkeys(
        ("00", "01", "02", "03", "10", "11", "12", "13", "15", "16", "17", "20", "21", "22", "30", "37"), 2
    ),
    **dict.fromkeys((f"9{digit}" for digit in range(10)), 2),
    **dict.fromkeys(("23", "24", "25", "40", "41", "42", "71"), 3),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36", "39", "43", "70", "72", "80", "81", "82"), 4),
}
#: Longest value, and whether it has digits only, of what is read here and has no fixed length.
_LONGEST = {"10": 20, "21": 20, "22": 20, "240": 30, "241": 30, "250": 30, "30": 8, "37": 8}
_DIGITS_ONLY = re.compile(r"\d+", re.ASCII)


class Gs1Error(ValueError):
    """An element string that cannot be read; the text says where and why."""


def parse_element_string(text):
    """Return ``[(application identifier, value), ...]`` of a GS1 element string.

    Accepted are the bytes of a scanner with or without a symbology identifier (``]C1``, ``]d2``),
    with ASCII 29 after values of variable length, and the printed form ``(01)…(17)…(10)…``.
    Nothing is guessed: without a separator a lot number goes on to the end, at most 20
    characters (``…10LOTA117260331`` is the lot ``LOTA117260331``).

    :raises Gs1Error: unknown identifier, wrong length or characters, an identifier twice with
        different values
    """
    if not isinstance(text, str) or not text.strip(" \r\n\t"):
        raise Gs1Error("nothing was scanned")
    if len(text) > MAX_LENGTH:
        raise Gs1Error(f"longer than {MAX_LENGTH} characters")
    text = text.strip(" \r\n\t")
    text = _CARRIER.sub("", text, count=1) if _CARRIER.match(text) else text
    elements = _read_printed(text) if text.startswith("(") else _read_scanned(text)
    seen = {}
    for identifier, value in elements:
        if seen.setdefault(identifier, value) != value:
            raise Gs1Error(f"({identifier}) stands twice with different values")
    return elements


def _read_printed(text):
    parts = _BRACKETS.split(text)
    if parts[0]:
        raise Gs1Error("it does not begin with an application identifier")
    return [
        (identifier, _checked(identifier, value.strip().strip(GROUP_SEPARATOR)))
        for identifier, value in zip(parts[1::2], parts[2::2], strict=True)
    ]


def _read_scanned(text):
    elements = []
    rest = text.lstrip(GROUP_SEPARATOR)
    while rest:
        length = _IDENTIFIER_LENGTH.get(rest[:2])
        if length is None or not _DIGITS_ONLY.fullmatch(rest[:length]) or len(rest) < length:
            raise Gs1Error(f"{rest[:4]!r} is no application identifier")
        identifier = rest[:length]
        if whole := _PREDEFINED.get(rest[:2]):
            value, rest = rest[length:whole], rest[whole:]
        else:
            value, _separator, rest = rest[length:].partition(GROUP_SEPARATOR)
        elements.append((identifier, _checked(identifier, value)))
        rest = rest.lstrip(GROUP_SEPARATOR)
    return elements


def _checked(identifier, value):
    """Return ``value`` if it can be one of ``identifier``, else raise."""
    if _IDENTIFIER_LENGTH.get(identifier[:2]) != len(identifier):
        raise Gs1Error(f"({identifier}) is no application identifier")
    if whole := _PREDEFINED.get(identifier[:2]):
        digits = whole - len(identifier)
        if len(value) != digits or not _DIGITS_ONLY.fullmatch(value):
            raise Gs1Error(f"({identifier}) has {digits} digits, not {value!r}")
        return value
    if not _VALUE.fullmatch(value):
        raise Gs1Error(f"({identifier}) cannot be {value!r}")
    longest = _LONGEST.get(identifier, 90)
    if len(value) > longest:
        raise Gs1Error(f"({identifier}) has at most {longest} characters, not {len(value)}")
    return value


def gs1_date(value, today):
    """Return the date of a six-digit GS1 date ``YYMMDD``; day 00 is the end of the month.

    The century is the one that brings the year within 49 years before and 50 after ``today``.

    :raises Gs1Error: when there is no such day
    """
    year, month, day = (int(value[i : i + 2]) for i in (0, 2, 4))
    difference = year - today.year % 100
    century = today.year // 100 - (difference >= 51) + (difference <= -50)
    year += century * 100
    if not 1 <= month <= 12:
        raise Gs1Error(f"{value} has no month {month:02d}")
    last = calendar.monthrange(year, month)[1]
    if day > last:
        raise Gs1Error(f"{value} has no day {day:02d}")
    return date(year, month, day or last)
