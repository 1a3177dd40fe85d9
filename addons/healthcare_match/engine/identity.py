"""Whose bill is it, which order does it name, and was it here before."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from . import texts
from .facts import Bill, OtherBill
from .numbers import money
from .result import Finding

DUPLICATE_WINDOW_DAYS = 14
LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "8": "3", "S": "5"})
_PREFIX = re.compile(r"^(?:PURCHASE\s*ORDER|P\.?\s?O\.?|ORDER)?(?:\s*(?:NUMBER|NO|NR))?[\s.:#-]+", re.I)
_RELEASE = re.compile(r"[-/. ](?:R|REL)?\d{1,3}$", re.I)


@lru_cache(maxsize=4096)
def order_key(reference: str) -> str:
    """Return an order number without case, spaces and punctuation."""
    return re.sub(r"[^0-9A-Z]", "", reference.upper())


@lru_cache(maxsize=4096)
def order_keys(reference: str) -> tuple[str, ...]:
    """Return the keys under which a reference may name an order, the literal one first.

    Suppliers add prefixes ("PO# P00012") and release suffixes ("P00012-001"); both are taken off, each
    and together.
    """
    reference = reference.strip()
    bare = _PREFIX.sub("", reference)
    variants = (reference, bare, _RELEASE.sub("", reference), _RELEASE.sub("", bare))
    return tuple(dict.fromkeys(key for key in map(order_key, variants) if key))


def bill_key(number: str) -> str:
    """Return a bill number without case, spaces, punctuation and leading zeros."""
    return re.sub(r"[^0-9A-Z]", "", number.upper()).lstrip("0")


def one_look_alike_apart(first: str, second: str) -> bool:
    """Return True where two numbers differ in exactly one character, and that one looks alike."""
    first, second = bill_key(first), bill_key(second)
    if len(first) != len(second):
        return False
    pairs = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    return len(pairs) == 1 and pairs[0][0].translate(LOOK_ALIKE) == pairs[0][1].translate(LOOK_ALIKE)


def comes_before(other: OtherBill, bill: Bill) -> bool:
    """Return True where ``other`` is the original: settled, or earlier by date, then by arrival."""
    if other.settled:
        return True
    return (other.billed_on, other.arrival, other.id) < (bill.billed_on, bill.arrival, bill.id)


def _same_amount(bill: Bill, other: OtherBill) -> bool:
    return (
        bill.payable is not None
        and other.currency == bill.currency
        and Fraction(other.payable) == Fraction(bill.payable)
    )


def _definite(bill: Bill, other: OtherBill) -> str | None:
    """Return the template of a definite duplicate, None where it is none."""
    same_amount = _same_amount(bill, other)
    if bill.fingerprint and bill.fingerprint == other.fingerprint:
        return texts.DUPLICATE_DOCUMENT
    if bill.number.strip() == other.number.strip():
        again = other.billed_on.year != bill.billed_on.year and not same_amount
        return None if again else texts.DUPLICATE_NUMBER
    if bill_key(bill.number) == bill_key(other.number) and (same_amount or other.billed_on == bill.billed_on):
        return texts.DUPLICATE_NUMBER
    return None


def _suspected(bill: Bill, other: OtherBill, covered: bool) -> str | None:
    """Return the template of a suspected duplicate, None where there is no suspicion."""
    if bill_key(bill.number) == bill_key(other.number):
        if bill.number.strip() == other.number.strip():
            return None
        return texts.SUSPECTED_NUMBER
    if not _same_amount(bill, other):
        return None
    if one_look_alike_apart(bill.number, other.number):
        return texts.SUSPECTED_NUMBER
    near = abs((bill.billed_on - other.billed_on).days) <= DUPLICATE_WINDOW_DAYS
    return texts.SUSPECTED_AMOUNT if near and not (covered and other.covered) else None


def _finding(kind: str, template: str, bill: Bill, other: OtherBill) -> Finding:
    amount = Fraction(bill.payable or 0)
    params = {
        "other": other.name or other.number,
        "number": other.number,
        "date": other.billed_on.isoformat(),
        "amount": money(other.payable, bill.currency_digits),
    }
    return Finding(
        type=kind,
        template=template,
        params=params,
        stake=max(amount, Fraction(0)),
        arithmetic=(
            f"{bill.number}: {money(amount, bill.currency_digits)} ({bill.billed_on.isoformat()})",
            f"{other.number}: {params['amount']} ({params['date']})",
        ),
        facts={
            "other_bill_id": str(other.id),
            "other_number": other.number,
            "number": bill.number,
            "suspected": kind == "suspected_duplicate",
        },
        proposed="mark_duplicate",
    )


def _earlier(bill: Bill, others) -> list[OtherBill]:
    """Return the live bills of the same kind that come before this one, oldest first."""
    found = [
        other
        for other in others
        if other.id != bill.id
        and not other.cancelled
        and other.kind == bill.kind
        and comes_before(other, bill)
    ]
    return sorted(found, key=lambda other: (other.billed_on, other.arrival, other.id))


def find_duplicate(bill: Bill, others) -> Finding | None:
    """Return ``duplicate_invoice`` for the later of two equal bills of one supplier, or None."""
    if not bill.number.strip():
        return None
    for other in _earlier(bill, others):
        template = other.supplier_id == bill.supplier_id and _definite(bill, other)
        if template:
            return _finding("duplicate_invoice", template, bill, other)
    return None


def find_suspected_duplicate(bill: Bill, others, covered: bool) -> Finding | None:
    """Return ``suspected_duplicate`` or None.

    :param covered: receipts of its own cover this bill.
    """
    if not bill.number.strip():
        return None
    for other in _earlier(bill, others):
        template = _suspected(bill, other, covered)
        if template:
            return _finding("suspected_duplicate", template, bill, other)
    return None
