"""The bill against itself, and its charges and tax against what was agreed."""

from __future__ import annotations

from fractions import Fraction

from . import texts
from .facts import Bill, BillLine, Case, Limits
from .measure import allowance, gross
from .numbers import money, plain, rounded
from .result import Finding


def _charges(items) -> Fraction:
    return sum((Fraction(c.amount) for c in items if c.indicator == "charge"), Fraction(0))


def check_line_total(bill: Bill, line: BillLine, ratio: Fraction, limits: Limits) -> Finding | None:
    """Return ``total_mismatch`` where a line's amount is not quantity × price less allowances.

    Senders put line charges into the amount or leave them out: either is taken.

    :param ratio: priced units in one billed unit.
    """
    value = gross(line, ratio)
    if value is None or line.amount is None:
        return None
    expected = value - allowance(line)
    sent, digits = Fraction(line.amount), bill.currency_digits
    charges = _charges(line.charges)
    for option in (expected, expected + charges):
        if sent == option or rounded(sent, digits) == rounded(option, digits):
            return None
    difference = sent - rounded(expected, digits)
    if limits.total.allows(difference):
        return None
    stake = max(Fraction(0), difference)
    return Finding(
        type="total_mismatch",
        template=texts.LINE_TOTAL,
        params={
            "line": line.line_number,
            "amount": money(sent, digits),
            "expected": money(expected, digits),
            "currency": bill.currency,
        },
        stake=stake,
        line_ids=(line.id,),
        arithmetic=(
            f"{plain(line.quantity)} × {plain(line.price)} − {money(allowance(line), digits)}"
            f" = {money(expected, digits)}",
            f"{money(sent, digits)} − {money(expected, digits)} = {money(difference, digits)}",
        ),
        facts={
            "amount": plain(sent),
            "expected": plain(expected),
            "difference": plain(difference),
        },
        proposed="dispute",
    )


def line_amount(line: BillLine, digits: int | None) -> Fraction:
    """Return a line's amount as sent, else by its price, rounded to the currency.

    :param digits: None for no rounding
    """
    if line.amount is not None:
        return Fraction(line.amount)
    value = gross(line)
    if value is None:
        return Fraction(0)
    value -= allowance(line)
    return value if digits is None else rounded(value, digits)


def line_charges_outside(line: BillLine, digits: int) -> Fraction:
    """Return the line's charges that its amount does not contain."""
    charges, value = _charges(line.charges), gross(line)
    if not charges or value is None or line.amount is None:
        return charges
    inside = rounded(value - allowance(line) + charges, digits) == rounded(line.amount, digits)
    return Fraction(0) if inside else charges


def sum_of_parts(case: Case, exact: bool = False) -> Fraction:
    """Return what the bill's own parts come to; a charge and its summary count once.

    :param exact: lines without an amount count unrounded, as some senders add them up
    """
    bill, digits = case.bill, case.bill.currency_digits
    lines = sum((line_amount(line, None if exact else digits) for line in case.lines), Fraction(0))
    on_lines = sum((line_charges_outside(line, digits) for line in case.lines), Fraction(0))
    header = sum(
        (Fraction(item.amount) * (1 if item.indicator == "charge" else -1) for item in counted_charges(case)),
        Fraction(0),
    )
    return lines + on_lines + header + billed_tax(case) + Fraction(bill.rounding) - Fraction(bill.prepaid)


def counted_charges(case: Case) -> list:
    """Return the header's allowances and charges without summaries of what stands on lines."""
    on_lines = {item.indicator for line in case.lines for item in line.charges}
    return [item for item in case.bill.charges if not (item.is_summary and item.indicator in on_lines)]


def billed_tax(case: Case) -> Fraction:
    """Return the tax billed: the header's, else the sum of the lines'."""
    on_lines = sum((Fraction(line.tax) for line in case.lines), Fraction(0))
    return Fraction(case.bill.tax) or on_lines


def check_bill_total(case: Case) -> Finding | None:
    """Return ``total_mismatch`` where the payable is not the sum of the bill's own parts."""
    bill = case.bill
    if bill.payable is None:
        return None
    expected = sum_of_parts(case)
    payable, digits = Fraction(bill.payable), bill.currency_digits
    difference = payable - expected
    agrees = rounded(difference, digits) == 0
    agrees = agrees or rounded(sum_of_parts(case, exact=True), digits) == payable
    if agrees or case.bill_limits.total.allows(difference):
        return None
    return Finding(
        type="total_mismatch",
        template=texts.BILL_TOTAL,
        params={
            "payable": money(payable, digits),
            "expected": money(expected, digits),
            "currency": bill.currency,
        },
        stake=max(Fraction(0), difference),
        arithmetic=(f"{money(payable, digits)} − {money(expected, digits)} = {money(difference, digits)}",),
        facts={
            "payable": plain(payable),
            "expected": plain(expected),
            "difference": plain(difference),
        },
        proposed="dispute",
    )


def check_charges(case: Case) -> list[Finding]:
    """Return one ``unplanned_charge`` for each charge: none is agreed on an order by itself."""
    entries = [(None, item) for item in counted_charges(case)]
    entries += [(line, item) for line in case.lines for item in line.charges]
    findings = []
    for line, item in entries:
        amount = Fraction(item.amount)
        if item.indicator != "charge" or case.bill_limits.charge.allows(amount):
            continue
        text = money(amount, case.bill.currency_digits)
        findings.append(
            Finding(
                type="unplanned_charge",
                template=texts.CHARGE,
                params={"amount": text, "kind": item.kind, "currency": case.bill.currency},
                stake=max(Fraction(0), amount),
                line_ids=(line.id,) if line else (),
                arithmetic=(f"{text} − 0 = {text}",),
                facts={"kind": item.kind, "amount": plain(amount), "agreed": "0"},
                proposed="short_pay",
            )
        )
    return findings


def check_tax(case: Case) -> Finding | None:
    """Return ``tax_variance`` where more or less tax is billed than expected."""
    if case.expected_tax is None:
        return None
    digits = case.bill.currency_digits
    billed, expected = billed_tax(case), Fraction(case.expected_tax)
    difference = rounded(billed, digits) - rounded(expected, digits)
    if difference == 0 or case.bill_limits.tax.allows(difference):
        return None
    return Finding(
        type="tax_variance",
        template=texts.TAX,
        params={
            "billed": money(billed, digits),
            "expected": money(expected, digits),
            "currency": case.bill.currency,
        },
        stake=max(Fraction(0), difference),
        arithmetic=(f"{money(billed, digits)} − {money(expected, digits)} = {money(difference, digits)}",),
        facts={
            "billed": plain(billed),
            "expected": plain(expected),
            "difference": plain(difference),
        },
        proposed="short_pay" if difference > 0 else "dispute",
    )
