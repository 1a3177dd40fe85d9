from decimal import Decimal

from odoo import api, models

from ..engine.numbers import money, rounded
from ..tools.texts import engine_text
from .match_evaluator import FOREIGN_TYPES


class HealthcareMatchException(models.Model):
    """The engine's side of exceptions: raising, keeping up to date and closing them."""

    _inherit = "healthcare.match.exception"

    @api.model
    def _sync_findings(self, bill, verdict):
        """Bring a bill's exceptions in line with a verdict.

        Open ones that still hold are updated, new ones raised, those that no longer hold closed
        with the reason. A person's release stands as long as the facts it was bound to.

        :return: list of the findings that people have released
        """
        existing = bill.match_exception_ids.filtered(lambda each: each.type not in FOREIGN_TYPES)
        open_by_key = {each.key: each for each in existing if each.state == "open"}
        decided = {(each.key, each.facts_digest): each for each in existing if each.state == "resolved"}
        orders = self._orders_of(verdict)
        released, vals_list = [], []
        for finding in verdict.findings:
            vals = self._prepare_finding_vals(bill, finding, orders)
            current = open_by_key.pop(vals["key"], None)
            decision = decided.get((vals["key"], vals["facts_digest"]))
            if decision and not current:
                if decision.releases:
                    released.append(finding)
                continue
            if current:
                current._update_finding(vals)
            else:
                order = orders.get(finding.order_id)
                vals.update(self._owner_vals(finding.type, vals["severity"], order))
                vals_list.append(vals)
        for gone in open_by_key.values():
            gone.write({"state": "closed", "closed_reason": gone._closed_reason(bill)})
        self.create(vals_list)
        return released

    @api.model
    def _orders_of(self, verdict):
        ids = {finding.order_id for finding in verdict.findings if finding.order_id}
        orders = self.env["purchase.order"].browse(ids)
        return {order.id: order for order in orders}

    def _update_finding(self, vals):
        """Write what changed on an open exception; its owner and deadline stay."""
        self.ensure_one()
        if self.facts_digest == vals["facts_digest"]:
            return
        self.write({name: vals[name] for name in vals.keys() - {"bill_line_ids"}})

    def _closed_reason(self, bill):
        """Say why an exception no longer holds."""
        self.ensure_one()
        if self.type in ("not_received", "quantity_over_received"):
            return self.env._("The goods have been received.")
        if self.family == "duplicate":
            return self.env._("The other bill is no longer in the way.")
        if self.family == "price":
            return self.env._("The billed price now agrees with the agreed one.")
        return self.env._("Evaluated again: the facts now agree.")

    @api.model
    def _prepare_finding_vals(self, bill, finding, orders):
        """Return the values of an exception for a finding."""
        stake = self._company_amount(bill, finding.stake)
        lines = bill.bill_line_ids.filtered(lambda line: line.id in finding.line_ids)
        numbers = ",".join(lines.mapped("line_number"))
        about = finding.facts.get("other_bill_id") or finding.facts.get("kind") or ""
        order_line = finding.order_line_id
        return {
            "type": finding.type,
            "key": f"{finding.type}|{numbers}|{order_line or finding.order_id or ''}|{about}",
            "facts_digest": self.env["healthcare.match.evaluator"]._digest(finding, stake),
            "severity": self._severity_of(finding.type, Decimal(stake)),
            "company_id": bill.company_id.id,
            "move_id": bill.id,
            "bill_line_id": finding.line_id or False,
            "bill_line_ids": [(6, 0, list(finding.line_ids))],
            "purchase_line_id": order_line or False,
            "purchase_order_id": finding.order_id or False,
            "partner_id": bill.commercial_partner_id.id,
            "amount_at_stake": float(stake),
            "explanation": engine_text(self.env, finding.template, finding.params),
            "arithmetic": "\n".join(finding.arithmetic),
            "facts": finding.facts,
            "proposed_resolution": finding.proposed,
        }

    @api.model
    def _company_amount(self, bill, amount):
        """Return an amount of the bill in company currency, as text with its places."""
        company = bill.company_id.currency_id
        if bill.currency_id != company:
            rate = bill.currency_id._get_conversion_rate(
                bill.currency_id, company, bill.company_id, bill.invoice_date or bill.date
            )
            amount = rounded(amount * type(amount)(repr(rate)), company.decimal_places)
        return money(amount, company.decimal_places)

    @api.model
    def _raise_paid_unmatched(self, bill):
        """Raise that a bill was paid although the gate held it."""
        self.create(
            [
                {
                    "type": "paid_unmatched",
                    "key": "paid_unmatched",
                    "severity": "high",
                    "company_id": bill.company_id.id,
                    "move_id": bill.id,
                    "partner_id": bill.commercial_partner_id.id,
                    "amount_at_stake": abs(bill.amount_total_signed),
                    "explanation": self.env._(
                        "A bank statement shows that %(bill)s was paid, although its match is not"
                        " agreed or released.",
                        bill=bill.ref or bill.name,
                    ),
                    "facts": {"payable": repr(bill.amount_total)},
                    "proposed_resolution": "request_credit",
                    **self._owner_vals("paid_unmatched", "high"),
                }
            ]
        )
