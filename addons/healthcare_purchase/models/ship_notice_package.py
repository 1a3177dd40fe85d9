from odoo import fields, models


class HealthcareShipNoticePackage(models.Model):
    """A carton or pallet of a shipment, by its SSCC."""

    _name = "healthcare.ship.notice.package"
    _description = "Package of a Shipment"
    _inherit = ["healthcare.supplier.evidence"]
    _order = "notice_id, sequence, id"
    _rec_name = "sscc"

    notice_id = fields.Many2one(
        "healthcare.ship.notice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="notice_id.company_id", store=True, index=True)
    sequence = fields.Integer(readonly=True)
    sscc = fields.Char(string="SSCC", readonly=True)
    parent_sscc = fields.Char(string="On Pallet", readonly=True)
