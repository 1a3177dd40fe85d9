from decimal import Decimal
from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_base.tools.exact import numeric_text
from odoo.addons.healthcare_base.tools.fields import ExactDecimal
from odoo.exceptions import AccessError

#: Written by documents and decisions only; matching relies on them.
_SYSTEM_FIELDS = {
    "line_number",
    "acknowledgement_line_id",
    "acknowledgement_status",
    "acknowledgement_decision",
    "acknowledged_quantity",
    "backordered_quantity",
    "acknowledged_price",
    "promised_date",
    "decided_price",
    "decided_for_price",
    "confirmed_price",
    "agreed_price",
    "leakage_checked_at",
}
#: What a supplier goes by; a change after sending has to be told to them.
_SENT_FIELDS = {
    "product_id",
    "product_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "date_planned",
}


class PurchaseOrderLine(models.Model):
    _inherit = "purchase.order.line"

    line_number = fields.Integer(
        string="No.",
        readonly=True,
        copy=False,
        help="Number of the line in documents to and from the supplier. It never changes.",
    )
    acknowledgement_line_id = fields.Many2one(
        "healthcare.order.acknowledgement.line",
        string="Last Answer",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    acknowledgement_status = fields.Selection(
        related="acknowledgement_line_id.status", string="Supplier's Answer", store=True
    )
    acknowledgement_decision = fields.Selection(
        related="acknowledgement_line_id.decision", string="Our Decision", store=True
    )
    acknowledged_quantity = ExactDecimal(
        related="acknowledgement_line_id.acknowledged_quantity",
        store=True,
        help="Quantity that the supplier confirmed for now, in the line's unit.",
    )
    backordered_quantity = ExactDecimal(
        related="acknowledgement_line_id.backordered_quantity",
        store=True,
        help="Quantity that the supplier delivers later, in the line's unit.",
    )
    acknowledged_price = ExactDecimal(
        related="acknowledgement_line_id.acknowledged_price",
        store=True,
        help="Price that the supplier confirmed, for the line's unit.",
    )
    promised_date = fields.Date(related="acknowledgement_line_id.promised_date", store=True)
    decided_price = ExactDecimal(readonly=True, copy=False, help="Price of an answer that was accepted.")
    decided_for_price = ExactDecimal(
        readonly=True,
        copy=False,
        help="Ordered price at that decision. When the order's price changes, "
        "the decision no longer applies.",
    )
    confirmed_price = ExactDecimal(
        readonly=True,
        copy=False,
        help="Net price for the line's unit at confirmation, or as a second person agreed to it later.",
    )
    agreed_price = ExactDecimal(
        compute="_compute_agreed_price",
        store=True,
        copy=False,
        help="Net price for the line's unit that a bill is held against: as confirmed (or ordered "
        "for less since), or as an accepted answer changed it.",
    )

    # Documents cite lines by number: two lines with one number would make them ambiguous.
    _line_number_unique = models.UniqueIndex(
        "(order_id, line_number) WHERE line_number > 0",
        "Two lines of an order have the same number.",
    )

    @api.depends(
        "price_unit", "discount", "display_type", "decided_price", "decided_for_price", "confirmed_price"
    )
    def _compute_agreed_price(self):
        for line in self:
            if line.display_type:
                line.agreed_price = False
                continue
            ordered = line._ordered_price_text()
            decided = line.decided_price and line.decided_for_price == ordered
            line.agreed_price = line.decided_price if decided else line._agreed_ordered_price_text()

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get(name) for vals in vals_list for name in _SYSTEM_FIELDS):
            raise self._system_field_error()
        model = super(PurchaseOrderLine, without_defaults(self, _SYSTEM_FIELDS))
        lines = model.create(vals_list).with_env(self.env)
        confirmed = lines.filtered(lambda line: line.order_id.state == "purchase")
        confirmed._assign_line_numbers()
        confirmed._mark_changed_since_sent()
        return lines

    def write(self, vals):
        if not self.env.su and not _SYSTEM_FIELDS.isdisjoint(vals):
            raise self._system_field_error()
        names = _SENT_FIELDS.intersection(vals)
        sent = self.filtered("order_id.exchange_message_id") if names else self.browse()
        before = {line.id: [line[name] for name in names] for line in sent}
        result = super().write(vals)
        sent.filtered(
            lambda line: [line[name] for name in names] != before[line.id]
        )._mark_changed_since_sent()
        return result

    def _assign_line_numbers(self):
        """Give each line without a number the next one of its order, in the order shown."""
        for order in self.order_id:
            lines = order.order_line.filtered(lambda line: not line.display_type)
            last = max(lines.mapped("line_number"), default=0)
            new = lines.filtered(lambda line: not line.line_number)
            for number, line in enumerate(
                new.sorted(lambda line: (line.sequence, line.id)).sudo(), start=last + 1
            ):
                line.line_number = number

    def _mark_changed_since_sent(self):
        orders = self.sudo().order_id.filtered(
            lambda order: order.exchange_message_id and not order.changed_since_sent
        )
        orders.changed_since_sent = True

    def _ordered_price(self):
        """Return the net price for one of the line's unit, as a :class:`~decimal.Decimal`.

        ``repr`` of a float is the shortest text that means it: what was typed.
        """
        self.ensure_one()
        price = Decimal(repr(self.price_unit))
        if self.discount:
            price *= 1 - Decimal(repr(self.discount)) / 100
        return price

    def _ordered_price_text(self):
        return numeric_text(self._ordered_price())

    def _unit_factor(self):
        """Return how many of the item's reference unit make one of the line's unit, exactly."""
        self.ensure_one()
        uom, reference = self.product_uom_id, self.product_id.uom_id
        if uom == reference:
            return Fraction(1)
        return Fraction(repr(uom.factor)) / Fraction(repr(reference.factor))

    def _system_field_error(self):
        return AccessError(
            self.env._(
                "Line numbers, answers of suppliers and agreed prices are recorded by documents "
                "and decisions, not by hand."
            )
        )

    def _open_receipt_moves(self):
        """Return the moves that still bring these lines' goods in from the supplier."""
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.product_id == move.purchase_line_id.product_id
                and move.location_id.usage == "supplier"
            )
        )
