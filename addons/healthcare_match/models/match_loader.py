from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.identifiers import normalise_gtin

from ..engine import Bill, BillLine, Case, Charge

#: Item codes that identify an item; UNSPSC names a class only.
IDENTIFYING = ("buyer_code", "supplier_code", "manufacturer_code", "gtin", "ndc", "hibc", "udi_di")
#: States in which a posted bill's quantities are settled, whatever its date.
PAYABLE_STATES = ("matched", "matched_tolerance", "released")


def number(text):
    """Return an ExactDecimal's text as a Decimal, None where it is empty."""
    return Decimal(text) if text else None


def from_float(value):
    """Return the Decimal that a float of Odoo stands for: its shortest text, what was typed."""
    return Decimal(repr(value or 0.0))


@dataclass
class Facts:
    """What was read for a set of bills, by the keys that cases are built from."""

    products: dict = field(default_factory=dict)
    order_lines: dict = field(default_factory=dict)
    named: dict = field(default_factory=dict)
    open_lines: dict = field(default_factory=dict)
    fixed: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    moves: dict = field(default_factory=lambda: defaultdict(list))
    billed: dict = field(default_factory=lambda: defaultdict(list))
    others: dict = field(default_factory=dict)
    conversions: dict = field(default_factory=dict)


class HealthcareMatchLoader(models.AbstractModel):
    """Reads what decides bills, for many at once, and hands it to the engine as plain facts.

    Sources are stock moves, posted bills and orders; never ``qty_received`` or ``qty_invoiced``,
    which Odoo rounds. A fixed number of queries for any number of bills and lines.
    """

    _name = "healthcare.match.loader"
    _description = "Facts for the Match"

    @api.model
    def _load(self, bills):
        """Return the :class:`Facts` of bills of one company; to be read as superuser."""
        self.env.flush_all()
        facts = Facts()
        lines = bills.bill_line_ids
        self._load_products(facts, lines)
        self._load_order_lines(facts, bills)
        self._load_units(facts, bills)
        self._load_receipts(facts)
        self._load_billed(facts)
        self._load_others(facts, bills)
        self._load_conversions(facts, lines)
        return facts

    @api.model
    def _case(self, facts, bill, taken):
        """Return the engine's case of one bill.

        :param taken: ``{order line id: [(rank, bill id, stock move id, quantity, amount)]}`` of
            bills judged just before, which are not stored yet
        """
        lines = bill.bill_line_ids.sorted(lambda line: (line.sequence, line.id))
        candidates = self._candidate_ids(facts, bill, lines)
        rank = self._rank_of(bill)
        before = {line_id: self._entries(facts, taken, line_id, bill.id) for line_id in candidates}
        before = {
            line_id: [entry for entry in entries if entry[0] < rank] for line_id, entries in before.items()
        }
        by_move = defaultdict(Fraction)
        for entries in before.values():
            for _rank, _bill_id, move_id, quantity, _amount in entries:
                if move_id:
                    by_move[move_id] += quantity
        return Case(
            bill=self._bill(bill),
            lines=tuple(self._line(facts, bill, line, candidates) for line in lines),
            order_lines=tuple(facts.order_lines[line_id] for line_id in sorted(candidates)),
            moves=tuple(
                self._with_billed(move, by_move[move.id])
                for line_id in sorted(candidates)
                for move in facts.moves[line_id]
            ),
            billed={key: sum((e[3] for e in value), Fraction(0)) for key, value in before.items()},
            billed_amount={key: sum((e[4] for e in value), Fraction(0)) for key, value in before.items()},
            others=tuple(facts.others.get(bill.id, ())),
            linked_suppliers=frozenset(self._linked_suppliers(bill)),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _entries(self, facts, taken, line_id, bill_id):
        """Return what other bills have taken of an order line; fresh verdicts replace stored ones."""
        fresh = taken["entries"].get(line_id, [])
        stored = [entry for entry in facts.billed[line_id] if entry[1] not in taken["judged"]]
        return [entry for entry in (*stored, *fresh) if entry[1] != bill_id]

    @api.model
    def _rank_of(self, bill):
        """Return in which order bills take quantities: payable and posted ones, then by date.

        So a bill that was found right keeps its goods when a later one claims them too.
        """
        settled = bill.state == "posted" and bill.match_state in PAYABLE_STATES
        day = bill.invoice_date or bill.date or fields.Date.context_today(self)
        return (0 if settled else 1, day, bill.id)

    @api.model
    def _linked_suppliers(self, bill):
        """Return ids of commercial partners whose orders this supplier may bill; a hook."""
        return [bill.commercial_partner_id.id]

    @api.model
    def _with_billed(self, move, billed):
        return type(move)(**{**move.__dict__, "billed": billed})

    @api.model
    def _candidate_ids(self, facts, bill, lines):
        """Return ids of the order lines that the bill's lines may belong to."""
        found = set(facts.named.get(bill.id, ())) | set(facts.fixed.get(bill.id, ()))
        supplier = bill.commercial_partner_id.id
        for line in lines:
            products = facts.products.get(line.id)
            if products:
                for product_id in products:
                    found |= facts.open_lines.get((supplier, product_id), set())
            else:
                found |= facts.open_lines.get((supplier, None), set())
        return found

    @api.model
    def _bill(self, bill):
        """Return a bill's header as sent, or as typed where a person entered it."""
        document = bill.bill_document or {}
        totals = document.get("totals") or {}
        lines = bill.bill_line_ids
        derived = not document
        header_order = document.get("order_reference") or (bill.invoice_origin if derived else "")
        references = [header_order] if header_order else self._document_references(document)
        return Bill(
            id=bill.id,
            number=document.get("number") or bill.ref or "",
            supplier_id=bill.commercial_partner_id.id,
            currency=document.get("currency") or bill.currency_id.name,
            billed_on=bill.invoice_date or bill.date or fields.Date.context_today(self),
            kind="credit" if bill.move_type == "in_refund" else "invoice",
            arrival=bill.id,
            order_references=tuple(references) if not self._all_fixed(lines) else (),
            delivery_reference=document.get("despatch_reference") or "",
            facility_id=bill.bill_facility_id.id or None,
            payable=from_float(bill.amount_total) if derived else number(totals.get("payable")),
            rounding=Decimal(totals.get("rounding") or 0),
            prepaid=Decimal(totals.get("prepaid") or 0),
            tax=from_float(bill.amount_tax) if derived else self._header_tax(document, lines),
            charges=self._charges(document.get("allowances_charges")),
            currency_digits=bill.currency_id.decimal_places,
            fingerprint=self._fingerprint(bill),
        )

    @api.model
    def _document_references(self, document):
        """Return the orders that the header's references name."""
        return [
            reference["number"]
            for reference in document.get("references") or ()
            if reference.get("type") in ("order", "purchase_order", "PO") and reference.get("number")
        ]

    @api.model
    def _all_fixed(self, lines):
        return bool(lines) and all(line.derived for line in lines)

    @api.model
    def _header_tax(self, document, lines):
        """Return the header's tax: its total, else the sum of its parts; 0 leaves it to lines."""
        totals = document.get("totals") or {}
        if totals.get("tax"):
            return Decimal(totals["tax"])
        return sum((Decimal(tax.get("amount") or 0) for tax in document.get("taxes") or ()), Decimal(0))

    @api.model
    def _fingerprint(self, bill):
        """Return what tells whether two bills are the same document of the same bytes."""
        message = bill.exchange_message_id
        return f"{message.raw_sha256}:{message.position}" if message.raw_sha256 else ""

    @api.model
    def _charge_amount(self, entry):
        """Return the amount of an allowance or charge, else its percentage of its base."""
        if entry.get("amount"):
            return Decimal(entry["amount"])
        return Decimal(entry.get("percent") or 0) * Decimal(entry.get("base_amount") or 0) / 100

    @api.model
    def _charges(self, entries):
        return tuple(
            Charge(
                indicator=entry.get("indicator") or "charge",
                kind=entry.get("kind") or "other",
                amount=self._charge_amount(entry),
                is_summary=bool(entry.get("is_summary")),
            )
            for entry in entries or ()
        )

    @api.model
    def _line(self, facts, bill, line, candidates):
        """Return a bill line as sent, with the units of the items that it may be for."""
        item = line._item()
        gtin = normalise_gtin(item.get("gtin"))
        codes = {(name, item[name]) for name in IDENTIFYING if item.get(name)}
        if gtin:
            codes = {pair for pair in codes if pair[0] != "gtin"} | {("gtin", gtin)}
        products = {facts.order_lines[line_id].product_id for line_id in candidates}
        fixed = line.derived_move_line_id.purchase_line_id if line.derived else None
        manual = facts.fixed.get(("line", line.id), ())
        return BillLine(
            id=line.id,
            line_number=line.line_number,
            quantity=number(line.quantity) or Decimal(0),
            unit=line.unit or "",
            price=number(line.price_unit),
            amount=number(line.amount),
            price_base=number(line.price_base_quantity) or Decimal(1),
            price_unit=line.price_unit_code or "",
            priced_quantity=number(line.priced_quantity),
            unit_as_sent=line.unit_as_sent or line.unit or "",
            codes=frozenset(codes),
            products=tuple(facts.products.get(line.id, ())),
            description=line.description or "",
            order_number=line.order_number or "",
            order_line_number=line.order_line_number or "",
            factors=self._factors(facts, bill, line, products, line.unit),
            price_factors=self._factors(facts, bill, line, products, line.price_unit_code),
            conversion=facts.conversions.get(line.id),
            charges=self._charges(line.allowances_charges),
            tax=sum((Decimal(tax.get("amount") or 0) for tax in line.taxes or ()), Decimal(0)),
            fixed=tuple(manual) or (tuple(fixed.ids) if fixed else ()),
        )

    @api.model
    def _factors(self, facts, bill, line, products, unit):
        """Return ``{product id: reference units in the unit}``."""
        if line.derived:
            entry = line.derived_move_line_id
            if entry.product_uom_id and entry.product_id:
                ratio = self._uom_ratio(entry.product_uom_id, entry.product_id.uom_id)
                return {entry.product_id.id: ratio}
        if not unit:
            return {}
        supplier = bill.commercial_partner_id.id
        found = {
            product_id: facts.units.get((product_id, supplier, unit, bill.id)) for product_id in products
        }
        return {product_id: factor for product_id, factor in found.items() if factor}

    @api.model
    def _uom_ratio(self, uom, reference):
        """Return how many ``reference`` one ``uom`` is, exactly."""
        if uom == reference:
            return Fraction(1)
        return Fraction(repr(uom.factor)) / Fraction(repr(reference.factor))
