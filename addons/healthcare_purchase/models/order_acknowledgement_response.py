from odoo import fields, models
from odoo.addons.healthcare_base.tools.fields import ExactDecimal

from ..tools.selections import RESPONSE_STATUS


class HealthcareOrderAcknowledgementResponse(models.Model):
    """One of a supplier's answers to one line, as sent (an X12 ACK segment)."""

    _name = "healthcare.order.acknowledgement.response"
    _description = "Answer to an Order Line"
    _inherit = ["healthcare.supplier.evidence"]
    _order = "line_id, sequence, id"
    _rec_name = "status"

    line_id = fields.Many2one(
        "healthcare.order.acknowledgement.line",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    sequence = fields.Integer(readonly=True)
    status = fields.Selection(RESPONSE_STATUS, readonly=True)
    quantity = ExactDecimal(readonly=True)
    unit = fields.Char(readonly=True)
    price_amount = ExactDecimal(string="Price", readonly=True)
    price_base_quantity = ExactDecimal(string="Per", readonly=True)
    price_unit_code = fields.Char(string="Price Unit", readonly=True)
    price_kind = fields.Selection([("net", "Net"), ("list", "List")], readonly=True)
    promised_ship_date = fields.Date(readonly=True)
    promised_delivery_date = fields.Date(readonly=True)
    reason_code = fields.Char(readonly=True)
    buyer_code = fields.Char(string="Substitute: our Code", readonly=True)
    supplier_code = fields.Char(string="Substitute: Supplier's Code", readonly=True)
    manufacturer_code = fields.Char(string="Substitute: Manufacturer's Code", readonly=True)
    gtin = fields.Char(string="Substitute: GTIN", readonly=True)
