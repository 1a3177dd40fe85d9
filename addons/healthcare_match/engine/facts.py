"""What the engine is told: plain facts, exact numbers, no Odoo.

Quantities and prices are ``Decimal`` as they were sent or agreed. A *factor* is the number of
reference units (the item's smallest traded unit) in one unit; it is a positive integer for packs and
may be a ``Fraction`` where a person's conversion says so. Everything is compared in reference units as
``Fraction``, so nothing is ever rounded on the way to a verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

Number = Decimal | Fraction | int
Codes = frozenset[tuple[str, str]]
"""Item codes as (scheme, value), for instance ``("gtin", "00614141000012")``."""


@dataclass(frozen=True)
class Limit:
    """How far a checked value may lie above and below the agreed one, in the check's own measure."""

    upper: Fraction = Fraction(0)
    lower: Fraction = Fraction(0)

    def allows(self, difference: Fraction) -> bool:
        """Return True where ``difference`` (billed minus agreed) is within the limit."""
        return -self.lower <= difference <= self.upper


@dataclass(frozen=True)
class Limits:
    """The limits of one order line, one per check; the default is exact.

    ``price`` is money per order line: (billed price − agreed price) × billed quantity, as are ``charge``,
    ``tax`` and ``total``. ``received`` and ``ordered`` are reference quantities. ``level`` names where
    the limits come from, for the explanation.
    """

    price: Limit = field(default_factory=Limit)
    received: Limit = field(default_factory=Limit)
    ordered: Limit = field(default_factory=Limit)
    charge: Limit = field(default_factory=Limit)
    tax: Limit = field(default_factory=Limit)
    total: Limit = field(default_factory=Limit)
    grace_days: int = 0
    level: str = "exact"


EXACT = Limits()


@dataclass(frozen=True)
class OrderLine:
    """A confirmed order line with its agreed price (per ``unit``, before tax, after discount)."""

    id: int
    order_id: int
    order_number: str
    line_number: str
    supplier_id: int
    currency: str
    product_id: int
    quantity: Decimal
    unit: str
    factor: Number
    price: Decimal
    reference_unit: str
    codes: Codes = frozenset()
    description: str = ""
    ordered_on: date | None = None
    promised_on: date | None = None
    facility_id: int | None = None
    by_amount: bool = False
    pack_factors: frozenset[int] = frozenset()
    price_source: str = "order"

    @cached_property
    def ordered(self) -> Fraction:
        """Ordered quantity in reference units."""
        return Fraction(self.quantity) * Fraction(self.factor)

    @cached_property
    def agreed(self) -> Fraction:
        """Agreed price of one reference unit."""
        return Fraction(self.price) / Fraction(self.factor)

    @cached_property
    def age_key(self) -> tuple:
        """Oldest first; the id decides only between lines that are otherwise the same."""
        return (self.ordered_on or date.max, self.order_number, self.line_number.zfill(9), self.id)


@dataclass(frozen=True)
class StoppedLot:
    """A lot of a receipt that must not be used: recalled, or expired when it came.

    ``quantity`` in reference units, less what was sent back. ``number`` is empty where no lot is
    known. ``recall`` names the recall; ``expired_on`` is the last day of the lot.
    """

    number: str
    quantity: Fraction
    recall: str = ""
    expired_on: date | None = None


@dataclass(frozen=True)
class StockMove:
    """A done receipt (or return) of an order line; ``quantity`` in reference units, positive.

    ``billed`` is what other bills have already taken from this very receipt; ``stopped`` are those
    of its lots that must not be used.
    """

    id: int
    order_line_id: int
    moved_on: date
    quantity: Fraction
    is_return: bool = False
    reference: str = ""
    billed: Fraction = Fraction(0)
    stopped: tuple[StoppedLot, ...] = ()


@dataclass(frozen=True)
class Charge:
    """An allowance or a charge as sent; ``amount`` is positive for both."""

    indicator: str
    kind: str
    amount: Decimal
    is_summary: bool = False


@dataclass(frozen=True)
class BillLine:
    """One supplier line as sent.

    ``price`` is for ``price_base`` units of ``price_unit`` (the billed unit where empty).
    ``factors`` gives, per product that the line may be for, the reference units in the billed unit;
    ``price_factors`` the same for the price's unit. A missing product means that the unit is unknown
    for it. ``conversion`` is a person's decision: that many reference units are in the billed unit.
    ``products`` are the items that the codes may mean, strongest first. ``fixed`` are order lines
    that a person (or the accounting line) chose.
    """

    id: int
    line_number: str
    quantity: Decimal
    unit: str
    price: Decimal | None = None
    amount: Decimal | None = None
    price_base: Decimal = Decimal(1)
    price_unit: str = ""
    priced_quantity: Decimal | None = None
    unit_as_sent: str = ""
    codes: Codes = frozenset()
    products: tuple[int, ...] = ()
    description: str = ""
    order_number: str = ""
    order_line_number: str = ""
    factors: Mapping[int, int] = field(default_factory=dict)
    price_factors: Mapping[int, int] = field(default_factory=dict)
    conversion: Fraction | None = None
    charges: tuple[Charge, ...] = ()
    tax: Decimal = Decimal(0)
    fixed: tuple[int, ...] = ()

    @cached_property
    def sort_key(self) -> tuple:
        """Canonical order: by content, the id last, so that the order of input never matters."""
        return (
            self.line_number.zfill(9),
            tuple(sorted(self.codes)),
            self.unit,
            Fraction(self.quantity),
            Fraction(self.price if self.price is not None else 0),
            self.description,
            self.id,
        )


@dataclass(frozen=True)
class Bill:
    """The bill's header. ``arrival`` grows with the order in which bills came in."""

    id: int
    number: str
    supplier_id: int
    currency: str
    billed_on: date
    kind: str = "invoice"
    arrival: int = 0
    order_references: tuple[str, ...] = ()
    delivery_reference: str = ""
    facility_id: int | None = None
    payable: Decimal | None = None
    rounding: Decimal = Decimal(0)
    prepaid: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    charges: tuple[Charge, ...] = ()
    currency_digits: int = 2
    fingerprint: str = ""


@dataclass(frozen=True)
class OtherBill:
    """Another bill of the same (or a linked) supplier, for finding duplicates.

    ``settled``: it is paid or exported and never becomes the duplicate itself, whatever its date.
    ``covered``: receipts of its own cover it. ``cancelled`` bills never block.
    """

    id: int
    number: str
    supplier_id: int
    billed_on: date
    payable: Decimal
    currency: str
    kind: str = "invoice"
    arrival: int = 0
    name: str = ""
    fingerprint: str = ""
    settled: bool = False
    covered: bool = False
    cancelled: bool = False


@dataclass(frozen=True)
class Case:
    """Everything that decides one bill.

    ``billed`` and ``billed_amount``: what bills that come first have taken of each order line, in
    reference units and in money. ``linked_suppliers``: suppliers that may bill each other's orders,
    the bill's own included. ``expected_tax``: None where it cannot be told.
    """

    bill: Bill
    lines: tuple[BillLine, ...]
    order_lines: tuple[OrderLine, ...] = ()
    moves: tuple[StockMove, ...] = ()
    billed: Mapping[int, Fraction] = field(default_factory=dict)
    billed_amount: Mapping[int, Fraction] = field(default_factory=dict)
    others: tuple[OtherBill, ...] = ()
    linked_suppliers: frozenset[int] = frozenset()
    limits: Mapping[int, Limits] = field(default_factory=dict)
    bill_limits: Limits = EXACT
    expected_tax: Decimal | None = None
    today: date = date.max

    def limits_of(self, order_line_id: int) -> Limits:
        """Return the limits of an order line; exact where none are given."""
        return self.limits.get(order_line_id, EXACT)
