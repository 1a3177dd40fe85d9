"""Was it billed in another unit? Solved from price and quantity together.

Price ratio f and quantity ratio 1/f: the extended amounts agree, and the unit is the mistake. Where
only one of the two fits a pack of the item and money is at stake, the unit is *suspected*, instead
of a price or quantity type. Nothing is converted without a person.
"""

from __future__ import annotations

from fractions import Fraction

from . import texts
from .group import Group
from .measure import net, priced_ratio
from .numbers import money, plain, price_text, quantity_text
from .price import agrees_as_written
from .quantity import QuantityResult
from .result import Finding


def pack_ratios(group: Group) -> frozenset[Fraction]:
    """Return the ratios between any two packs of the item, other than 1."""
    packs = set(group.order_line.pack_factors) | {1, Fraction(group.order_line.factor)}
    packs |= {measured.factor for measured in group.measures.values() if measured.known}
    return frozenset(Fraction(a) / Fraction(b) for a in packs for b in packs if a != b and b)


def _expected(group: Group) -> Fraction:
    """Return the quantity to compare with: received and open, else (nothing there) ordered and open."""
    return group.available if group.available > 0 else group.open_ordered


def _is_pack(ratio: Fraction) -> bool:
    return ratio > 0 and ratio != 1 and 1 in (ratio.numerator, ratio.denominator)


def _finding(group: Group, shares, template, params, stake, facts, arithmetic, proposed) -> Finding:
    share = shares[0]
    return Finding(
        type="uom_mismatch",
        template=template,
        params={
            **group.names(),
            "line": ", ".join(dict.fromkeys(each.line.line_number for each in shares)),
            "sent": " + ".join(group.sent_text(each) for each in shares),
            "unit": share.line.unit_as_sent or share.line.unit or "?",
            "order_unit": group.order_line.unit,
            "stake": money(stake, group.bill.currency_digits),
            **params,
        },
        stake=max(Fraction(0), stake),
        line_ids=tuple(dict.fromkeys(each.line.id for each in shares)),
        order_line_id=group.order_line.id,
        order_id=group.order_line.order_id,
        arithmetic=arithmetic,
        facts={
            "unit": share.line.unit,
            "unit_as_sent": share.line.unit_as_sent,
            "reference_unit": group.order_line.reference_unit,
            "billed_quantity": plain(group.billed),
            "agreed_price": plain(group.order_line.agreed),
            "open_received": plain(group.available),
            **facts,
        },
        proposed=proposed,
    )


def _overbilling(group: Group, waiting: bool) -> Fraction:
    """Return what is billed beyond the agreed price of the goods that are there (or still awaited)."""
    amount = sum(map(group.amount, group.shares), Fraction(0))
    there = group.open_ordered if waiting else group.available
    return amount - group.order_line.agreed * max(Fraction(0), min(group.billed, there))


def _confirmed(group: Group, ratio: Fraction) -> Finding:
    """Price ratio ``ratio`` and quantity ratio 1/``ratio``: propose the conversion."""
    share = group.shares[0]
    measured = group.measures[share.line.id]
    factor = measured.factor * ratio
    converted = group.billed * ratio
    unit = group.order_line.reference_unit
    digits = group.bill.currency_digits
    total = group.order_line.agreed * converted
    arithmetic = (
        f"{price_text(measured.price)} ÷ {price_text(group.order_line.agreed)} = {quantity_text(ratio)}",
        f"{quantity_text(group.billed)} ÷ {quantity_text(_expected(group))} = 1/{quantity_text(ratio)}",
        f"{quantity_text(converted)} {unit} × {price_text(group.order_line.agreed)}"
        f" = {money(total, digits)} {group.bill.currency}",
    )
    params = {
        "price": price_text(share.line.price if share.line.price is not None else measured.price),
        "factor": quantity_text(factor),
        "converted": quantity_text(converted),
        "agreed": price_text(group.order_line.agreed),
    }
    facts = {"suspected": False, "ratio": plain(ratio), "factor": plain(factor)}
    return _finding(group, group.shares, texts.UOM, params, Fraction(0), facts, arithmetic, "convert_unit")


def _suspected(group: Group, shares, template: str, ratio: Fraction, stake: Fraction) -> Finding:
    measured = group.measures[shares[0].line.id]
    unit = group.order_line.reference_unit
    by_price = template == texts.UOM_SUSPECTED_PRICE
    compared = (
        f"{price_text(measured.price)} ÷ {price_text(group.order_line.agreed)}"
        if by_price
        else f"{quantity_text(group.billed)} {unit} ÷ {quantity_text(group.available)} {unit} received"
    )
    facts = {
        "suspected": True,
        "fits": "price" if by_price else "quantity",
        "ratio": plain(ratio),
        "factor": plain(measured.factor * ratio if by_price else measured.factor / ratio),
        "question_receipt_unit": not by_price,
    }
    params = {"price": price_text(measured.price * measured.factor), "ratio": quantity_text(ratio)}
    arithmetic = (f"{compared} = {quantity_text(ratio)}",)
    return _finding(group, shares, template, params, stake, facts, arithmetic, "dispute")


def _unknown(group: Group, share, waiting: bool) -> Finding:
    """The unit says nothing for the item: try to solve its factor, never assume one."""
    line, agreed, sent = share.line, group.order_line.agreed, Fraction(share.line.quantity)
    value = net(line, priced_ratio(line, group.order_line))
    expected = _expected(group)
    factor = value / sent / agreed if value and sent and agreed else Fraction(0)
    solved = len(group.shares) == 1 and factor > 0 and sent * factor == expected
    solved = solved and factor.denominator == 1
    there = max(Fraction(0), group.open_ordered if waiting else group.available)
    stake = Fraction(0) if solved else (value or Fraction(0)) - agreed * there
    unit = group.order_line.reference_unit
    arithmetic = ()
    if solved:
        arithmetic = (
            f"{price_text(value / sent)} ÷ {price_text(agreed)} = {quantity_text(factor)}",
            f"{quantity_text(sent)} × {quantity_text(factor)} = {quantity_text(expected)} {unit}",
        )
    facts = {"suspected": not solved, "unit_known": False}
    if solved:
        facts["factor"] = plain(factor)
    return _finding(
        group,
        (share,),
        texts.UOM_UNKNOWN_SOLVED if solved else texts.UOM_UNKNOWN,
        {"factor": quantity_text(factor)},
        stake,
        facts,
        arithmetic,
        "convert_unit" if solved else "dispute",
    )


def check_unit(group: Group, prices: list[Finding], quantity: QuantityResult) -> list[Finding]:
    """Return unit findings; where there are any, they stand instead of price and quantity types.

    :param prices: what the price check found.
    :param quantity: what the quantity check found; a quantity that only waits is not questioned.
    """
    if group.order_line.by_amount:
        return []
    waiting = quantity.waiting_until is not None
    unknown = [share for share in group.shares if not group.measures[share.line.id].known]
    if unknown:
        return [_unknown(group, share, waiting) for share in unknown]
    if not prices and not quantity.findings:
        return []
    agreed = group.order_line.agreed
    ratios = {
        Fraction(1)
        if agrees_as_written(group, share)
        else (group.measures[share.line.id].price or Fraction(0)) / agreed
        for share in group.shares
        if agreed
    }
    if len(ratios) != 1:
        return []
    ratio = ratios.pop()
    packs = pack_ratios(group)
    if (_is_pack(ratio) or (ratio in packs)) and group.billed * ratio == _expected(group):
        return [_confirmed(group, ratio)]
    stake = _overbilling(group, waiting)
    if stake <= 0:
        return []
    if prices and ratio in packs:
        return [_suspected(group, group.shares, texts.UOM_SUSPECTED_PRICE, ratio, stake)]
    if quantity.findings and group.available > 0 and group.billed / group.available in packs:
        times = group.billed / group.available
        return [_suspected(group, group.shares, texts.UOM_SUSPECTED_QUANTITY, times, stake)]
    return []
