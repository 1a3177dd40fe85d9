from odoo import models
from odoo.tools import SQL


class HealthcarePartnerMerge(models.Model):
    """Values that a partner has per company (payment terms, accounts, currency): what the remaining
    record lacks, it takes over, in each company."""

    _inherit = "healthcare.partner.merge"

    def _fill_company_values(self, source, survivor):
        """Have the survivor take over the values per company that it has none of.

        By SQL: they are those of companies that who agrees may not see, and whoever's word counts
        for them has said them already, of the same supplier.

        :return: ``{"Label (company)": value}`` of what was taken over, for people
        """
        before = survivor._company_values()
        partners = self.env["res.partner"]
        names = [name for name, field in partners._fields.items() if field.company_dependent and field.store]
        self.env.flush_all()
        for name in names:
            self.env.cr.execute(
                SQL(
                    "UPDATE res_partner s SET %(column)s = jsonb_strip_nulls(o.%(column)s)"
                    " || jsonb_strip_nulls(COALESCE(s.%(column)s, '{}'))"
                    " FROM res_partner o WHERE s.id = %(survivor)s AND o.id = %(source)s"
                    " AND o.%(column)s IS NOT NULL",
                    column=SQL.identifier(name),
                    survivor=survivor.id,
                    source=source.id,
                )
            )
        self.env.invalidate_all(flush=False)
        after = survivor._company_values()
        return {label: value for label, value in after.items() if before.get(label) != value}
