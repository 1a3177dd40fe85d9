"""What price truth is decided from: what is asked, and what is on offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

#: Order of the sources; the first that is valid wins, whatever the others cost.
SOURCES = ("gpo_contract", "local_contract", "catalog", "last_approved")

#: The days that a contract may let its prices depend on.
DATE_BASES = ("order", "ship", "receipt", "invoice")


@dataclass(slots=True)
class Ask:
    """One request, checked: ids that exist, numbers as decimals, days as dates.

    ``factor`` is how many of the item's reference unit the unit asked for holds where that does
    not depend on the supplier (a unit of Odoo's own); ``None`` where it is found by ``unit``.
    ``order_id`` is the order that is asked for: its own price approves nothing.
    ``dates`` has a day for each of :data:`DATE_BASES` that is not ``day``.
    """

    key: object
    product_id: int
    unit: str | None
    factor: Fraction | None
    facility_id: int | None
    company_id: int
    supplier_id: int | None
    quantity: Decimal
    day: date
    price_class: str | None = None
    dates: dict = field(default_factory=dict)
    unit_id: int | None = None
    order_id: int | None = None


@dataclass(slots=True, eq=False)
class Contract:
    """As much of a version of a contract as decides whether its prices hold.

    They hold from ``valid_from`` to ``valid_to`` in every ``state`` but before approval.
    """

    id: int
    number: str
    kind: str
    state: str
    basis: str
    valid_from: date | None
    valid_to: date | None
    company_id: int | None
    all_facilities: bool
    default_tier_id: int | None


@dataclass(slots=True, eq=False)
class Offer:
    """One price of one item from one or more suppliers, as it was agreed or sent.

    ``amount`` is for ``base_quantity`` of ``unit``; ``factor`` is as in :class:`Ask`, for the
    offer's unit; ``rank`` and, within it, ``place`` are where it is tried among the item's.
    ``withdrawn``: its supplier ended it. ``facts`` is what an answer says of it whatever was asked;
    ``prices`` keeps what it was converted to, ``(amount, base quantity)`` by ``(factor asked for,
    factor offered)``, and ``told`` what was said of it; ``None`` before anything was.
    """

    source: str
    id: int
    product_id: int
    supplier_ids: tuple
    unit: str | None
    factor: Fraction | None
    amount: Decimal | None
    base_quantity: Decimal
    minimum: Decimal
    valid_from: date | None
    valid_to: date | None
    price_class: str | None
    company_id: int | None
    contract: Contract | None = None
    tier_id: int | None = None
    withdrawn: bool = False
    rank: tuple = ()
    place: tuple = ()
    facts: dict | None = None
    prices: dict | None = None
    told: dict | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """One entry of a contract's roster: who may buy on it, and at which tier."""

    facility_id: int
    account_id: int | None
    price_class: str | None
    tier_id: int | None
    date_from: date | None
    date_to: date | None


@dataclass(frozen=True, slots=True)
class Account:
    """A facility's account with a supplier."""

    id: int
    price_class: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What a failed price feed does to a supplier's catalog prices.

    They hold until and including ``until``; after that, or with ``stopped`` at once, they do not.
    """

    until: date | None
    stopped: bool
    reason: str

    def stops(self, day):
        """Tell whether the supplier's catalog prices no longer hold on ``day``."""
        return self.stopped and (self.until is None or day > self.until)
