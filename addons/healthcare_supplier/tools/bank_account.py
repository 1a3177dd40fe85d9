"""Bank accounts as suppliers write them: what is wrong with one, and how it is shown. Pure."""

import hashlib
import hmac
import re

from odoo.addons.base_iban.models.res_partner_bank import validate_iban
from odoo.exceptions import ValidationError
from stdnum import bic as stdnum_bic
from stdnum.exceptions import ValidationError as NumberError
from stdnum.us import rtn

#: Parts of an account, as canonical documents name them.
PARTS = ("iban", "routing_number", "account_number", "bic")

_SEPARATORS = re.compile(r"[\s.\-/_]+")
_LIKE_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}")
_ACCOUNT_NUMBER = re.compile(r"[A-Z0-9]{3,34}")
# A mask hides digits behind one of these.
_MASKED = re.compile(r"[*•#]|X{3,}", re.IGNORECASE)


class BankAccountError(ValueError):
    """An account that cannot be one. ``part`` is the part that is wrong, ``code`` says how:
    ``missing``, ``masked``, ``both``, ``iban``, ``iban_as_number``, ``routing``, ``number``,
    ``no_bank`` or ``bic``."""

    def __init__(self, part, code, value=""):
        self.part, self.code, self.value = part, code, value
        super().__init__(f"{part}: {code}")


def compact(value):
    """Return a number without separators, in capitals; an empty text for no text."""
    return _SEPARATORS.sub("", value).upper() if isinstance(value, str) else ""


def is_masked(account):
    """Return whether an account shows only part of its number, so that nothing follows from it."""
    return any(_MASKED.search(account.get(part) or "") for part in ("iban", "account_number"))


def normalise(account):
    """Return a bank account as it is kept.

    An IBAN stands alone. A US account has a routing number (ABA) and an account number. Others
    have an account number and the bank's BIC.

    Check digits: ISO 13616 (IBAN), ABA routing number policy (routing number), ISO 9362 (BIC).

    :param dict account: some of :data:`PARTS`, as text
    :return: dict with all of :data:`PARTS`, empty where it has none
    :raises BankAccountError: naming the part that is wrong
    """
    if is_masked(account):
        raise BankAccountError("account_number" if account.get("account_number") else "iban", "masked")
    iban, routing, number, bic = (compact(account.get(part)) for part in PARTS)
    if bic and not stdnum_bic.is_valid(bic):
        raise BankAccountError("bic", "bic", account["bic"])
    if iban:
        if number or routing:
            raise BankAccountError("iban", "both", account["iban"])
        if not _valid_iban(iban):
            raise BankAccountError("iban", "iban", account["iban"])
    elif not number:
        raise BankAccountError("account_number", "missing")
    elif _LIKE_IBAN.fullmatch(number) and not routing:
        # Where a person types an IBAN into the only field there is, it is checked as one.
        raise BankAccountError("account_number", "iban_as_number", account["account_number"])
    elif not _ACCOUNT_NUMBER.fullmatch(number):
        raise BankAccountError("account_number", "number", account["account_number"])
    elif routing and not _valid_routing_number(routing):
        raise BankAccountError("routing_number", "routing", account["routing_number"])
    elif not routing and not bic:
        raise BankAccountError("routing_number", "no_bank", account["account_number"])
    return {"iban": iban, "routing_number": routing, "account_number": number, "bic": bic}


def _valid_iban(iban):
    try:
        validate_iban(iban)
    except ValidationError:
        return False
    return True


def _valid_routing_number(routing):
    # 00 is the US government's, 13 to 20 and above 32 (but 61 to 72 and 80) were never given out.
    district = int(routing[:2]) if routing[:2].isascii() and routing[:2].isdigit() else -1
    given_out = 1 <= district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80
    try:
        rtn.validate(routing)
    except NumberError:
        return False
    return given_out


def mask(number):
    """Return a number with its last four characters only: ``****1234``; at most half of a short
    one."""
    number = compact(number)
    shown = number[-min(4, len(number) // 2) :] if len(number) > 1 else ""
    return f"****{shown}" if number else ""


def digest(key, account, *owners):
    """Return the HMAC-SHA-256 of what decides where money goes, and of whose account it is.

    A BIC beside an IBAN decides nothing: the IBAN names the bank.

    :param str key: a secret of the database; account numbers are too few to hide behind a hash
    :raises ValueError: without a key

    :param dict account: as :func:`normalise` returns it
    :param owners: ids of the partners that it belongs to
    """
    if not key:
        raise ValueError("the digest of a bank account needs a key")
    bic = "" if account["iban"] else account["bic"]
    parts = (account["iban"] or account["account_number"], account["routing_number"], bic, *map(str, owners))
    return hmac.new(key.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()
