from odoo import fields, models


class ResPartner(models.Model):
    """What a supplier has to show, by its category."""

    _inherit = "res.partner"

    supplier_category_id = fields.Many2one(
        "healthcare.supplier.category",
        string="Supplier Category",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        help="Decides what the supplier has to show before it is approved.",
    )
