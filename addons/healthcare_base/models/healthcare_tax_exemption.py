from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HealthcareTaxExemption(models.Model):
    _name = "healthcare.tax.exemption"
    _description = "Tax Exemption Certificate"
    _inherit = ["healthcare.audit.mixin"]
    _order = "facility_id, jurisdiction, date_from, id"
    _rec_name = "number"

    _audit_fields = ("facility_id", "number", "jurisdiction", "date_from", "date_to")

    facility_id = fields.Many2one("healthcare.facility", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="facility_id.company_id", store=True, index=True)
    number = fields.Char(required=True)
    jurisdiction = fields.Char(
        required=True, help="The authority whose tax is not due, such as a state: US-OH."
    )
    date_from = fields.Date(string="Valid From")
    date_to = fields.Date(string="Valid To", help="Last day of validity. Empty: open end.")

    _date_order = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "An exemption certificate cannot end before it begins.",
    )

    @api.constrains("facility_id", "jurisdiction", "number", "date_from", "date_to")
    def _check_duplicate(self):
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT mine.number, mine.jurisdiction
              FROM healthcare_tax_exemption mine
              JOIN healthcare_tax_exemption other
                ON other.id != mine.id
               AND other.facility_id = mine.facility_id
               AND other.jurisdiction = mine.jurisdiction
               AND other.number = mine.number
               AND daterange(other.date_from, other.date_to, '[]')
                   && daterange(mine.date_from, mine.date_to, '[]')
             WHERE mine.id = ANY(%s)
             LIMIT 1
            """,
            [list(self.ids)],
        )
        if row := self.env.cr.fetchone():
            raise ValidationError(
                self.env._(
                    "Certificate %(number)s of %(jurisdiction)s is there already for these days.",
                    number=row[0],
                    jurisdiction=row[1],
                )
            )

    def _is_valid_on(self, date):
        """Tell whether the certificate is valid on ``date`` (first and last day included)."""
        self.ensure_one()
        return (not self.date_from or self.date_from <= date) and (not self.date_to or date <= self.date_to)
