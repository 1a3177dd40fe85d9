from fractions import Fraction

from odoo import api, fields, models
from odoo.addons.healthcare_base.tools.exact import to_decimal
from odoo.addons.healthcare_base.tools.fields import ExactDecimal

from ..tools.order_reply import exact_text


class HealthcareShipNoticeLot(models.Model):
    """A lot on its way; without a number for goods that have none."""

    _name = "healthcare.ship.notice.lot"
    _description = "Announced Lot"
    _inherit = ["healthcare.supplier.evidence"]
    _order = "line_id, id"
    _rec_name = "number"
    _derived_fields = frozenset({"reference_quantity"})

    line_id = fields.Many2one(
        "healthcare.ship.notice.line", required=True, readonly=True, index=True, ondelete="restrict"
    )
    notice_id = fields.Many2one(related="line_id.notice_id", store=True, index=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    order_line_id = fields.Many2one(related="line_id.order_line_id")
    product_id = fields.Many2one(related="line_id.product_id")
    problem = fields.Selection(related="line_id.problem")
    package_id = fields.Many2one("healthcare.ship.notice.package", readonly=True, ondelete="restrict")
    number = fields.Char(string="Lot", readonly=True)
    expires_on = fields.Date(string="Expires", readonly=True)
    quantity = ExactDecimal(string="Quantity as Sent", readonly=True)
    unit = fields.Char(related="line_id.unit")
    serials = fields.Json(readonly=True)
    reference_quantity = ExactDecimal(string="Quantity", readonly=True, help="In the item's reference unit.")
    move_line_ids = fields.One2many("stock.move.line", "ship_notice_lot_id", readonly=True)
    state = fields.Selection(
        [("expected", "Expected"), ("proposed", "On the receipt"), ("received", "Received")],
        compute="_compute_state",
        store=True,
    )

    @api.depends("move_line_ids.state")
    def _compute_state(self):
        for lot in self:
            states = set(lot.move_line_ids.mapped("state"))
            if "done" in states:
                lot.state = "received"
            else:
                lot.state = "proposed" if states else "expected"

    def _own_quantity(self):
        """Return the lot's own quantity in the line's unit: stated, or its count of serials."""
        self.ensure_one()
        if self.quantity:
            return to_decimal(self.quantity)
        return to_decimal(len(self.serials)) if self.serials else None

    def _adds_up(self, quantity):
        """Whether the lots of one line make up its quantity; one lot without a quantity is all."""
        own = [lot._own_quantity() for lot in self]
        if own == [None]:
            return True
        return None not in own and min(own) > 0 and sum(own) == quantity

    def _set_quantities(self, total):
        """Split a line's quantity in the reference unit over its lots, in their proportion."""
        own = [lot._own_quantity() for lot in self]
        if own == [None]:
            self.reference_quantity = exact_text(total)
            return
        whole = Fraction(sum(own))
        for lot, part in zip(self, own, strict=True):
            lot.reference_quantity = exact_text(total * Fraction(part) / whole)
