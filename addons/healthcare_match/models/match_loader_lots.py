from collections import defaultdict
from dataclasses import replace
from fractions import Fraction

from odoo import api, models
from odoo.tools import SQL

from ..engine import StoppedLot


class HealthcareMatchLoader(models.AbstractModel):
    """Which lots of the receipts are recalled, or had expired when they came."""

    _inherit = "healthcare.match.loader"

    @api.model
    def _load_receipts(self, facts):
        result = super()._load_receipts(facts)
        stopped = self._stopped_lots(facts)
        for line_id, moves in facts.moves.items():
            facts.moves[line_id] = [
                replace(move, stopped=tuple(stopped[move.id])) if move.id in stopped else move
                for move in moves
            ]
        return result

    @api.model
    def _stopped_lots(self, facts):
        """Return ``{receipt id: [StoppedLot]}``; what was sent back is taken off the oldest receipts."""
        received, returned = [], defaultdict(Fraction)
        is_return = {move.id: move.is_return for moves in facts.moves.values() for move in moves}
        for row in self._received_lots(is_return):
            if is_return[row["move_id"]]:
                returned[row["line_id"], row["lot"]] += row["quantity"]
            else:
                received.append(row)
        recalls = self.env["healthcare.recall"]._recalls_of(
            (row["product_id"], row["lot"] or False) for row in received
        )
        stopped = defaultdict(list)
        for row in received:
            recall = recalls.get((row["product_id"], row["lot"] or False))
            if not recall and not row["expired_on"]:
                continue
            back = min(row["quantity"], returned[row["line_id"], row["lot"]])
            returned[row["line_id"], row["lot"]] -= back
            if row["quantity"] > back:
                stopped[row["move_id"]].append(
                    StoppedLot(
                        number=row["lot"],
                        quantity=row["quantity"] - back,
                        recall=recall.display_name if recall else "",
                        expired_on=None if recall else row["expired_on"],
                    )
                )
        return stopped

    @api.model
    def _received_lots(self, move_ids):
        """Return what moved by lot, oldest first, in the items' reference units.

        ``expired_on`` is the lot's last day where that was over when the lot moved, else None.
        """
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id AS move_id, m.purchase_line_id AS line_id, m.product_id,
                       COALESCE(lot.name, l.lot_name, '') AS lot,
                       CASE WHEN lot.expiration_date::date < m.date::date THEN lot.expiration_date::date END
                           AS expired_on,
                       array_agg(ARRAY[l.quantity::text, u.factor::text, r.factor::text]) AS counted
                  FROM stock_move m
                  JOIN stock_move_line l ON l.move_id = m.id AND l.state = 'done'
                  JOIN uom_uom u ON u.id = l.product_uom_id
                  JOIN product_product p ON p.id = m.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                  JOIN uom_uom r ON r.id = t.uom_id
                  LEFT JOIN stock_lot lot ON lot.id = l.lot_id
                 WHERE m.id = ANY(%s)
                 GROUP BY m.id, m.purchase_line_id, m.product_id, 4, 5
                 ORDER BY m.date, m.id, 4
                """,
                sorted(move_ids),
            )
        )
        return [
            {
                **row,
                "quantity": sum(
                    (Fraction(quantity) * Fraction(unit) / Fraction(reference))
                    for quantity, unit, reference in row["counted"]
                ),
            }
            for row in self.env.cr.dictfetchall()
        ]
