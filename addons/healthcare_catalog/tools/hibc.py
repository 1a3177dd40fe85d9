"""HIBC supplier labels: primary and secondary data. Pure functions.

ANSI/HIBC 2.6: primary ``+`` labeler code (4), product code (1 to 18), unit of measure (1),
check character; secondary ``+$…`` or, behind the primary, ``/$…``. All of one symbol has one
check character, at its end.
"""

import re
from datetime import date, timedelta

from odoo.addons.healthcare_base.tools.identifiers import normalise_hibc

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"
_PRIMARY = re.compile(r"\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9]", re.ASCII)
MAX_LENGTH = 120

#: Digit after ``$$`` → length of the date behind it.
_DATE_LENGTHS = {"2": 6, "3": 6, "4": 8, "5": 5, "6": 7}


class HibcError(ValueError):
    """A label that cannot be read; the text says where and why."""


def hibc_check_character(body):
    """Return the modulo 43 check character of ``body``.

    :raises HibcError: for a character that HIBC does not have
    """
    if wrong := [character for character in body if character not in _CHARACTERS]:
        raise HibcError(f"{wrong[0]!r} is no character of HIBC")
    return _CHARACTERS[sum(map(_CHARACTERS.index, body)) % 43]


def parse_hibc(text):
    """Return what a label says: ``{"primary", "lot", "serial", "expires_on", "quantity"}``.

    ``primary`` is the supplier code as items keep it: with ``+`` and with the check character
    that it has when it stands alone. Missing parts are ``None``; dates are ``date``.

    :raises HibcError: no HIBC, wrong check character, unreadable primary or secondary data
    """
    text = text.strip().upper() if isinstance(text, str) else ""
    text = text[1:-1] if len(text) > 2 and text[0] == text[-1] == "*" else text
    if not text.startswith("+") or not 4 <= len(text) <= MAX_LENGTH:
        raise HibcError("a label begins with +")
    body, check = text[:-1], text[-1]
    if hibc_check_character(body) != check:
        raise HibcError(f"the check character should be {hibc_check_character(body)}")
    result = dict.fromkeys(("primary", "lot", "serial", "expires_on", "quantity"))
    if body[1].isalpha():
        primary, *secondary = body.split("/")
        if not _PRIMARY.fullmatch(primary):
            raise HibcError(f"{primary} is no supplier code")
        result["primary"] = primary + hibc_check_character(primary)
        if normalise_hibc(result["primary"]) != result["primary"]:
            raise HibcError(f"{primary} is too long for a supplier code")
    else:
        # a secondary symbol of its own ends with a link character before the check character
        secondary = [part for part in body[1:-1].split("/") if part]
    for part in secondary:
        _read_secondary(part, result)
    return result


def _read_secondary(part, result):
    """Put what one part of the secondary data says into ``result``."""
    if part.startswith("$$+"):
        result["expires_on"], result["serial"] = _read_date(part[3:])
    elif part.startswith("$$"):
        rest = part[2:]
        if rest[:1] in ("8", "9"):
            digits = 2 if rest[0] == "8" else 5
            result["quantity"] = _number(rest[1 : 1 + digits], digits)
            rest = rest[1 + digits :]
        result["expires_on"], result["lot"] = _read_date(rest)
    elif part.startswith("$+"):
        result["serial"] = part[2:]
    elif part.startswith("$"):
        result["lot"] = part[1:]
    elif part.startswith("14D"):
        result["expires_on"] = _day(part[3:11], "YYYYMMDD")
    elif part.startswith("S"):
        result["serial"] = part[1:]
    elif part.startswith("Q"):
        result["quantity"] = _number(part[1:], len(part) - 1)
    elif re.match(r"\d{5}", part):
        result["expires_on"], result["lot"] = _day(part[:5], "YYJJJ"), part[5:]
    elif not part.startswith("16D"):  # 16D is the day of production
        raise HibcError(f"secondary data {part!r} are not known")
    for name in ("lot", "serial"):
        result[name] = result[name] or None


def _read_date(text):
    """Return ``(date or None, what follows)``: ``7`` means none, else format digit or MMYY."""
    kind = text[:1]
    if kind == "7":
        return None, text[1:]
    if kind in _DATE_LENGTHS:
        end = 1 + _DATE_LENGTHS[kind]
        form = {"2": "MMDDYY", "3": "YYMMDD", "4": "YYMMDD", "5": "YYJJJ", "6": "YYJJJ"}[kind]
        return _day(text[1:end][: len(form)], form), text[end:]
    if text and kind in "01":
        return _day(text[:4], "MMYY"), text[4:]
    return None, text


def _number(text, digits):
    if len(text) != digits or not text.isdecimal():
        raise HibcError(f"{text!r} is no quantity")
    return int(text)


def _day(text, form):
    """Return the day that ``text`` in this form names; a month alone is its last day."""
    if len(text) != len(form) or not text.isdecimal():
        raise HibcError(f"{text!r} is no date {form}")
    parts = {}
    for letter, digit in zip(form, text, strict=True):
        parts[letter] = parts.get(letter, "") + digit
    year = int(parts["Y"]) + (2000 if len(parts["Y"]) == 2 else 0)
    try:
        if "J" in parts:
            if not 1 <= int(parts["J"]) <= 366:
                raise ValueError
            return date(year, 1, 1) + timedelta(days=int(parts["J"]) - 1)
        month = int(parts["M"])
        if "D" not in parts:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date(year, month, int(parts["D"]))
    except ValueError as error:
        raise HibcError(f"{text!r} is no date {form}") from error
