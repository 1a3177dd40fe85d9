"""The quantity checks: billed against received and against ordered, and the wait for goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from . import texts
from .group import Group
from .numbers import money, plain, quantity_text
from .result import Finding, Portion


@dataclass(frozen=True)
class QuantityResult:
    """Findings, the last day of waiting (None: not waiting), and whether a limit was used."""

    findings: tuple[Finding, ...] = ()
    waiting_until: date | None = None
    tolerated: bool = False


def _exceeding(group: Group, excess: Fraction) -> list[tuple]:
    """Return (share, quantity) for the last shares that make up ``excess``."""
    rest, found = excess, []
    for share in reversed(group.shares):
        part = min(rest, share.quantity)
        if part > 0:
            found.append((share, part))
            rest -= part
    return found[::-1]


def _stake(group: Group, parts: list[tuple]) -> Fraction:
    """Return the money for surplus units; a price above the agreed one has a stake of its own."""
    total = Fraction(0)
    for share, quantity in parts:
        price = group.measures[share.line.id].price or Fraction(0)
        total += quantity * max(Fraction(0), min(price, group.order_line.agreed))
    return total


def _facts(group: Group, excess: Fraction) -> dict:
    return {
        "billed_quantity": plain(group.billed),
        "received_quantity": plain(group.received),
        "returned_quantity": plain(group.returned),
        "billed_before": plain(group.billed_before),
        "available_quantity": plain(group.available),
        "ordered_quantity": plain(group.order_line.ordered),
        "excess": plain(excess),
        "reference_unit": group.order_line.reference_unit,
        "level": group.limits.level,
    }


def _factors(group: Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys(step for share in group.shares for step in group.factor_arithmetic(share)))


def _finding(group: Group, kind: str, template: str, excess: Fraction, arithmetic, proposed) -> Finding:
    whole = kind == "not_received"
    parts = _exceeding(group, group.billed if whole else excess)
    stake = sum(map(group.amount, group.shares), Fraction(0)) if whole else _stake(group, parts)
    digits = group.bill.currency_digits
    return Finding(
        type=kind,
        template=template,
        params={
            **group.names(),
            "line": ", ".join(dict.fromkeys(share.line.line_number for share, _part in parts)),
            "quantity": quantity_text(group.billed),
            "available": quantity_text(max(Fraction(0), group.available)),
            "ordered": quantity_text(group.order_line.ordered),
            "total": quantity_text(group.billed_before + group.billed),
            "excess": quantity_text(excess),
            "until": group.wait_until.isoformat(),
            "stake": money(stake, digits),
        },
        stake=max(Fraction(0), stake),
        line_ids=tuple(dict.fromkeys(share.line.id for share, _part in parts)),
        order_line_id=group.order_line.id,
        order_id=group.order_line.order_id,
        arithmetic=_factors(group) + arithmetic,
        facts=_facts(group, excess),
        proposed=proposed,
    )


def _not_enough(group: Group, excess: Fraction) -> Finding:
    """Return ``not_received`` where nothing came at all, else ``quantity_over_received``."""
    unit = group.order_line.reference_unit
    arithmetic = (
        f"{quantity_text(group.received)} received − {quantity_text(group.returned)} returned"
        f" − {quantity_text(group.billed_before)} billed before"
        f" = {quantity_text(group.available)} {unit}",
        f"{quantity_text(group.billed)} billed − {quantity_text(max(Fraction(0), group.available))}"
        f" = {quantity_text(excess)} {unit}",
    )
    if not group.received:
        return _finding(group, "not_received", texts.NOT_RECEIVED, excess, arithmetic, "wait_receipt")
    return _finding(group, "quantity_over_received", texts.OVER_RECEIVED, excess, arithmetic, "short_pay")


def _too_many(group: Group, excess: Fraction) -> Finding:
    """Return ``quantity_over_ordered``."""
    total = group.billed_before + group.billed
    arithmetic = (
        f"{quantity_text(group.billed_before)} billed before + {quantity_text(group.billed)}"
        f" = {quantity_text(total)} {group.order_line.reference_unit}",
        f"{quantity_text(total)} − {quantity_text(group.order_line.ordered)} ordered"
        f" = {quantity_text(excess)} {group.order_line.reference_unit}",
    )
    return _finding(group, "quantity_over_ordered", texts.OVER_ORDERED, excess, arithmetic, "correct_order")


def check_quantity(group: Group, today: date) -> QuantityResult:
    """Check a group's quantity against received and against ordered.

    What may still be delivered waits until the later of bill date and promised delivery (plus grace),
    that day included; what is beyond the order does not wait. Beyond received and beyond ordered by
    the same quantity is ``quantity_over_received`` alone.
    """
    if group.order_line.by_amount:
        return QuantityResult()
    short, beyond = group.over_received, group.over_ordered
    short_fails = short > 0 and not group.limits.received.allows(short)
    beyond_fails = beyond > 0 and not group.limits.ordered.allows(beyond)
    waits = short_fails and group.to_come > 0 and today <= group.wait_until
    findings = []
    if short_fails and not waits:
        findings.append(_not_enough(group, short))
    same = findings and findings[0].type == "quantity_over_received" and short == beyond
    if beyond_fails and not same:
        findings.append(_too_many(group, beyond))
    return QuantityResult(
        findings=tuple(findings),
        waiting_until=group.wait_until if waits else None,
        tolerated=(short > 0 and not short_fails) or (beyond > 0 and not beyond_fails),
    )


def _free_receipts(group: Group) -> list[list]:
    """Return [move, free quantity] first-in first-out; a receipt that the bill names comes first."""
    named = group.bill.delivery_reference
    moves = sorted(
        (move for move in group.moves if not move.is_return),
        key=lambda move: (not (named and move.reference == named), move.moved_on, move.id),
    )
    free = [[move, max(Fraction(0), move.quantity - move.billed)] for move in moves]
    before = group.billed_before - sum((move.billed for move in moves), Fraction(0))
    by_age = sorted(free, key=lambda entry: (entry[0].moved_on, entry[0].id))
    for entries, rest in ((by_age, before), (by_age[::-1], group.returned)):
        for entry in entries:
            part = min(entry[1], max(Fraction(0), rest))
            entry[1] -= part
            rest -= part
    return free


def consume(group: Group) -> list[Portion]:
    """Lay the group's shares on its receipts; what no receipt covers has no ``move_id``."""
    free = _free_receipts(group)
    portions = []
    for share in group.shares:
        rest = share.quantity
        taken = []
        for entry in free:
            part = min(entry[1], rest)
            if part > 0:
                entry[1] -= part
                rest -= part
                taken.append((entry[0].id, part))
        if rest > 0 or not taken:
            taken.append((None, rest))
        portions += [
            Portion(
                line_id=share.line.id,
                order_line_id=group.order_line.id,
                quantity=quantity,
                move_id=move_id,
                source=share.source,
                score=share.score,
                runner_up_id=share.runner_up.id if share.runner_up else None,
                margin=share.margin,
            )
            for move_id, quantity in taken
        ]
    return portions
