from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from odoo import api, models
from odoo.fields import Command

from ..engine import Finding, Verdict, texts
from ..engine.numbers import money, plain, rounded
from ..engine.totals import (
    billed_tax,
    check_bill_total,
    check_tax,
    counted_charges,
    line_amount,
    line_charges_outside,
    sum_of_parts,
)


class HealthcareMatchAccounting(models.AbstractModel):
    """Odoo's own lines of a bill that came as a document, made from evidence and allocations.

    Odoo's lines come to the amounts as sent; one supplier line over two order lines is two of them.
    Quantities are kept to Odoo's places, so the price is chosen to give the amount.
    """

    _name = "healthcare.match.accounting"
    _description = "Accounting Lines of Matched Bills"

    @api.model
    def _sync(self, bill, case, verdict):
        """Make the lines of a draft that came as a document, or anew where its allocation changed."""
        if bill.state != "draft" or not bill.exchange_message_id:
            return
        wanted = {(portion.line_id, portion.order_line_id) for portion in verdict.portions}
        matched = {line_id for line_id, _order_line_id in wanted}
        wanted |= {(line.id, False) for line in case.lines if line.id not in matched}
        lines = bill.invoice_line_ids
        present = {(line.bill_line_id.id, line.purchase_line_id.id) for line in lines if line.bill_line_id}
        if lines and present == wanted:
            return
        vals_list = self._item_vals(bill, case, verdict) + self._charge_vals(bill, case)
        bill.write(
            {
                "invoice_line_ids": [
                    *(Command.delete(line.id) for line in lines),
                    *(Command.create(vals) for vals in vals_list),
                ]
            }
        )
        if self._states_tax(bill):
            self._add_tax_difference(bill, case)

    @api.model
    def _item_vals(self, bill, case, verdict):
        """Return values of the lines for the supplier's lines, in their order."""
        sent = {line.id: line for line in bill.bill_line_ids}
        shares = {}
        for portion in verdict.portions:
            of_line = shares.setdefault(portion.line_id, {})
            of_line[portion.order_line_id] = (
                of_line.get(portion.order_line_id, Fraction(0)) + portion.quantity
            )
        order_lines = self.env["purchase.order.line"].browse(
            {order_line_id for of_line in shares.values() for order_line_id in of_line}
        )
        by_id = {order_line.id: order_line for order_line in order_lines}
        digits = case.bill.currency_digits
        result = []
        for line in sorted(case.lines, key=lambda line: sent[line.id].sequence):
            amount = line_amount(line, digits)
            of_line = shares.get(line.id)
            if not of_line:
                result.append(self._loose_vals(bill, sent[line.id], line, amount))
                continue
            rest, total = amount, sum(of_line.values(), Fraction(0))
            for index, (order_line_id, quantity) in enumerate(of_line.items(), start=1):
                part = rest
                if index < len(of_line) and total:
                    part = rounded(amount * quantity / total, digits)
                rest -= part
                result.append(
                    self._order_line_vals(
                        bill, sent[line.id], by_id[order_line_id], line, quantity, part, total
                    )
                )
        return result

    @api.model
    def _order_line_vals(self, bill, sent, order_line, line, quantity, amount, total):
        """Return values of the line for a supplier line's part on an order line."""
        product = order_line.product_id
        options = []
        whole = Fraction(line.quantity)
        if total and quantity == total:
            uom = self._uom_of(sent, order_line)
            if uom:
                options.append((uom, whole))
        options.append((product.uom_id, quantity))
        places = self.env["decimal.precision"].precision_get("Product Unit")
        uom, count = next(
            ((uom, count) for uom, count in options if rounded(count, places) == count), options[-1]
        )
        count = rounded(count, places) or Fraction(1)
        vals = order_line._prepare_account_move_line(bill)
        # The balance there is that of the ordered quantity at the ordered price.
        vals.pop("balance", None)
        return {
            **vals,
            "name": sent.description or order_line.name,
            "bill_line_id": sent.id,
            "product_uom_id": uom.id,
            "quantity": float(count),
            "price_unit": float(amount / count),
            "discount": 0.0,
            **self._tax_vals(bill, order_line),
        }

    @api.model
    def _uom_of(self, sent, order_line):
        """Return the unit that was billed, as a unit of Odoo for this item; empty if unknown."""
        if sent.unit and sent.unit == order_line.product_uom_id.unit_code:
            return order_line.product_uom_id
        product = order_line.product_id
        if not sent.unit or sent.unit == product.uom_id.unit_code:
            return product.uom_id if sent.unit else None
        supplier = sent.move_id.commercial_partner_id
        packagings = product.packaging_ids.filtered(
            lambda packaging: (
                packaging.unit_code == sent.unit
                and packaging.partner_id in (supplier, self.env["res.partner"])
            )
        )
        return packagings.sorted(lambda each: not each.partner_id)[:1].uom_id or None

    @api.model
    def _loose_vals(self, bill, sent, line, amount):
        """Return values of the line for a supplier line that found no order line."""
        quantity = rounded(line.quantity, 2) or Fraction(1)
        return {
            "name": sent.description or ", ".join(sent._item().values()) or sent.line_number,
            "bill_line_id": sent.id,
            "quantity": float(quantity),
            "price_unit": float(amount / quantity),
            "tax_ids": [Command.clear()],
            **self._account_vals(bill),
        }

    @api.model
    def _account_vals(self, bill):
        """Return the account for what no order accounts for, where the company names one."""
        account = bill.company_id.match_charge_account_id
        return {"account_id": account.id} if account else {}

    @api.model
    def _charge_vals(self, bill, case):
        """Return values of the lines for charges, allowances and rounding as sent."""
        entries = [(charge.kind, self._signed(charge)) for charge in counted_charges(case)]
        for line in case.lines:
            outside = line_charges_outside(line, case.bill.currency_digits)
            if outside:
                entries.append((f"{line.line_number}", outside))
        entries.append((self.env._("Rounding"), self._rounding(case)))
        return [
            {
                "name": self.env._("Charge: %s", name) if amount > 0 else name,
                "quantity": 1.0,
                "price_unit": float(amount),
                "tax_ids": [Command.clear()],
                **self._account_vals(bill),
            }
            for name, amount in entries
            if amount
        ]

    @api.model
    def _rounding(self, case):
        """Return the rounding as sent, and what adding up unrounded lines makes of it."""
        rest = Fraction(0)
        if case.bill.payable is not None and check_bill_total(case) is None:
            rest = Fraction(case.bill.payable) - sum_of_parts(case)
        return Fraction(case.bill.rounding) + rounded(rest, case.bill.currency_digits)

    @api.model
    def _signed(self, charge):
        amount = Fraction(charge.amount)
        return amount if charge.indicator == "charge" else -amount

    @api.model
    def _states_tax(self, bill):
        """Return whether the supplier says anything about tax; a bill may be silent on it."""
        document = bill.bill_document or {}
        return (
            bool(document.get("taxes"))
            or "tax" in (document.get("totals") or {})
            or any(line.taxes for line in bill.bill_line_ids)
        )

    @api.model
    def _tax_vals(self, bill, order_line):
        """Return the taxes of a line: none where the supplier bills none, or the ship-to is exempt."""
        facility = order_line.order_id.facility_id or bill.bill_facility_id
        exempt = any(each._is_valid_on(bill.invoice_date) for each in facility.exemption_ids)
        return {"tax_ids": [Command.clear()]} if exempt or not self._states_tax(bill) else {}

    @api.model
    def _add_tax_difference(self, bill, case):
        """Add what the supplier's tax is beyond Odoo's, so that the bill comes to what was sent."""
        digits = case.bill.currency_digits
        difference = rounded(billed_tax(case), digits) - rounded(Fraction(repr(bill.amount_tax)), digits)
        if difference:
            bill.write(
                {
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": self.env._("Tax as billed, other than expected"),
                                "quantity": 1.0,
                                "price_unit": float(difference),
                                "tax_ids": [Command.clear()],
                                **self._account_vals(bill),
                            }
                        )
                    ]
                }
            )

    @api.model
    def _check(self, bill, case, verdict):
        """Return findings on tax, and on an entry that no longer is what the supplier sent."""
        if not bill.exchange_message_id or any(
            finding.type == "duplicate_invoice" for finding in verdict.findings
        ):
            return []
        findings = []
        if self._states_tax(bill) and len({portion.line_id for portion in verdict.portions}) == len(
            case.lines
        ):
            expected = Decimal(repr(bill.amount_tax))
            tax = check_tax(replace(case, expected_tax=expected))
            findings += [tax] if tax else []
        findings += self._check_entry(bill, case, verdict)
        return findings

    @api.model
    def _check_entry(self, bill, case, verdict):
        """Return ``total_mismatch`` where Odoo's total is not the payable that the supplier sent.

        A bill that states no payable asks for the sum of its own parts.
        """
        if any(f.type == "total_mismatch" for f in verdict.findings):
            return []
        sent = case.bill.payable
        asked = [sent] if sent is not None else [sum_of_parts(case), sum_of_parts(case, exact=True)]
        digits = case.bill.currency_digits
        entry = rounded(Fraction(repr(bill.amount_total)), digits)
        expected, *others = (
            rounded(Fraction(amount) + Fraction(case.bill.prepaid), digits) for amount in asked
        )
        if entry in (expected, *others):
            return []
        difference = entry - expected
        return [
            Finding(
                type="total_mismatch",
                template=texts.ENTRY_TOTAL,
                params={
                    "entry": money(entry, digits),
                    "payable": money(expected, digits),
                    "currency": case.bill.currency,
                },
                stake=max(Fraction(0), difference),
                arithmetic=(
                    f"{money(entry, digits)} − {money(expected, digits)} = {money(difference, digits)}",
                ),
                facts={"entry": plain(entry), "payable": plain(expected)},
                proposed="dispute",
            )
        ]

    @api.model
    def _credit_verdict(self, credit, fits):
        """Return the verdict on a credit note."""
        lines = {line.id: "matched" if fits else "exception" for line in credit.bill_line_ids}
        if fits:
            return Verdict(state="matched", line_states=lines)
        finding = Finding(
            type="credit_mismatch",
            template=texts.CREDIT,
            params={},
            facts={"amount": repr(credit.amount_total)},
            proposed="dispute",
        )
        return Verdict(state="exception", line_states=lines, findings=(finding,))
