from odoo import fields, models


class PurchaseOrderLine(models.Model):
    """When a line was last held against the contracts of its day."""

    _inherit = "purchase.order.line"  # pylint: disable=consider-merging-classes-inherited

    leakage_checked_at = fields.Datetime(
        readonly=True, copy=False, help="Empty: to be looked at by the next run."
    )
