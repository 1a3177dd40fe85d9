"""Identifiers of parties: schemes, normalisation and check digits. Pure functions."""

import re

from odoo.addons.healthcare_base.tools import identifiers as trade
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

#: The party schemes of canonical documents, and the two of SAM.gov. Bank accounts are no
#: identifiers here: they are ``res.partner.bank``.
SCHEMES = [
    ("tax_id", "Tax ID"),
    ("vat", "VAT Number"),
    ("duns", "D-U-N-S Number"),
    ("gln", "GLN"),
    ("npi", "NPI"),
    ("hin", "HIN"),
    ("dea", "DEA Registration"),
    ("uei", "UEI (SAM.gov)"),
    ("cage", "CAGE Code"),
    ("340b", "340B ID"),
    ("peppol", "Peppol ID"),
    ("licence", "Licence"),
    ("buyer_assigned", "Our Code"),
    ("seller_assigned", "Their Code"),
    ("account", "Account"),
    ("email", "E-mail"),
]

#: Schemes of which a value belongs to one party only. A licence number is unique only with its
#: issuer, an account only with who keeps it.
UNIQUE_SCHEMES = frozenset(
    ("tax_id", "vat", "duns", "gln", "npi", "hin", "dea", "uei", "cage", "340b", "peppol", "buyer_assigned")
)

#: One authority gives out both numbers: a value of one is also looked up as the other.
TAX_SCHEMES = ("tax_id", "vat")

_CHECKED = {
    "gln": trade.normalise_gln,
    "duns": trade.normalise_duns,
    "npi": trade.normalise_npi,
    "hin": trade.normalise_hin,
    "dea": trade.normalise_dea,
}
_NOT_ALPHANUMERIC = re.compile(r"[^0-9A-Z]+")
_US_NUMBER = re.compile(r"US(\d{9})", re.ASCII)
# 48 CFR 52.204-7: twelve letters and digits without I and O, the first is no zero.
_UEI = re.compile(r"[1-9A-HJ-NP-Z][0-9A-HJ-NP-Z]{11}", re.ASCII)
_CAGE = re.compile(r"[0-9A-HJ-NP-Z]{5}", re.ASCII)
_PEPPOL = re.compile(r"\d{4}:\S+", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAX_LENGTH = 128


def compact(value):
    """Return the letters and digits of a value in capitals; an empty text for no text."""
    return _NOT_ALPHANUMERIC.sub("", value.upper()) if isinstance(value, str) else ""


def lookup_value(scheme, value):
    """Return how a value is compared with others of its scheme, right or wrong as it may be.

    A US tax number is compared without its country, for it is written both ways.
    """
    text = value.strip() if isinstance(value, str) else ""
    if scheme in ("licence", "seller_assigned", "account", "buyer_assigned"):
        return " ".join(text.split()).upper()
    if scheme in ("email", "peppol"):
        return text.lower()
    text = compact(text)
    if scheme in TAX_SCHEMES and (match := _US_NUMBER.fullmatch(text)):
        return match.group(1)
    return text


def normalise(scheme, value):
    """Return a value as it is kept, or ``None`` when it is no value of that scheme.

    Check digits: GS1 General Specifications 7.9 (GLN), 45 CFR 162.406 (NPI), 21 CFR 1301 (DEA),
    and those of the country for a VAT number that begins with its code (python-stdnum).
    """
    text = lookup_value(scheme, value)
    if not text or len(text) > _MAX_LENGTH:
        return None
    if scheme in _CHECKED:
        return _CHECKED[scheme](text)
    if scheme in TAX_SCHEMES:
        return text if _is_tax_number(text) else None
    pattern = {"uei": _UEI, "cage": _CAGE, "peppol": _PEPPOL, "email": _EMAIL}.get(scheme)
    if pattern and not pattern.fullmatch(text):
        return None
    return text if any(character.isalnum() for character in text) else None


def _is_tax_number(text):
    """Tell whether this may be a tax number: not only zeros, and right for the country that it
    names."""
    if len(text) < 4 or not text.strip("0"):
        return False
    country = {"EL": "gr", "XI": "gb"}.get(text[:2], text[:2].lower())
    module = get_cc_module(country, "vat") if country.isalpha() else None
    if not module:
        return True
    try:
        module.validate(text)
    except ValidationError:
        return False
    return True
