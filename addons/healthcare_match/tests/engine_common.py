"""Builders for engine cases: short, with ordinary defaults."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from ..engine import Bill, BillLine, Case, Charge, OrderLine, OtherBill, StockMove, StoppedLot

TODAY = date(2026, 3, 20)
BILLED = date(2026, 3, 10)
ORDERED = date(2026, 3, 1)
SUPPLIER = 7
GLOVES = 1
SUTURE = 2


def order_line(id=1, quantity="20", price="5.00", **values):
    """Return 20 EA of gloves at 5.00 on P00001 unless told otherwise."""
    defaults = {
        "order_id": 100,
        "order_number": "P00001",
        "line_number": str(id),
        "supplier_id": SUPPLIER,
        "currency": "USD",
        "product_id": GLOVES,
        "unit": "EA",
        "factor": 1,
        "reference_unit": "EA",
        "codes": frozenset({("supplier_code", "GLV-1")}),
        "description": "Nitrile gloves medium",
        "ordered_on": ORDERED,
        "promised_on": BILLED,
        "pack_factors": frozenset({1, 10, 100}),
    }
    return OrderLine(id=id, quantity=Decimal(quantity), price=Decimal(price), **{**defaults, **values})


def bill_line(id=1, quantity="20", price="5.00", unit="EA", **values):
    """Return a line of gloves; boxes are of 10, cases of 100."""
    factors = {GLOVES: {"EA": 1, "XBX": 10, "XCS": 100}, SUTURE: {"EA": 1, "XBX": 12}}
    defaults = {
        "line_number": str(id),
        "unit_as_sent": unit,
        "codes": frozenset({("supplier_code", "GLV-1")}),
        "products": (GLOVES,),
        "description": "Gloves nitrile medium",
        "factors": {key: units[unit] for key, units in factors.items() if unit in units},
    }
    return BillLine(
        id=id,
        quantity=Decimal(quantity),
        unit=unit,
        price=None if price is None else Decimal(price),
        **{**defaults, **values},
    )


def receipt(order_line_id=1, quantity=20, id=1, moved_on=date(2026, 3, 9), **values):
    """Return a done receipt."""
    return StockMove(
        id=id,
        order_line_id=order_line_id,
        moved_on=moved_on,
        quantity=Fraction(quantity),
        **values,
    )


def stopped_lot(number="L1", quantity=20, recall="RC/0001", **values):
    """Return a recalled lot of a receipt."""
    return StoppedLot(number=number, quantity=Fraction(quantity), recall=recall, **values)


def bill(**values):
    """Return a bill that names P00001."""
    defaults = {
        "id": 1,
        "number": "INV-1",
        "supplier_id": SUPPLIER,
        "currency": "USD",
        "billed_on": BILLED,
        "arrival": 1,
        "order_references": ("P00001",),
    }
    return Bill(**{**defaults, **values})


def other_bill(id=9, number="INV-0", payable="100.00", billed_on=BILLED, **values):
    """Return an earlier bill of the same supplier."""
    defaults = {"supplier_id": SUPPLIER, "currency": "USD", "arrival": 0}
    return OtherBill(
        id=id,
        number=number,
        payable=Decimal(payable),
        billed_on=billed_on,
        **{**defaults, **values},
    )


def charge(amount="12.00", kind="freight", indicator="charge", is_summary=False):
    """Return a charge."""
    return Charge(indicator, kind, Decimal(amount), is_summary)


def case(lines=None, order_lines=None, moves=None, **values):
    """Return a case: one line, one order line, received in full, long after the bill's date."""
    defaults = {"bill": bill(), "today": TODAY}
    return Case(
        lines=tuple([bill_line()] if lines is None else lines),
        order_lines=tuple([order_line()] if order_lines is None else order_lines),
        moves=tuple([receipt()] if moves is None else moves),
        **{**defaults, **values},
    )


def types(verdict):
    """Return the types of a verdict's findings, sorted."""
    return sorted(finding.type for finding in verdict.findings)
