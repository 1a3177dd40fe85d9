"""The price check: billed against agreed, per reference unit, exactly."""

from __future__ import annotations

from fractions import Fraction

from . import texts
from .group import Group
from .measure import net, priced_ratio
from .numbers import money, places, plain, price_text, quantity_text, rounded
from .result import Finding


def agrees_as_written(group: Group, share) -> bool:
    """Return True where the billed price is the agreed one in another unit, as far as it can be written.

    50.00 per CS of 144 is 0.3472 per EA: no finite decimal is exact. Such a price agrees if it is the
    agreed one rounded to its own places, and the line comes to the agreed money to the cent.
    """
    line, order_line = share.line, group.order_line
    measured = group.measures[line.id]
    if not measured.price or line.price is None or measured.factor == order_line.factor:
        return False
    if line.charges or line.priced_quantity is not None:
        return False
    whole = net(line, priced_ratio(line, order_line))
    agreed = order_line.agreed * Fraction(line.price) / measured.price
    expected = order_line.agreed * measured.quantity
    digits = group.bill.currency_digits
    sent = Fraction(line.amount) if line.amount is not None else whole
    return rounded(agreed, places(line.price)) == Fraction(line.price) and rounded(sent, digits) == rounded(
        expected, digits
    )


def price_difference(group: Group, share) -> Fraction:
    """Return (billed − agreed) × quantity of a share in money; 0 where the price agrees as written."""
    price = group.measures[share.line.id].price
    if price is None or price == group.order_line.agreed or agrees_as_written(group, share):
        return Fraction(0)
    return (price - group.order_line.agreed) * share.quantity


def _finding(group: Group, share, difference: Fraction) -> Finding:
    line, order_line, digits = share.line, group.order_line, group.bill.currency_digits
    billed, agreed = group.measures[line.id].price, order_line.agreed
    stake = max(difference, Fraction(0))
    names = group.names()
    reference = order_line.reference_unit
    arithmetic = group.factor_arithmetic(share)
    if group.measures[line.id].factor != 1 and line.price is not None:
        arithmetic += (
            f"{price_text(line.price)} ÷ {quantity_text(line.price_base)}"
            f" {line.price_unit or line.unit_as_sent or line.unit} → {price_text(billed)} / {reference}",
        )
    if order_line.factor != 1:
        arithmetic += (
            f"{price_text(order_line.price)} / {order_line.unit} ÷ {quantity_text(order_line.factor)}"
            f" = {price_text(agreed)} / {reference}",
        )
    arithmetic += (
        f"{price_text(billed)} − {price_text(agreed)} = {price_text(billed - agreed)} / {reference}",
        f"{price_text(billed - agreed)} × {quantity_text(share.quantity)} {reference}"
        f" = {money(difference, digits)} {group.bill.currency}",
    )
    return Finding(
        type="price_variance",
        template=texts.PRICE if difference > 0 else texts.PRICE_BELOW,
        params={
            **names,
            "line": line.line_number,
            "billed": price_text(billed),
            "agreed": price_text(agreed),
            "quantity": quantity_text(share.quantity),
            "stake": money(stake, digits),
        },
        stake=stake,
        line_ids=(line.id,),
        order_line_id=order_line.id,
        order_id=order_line.order_id,
        arithmetic=arithmetic,
        facts={
            "billed_price": plain(billed),
            "agreed_price": plain(agreed),
            "difference": plain(billed - agreed),
            "quantity": plain(share.quantity),
            "reference_unit": reference,
            "price_source": order_line.price_source,
            "level": group.limits.level,
        },
        proposed="request_credit" if difference > 0 else "accept_variance",
    )


def check_price(group: Group) -> tuple[list[Finding], bool]:
    """Check the prices of a group against the order line's agreed price.

    The limit holds for the sum over the order line, overbilling and underbilling each for itself.

    :return: findings, and whether a difference was accepted within the limits.
    """
    if group.order_line.by_amount:
        return check_amount(group)
    differences = [(share, price_difference(group, share)) for share in group.shares]
    over = sum((value for _share, value in differences if value > 0), Fraction(0))
    under = sum((value for _share, value in differences if value < 0), Fraction(0))
    limit = group.limits.price
    refused = [
        (share, value)
        for share, value in differences
        if (value > 0 and not limit.allows(over)) or (value < 0 and not limit.allows(under))
    ]
    tolerated = len(refused) < sum(1 for _share, value in differences if value)
    return [_finding(group, share, value) for share, value in refused], tolerated


def check_amount(group: Group) -> tuple[list[Finding], bool]:
    """Check a service line: the money billed so far must not exceed the money ordered."""
    order_line, digits = group.order_line, group.bill.currency_digits
    now = sum((group.amount(share) for share in group.shares), Fraction(0))
    allowed = order_line.agreed * order_line.ordered
    total = group.billed_amount_before + now
    excess = rounded(total, digits) - rounded(allowed, digits)
    if excess <= 0 or group.limits.price.allows(excess):
        return [], excess > 0
    finding = Finding(
        type="price_variance",
        template=texts.AMOUNT_BASIS,
        params={
            **group.names(),
            "agreed": money(allowed, digits),
            "billed": money(total, digits),
            "stake": money(excess, digits),
        },
        stake=excess,
        line_ids=tuple(dict.fromkeys(share.line.id for share in group.shares)),
        order_line_id=order_line.id,
        order_id=order_line.order_id,
        arithmetic=(
            f"{money(group.billed_amount_before, digits)} + {money(now, digits)} = {money(total, digits)}",
            f"{money(total, digits)} − {money(allowed, digits)} = {money(excess, digits)}",
        ),
        facts={
            "basis": "amount",
            "agreed_amount": plain(allowed),
            "billed_amount": plain(total),
            "billed_before": plain(group.billed_amount_before),
            "difference": plain(excess),
        },
        proposed="request_credit",
    )
    return [finding], False
