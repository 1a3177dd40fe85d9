"""The matching engine: pure Python, exact numbers, no Odoo, no numeric library.

``evaluate(case)`` takes the facts of one bill and returns its verdict; see ``facts`` for what goes in
and ``result`` for what comes out.
"""

from .evaluate import evaluate
from .facts import (
    EXACT,
    Bill,
    BillLine,
    Case,
    Charge,
    Limit,
    Limits,
    OrderLine,
    OtherBill,
    StockMove,
    StoppedLot,
)
from .identity import bill_key, comes_before, order_key, order_keys
from .result import FAMILIES, STATES, Finding, Portion, Verdict, with_findings, worst
