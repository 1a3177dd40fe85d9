from odoo import fields, models


class HealthcareFacilityAccount(models.Model):
    _name = "healthcare.facility.account"
    _description = "Supplier Account of a Facility"
    _inherit = ["healthcare.audit.mixin"]
    _order = "facility_id, partner_id, price_class, id"
    _rec_name = "account_number"
    _check_company_auto = True

    _audit_fields = ("facility_id", "partner_id", "account_number", "price_class", "active")

    facility_id = fields.Many2one(
        "healthcare.facility", required=True, index=True, ondelete="cascade", check_company=True
    )
    company_id = fields.Many2one(related="facility_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, index=True, check_company=True
    )
    account_number = fields.Char(
        required=True, help="The number under which the supplier knows this ship-to."
    )
    price_class = fields.Selection(
        [
            ("own_use", "Own use"),
            ("gpo", "GPO"),
            ("340b", "340B"),
            ("wac", "WAC"),
        ],
        required=True,
        default="own_use",
        help="Which prices the supplier charges to this account.",
    )
    active = fields.Boolean(default=True)

    _account_uniq = models.UniqueIndex(
        "(facility_id, partner_id, price_class) WHERE active",
        "The facility has an account of this price class with this supplier already.",
    )
