from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    supplier_registration = fields.Boolean(
        string="Suppliers Register Themselves",
        help="The public form /supplier/register takes in who wants to become a supplier.",
    )
