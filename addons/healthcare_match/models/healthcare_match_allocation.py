from odoo import fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal


class HealthcareMatchAllocation(models.Model):
    """What of a bill line was assigned to which order line and receipt, and why.

    Written by the engine only: nobody has rights to create, change or delete.
    """

    _name = "healthcare.match.allocation"
    _description = "Match Allocation"
    _order = "bill_line_id, id"

    bill_line_id = fields.Many2one(
        "healthcare.bill.line", required=True, readonly=True, index=True, ondelete="cascade"
    )
    move_id = fields.Many2one(related="bill_line_id.move_id", string="Bill", store=True, index=True)
    company_id = fields.Many2one(related="bill_line_id.company_id", store=True, index=True)
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Accounting Line",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    purchase_line_id = fields.Many2one(
        "purchase.order.line",
        string="Order Line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    stock_move_id = fields.Many2one(
        "stock.move",
        string="Receipt",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Empty: no receipt covers this part.",
    )
    quantity = ExactDecimal(readonly=True, help="In the item's reference unit.")
    source = fields.Selection(
        [("engine", "Assigned by evidence"), ("manual", "Chosen by a person")],
        required=True,
        readonly=True,
        default="engine",
    )
    score = fields.Integer(readonly=True, help="Points for the evidence.")
    runner_up_purchase_line_id = fields.Many2one(
        "purchase.order.line", string="Runner-up", readonly=True, ondelete="set null"
    )
    margin = fields.Integer(readonly=True, help="Lead over the runner-up, in points.")
    comparison = fields.Json(readonly=True, help="The figures that were compared, as text.")
