"""The lots behind a bill: what is recalled, or had expired when it came, is not paid unseen."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from . import texts
from .facts import StockMove, StoppedLot
from .group import Group
from .numbers import money, quantity_text
from .result import Finding, Portion


def check_lots(group: Group, portions: list[Portion]) -> Iterator[Finding]:
    """Yield ``recalled_or_expired_lot`` for each stopped lot of the receipts that are billed.

    Where a bill takes a part of a receipt of several lots, nobody knows which of them it bills: the
    stopped ones are then counted as billed, up to the part.
    """
    for move in group.moves:
        billed = [portion for portion in portions if portion.move_id == move.id]
        rest = sum((portion.quantity for portion in billed), Fraction(0))
        for lot in move.stopped:
            quantity = min(rest, lot.quantity)
            if quantity > 0:
                rest -= quantity
                yield _finding(group, move, lot, quantity, billed)


def _finding(group: Group, move: StockMove, lot: StoppedLot, quantity: Fraction, billed) -> Finding:
    line_ids = tuple(dict.fromkeys(portion.line_id for portion in billed))
    stake = min(_price(group, line_ids), group.order_line.agreed) * quantity
    return Finding(
        type="recalled_or_expired_lot",
        template=texts.RECALLED_LOT if lot.recall else texts.EXPIRED_LOT,
        params={
            **group.names(),
            "line": ", ".join(
                dict.fromkeys(share.line.line_number for share in group.shares if share.line.id in line_ids)
            ),
            "lot": lot.number or "–",
            "quantity": quantity_text(quantity),
            "recall": lot.recall,
            "expired": lot.expired_on.isoformat() if lot.expired_on else "",
            "received": move.moved_on.isoformat(),
            "stake": money(stake, group.bill.currency_digits),
        },
        stake=max(Fraction(0), stake),
        line_ids=line_ids,
        order_line_id=group.order_line.id,
        order_id=group.order_line.order_id,
        facts={
            "lot": lot.number,
            "quantity": quantity_text(quantity),
            "recall": lot.recall,
            "expired_on": lot.expired_on.isoformat() if lot.expired_on else "",
            "receipt": move.reference,
        },
        proposed="dispute",
    )


def _price(group: Group, line_ids: tuple[int, ...]) -> Fraction:
    """Return the highest price billed for one reference unit on these lines."""
    prices = (group.measures[line_id].price for line_id in line_ids)
    return max((price for price in prices if price is not None), default=Fraction(0))
