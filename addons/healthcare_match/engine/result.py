"""What the engine answers: allocations, findings with their arithmetic, and states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

FAMILIES = {
    "price_variance": "price",
    "contract_price_variance": "price",
    "price_class_mismatch": "price",
    "contract_expired": "price",
    "payment_terms_variance": "price",
    "quantity_over_received": "quantity",
    "quantity_over_ordered": "quantity",
    "not_received": "quantity",
    "usage_missing": "quantity",
    "credit_expected": "quantity",
    "credit_mismatch": "quantity",
    "date_variance": "quantity",
    "ship_to_mismatch": "quantity",
    "uom_mismatch": "unit_item",
    "item_mismatch": "unit_item",
    "order_line_not_found": "unit_item",
    "substitution_not_approved": "unit_item",
    "recalled_or_expired_lot": "unit_item",
    "assignment_ambiguous": "unit_item",
    "unplanned_charge": "charges_tax_total",
    "tax_variance": "charges_tax_total",
    "total_mismatch": "charges_tax_total",
    "currency_mismatch": "charges_tax_total",
    "duplicate_invoice": "duplicate",
    "suspected_duplicate": "duplicate",
    "no_purchase_order": "control",
    "supplier_mismatch": "control",
    "supplier_blocked": "control",
    "bank_account_changed": "control",
    "order_after_invoice": "control",
    "approval_mismatch": "control",
    "paid_unmatched": "control",
    "statement_difference": "control",
}
"""The six families that people see, by type."""

STATES = ("matched", "matched_tolerance", "waiting", "exception")
"""Line and bill states from best to worst; a bill takes the worst of its parts."""


def worst(states) -> str:
    """Return the worst of ``states``; ``matched`` where there are none."""
    return max(states, key=STATES.index, default="matched")


@dataclass(frozen=True)
class Portion:
    """A part of a bill line on an order line, and on one receipt where goods cover it.

    ``quantity`` in reference units; ``move_id`` is None for what no receipt covers. ``margin`` is the
    lead in points over the runner-up, None where there is none.
    """

    line_id: int
    order_line_id: int
    quantity: Fraction
    move_id: int | None = None
    source: str = "engine"
    score: int = 0
    runner_up_id: int | None = None
    margin: int | None = None


@dataclass(frozen=True)
class Finding:
    """Something that does not agree, with the sentence and the arithmetic that say so.

    ``template`` is the English sentence with ``%(name)s`` places, filled from ``params``; a caller may
    translate it first. ``facts`` holds numbers as strings. ``stake`` is money in the bill's currency.
    """

    type: str
    template: str
    params: dict[str, str]
    stake: Fraction = Fraction(0)
    line_ids: tuple[int, ...] = ()
    order_line_id: int | None = None
    order_id: int | None = None
    arithmetic: tuple[str, ...] = ()
    facts: dict = field(default_factory=dict)
    proposed: str = "assign_buyer"

    @property
    def family(self) -> str:
        """The family that people see."""
        return FAMILIES[self.type]

    @property
    def explanation(self) -> str:
        """The English sentence."""
        return self.template % self.params

    @property
    def line_id(self) -> int | None:
        """The (first) bill line concerned, None for the bill as a whole."""
        return self.line_ids[0] if self.line_ids else None


@dataclass(frozen=True)
class Verdict:
    """The result for one bill.

    ``comparisons`` holds, per (bill line, order line), the figures behind the verdict as strings, for
    agreeing lines too. ``notices`` are remarks that hold nothing.
    """

    state: str
    line_states: dict[int, str]
    portions: tuple[Portion, ...] = ()
    findings: tuple[Finding, ...] = ()
    notices: tuple[tuple[str, dict[str, str]], ...] = ()
    waiting_until: dict[int, str] = field(default_factory=dict)
    comparisons: dict[tuple[int, int], dict] = field(default_factory=dict)


def with_findings(verdict: Verdict, findings) -> Verdict:
    """Return the verdict with further findings; their lines, and the bill, become exceptions."""
    findings = tuple(findings)
    if not findings:
        return verdict
    lines = dict(verdict.line_states)
    for finding in findings:
        lines.update(dict.fromkeys(finding.line_ids, "exception"))
    return replace(
        verdict,
        state="exception",
        line_states=lines,
        findings=verdict.findings + findings,
    )
