"""Lines that find no order line, orders of other suppliers, and assignments too close to call."""

from __future__ import annotations

from fractions import Fraction

from . import texts
from .assignment import Room, Share
from .candidates import cites, names, references, relation
from .facts import Bill, BillLine, Case, OrderLine
from .measure import measure, net
from .numbers import money, plain, price_text, quantity_text
from .result import Finding


def line_value(line: BillLine) -> Fraction:
    """Return what a line asks for, by its amount, else by its price."""
    if line.amount is not None:
        return max(Fraction(0), Fraction(line.amount))
    return max(Fraction(0), net(line) or Fraction(0))


def item_text(line: BillLine) -> str:
    """Return how a person would name the billed item."""
    codes = ", ".join(value for _scheme, value in sorted(line.codes))
    if codes and line.description:
        return f"{codes} ({line.description})"
    return codes or line.description or "?"


def bill_value(case: Case) -> Fraction:
    """Return the whole bill's money."""
    if case.bill.payable is not None:
        return max(Fraction(0), Fraction(case.bill.payable))
    return sum((line_value(line) for line in case.lines), Fraction(0))


def swap_item(case: Case, line: BillLine, rooms: dict[int, Room]) -> OrderLine | None:
    """Return the cited order line whose quantity and price fit, though its item is another one."""
    if not line.products:
        return None
    cited = [
        order_line
        for order_line in sorted(case.order_lines, key=lambda each: each.age_key)
        if names(case.bill, line, order_line) and relation(line, order_line) == "contradicts"
    ]
    exact = [order_line for order_line in cited if cites(line, order_line)]
    for order_line in exact or (cited if len(cited) == 1 else []):
        measured = measure(line, order_line)
        fits = 0 < measured.quantity <= rooms[order_line.id].ordered
        if fits and measured.price == order_line.agreed:
            return order_line
    return None


def item_mismatch(case: Case, line: BillLine, order_line: OrderLine) -> Finding:
    """Return the finding for a cited line with another known item."""
    measured = measure(line, order_line)
    stake = line_value(line)
    return Finding(
        type="item_mismatch",
        template=texts.ITEM_MISMATCH,
        params={
            "line": line.line_number,
            "order": order_line.order_number,
            "order_line": order_line.line_number,
            "item": item_text(line),
        },
        stake=stake,
        line_ids=(line.id,),
        order_line_id=order_line.id,
        order_id=order_line.order_id,
        arithmetic=(
            f"{quantity_text(measured.quantity)} {order_line.reference_unit}"
            f" × {price_text(order_line.agreed)} = {money(stake, case.bill.currency_digits)}",
        ),
        facts={
            "billed_item": item_text(line),
            "ordered_product_id": str(order_line.product_id),
            "billed_product_ids": ",".join(map(str, line.products)),
            "quantity": plain(measured.quantity),
        },
    )


def order_unknown(case: Case, share: Share) -> Finding | None:
    """Return ``order_line_not_found`` where a line names no confirmed order.

    It may fit another order, but that is a guess which a person confirms.
    """
    line, order_line = share.line, share.order_line
    cited = references(case.bill, line)
    if not cited or share.named or share.source != "engine":
        return None
    if any(names(case.bill, line, each) for each in case.order_lines):
        return None
    stake, named = line_value(line), ", ".join(cited)
    return Finding(
        type="order_line_not_found",
        template=texts.ORDER_UNKNOWN,
        params={
            "line": line.line_number,
            "named": named,
            "order": order_line.order_number,
            "order_line": order_line.line_number,
        },
        stake=stake,
        line_ids=(line.id,),
        order_line_id=order_line.id,
        arithmetic=(money(stake, case.bill.currency_digits) + " − 0",),
        facts={
            "item": item_text(line),
            "item_known": True,
            "named_order": named,
            "order_known": False,
            "quantity": plain(line.quantity),
            "unit": line.unit,
        },
    )


def not_found(case: Case, line: BillLine) -> Finding:
    """Return ``order_line_not_found`` for a line."""
    named = ", ".join(references(case.bill, line))
    stake = line_value(line)
    return Finding(
        type="order_line_not_found",
        template=texts.LINE_NOT_FOUND,
        params={
            "line": line.line_number,
            "item": item_text(line),
            "named": f" ({named})" if named else "",
        },
        stake=stake,
        line_ids=(line.id,),
        arithmetic=(money(stake, case.bill.currency_digits) + " − 0",),
        facts={
            "item": item_text(line),
            "item_known": bool(line.products),
            "named_order": named,
            "order_known": any(names(case.bill, line, each) for each in case.order_lines),
            "quantity": plain(line.quantity),
            "unit": line.unit,
        },
    )


def no_order(case: Case) -> Finding:
    """Return ``no_purchase_order`` for the whole bill."""
    return Finding(
        type="no_purchase_order",
        template=texts.NO_ORDER,
        params={},
        stake=bill_value(case),
        facts={"payable": plain(bill_value(case)), "lines": str(len(case.lines))},
    )


def foreign_orders(case: Case) -> dict[int, tuple[OrderLine, set[int]]]:
    """Return, per order of an unlinked supplier that the bill names, one of its lines and the bill's.

    A reference is foreign only where no order of this supplier goes by the same number.
    """
    own = case.linked_suppliers | {case.bill.supplier_id}
    orders: dict[int, OrderLine] = {}
    for order_line in sorted(case.order_lines, key=lambda each: each.age_key):
        orders.setdefault(order_line.order_id, order_line)
    found: dict[int, tuple[OrderLine, set[int]]] = {}
    for line in case.lines:
        named = [each for each in orders.values() if names(case.bill, line, each)]
        if any(each.supplier_id in own for each in named):
            continue
        for order_line in named:
            found.setdefault(order_line.order_id, (order_line, set()))[1].add(line.id)
    return found


def supplier_mismatch(case: Case, order_line: OrderLine, line_ids: set[int]) -> Finding:
    """Return the finding for an order of another supplier; the whole bill is at stake."""
    return Finding(
        type="supplier_mismatch",
        template=texts.SUPPLIER,
        params={"order": order_line.order_number},
        stake=bill_value(case),
        line_ids=tuple(line.id for line in case.lines if line.id in line_ids),
        order_id=order_line.order_id,
        facts={
            "order": order_line.order_number,
            "order_supplier_id": str(order_line.supplier_id),
            "bill_supplier_id": str(case.bill.supplier_id),
        },
        proposed="dispute",
    )


def currency_mismatch(bill: Bill, order_line: OrderLine, shares: list[Share]) -> Finding:
    """Return the finding for an order in another currency; the lines' money is at stake."""
    lines = {share.line.id: share.line for share in shares}
    return Finding(
        type="currency_mismatch",
        template=texts.CURRENCY,
        params={
            "billed": bill.currency,
            "ordered": order_line.currency,
            "order": order_line.order_number,
        },
        stake=sum((line_value(line) for line in lines.values()), Fraction(0)),
        line_ids=tuple(lines),
        order_line_id=order_line.id,
        order_id=order_line.order_id,
        facts={"billed_currency": bill.currency, "ordered_currency": order_line.currency},
        proposed="dispute",
    )


def ambiguous(bill: Bill, share: Share) -> Finding:
    """Return ``assignment_ambiguous`` for a share whose runner-up fits almost as well."""
    other = share.runner_up
    stake = abs(other.agreed - share.order_line.agreed) * share.quantity
    return Finding(
        type="assignment_ambiguous",
        template=texts.AMBIGUOUS,
        params={
            "line": share.line.line_number,
            "order": share.order_line.order_number,
            "order_line": share.order_line.line_number,
            "other": other.order_number,
            "other_line": other.line_number,
            "margin": str(abs(share.margin)),
        },
        stake=stake,
        line_ids=(share.line.id,),
        order_line_id=share.order_line.id,
        order_id=share.order_line.order_id,
        arithmetic=(f"{share.score} − {share.score - share.margin} = {share.margin}",),
        facts={
            "score": str(share.score),
            "margin": str(share.margin),
            "runner_up_order_line_id": str(other.id),
        },
    )
