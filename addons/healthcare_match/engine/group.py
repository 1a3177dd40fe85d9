"""The bill's shares on one order line, with what is open there: what the line checks look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from .assignment import Room, Share
from .facts import Bill, Case, Limits, OrderLine, StockMove
from .measure import Measure, measure, net, priced_ratio
from .numbers import plain, quantity_text, rounded


@dataclass(frozen=True)
class Group:
    """All shares of one bill on one order line; quantities in reference units."""

    bill: Bill
    order_line: OrderLine
    shares: tuple[Share, ...]
    limits: Limits
    received: Fraction
    returned: Fraction
    billed_before: Fraction
    billed_amount_before: Fraction
    moves: tuple[StockMove, ...] = ()
    measures: Mapping[int, Measure] = field(default_factory=dict)

    @property
    def billed(self) -> Fraction:
        """What this bill bills."""
        return sum((share.quantity for share in self.shares), Fraction(0))

    @property
    def available(self) -> Fraction:
        """Received, less returned before the bill's date, less billed by bills that come first."""
        return self.received - self.returned - self.billed_before

    @property
    def open_ordered(self) -> Fraction:
        """Ordered, less billed by bills that come first."""
        return self.order_line.ordered - self.billed_before

    @property
    def over_received(self) -> Fraction:
        """How much more is billed than is available."""
        return max(Fraction(0), self.billed - max(Fraction(0), self.available))

    @property
    def over_ordered(self) -> Fraction:
        """How much more is billed than was ordered."""
        return max(Fraction(0), self.billed - max(Fraction(0), self.open_ordered))

    @property
    def to_come(self) -> Fraction:
        """How much of the order may still be delivered."""
        return max(Fraction(0), self.order_line.ordered - (self.received - self.returned))

    @property
    def wait_until(self) -> date:
        """The last day of waiting: the later of bill date and promised delivery, plus grace."""
        start = max(self.bill.billed_on, self.order_line.promised_on or self.bill.billed_on)
        return start + timedelta(days=self.limits.grace_days)

    def amount(self, share: Share) -> Fraction:
        """Return the money billed for a share, by the line's own price."""
        value = net(share.line, priced_ratio(share.line, self.order_line)) or Fraction(0)
        whole = self.measures[share.line.id].quantity
        return value * share.quantity / whole if whole else Fraction(0)

    def names(self) -> dict[str, str]:
        """Return the parameters that every sentence about this order line has."""
        return {
            "order": self.order_line.order_number,
            "order_line": self.order_line.line_number,
            "reference": self.order_line.reference_unit,
            "currency": self.bill.currency,
            "line": ", ".join(dict.fromkeys(share.line.line_number for share in self.shares)),
        }

    def sent_text(self, share: Share) -> str:
        """Return the quantity as the supplier sent it, with its unit."""
        return f"{plain(share.line.quantity)} {share.line.unit_as_sent or share.line.unit}".strip()

    def factor_arithmetic(self, share: Share) -> tuple[str, ...]:
        """Return how the billed quantity became reference units; nothing where the factor is 1."""
        factor = self.measures[share.line.id].factor
        if factor == 1:
            return ()
        whole = Fraction(share.line.quantity) * factor
        reference = self.order_line.reference_unit
        return (
            f"{self.sent_text(share)} × {quantity_text(factor)} {reference}"
            f" = {quantity_text(whole)} {reference}",
        )


def rooms_of(case: Case) -> dict[int, Room]:
    """Return what is open on each order line before this bill."""
    moves = moves_by_line(case)
    rooms = {}
    for order_line in case.order_lines:
        before = case.billed.get(order_line.id, Fraction(0))
        ordered = order_line.ordered - before
        received, returned = stock_of(case, moves.get(order_line.id, ()))
        there = ordered if order_line.by_amount else received - returned - before
        rooms[order_line.id] = Room(received=there, ordered=ordered)
    return rooms


def moves_by_line(case: Case) -> dict[int, tuple[StockMove, ...]]:
    """Return the receipts and returns of each order line."""
    found: dict[int, list[StockMove]] = {}
    for move in case.moves:
        found.setdefault(move.order_line_id, []).append(move)
    return {order_line_id: tuple(moves) for order_line_id, moves in found.items()}


def stock_of(case: Case, moves: tuple[StockMove, ...]) -> tuple[Fraction, Fraction]:
    """Return received, and returned before the bill's date."""
    received = returned = Fraction(0)
    for move in moves:
        if not move.is_return:
            received += move.quantity
        elif move.moved_on < case.bill.billed_on:
            returned += move.quantity
    return received, returned


def make_groups(case: Case, shares: list[Share]) -> list[Group]:
    """Collect the shares per order line, in the order of the bill's lines."""
    members: dict[int, list[Share]] = {}
    for share in shares:
        members.setdefault(share.order_line.id, []).append(share)
    groups = []
    by_line = moves_by_line(case)
    for order_line_id, found in members.items():
        order_line, moves = found[0].order_line, by_line.get(order_line_id, ())
        received, returned = stock_of(case, moves)
        groups.append(
            Group(
                bill=case.bill,
                order_line=order_line,
                shares=tuple(found),
                limits=case.limits_of(order_line_id),
                received=received,
                returned=returned,
                billed_before=case.billed.get(order_line_id, Fraction(0)),
                billed_amount_before=case.billed_amount.get(order_line_id, Fraction(0)),
                moves=moves,
                measures={share.line.id: measure(share.line, order_line) for share in found},
            )
        )
    return groups


def comparison(group: Group, share: Share) -> dict:
    """Return the figures of one share beside its order line, as strings, for people to look at."""
    measured = group.measures[share.line.id]
    price = measured.price
    return {
        "reference_unit": group.order_line.reference_unit,
        "factor": plain(measured.factor),
        "unit_known": measured.known,
        "billed_quantity": plain(share.quantity),
        "ordered_quantity": plain(group.order_line.ordered),
        "received_quantity": plain(group.received),
        "returned_quantity": plain(group.returned),
        "billed_before": plain(group.billed_before),
        "available_quantity": plain(group.available),
        "billed_price": "" if price is None else plain(price),
        "agreed_price": plain(group.order_line.agreed),
        "price_difference": "" if price is None else plain(price - group.order_line.agreed),
        "amount": plain(rounded(group.amount(share), group.bill.currency_digits)),
        "price_source": group.order_line.price_source,
        "level": group.limits.level,
    }
