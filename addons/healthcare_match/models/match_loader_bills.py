from collections import defaultdict
from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine import OtherBill
from .match_loader import PAYABLE_STATES


class HealthcareMatchLoader(models.AbstractModel):
    """Bill side of the facts: what is billed already, and bills that may be the same one."""

    _inherit = "healthcare.match.loader"

    @api.model
    def _load_billed(self, facts):
        """Read what posted bills have taken of the order lines, per bill and receipt.

        Bills that the match judged: from their allocations. Earlier ones: from Odoo's lines. A bill
        that was reversed in full has taken nothing.
        """
        line_ids = sorted(facts.order_lines)
        self.env.cr.execute(
            SQL(
                """
                SELECT a.purchase_line_id, b.id, b.match_state,
                       COALESCE(b.invoice_date, b.date), a.stock_move_id, a.quantity::text,
                       COALESCE(a.comparison ->> 'portion_amount', '0')
                  FROM healthcare_match_allocation a
                  JOIN account_move b ON b.id = a.move_id
                 WHERE a.purchase_line_id = ANY(%s) AND b.state = 'posted'
                   AND b.payment_state IS DISTINCT FROM 'reversed'
                   AND b.move_type IN ('in_invoice', 'in_receipt')
                 UNION ALL
                SELECT l.purchase_line_id, b.id, 'matched',
                       COALESCE(b.invoice_date, b.date), NULL,
                       (l.quantity * u.factor / r.factor)::text, l.price_subtotal::text
                  FROM account_move_line l
                  JOIN account_move b ON b.id = l.move_id
                  JOIN uom_uom u ON u.id = l.product_uom_id
                  JOIN product_product p ON p.id = l.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  JOIN uom_uom r ON r.id = t.uom_id
                 WHERE l.purchase_line_id = ANY(%s) AND b.state = 'posted'
                   AND b.payment_state IS DISTINCT FROM 'reversed'
                   AND b.move_type IN ('in_invoice', 'in_receipt')
                   AND b.match_evaluated_at IS NULL
                """,
                line_ids,
                line_ids,
            )
        )
        for line_id, bill_id, state, day, move_id, quantity, amount in self.env.cr.fetchall():
            rank = (0 if state in PAYABLE_STATES else 1, day, bill_id)
            entry = (rank, bill_id, move_id, Fraction(quantity), Fraction(amount))
            facts.billed[line_id].append(entry)

    @api.model
    def _load_others(self, facts, bills):
        """Read bills of the same suppliers that may be the same one: by number, bytes or amount."""
        self.env.cr.execute(
            SQL(
                """
                SELECT mine.id, other.id
                  FROM account_move mine
                  JOIN account_move other
                    ON other.commercial_partner_id = mine.commercial_partner_id
                   AND other.company_id = mine.company_id
                   AND other.move_type = mine.move_type
                   AND other.id != mine.id AND other.state != 'cancel'
                  LEFT JOIN healthcare_exchange_message m1 ON m1.id = mine.exchange_message_id
                  LEFT JOIN healthcare_exchange_message m2 ON m2.id = other.exchange_message_id
                 WHERE mine.id = ANY(%s)
                   AND (ltrim(regexp_replace(upper(other.ref), '[^0-9A-Z]', '', 'g'), '0')
                        = ltrim(regexp_replace(upper(mine.ref), '[^0-9A-Z]', '', 'g'), '0')
                        OR m1.raw_sha256 = m2.raw_sha256
                        OR other.amount_total = mine.amount_total
                        OR other.bill_document #>> '{totals,payable}'
                           = mine.bill_document #>> '{totals,payable}')
                """,
                bills.ids,
            )
        )
        pairs = self.env.cr.fetchall()
        moves = self.env["account.move"].browse({other_id for _mine, other_id in pairs})
        by_id = {move.id: self._other_bill(move) for move in moves}
        found = defaultdict(list)
        for mine, other in pairs:
            found[mine].append(by_id[other])
        facts.others = found

    @api.model
    def _other_bill(self, move):
        """Return a bill as one that may be the original of a duplicate."""
        document = move.bill_document or {}
        payable = (document.get("totals") or {}).get("payable")
        allocations = move.match_allocation_ids
        return OtherBill(
            id=move.id,
            number=document.get("number") or move.ref or "",
            supplier_id=move.commercial_partner_id.id,
            billed_on=move.invoice_date or move.date or fields.Date.context_today(self),
            payable=Decimal(payable) if payable else Decimal(repr(move.amount_total)),
            currency=document.get("currency") or move.currency_id.name,
            kind="credit" if move.move_type == "in_refund" else "invoice",
            arrival=move.id,
            name=move.ref if move.name in (False, "/") else f"{move.name} ({move.ref or ''})",
            fingerprint=self._fingerprint(move),
            settled=move.payment_state in ("paid", "in_payment", "partial"),
            covered=bool(allocations) and all(each.stock_move_id for each in allocations),
        )

    @api.model
    def _load_conversions(self, facts, lines):
        """Read the unit factors that people confirmed for these very lines."""
        decided = self.env["healthcare.match.exception"].search(
            [
                ("bill_line_ids", "in", lines.ids),
                ("type", "=", "uom_mismatch"),
                ("state", "=", "resolved"),
                ("resolution", "=", "convert_unit"),
                ("releases", "=", True),
            ],
            order="id",
        )
        for exception in decided:
            factor = (exception.facts or {}).get("factor")
            if factor:
                for line in exception.bill_line_ids:
                    facts.conversions[line.id] = Fraction(factor)
