"""The verdict on one bill: identity first, then assignment, then the checks of each order line."""

from __future__ import annotations

from fractions import Fraction

from . import texts
from .assignment import Share, assign
from .facts import BillLine, Case
from .group import Group, comparison, make_groups, rooms_of
from .identity import find_duplicate, find_suspected_duplicate
from .lots import check_lots
from .measure import measure, priced_ratio
from .price import check_price
from .quantity import check_quantity, consume
from .result import Finding, Portion, Verdict, worst
from .totals import check_bill_total, check_charges, check_line_total, check_tax
from .unit import check_unit
from .unmatched import (
    ambiguous,
    currency_mismatch,
    foreign_orders,
    item_mismatch,
    line_value,
    no_order,
    not_found,
    order_unknown,
    supplier_mismatch,
    swap_item,
)


class _Evaluation:
    """Collects findings, states and portions while the checks run."""

    def __init__(self, case: Case):
        self.case = case
        self.findings: list[Finding] = []
        self.portions: list[Portion] = []
        self.notices: list[tuple[str, dict[str, str]]] = []
        self.states: dict[int, list[str]] = {line.id: [] for line in case.lines}
        self.waiting: dict[int, str] = {}
        self.comparisons: dict[tuple[int, int], dict] = {}
        self.covered = True
        self.ratios: dict[int, Fraction] = {}

    def add(self, finding: Finding) -> None:
        self.findings.append(finding)
        for line_id in finding.line_ids:
            self.states[line_id].append("exception")

    def verdict(self) -> Verdict:
        lines = {line_id: worst(states) for line_id, states in self.states.items()}
        whole = ["exception"] if self.findings else []
        return Verdict(
            state=worst([*lines.values(), *whole]),
            line_states=lines,
            portions=tuple(self.portions),
            findings=tuple(self.findings),
            notices=tuple(self.notices),
            waiting_until=self.waiting,
            comparisons=self.comparisons,
        )


def _held(case: Case, finding: Finding) -> Verdict:
    """Return the verdict of a duplicate: it takes no quantity and raises nothing else."""
    return Verdict(
        state="exception",
        line_states={line.id: "exception" for line in case.lines},
        findings=(finding,),
    )


def _credit_line(case: Case, line: BillLine) -> Finding:
    return Finding(
        type="credit_mismatch",
        template=texts.CREDIT_LINE,
        params={"line": line.line_number},
        stake=Fraction(0),
        line_ids=(line.id,),
        facts={"quantity": str(line.quantity)},
        proposed="dispute",
    )


def _foreign(evaluation: _Evaluation) -> set[int]:
    """Raise ``supplier_mismatch`` once per foreign order; return the lines that it settles."""
    settled: set[int] = set()
    for order_line, line_ids in foreign_orders(evaluation.case).values():
        evaluation.add(supplier_mismatch(evaluation.case, order_line, line_ids))
        settled |= line_ids
    return settled


def _orphans(evaluation: _Evaluation, lines: list[BillLine], rooms, named: bool, any_found: bool):
    """Judge lines without an order line."""
    case = evaluation.case
    if lines and not named and not any_found:
        evaluation.add(no_order(case))
        for line in lines:
            evaluation.states[line.id].append("exception")
        return
    for line in lines:
        order_line = swap_item(case, line, rooms)
        if not order_line:
            evaluation.add(not_found(case, line))
            continue
        evaluation.add(item_mismatch(case, line, order_line))
        quantity = measure(line, order_line).quantity
        evaluation.portions.append(Portion(line.id, order_line.id, quantity))


def _check_group(evaluation: _Evaluation, group: Group) -> None:
    """Run price, quantity and unit checks of one order line."""
    case, bill = evaluation.case, evaluation.case.bill
    portions = consume(group)
    evaluation.portions += portions
    for finding in check_lots(group, portions):
        evaluation.add(finding)
    for share in group.shares:
        evaluation.comparisons[share.line.id, group.order_line.id] = comparison(group, share)
        evaluation.ratios[share.line.id] = priced_ratio(share.line, group.order_line)
        if share.ambiguous:
            evaluation.add(ambiguous(bill, share))
    if group.over_received > 0 or group.order_line.by_amount:
        evaluation.covered = False
    if bill.currency != group.order_line.currency:
        evaluation.add(currency_mismatch(bill, group.order_line, list(group.shares)))
        return
    prices, tolerated = check_price(group)
    quantity = check_quantity(group, case.today)
    units = check_unit(group, prices, quantity)
    for finding in units or [*prices, *quantity.findings]:
        evaluation.add(finding)
    for share in group.shares:
        states = evaluation.states[share.line.id]
        if tolerated or quantity.tolerated:
            states.append("matched_tolerance")
        if quantity.waiting_until and not units:
            states.append("waiting")
            until = quantity.waiting_until.isoformat()
            evaluation.waiting[share.line.id] = max(until, evaluation.waiting.get(share.line.id, until))


def _notices(evaluation: _Evaluation, shares: list[Share]) -> None:
    """Say where a line names one order and was matched on another."""
    for share in shares:
        bill, line = evaluation.case.bill, share.line
        cited = (line.order_number,) if line.order_number else bill.order_references
        if cited and not share.named and share.source == "engine":
            evaluation.notices.append(
                (
                    texts.NOTICE_OTHER_ORDER,
                    {
                        "line": line.line_number,
                        "named": ", ".join(cited),
                        "order": share.order_line.order_number,
                        "order_line": share.order_line.line_number,
                    },
                )
            )


def _check_whole(evaluation: _Evaluation) -> None:
    """Check the bill against itself, its charges and its tax."""
    case = evaluation.case
    for line in case.lines:
        if line.id not in evaluation.ratios and line.price_unit not in ("", line.unit):
            continue
        ratio = evaluation.ratios.get(line.id, Fraction(1))
        finding = check_line_total(case.bill, line, ratio, case.bill_limits)
        if finding:
            evaluation.add(finding)
    for finding in (check_bill_total(case), *check_charges(case), check_tax(case)):
        if finding:
            evaluation.add(finding)


def evaluate(case: Case) -> Verdict:
    """Return the verdict on a bill.

    The result depends on the content of ``case`` alone: neither on the order of lines, order lines,
    receipts or other bills, nor on the clock (``case.today`` is given).

    :raises ValueError: a price base or a factor that is not positive.
    """
    _validate(case)
    duplicate = find_duplicate(case.bill, case.others)
    if duplicate:
        return _held(case, duplicate)
    evaluation = _Evaluation(case)
    settled = _foreign(evaluation)
    lines = []
    for line in sorted(case.lines, key=lambda line: line.sort_key):
        if Fraction(line.quantity) < 0:
            evaluation.add(_credit_line(case, line))
        elif line.id not in settled:
            lines.append(line)
    own = case.linked_suppliers | {case.bill.supplier_id}
    order_lines = [each for each in case.order_lines if each.supplier_id in own]
    rooms = rooms_of(case)
    shares, orphans = assign(case.bill, lines, order_lines, rooms)
    named = bool(case.bill.order_references or any(line.order_number for line in case.lines))
    _orphans(evaluation, orphans, rooms, named, bool(shares))
    _notices(evaluation, shares)
    unknown = {}
    for share in shares:
        unknown.setdefault(share.line.id, order_unknown(case, share))
    for finding in filter(None, unknown.values()):
        evaluation.add(finding)
    for group in make_groups(case, shares):
        _check_group(evaluation, group)
    _check_whole(evaluation)
    covered = evaluation.covered and bool(shares) and not orphans and not settled
    suspected = find_suspected_duplicate(case.bill, case.others, covered)
    if suspected:
        evaluation.add(suspected)
    return evaluation.verdict()


def value_of(case: Case) -> Fraction:
    """Return the money that the bill's lines ask for, in the bill's currency."""
    return sum((line_value(line) for line in case.lines), Fraction(0))


def _validate(case: Case) -> None:
    for line in case.lines:
        if Fraction(line.price_base) <= 0:
            raise ValueError(f"line {line.line_number}: the price's base quantity is not positive")
        factors = [*line.factors.values(), *line.price_factors.values()]
        if line.conversion is not None:
            factors.append(line.conversion)
        if any(factor <= 0 for factor in factors):
            raise ValueError(f"line {line.line_number}: a unit factor is not positive")
    for order_line in case.order_lines:
        if Fraction(order_line.factor) <= 0:
            raise ValueError(f"order line {order_line.id}: the unit factor is not positive")
