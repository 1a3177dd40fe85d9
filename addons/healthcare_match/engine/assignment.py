"""Global assignment of bill lines to order lines.

Each bill line is about one item (that of its best candidate); bill and order lines that are connected
by candidates form a component. A component of one and one is decided directly, any other by an exact
min-cost flow over integer reference quantities. Input is sorted first, so its order is irrelevant.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from .candidates import Candidate, OrderLineIndex, find_candidates
from .facts import Bill, BillLine, OrderLine
from .flow import UNLIMITED, min_cost_flow
from .measure import measure

NOT_RECEIVED_COST = 35
OVER_COST = 250
AMBIGUOUS_MARGIN = 20


@dataclass(frozen=True)
class Share:
    """A bill line's quantity on one order line, in reference units, with the runner-up."""

    line: BillLine
    order_line: OrderLine
    quantity: Fraction
    score: int
    source: str
    named: bool
    relation: str
    runner_up: OrderLine | None = None
    margin: int | None = None
    ambiguous: bool = False


@dataclass(frozen=True)
class Room:
    """What is still open on an order line before this bill, in reference units."""

    received: Fraction
    ordered: Fraction


def interchangeable(first: OrderLine, second: OrderLine) -> bool:
    """Return True where it makes no difference which of two order lines is billed."""
    return (
        first.product_id == second.product_id
        and first.agreed == second.agreed
        and first.facility_id == second.facility_id
        and first.currency == second.currency
    )


def _of_one_item(candidates: list[Candidate]) -> list[Candidate]:
    """Keep the candidates for the item of the best one; another item has other units."""
    return [each for each in candidates if each.order_line.product_id == candidates[0].order_line.product_id]


def _components(options: dict[int, list[Candidate]]) -> list[tuple[list[int], list[int]]]:
    """Return connected (bill line ids, order line ids), in the order of the bill lines."""
    lines_of: dict[int, list[int]] = {}
    for line_id, candidates in options.items():
        for each in candidates:
            lines_of.setdefault(each.order_line.id, []).append(line_id)
    seen: set[int] = set()
    components = []
    for start in options:
        if start in seen:
            continue
        seen.add(start)
        stack, left, right = [start], [], {}
        while stack:
            line_id = stack.pop()
            left.append(line_id)
            for each in options[line_id]:
                if each.order_line.id in right:
                    continue
                right[each.order_line.id] = True
                for neighbour in lines_of[each.order_line.id]:
                    if neighbour not in seen:
                        seen.add(neighbour)
                        stack.append(neighbour)
        members = set(left)
        components.append(([line_id for line_id in options if line_id in members], list(right)))
    return components


def tiers(room: Room, scale: int, unit_cost: int) -> list[tuple[int, int]]:
    """Return the capacity tiers of an order line: received, ordered only, beyond."""
    received = max(Fraction(0), min(room.received, room.ordered))
    ordered = max(Fraction(0), room.ordered - received)
    return [
        (int(received * scale), 0),
        (int(ordered * scale), NOT_RECEIVED_COST * unit_cost),
        (UNLIMITED, OVER_COST * unit_cost),
    ]


def _solve(line_ids, order_line_ids, options, rooms) -> dict[tuple[int, int], Fraction]:
    """Run the flow of one component; return reference quantity per (bill line, order line)."""
    by_id = {each.order_line.id: each.order_line for i in line_ids for each in options[i]}
    right = sorted((by_id[i] for i in order_line_ids), key=lambda order_line: order_line.age_key)
    index = {order_line.id: position for position, order_line in enumerate(right)}
    quantities = [measure(options[i][0].line, options[i][0].order_line).quantity for i in line_ids]
    numbers = quantities + [part for i in index for part in (rooms[i].received, rooms[i].ordered)]
    scale = lcm(*(Fraction(number).denominator for number in numbers))
    best = max(each.score for i in line_ids for each in options[i])
    unit_cost = len(right) + 1
    edges = [
        (
            left,
            index[each.order_line.id],
            (best - each.score) * unit_cost + index[each.order_line.id],
        )
        for left, i in enumerate(line_ids)
        for each in options[i]
    ]
    flow, _cost = min_cost_flow(
        [int(quantity * scale) for quantity in quantities],
        [tiers(rooms[order_line.id], scale, unit_cost) for order_line in right],
        edges,
    )
    amounts = {
        (line_ids[left], right[position].id): Fraction(amount, scale)
        for (left, position), amount in flow.items()
    }
    for line_id, quantity in zip(line_ids, quantities, strict=True):
        if not quantity:
            amounts[line_id, options[line_id][0].order_line.id] = quantity
    return amounts


def _receipt_lead(first: OrderLine, second: OrderLine, rooms: dict[int, Room]) -> int:
    """Return the lead of a line with goods to bill over one without any."""
    return NOT_RECEIVED_COST * ((rooms[first.id].received > 0) - (rooms[second.id].received > 0))


def _share(chosen: Candidate, quantity: Fraction, options: list[Candidate], taken, rooms) -> Share:
    """Build the share with its runner-up; say whether the choice was too close to call."""
    others = [each for each in options if each.order_line.id not in taken]
    runner_up = others[0] if others else None
    margin = chosen.score - runner_up.score if runner_up else None
    ambiguous = (
        runner_up is not None
        and not chosen.fixed
        and abs(margin + _receipt_lead(chosen.order_line, runner_up.order_line, rooms)) < AMBIGUOUS_MARGIN
        and not interchangeable(chosen.order_line, runner_up.order_line)
        and rooms[runner_up.order_line.id].ordered > 0
    )
    return Share(
        line=chosen.line,
        order_line=chosen.order_line,
        quantity=quantity,
        score=chosen.score,
        source="manual" if chosen.fixed else "engine",
        named=chosen.named,
        relation=chosen.relation,
        runner_up=runner_up.order_line if runner_up else None,
        margin=margin,
        ambiguous=ambiguous,
    )


def assign(bill: Bill, lines, order_lines, rooms: dict[int, Room]) -> tuple[list[Share], list[BillLine]]:
    """Assign bill lines to order lines.

    :param rooms: open quantities per order line id, for every order line.
    :return: shares in canonical order, and the lines that found nothing.
    """
    index = OrderLineIndex(sorted(order_lines, key=lambda each: each.age_key))
    every, unmatched = {}, []
    for line in sorted(lines, key=lambda line: line.sort_key):
        candidates = find_candidates(bill, line, index)
        if candidates:
            every[line.id] = candidates
        else:
            unmatched.append(line)
    options = {line_id: _of_one_item(candidates) for line_id, candidates in every.items()}
    used: dict[int, Fraction] = {}
    amounts: dict[tuple[int, int], Fraction] = {}
    for line_ids, order_line_ids in _components(options):
        if len(line_ids) == len(order_line_ids) == 1:
            only = options[line_ids[0]][0]
            amounts[line_ids[0], order_line_ids[0]] = measure(only.line, only.order_line).quantity
        else:
            amounts.update(_solve(line_ids, order_line_ids, options, rooms))
    for (_line_id, order_line_id), quantity in amounts.items():
        used[order_line_id] = used.get(order_line_id, Fraction(0)) + quantity
    left = {i: Room(r.received, r.ordered - used.get(i, Fraction(0))) for i, r in rooms.items()}
    shares = []
    for line_id, candidates in options.items():
        taken = {o for (i, o) in amounts if i == line_id}
        shares += [
            _share(each, amounts[line_id, each.order_line.id], every[line_id], taken, left)
            for each in candidates
            if (line_id, each.order_line.id) in amounts
        ]
    return shares, unmatched
