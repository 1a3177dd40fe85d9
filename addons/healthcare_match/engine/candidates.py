"""Which order lines a bill line may belong to, and how well each fits, in points.

The points are evidence weights. An order number outweighs everything that does not contradict it; a
bare line number is weak, since suppliers renumber. No point depends on the line's quantity, so that
splitting a line changes nothing; quantity decides through the capacities of the flow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from .facts import Bill, BillLine, OrderLine
from .identity import order_key, order_keys
from .measure import measure

FIXED = 1000
NAMED = 400
ITEM = 300
ITEM_RANK_STEP = 10
PRICE_EXACT = 60
PRICE_NEAR = 30
PRICE_PACK = 15
LINE_NUMBER = 30
UNIT = 20
DESCRIPTION = 40
FACILITY = 20
ORDERED_BEFORE = 10

NEAR = Fraction(1, 10)
SIMILAR = Fraction(1, 2)
NEUTRAL_LIMIT = 8


@dataclass(frozen=True)
class Candidate:
    """An order line that a bill line may belong to."""

    line: BillLine
    order_line: OrderLine
    score: int
    named: bool
    relation: str
    fixed: bool = False


def relation(line: BillLine, order_line: OrderLine) -> str:
    """Return ``agrees``, ``contradicts`` or ``unknown`` for the item of the two lines.

    Codes of the same scheme that differ contradict each other; codes that only one side has say
    nothing. One code that agrees is enough.
    """
    if order_line.product_id in line.products or line.codes & order_line.codes:
        return "agrees"
    if line.products:
        return "contradicts"
    schemes = {scheme for scheme, _value in line.codes}
    return "contradicts" if schemes & {scheme for scheme, _value in order_line.codes} else "unknown"


def references(bill: Bill, line: BillLine) -> tuple[str, ...]:
    """Return the order references that apply to a line: its own, else the header's."""
    return (line.order_number,) if line.order_number else bill.order_references


def names(bill: Bill, line: BillLine, order_line: OrderLine) -> bool:
    """Return True where the line (or the bill) names the order of ``order_line``."""
    key = order_key(order_line.order_number)
    return any(key in order_keys(reference) for reference in references(bill, line))


@lru_cache(maxsize=4096)
def words_of(text: str) -> frozenset[str]:
    """Return the words of a description, in lower case."""
    return frozenset(re.findall(r"\w+", text.lower()))


def similarity(first: str, second: str) -> Fraction:
    """Return the share of words that two descriptions have in common, 0 to 1."""
    words, others = words_of(first), words_of(second)
    if not words or not others:
        return Fraction(0)
    return Fraction(len(words & others), len(words | others))


def cites(line: BillLine, order_line: OrderLine) -> bool:
    """Return True where the line cites the order line's number."""
    cited = line.order_line_number.strip().lstrip("0")
    return bool(cited) and cited == order_line.line_number.strip().lstrip("0")


def price_points(line: BillLine, order_line: OrderLine) -> int:
    """Return the points for the price: equal, near, or apart by a pack of the item."""
    price = measure(line, order_line).price
    if price is None or price == order_line.agreed:
        return PRICE_EXACT if price is not None else 0
    if not order_line.agreed:
        return 0
    ratio = price / order_line.agreed
    if abs(ratio - 1) <= NEAR:
        return PRICE_NEAR
    return PRICE_PACK if max(ratio, 1 / ratio if ratio else ratio) in order_line.pack_factors else 0


def _price_points(line: BillLine, order_line: OrderLine, known: dict) -> int:
    key = (order_line.product_id, order_line.unit, order_line.factor, order_line.price)
    if key not in known:
        known[key] = price_points(line, order_line)
    return known[key]


def _enough_without_item(named: bool, cited: bool, price: int, alike: Fraction) -> bool:
    """Decide whether a line whose item is unknown has enough other evidence."""
    if named:
        return sum((cited, price == PRICE_EXACT, alike >= SIMILAR)) >= 2
    return price == PRICE_EXACT and alike >= SIMILAR


def candidate(
    bill: Bill, line: BillLine, order_line: OrderLine, prices: dict | None = None
) -> Candidate | None:
    """Return the candidate, or None where the evidence does not carry it.

    :param prices: points for the line's price found before, by what of an order line they depend on
    """
    fixed = order_line.id in line.fixed
    found = relation(line, order_line)
    if not fixed and (line.fixed or found == "contradicts"):
        return None
    named = names(bill, line, order_line)
    price = _price_points(line, order_line, {} if prices is None else prices)
    if fixed:
        return Candidate(line, order_line, FIXED + price, named, found, fixed=True)
    cited = named and cites(line, order_line)
    alike = similarity(line.description, order_line.description)
    if found == "unknown" and not _enough_without_item(named, cited, price, alike):
        return None
    score = price + int(DESCRIPTION * alike)
    score += NAMED if named else 0
    score += LINE_NUMBER if cited else 0
    score += UNIT if line.unit and line.unit == order_line.unit else 0
    score += FACILITY if bill.facility_id and bill.facility_id == order_line.facility_id else 0
    score += ORDERED_BEFORE if order_line.ordered_on and order_line.ordered_on <= bill.billed_on else 0
    if found == "agrees":
        rank = line.products.index(order_line.product_id) if order_line.product_id in line.products else 0
        score += ITEM - ITEM_RANK_STEP * min(rank, 5)
    return Candidate(line, order_line, score, named, found)


class OrderLineIndex:
    """Order lines by item and code, so that a bill line looks only at those it may be for."""

    def __init__(self, order_lines):
        self.every = tuple(order_lines)
        self._by_product: dict[int, list[OrderLine]] = {}
        self._by_code: dict[tuple[str, str], list[OrderLine]] = {}
        for order_line in self.every:
            self._by_product.setdefault(order_line.product_id, []).append(order_line)
            for code in order_line.codes:
                self._by_code.setdefault(code, []).append(order_line)

    def lines_for(self, line: BillLine) -> tuple[OrderLine, ...]:
        """Return the order lines of the line's items; all of them where its items are unknown."""
        if line.fixed:
            return tuple(each for each in self.every if each.id in line.fixed)
        if not line.products:
            return self.every
        found = {
            each.id: each for product_id in line.products for each in self._by_product.get(product_id, ())
        }
        found.update((each.id, each) for code in line.codes for each in self._by_code.get(code, ()))
        return tuple(found.values())


def find_candidates(bill: Bill, line: BillLine, index: OrderLineIndex) -> list[Candidate]:
    """Return the candidates of a line, best first; ties in the order lines' canonical order.

    Lines of unknown items would fit a whole order a little: only the best few of those are kept.
    """
    prices: dict = {}
    tried = (candidate(bill, line, order_line, prices) for order_line in index.lines_for(line))
    found = [each for each in tried if each]
    found.sort(key=lambda each: (-each.score, each.order_line.age_key))
    certain = [each for each in found if each.relation == "agrees" or each.fixed]
    return certain or found[:NEUTRAL_LIMIT]
