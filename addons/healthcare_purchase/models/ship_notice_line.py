from collections import defaultdict
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal

from ..tools.order_reply import exact_text


class HealthcareShipNoticeLine(models.Model):
    """A line of a ship notice: as sent, which order line it is, and whether it fits."""

    _name = "healthcare.ship.notice.line"
    _description = "Ship Notice Line"
    _inherit = ["healthcare.supplier.evidence"]
    _order = "notice_id desc, id"
    _rec_name = "line_number"
    _derived_fields = frozenset({"problem", "reference_quantity"})

    notice_id = fields.Many2one(
        "healthcare.ship.notice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    order_id = fields.Many2one("purchase.order", readonly=True, index="btree_not_null", ondelete="restrict")
    order_line_id = fields.Many2one(
        "purchase.order.line", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    product_id = fields.Many2one(related="order_line_id.product_id", string="Ordered Item")
    assignment_problem = fields.Char(readonly=True, help="From looking for the order line.")
    problem = fields.Selection(
        [
            ("order_not_found", "Order not found"),
            ("order_line_not_found", "Order line not found"),
            ("assignment_ambiguous", "Several order lines fit"),
            ("item_mismatch", "Another item than ordered"),
            ("item_unknown", "Unknown item"),
            ("uom_mismatch", "Unit not known for this item"),
            ("quantity_missing", "Quantity missing"),
            ("lot_quantity_mismatch", "Lots do not add up to the line"),
            ("over_shipped", "More than is still expected"),
            ("duplicate_shipment", "The shipment has arrived already"),
        ],
        readonly=True,
        index=True,
    )
    explanation = fields.Char(compute="_compute_explanation")

    line_number = fields.Char(readonly=True)
    order_number = fields.Char(readonly=True)
    order_line_number = fields.Char(readonly=True)
    buyer_code = fields.Char(string="Our Code", readonly=True)
    supplier_code = fields.Char(string="Supplier's Code", readonly=True)
    manufacturer_code = fields.Char(string="Manufacturer's Code", readonly=True)
    gtin = fields.Char(string="GTIN", readonly=True)
    description = fields.Char(readonly=True)
    quantity = ExactDecimal(string="Quantity as Sent", readonly=True)
    unit = fields.Char(readonly=True)
    unit_as_sent = fields.Char(readonly=True)
    backordered_quantity = ExactDecimal(string="Follows Later", readonly=True)
    backorder_reason = fields.Char(readonly=True)
    reference_quantity = ExactDecimal(string="Quantity", readonly=True, help="In the item's reference unit.")
    lot_ids = fields.One2many("healthcare.ship.notice.lot", "line_id", readonly=True)

    @api.depends("problem", "line_number", "quantity", "unit")
    def _compute_explanation(self):
        problems = dict(self._fields["problem"]._description_selection(self.env))
        for line in self:
            codes = filter(None, (line.buyer_code, line.supplier_code, line.manufacturer_code, line.gtin))
            line.explanation = self.env._(
                "Line %(number)s (%(item)s, %(quantity)s %(unit)s): %(problem)s",
                number=line.order_line_number or line.line_number,
                item=next(codes, "?"),
                quantity=line.quantity or "?",
                unit=line.unit or "",
                problem=problems.get(line.problem) or "–",
            )

    def _evaluate(self):
        """Find out what each line is in the item's reference unit, and whether it may be applied.

        From what was sent alone, so that it can be repeated.
        """
        found = self.filtered("order_line_id")
        ratios = self.env["healthcare.document.order_reply"]._unit_ratios(
            {line.id: (line.order_line_id, line.unit) for line in found}
        )
        expected = found._still_expected()
        for line in self:
            problem, quantity = line._judge(ratios.get(line.id), expected)
            line.write({"problem": problem, "reference_quantity": exact_text(quantity)})
            if not problem:
                line.lot_ids._set_quantities(quantity)
                if line.order_line_id in expected:
                    expected[line.order_line_id] -= quantity

    def _judge(self, ratio, expected):
        """Return the line's problem (or False) and its quantity in the reference unit."""
        self.ensure_one()
        if self.assignment_problem:
            return self.assignment_problem, None
        if ratio is None:
            return "uom_mismatch", None
        if not self.quantity or to_decimal(self.quantity) <= 0:
            return "quantity_missing", None
        quantity = Fraction(to_decimal(self.quantity)) * ratio * self.order_line_id._unit_factor()
        if not self.lot_ids._adds_up(to_decimal(self.quantity)):
            return "lot_quantity_mismatch", quantity
        limit = expected.get(self.order_line_id)
        if limit is not None and quantity > limit:
            return "over_shipped", quantity
        return False, quantity

    def _still_expected(self):
        """Return ``{order line: quantity}`` that may still be announced, in the reference unit.

        What the open receipts expect, less what earlier notices announced and has not arrived.
        Services have no receipt, and no limit here.
        """
        result = defaultdict(Fraction)
        for order_line in self.order_line_id.filtered(lambda line: line.product_id.type == "consu"):
            result[order_line] += sum(
                (Fraction(repr(move.product_qty)) for move in order_line._open_receipt_moves()),
                Fraction(0),
            )
        earlier = self.search(
            [
                ("order_line_id", "in", [line.id for line in result]),
                ("id", "not in", self.ids),
                ("problem", "=", False),
                ("notice_id.superseded", "=", False),
            ]
        )
        for lot in earlier.lot_ids.filtered(lambda lot: lot.state != "received"):
            result[lot.line_id.order_line_id] -= Fraction(to_decimal(lot.reference_quantity or "0"))
        return dict(result)

    def _propose(self):
        """Prefill the lots of lines without problems on their open receipts, unvalidated.

        Receipts that somebody has begun to count are left alone; there, the receipt's button
        adds the lots.
        """
        good = self.filtered(lambda line: line.order_line_id and not line.problem)
        moves = self.env["stock.move"]
        for order_line in good.order_line_id:
            moves |= order_line._open_receipt_moves().filtered(
                lambda move: (
                    not move.picked
                    and not any(
                        (line.lot_id or line.lot_name) and not line.ship_notice_lot_id
                        for line in move.move_line_ids
                    )
                )
            )
        moves._prefill_announced(good.lot_ids)
