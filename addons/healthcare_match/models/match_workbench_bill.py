from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from odoo import api, models

from ..engine.numbers import plain, rounded
from .healthcare_bill_line import ITEM_CODES
from .match_workbench import EVALUATORS, amount_text, iso

#: Digits to which prices per reference unit and quantities are shown.
PRICE_DIGITS = 6
HISTORY = 30


class HealthcareMatchWorkbenchBill(models.AbstractModel):
    """One bill as the workbench shows it. Reads as superuser what a reader of the bill may see."""

    _name = "healthcare.match.workbench.bill"
    _description = "Match Workbench: One Bill"

    @api.model
    def _payload(self, bill):
        """Return the shape ``Bill`` of workbench_types.d.ts.

        :param bill: an ``account.move`` in the user's environment, access checked
        """
        user_bill, bill = bill, bill.sudo()
        exceptions = bill.match_exception_ids.sorted(
            lambda each: (each.state != "open", -each.amount_at_stake, each.id)
        )
        details = self.env["healthcare.match.workbench.exception"]
        return {
            "header": self._header(bill, exceptions),
            "rows": self._rows(bill, exceptions),
            "exceptions": [details._payload(each.with_env(user_bill.env)) for each in exceptions],
            "documents": self._documents(user_bill),
            "history": self._history(bill),
            "can": {
                "evaluate": bill.state != "cancel"
                and any(self.env.user.has_group(group) for group in EVALUATORS)
            },
        }

    # Header

    @api.model
    def _header(self, bill, exceptions):
        workbench = self.env["healthcare.match.workbench"]
        orders = bill.match_allocation_ids.purchase_line_id.order_id
        return {
            "move_id": bill.id,
            "name": workbench._bill_name(bill),
            "supplier": bill.commercial_partner_id.display_name or "",
            "reference": bill.ref,
            "date": iso(bill.invoice_date),
            "due_date": iso(bill.invoice_date_due),
            "amount": amount_text(bill.amount_total, bill.currency_id),
            "currency": bill.currency_id.id,
            "company_currency": bill.company_id.currency_id.id,
            "match_state": bill.match_state,
            "state": bill.state,
            "payable": bill.match_payable,
            "payable_reason": self._payable_reason(bill),
            "explanation": self._explanation(bill, exceptions),
            "facility": workbench._facility(bill).name,
            "orders": [{"id": order.id, "name": order.name} for order in orders],
            "evaluated_at": iso(bill.match_evaluated_at),
        }

    @api.model
    def _payable_reason(self, bill):
        _ = self.env._
        if bill.match_gate_exempt:
            return _("It is older than the payment gate.")
        if not bill.company_id._match_gate_closed():
            return _("The payment gate is off in this company.")
        return {
            "matched": _("It agrees with order and receipts."),
            "matched_tolerance": _("It agrees within the tolerance."),
            "released": _("A person released it, with a reason."),
            "waiting": _("It waits for goods: not payable yet."),
            "exception": _("The payment gate holds it until its exceptions are resolved."),
            "not_applicable": _("It needs an approval of its own."),
        }.get(bill.match_state, "")

    @api.model
    def _explanation(self, bill, exceptions):
        open_exceptions = exceptions.filtered(lambda each: each.state == "open")
        if open_exceptions:
            return open_exceptions[0].explanation or ""
        if bill.match_state == "waiting" and bill.match_waiting_until:
            return self.env._(
                "The goods are not in yet; it waits for them until %s.", bill.match_waiting_until
            )
        if bill.match_notices:
            return " ".join(bill.match_notices)
        return self._payable_reason(bill)

    # Rows

    @api.model
    def _rows(self, bill, exceptions):
        """Return a row per bill line and order line, and per order line that nobody billed."""
        allocations = defaultdict(lambda: self.env["healthcare.match.allocation"].sudo())
        for allocation in bill.match_allocation_ids:
            allocations[allocation.bill_line_id.id, allocation.purchase_line_id.id] |= allocation
        by_line = defaultdict(list)
        for line_id, order_line_id in allocations:
            by_line[line_id].append(order_line_id)
        rows, shown = [], self.env["purchase.order.line"].sudo()
        for line in bill.bill_line_ids:
            of_line = exceptions.filtered(
                lambda each, line=line: line in each.bill_line_ids or each.bill_line_id == line
            )
            for order_line_id in by_line.get(line.id, [False]):
                parts = allocations[line.id, order_line_id]
                rows.append(self._row(line, parts, of_line))
                shown |= parts.purchase_line_id
        for order_line in shown.order_id.order_line - shown:
            if not order_line.display_type:
                rows.append(self._unbilled_row(order_line))
        return rows

    @api.model
    def _row(self, line, parts, exceptions):
        order_line = parts.purchase_line_id[:1]
        compared = (parts[:1].comparison or {}) if parts else {}
        concerned = exceptions.filtered(
            lambda each: not each.purchase_line_id or each.purchase_line_id == order_line
        )
        return {
            "row_id": f"{line.id}-{order_line.id or 0}",
            "bill_line": self._bill_cell(line),
            "order_line": self._order_cell(order_line, compared) if order_line else False,
            "receipts": self._receipts(order_line),
            "compare": {
                "price": self._price_check(line, compared, concerned),
                "quantity": self._quantity_check(line, compared, concerned),
                "unit": self._unit_check(line, order_line, compared, concerned),
                "amount": self._amount_check(line, compared, concerned),
            },
            "allocation": self._allocation(parts) if parts else False,
            "exceptions": concerned.ids,
        }

    @api.model
    def _unbilled_row(self, order_line):
        nothing = self._check("not_checked")
        return {
            "row_id": f"0-{order_line.id}",
            "bill_line": False,
            "order_line": self._order_cell(order_line, {}),
            "receipts": self._receipts(order_line),
            "compare": {
                "price": nothing,
                "quantity": nothing,
                "unit": {
                    "state": "not_checked",
                    "billed_unit": "",
                    "order_unit": unit_of(order_line.product_uom_id),
                    "text": False,
                },
                "amount": nothing,
            },
            "allocation": False,
            "exceptions": [],
        }

    @api.model
    def _bill_cell(self, line):
        labels = {name: line._fields[name]._description_string(self.env) for name in ITEM_CODES}
        basis = line.price_base_quantity
        if basis in (False, "1") and not line.price_unit_code:
            basis = False
        else:
            basis = f"{basis or 1} {line.price_unit_code or line.unit or ''}".strip()
        return {
            "id": line.id,
            "line_number": line.line_number,
            "description": line.description or "",
            "item_codes": [{"label": labels[name], "value": line[name]} for name in ITEM_CODES if line[name]],
            "quantity": line.quantity or "0",
            "unit": line.unit,
            "unit_as_sent": line.unit_as_sent,
            "price": line.price_unit or "0",
            "price_basis": basis,
            "amount": line.amount or "0",
            "match_state": line.match_state,
        }

    @api.model
    def _order_cell(self, order_line, compared):
        price = text_of(order_line.price_unit)
        agreed = order_line.agreed_price or price
        reference = compared.get("reference_unit") or unit_of(order_line.product_id.uom_id)
        ordered = compared.get("ordered_quantity")
        return {
            "id": order_line.id,
            "order": {"id": order_line.order_id.id, "name": order_line.order_id.name},
            "line_number": str(order_line.line_number or ""),
            "product": order_line.product_id.display_name or order_line.name or "",
            "quantity": text_of(order_line.product_qty),
            "unit": order_line.product_uom_id.name or "",
            "price": price,
            "agreed_price": agreed,
            "quantity_reference": f"{quantity(ordered)} {reference}" if ordered else False,
        }

    @api.model
    def _receipts(self, order_line):
        moves = order_line.move_ids.filtered(lambda move: move.state == "done").sorted(
            lambda move: (move.date, move.id)
        )
        return [
            {
                "id": move.id,
                "picking": {"id": move.picking_id.id, "name": move.picking_id.name or move.reference or ""},
                "date": iso(move.date.date()),
                "quantity": text_of(move.quantity),
                "unit": move.product_uom.name or "",
                "lots": [
                    {
                        "name": lot.name,
                        "expires_on": iso(lot.expiration_date and lot.expiration_date.date()),
                    }
                    for lot in move.move_line_ids.lot_id
                ],
                "is_return": move.location_dest_id.usage == "supplier",
            }
            for move in moves
        ]

    @api.model
    def _allocation(self, parts):
        part = parts[:1]
        labels = dict(part._fields["source"]._description_selection(self.env))
        runner_up = part.runner_up_purchase_line_id
        return {
            "source": labels.get(part.source, ""),
            "score": str(part.score),
            "margin": str(part.margin) if runner_up else False,
            "runner_up": self.env._(
                "%(order)s line %(line)s",
                order=runner_up.order_id.name,
                line=runner_up.line_number or "",
            )
            if runner_up
            else False,
        }

    # Checks

    @api.model
    def _check(self, state, expected=None, billed=None, unit=False, digits=PRICE_DIGITS):
        """Return the shape ``Check``; every limit is exact until there are tolerance policies."""
        both = expected is not None and billed is not None
        difference = billed - expected if both else None
        return {
            "state": state,
            "expected": exact(expected, digits),
            "billed": exact(billed, digits),
            "difference": exact(difference, digits),
            "difference_percent": exact(difference * 100 / expected, 2) if both and expected else False,
            "limit_lower": "0" if both else False,
            "limit_upper": "0" if both else False,
            "level": self.env._("No policy: exact"),
            "unit": unit,
        }

    @api.model
    def _price_check(self, line, compared, exceptions):
        expected, billed = number(compared, "agreed_price"), number(compared, "billed_price")
        unit = compared.get("reference_unit") or False
        if undecided(exceptions, "unit_item"):
            # figures in two units, until somebody decides which one it is
            return self._check("not_checked", unit=unit)
        if expected is None or billed is None:
            return self._check("unknown", expected, billed, unit)
        if undecided(exceptions, "price"):
            return self._check("outside", expected, billed, unit)
        return self._check("agree" if expected == billed else "tolerance", expected, billed, unit)

    @api.model
    def _quantity_check(self, line, compared, exceptions):
        expected, billed = number(compared, "available_quantity"), number(compared, "billed_quantity")
        unit = compared.get("reference_unit") or False
        if undecided(exceptions, "quantity"):
            return self._check("outside", expected, billed, unit)
        if line.match_state == "waiting" and billed is not None:
            return self._check("waiting", expected, billed, unit)
        if expected is None or billed is None:
            return self._check("unknown", expected, billed, unit)
        return self._check("agree" if billed <= expected else "tolerance", expected, billed, unit)

    @api.model
    def _amount_check(self, line, compared, exceptions):
        agreed, count = number(compared, "agreed_price"), number(compared, "billed_quantity")
        billed = number(compared, "amount")
        expected = agreed * count if agreed is not None and count is not None else None
        if undecided(exceptions, "unit_item"):
            return self._check("not_checked")
        if expected is None or billed is None:
            return self._check("unknown", expected, billed, digits=2)
        digits = line.currency_id.decimal_places
        agree = rounded(expected, digits) == rounded(billed, digits)
        outside = undecided(exceptions, "price", "charges_tax_total")
        state = "agree" if agree else "outside" if outside else "tolerance"
        return self._check(state, expected, billed, digits=digits)

    @api.model
    def _unit_check(self, line, order_line, compared, exceptions):
        billed_unit = line.unit_as_sent or line.unit or ""
        order_unit = unit_of(order_line.product_uom_id) if order_line else ""
        factor, reference = compared.get("factor"), compared.get("reference_unit") or ""
        text = False
        if factor and compared.get("unit_known") not in (False, "False", "false") and line.unit != reference:
            text = f"1 {billed_unit} = {quantity(factor)} {reference}"
        if undecided(exceptions, "unit_item"):
            state = "outside"
        elif not order_line:
            state = "unknown"
        else:
            state = "agree"
        return {"state": state, "billed_unit": billed_unit, "order_unit": order_unit, "text": text}

    # What stands around it

    @api.model
    def _documents(self, bill):
        """Return the messages behind the bill and its orders that this user may see named."""
        orders = bill.sudo().match_allocation_ids.purchase_line_id.order_id
        messages = self.env["healthcare.exchange.message"]
        found = messages.sudo().search(
            [
                "|",
                "&",
                ("res_model", "=", "account.move"),
                ("res_id", "=", bill.id),
                "&",
                ("res_model", "=", "purchase.order"),
                ("res_id", "in", orders.ids),
            ],
            order="create_date desc, id desc",
            limit=50,
        )
        found |= bill.sudo().exchange_message_id
        readable = found.with_env(self.env)._filtered_access("read").ids
        return [
            {
                "message_id": message.id,
                "message_uuid": message.uuid,
                "name": message.filename or message.number or "",
                "document_type": message.document_type or "",
                "label": (message.document_type or "").replace("_", " ").capitalize(),
                "date": iso(message.create_date),
                "raw_available": message.id in readable
                and bool(message._file_message().raw or message.payload),
            }
            for message in found
        ]

    @api.model
    def _history(self, bill):
        notes = bill.message_ids.filtered(
            lambda note: note.message_type in ("notification", "comment") and note.body
        )[:HISTORY]
        return [
            {
                "date": iso(note.date),
                "author": note.author_id.name or self.env._("The match"),
                "text": note.preview or "",
            }
            for note in notes
        ]


def undecided(exceptions, *families):
    """Return whether an exception of these families still holds."""
    return any(
        each.family in families and (each.state == "open" or (each.state == "resolved" and not each.releases))
        for each in exceptions
    )


def unit_of(uom):
    """Return a unit's code, or its name where it has none."""
    return uom.unit_code or uom.name or ""


def number(compared, name):
    """Return a figure of an allocation as a Fraction, None where it is not known."""
    value = compared.get(name)
    return Fraction(value) if value not in (None, False, "") else None


def exact(value, digits):
    """Return a Fraction as decimal text, rounded to ``digits`` for showing; False for none."""
    return False if value is None else plain(rounded(value, digits))


def quantity(value):
    """Return a quantity given as text or fraction text, for showing."""
    return plain(rounded(Fraction(value), PRICE_DIGITS))


def text_of(value):
    """Return a float that Odoo holds as the decimal text that was typed."""
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
