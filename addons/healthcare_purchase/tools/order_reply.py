"""What a supplier's answer to one order line comes to, in the order's own unit. Pure Python.

Several answers to one line are usual: of 90 boxes 88 accepted, one backordered, one rejected.
Quantities and prices are exact (:class:`fractions.Fraction`); nothing is rounded before the
comparison.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from odoo.addons.healthcare_base.tools.exact import numeric_text

from .selections import RESPONSE_STATUS

_REFUSED = {"rejected", "cancelled"}
_SEVERITY = {status: position for position, (status, _label) in enumerate(RESPONSE_STATUS)}
# only a quotient without an end (a third of a price) is ever rounded, and far behind the cent
_PLACES = Decimal(1).scaleb(-12)
_CONTEXT = Context(prec=80)


@dataclass(frozen=True)
class Ordered:
    """The order line as it stands: ``quantity`` in its unit, ``price`` for one of that unit."""

    quantity: Fraction
    price: Fraction
    backorder_policy: str = "allow"


@dataclass(frozen=True)
class Response:
    """One answer, converted: ``None`` where the supplier said nothing or the unit is unknown."""

    status: str
    quantity: Fraction | None = None
    price: Fraction | None = None
    promised_date: str = ""
    unit_unknown: bool = False
    other_item: bool = False


@dataclass
class Summary:
    """The answers to one line taken together.

    ``changes`` names what differs from the order and waits for a person: ``price``,
    ``quantity``, ``substitution``, ``unit``, ``backorder``.
    """

    status: str
    acknowledged_quantity: Fraction | None = None
    backordered_quantity: Fraction | None = None
    price: Fraction | None = None
    promised_date: str = ""
    changes: set = field(default_factory=set)


def exact_text(value):
    """Return a fraction as decimal text; a quotient without an end is rounded to 12 places."""
    if value is None:
        return False
    number = _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))
    if Fraction(number) != value:
        number = number.quantize(_PLACES, rounding=ROUND_HALF_UP, context=_CONTEXT)
    return numeric_text(number)


def summarise(responses, ordered):
    """Return the :class:`Summary` of all answers to one order line.

    :param responses: non-empty sequence of :class:`Response`
    :param ordered: :class:`Ordered`
    """
    summary = Summary(status=_status(responses))
    if any(response.unit_unknown for response in responses):
        summary.changes.add("unit")
    if any(r.status == "substituted" or r.other_item for r in responses):
        summary.changes.add("substitution")
    summary.promised_date = max((r.promised_date for r in responses), default="")
    _sum_quantities(summary, responses, ordered)
    _compare_prices(summary, responses, ordered)
    return summary


def _status(responses):
    """The worst of the answers; what is refused in part only is a change."""
    kept = [r.status for r in responses if r.status not in _REFUSED]
    if not kept:
        return min((r.status for r in responses), key=_SEVERITY.__getitem__)
    worst = min(kept, key=_SEVERITY.__getitem__)
    if len(kept) < len(responses) and worst == "accepted":
        return "accepted_with_change"
    return worst


def _sum_quantities(summary, responses, ordered):
    if any(response.unit_unknown for response in responses):
        return
    quantities = [response.quantity for response in responses]
    if len(responses) == 1 and quantities[0] is None:
        quantities = [ordered.quantity]
    if None in quantities:
        # of several answers one has no quantity: what it covers is anyone's guess
        summary.changes.add("quantity")
        return
    pairs = list(zip(responses, quantities, strict=True))
    backordered = sum((q for r, q in pairs if r.status == "backordered"), Fraction(0))
    confirmed = sum(
        (q for r, q in pairs if r.status not in _REFUSED and r.status != "backordered"),
        Fraction(0),
    )
    summary.acknowledged_quantity = confirmed
    summary.backordered_quantity = backordered
    if confirmed + backordered != ordered.quantity:
        summary.changes.add("quantity")
    if backordered and ordered.backorder_policy != "allow":
        summary.changes.add("backorder")


def _compare_prices(summary, responses, ordered):
    prices = {r.price for r in responses if r.price is not None and r.status not in _REFUSED}
    if len(prices) == 1:
        summary.price = prices.pop()
        if summary.price != ordered.price:
            summary.changes.add("price")
    elif prices:
        summary.changes.add("price")
