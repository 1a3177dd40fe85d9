"""Identifiers of trade and health care: normalisation and check digits. Pure functions.

GTIN, GLN and SSCC: GS1 General Specifications, section 7.9 (check digit calculation).
"""

import re

#: GTIN-8, GTIN-12 (UPC-A), GTIN-13 (EAN-13) and GTIN-14.
GTIN_LENGTHS = (8, 12, 13, 14)

_SEPARATORS = re.compile(r"[\s\-.]")
_GS1_GTIN = re.compile(r"(?:\(01\)|\]d201|\]C101|\]Q301)(\d{14})", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_HIN = re.compile(r"[0-9A-Z]{9}", re.ASCII)
_DEA = re.compile(r"[A-Z][A-Z9]\d{7}", re.ASCII)


def _compact(value):
    return _SEPARATORS.sub("", value) if isinstance(value, str) else ""


def _is_digits(text, length):
    return len(text) == length and bool(_DIGITS.fullmatch(text))


def gs1_check_digit(body):
    """Return the GS1 check digit (one character) of the digits before it.

    From the right the digits weigh 3, 1, 3, …; the check digit completes to a multiple of 10.

    :raises ValueError: when ``body`` is not made of the digits 0-9
    """
    if not _DIGITS.fullmatch(body):
        raise ValueError(f"{body!r} is not made of digits")
    total = sum(int(digit) * (1, 3)[i % 2 == 0] for i, digit in enumerate(reversed(body)))
    return str(-total % 10)


def has_gs1_check_digit(digits):
    """Tell whether the last of ``digits`` is the GS1 check digit of the others."""
    return len(digits) > 1 and bool(_DIGITS.fullmatch(digits)) and gs1_check_digit(digits[:-1]) == digits[-1]


def normalise_gtin(value):
    """Return a GTIN of any length as its 14 digits, or ``None`` when it is none.

    Spaces, hyphens and points are dropped; a GS1 element string that begins with the
    application identifier 01 is accepted. A wrong check digit or only zeros gives ``None``.
    """
    text = _compact(value)
    if match := _GS1_GTIN.match(text):
        text = match.group(1)
    if len(text) not in GTIN_LENGTHS or not has_gs1_check_digit(text) or not text.strip("0"):
        return None
    return text.zfill(14)


def gtin_problem(value):
    """Return why ``value`` is no GTIN, as ``(code, detail)``, or ``None`` when it is one.

    Codes: ``characters``, ``length`` (detail: number of digits), ``zero``,
    ``check_digit`` (detail: the digit that was expected).
    """
    if normalise_gtin(value):
        return None
    text = _compact(value)
    if not _DIGITS.fullmatch(text):
        return "characters", None
    if len(text) not in GTIN_LENGTHS:
        return "length", len(text)
    if not text.strip("0"):
        return "zero", None
    return "check_digit", gs1_check_digit(text[:-1])


def gtin_forms(gtin):
    """Return all ways in which a 14-digit GTIN is written: 14, and 13, 12, 8 if zeros allow."""
    return [gtin[14 - n :] for n in (14, 13, 12, 8) if not gtin[: 14 - n].strip("0")]


def normalise_gln(value):
    """Return a Global Location Number as 13 digits, or ``None`` when it is none."""
    text = _compact(value)
    if not _is_digits(text, 13) or not has_gs1_check_digit(text) or not text.strip("0"):
        return None
    return text


def normalise_sscc(value):
    """Return a Serial Shipping Container Code as 18 digits, or ``None``; AI 00 may lead."""
    text = _compact(value)
    text = text[4:] if text.startswith("(00)") else text
    if len(text) == 20 and text.startswith("00"):
        text = text[2:]
    return text if _is_digits(text, 18) and has_gs1_check_digit(text) else None


def normalise_duns(value):
    """Return a D-U-N-S number as 9 digits, or ``None`` (it has had no check digit since 2006)."""
    text = _compact(value)
    return text if _is_digits(text, 9) and text.strip("0") else None


def normalise_npi(value):
    """Return a US National Provider Identifier as 10 digits, or ``None``.

    45 CFR 162.406: first digit 1 or 2; Luhn check over the number with prefix 80840.
    """
    text = _compact(value)
    if not _is_digits(text, 10) or text[0] not in "12":
        return None
    total = 0
    for i, digit in enumerate(reversed("80840" + text)):
        number = int(digit) * (1 + i % 2)
        total += number - 9 if number > 9 else number
    return text if total % 10 == 0 else None


def normalise_hin(value):
    """Return a Health Industry Number (HIBCC: nine letters and digits), or ``None``.

    Only the form is checked; the last two characters of nine are the location suffix.
    """
    text = _compact(value).upper()
    return text if _HIN.fullmatch(text) else None


def normalise_dea(value):
    """Return a US DEA registration number (two letters, seven digits), or ``None``.

    21 CFR 1301: last digit of (d1 + d3 + d5) + 2 × (d2 + d4 + d6) is d7. The second
    character may be 9 for a business.
    """
    text = _compact(value).upper()
    if not _DEA.fullmatch(text):
        return None
    digits = [int(digit) for digit in text[2:]]
    total = sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])
    return text if total % 10 == digits[6] else None


def normalise_hibc(value):
    """Return an HIBC supplier code (ANSI/HIBC 2.6) in capitals without spaces, or ``None``.

    It begins with ``+`` and a letter (labeler identification code) and ends with the
    modulo 43 check character, which is verified.
    """
    text = value.strip().upper().replace(" ", "") if isinstance(value, str) else ""
    if text.startswith("*") and text.endswith("*"):
        text = text[1:-1]
    if not 8 <= len(text) <= 26 or text[0] != "+" or not text[1].isalpha():
        return None
    if any(character not in _MOD43 for character in text):
        return None
    total = sum(_MOD43.index(character) for character in text[:-1])
    return text if _MOD43[total % 43] == text[-1] else None


_MOD43 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def normalise_ndc(value):
    """Return a US National Drug Code as 11 digits (5-4-2), or ``None``.

    With hyphens 4-4-2, 5-3-2 and 5-4-1 are padded to 5-4-2; eleven digits are taken as they
    are; ten digits without hyphens are ambiguous and give ``None`` (FDA, 21 CFR 207.33).
    """
    text = value.strip() if isinstance(value, str) else ""
    if _is_digits(text, 11):
        return text
    parts = text.split("-")
    if [len(part) for part in parts] not in ([4, 4, 2], [5, 3, 2], [5, 4, 1], [5, 4, 2]):
        return None
    if not all(_DIGITS.fullmatch(part) for part in parts):
        return None
    return parts[0].zfill(5) + parts[1].zfill(4) + parts[2].zfill(2)
