from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools.identifiers import gs1_check_digit, normalise_gln


class HealthcareFacility(models.Model):
    _name = "healthcare.facility"
    _description = "Healthcare Facility"
    _inherit = ["healthcare.audit.mixin", "mail.thread"]
    _order = "parent_path, code, id"
    _parent_store = True
    _rec_names_search = ["code", "name", "gln"]
    _check_company_auto = True

    _audit_fields = (
        "code",
        "name",
        "gln",
        "company_id",
        "warehouse_id",
        "parent_id",
        "partner_id",
        "bill_to_id",
        "active",
    )

    code = fields.Char(
        required=True,
        index="trigram",
        help="Short code that is unique in the company. Partners who number facilities as we "
        "do send it as the ship-to's identifier.",
    )
    name = fields.Char(required=True)
    gln = fields.Char(
        string="GLN",
        index="btree_not_null",
        copy=False,
        help="GS1 Global Location Number: 13 digits, the last of them a check digit.",
    )
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="Where what is ordered for this facility is received.",
    )
    parent_id = fields.Many2one(
        "healthcare.facility",
        string="Part of",
        index=True,
        check_company=True,
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("healthcare.facility", "parent_id", string="Parts")
    partner_id = fields.Many2one(
        "res.partner",
        string="Ship-to Address",
        check_company=True,
        help="Empty: the address of the warehouse.",
    )
    bill_to_id = fields.Many2one(
        "res.partner",
        string="Bill-to",
        check_company=True,
        help="Who is billed for this facility. Empty: the company.",
    )
    account_ids = fields.One2many("healthcare.facility.account", "facility_id", string="Supplier Accounts")
    exemption_ids = fields.One2many(
        "healthcare.tax.exemption", "facility_id", string="Exemption Certificates"
    )

    _code_company_uniq = models.Constraint(
        "UNIQUE(company_id, code)", "Another facility of this company has this code."
    )
    # Archived facilities keep their number: documents that name it are still around.
    _gln_company_uniq = models.UniqueIndex(
        "(company_id, gln) WHERE gln IS NOT NULL",
        "Another facility of this company has this GLN.",
    )

    @api.depends("code", "name")
    def _compute_display_name(self):
        for facility in self:
            facility.display_name = " ".join(
                filter(None, (facility.code and f"[{facility.code}]", facility.name))
            )

    @api.constrains("parent_id")
    def _check_parent_id(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A facility cannot be a part of itself."))

    @api.constrains("gln")
    def _check_gln(self):
        for facility in self.filtered("gln"):
            gln = facility.gln
            if normalise_gln(gln) == gln:
                continue
            if len(gln) == 13 and gln.isascii() and gln.isdigit():
                raise ValidationError(
                    self.env._(
                        "GLN %(gln)s of facility %(facility)s: the check digit (last digit) "
                        "should be %(digit)s. Compare the number with its source.",
                        gln=gln,
                        facility=facility.display_name,
                        digit=gs1_check_digit(gln[:-1]),
                    )
                )
            raise ValidationError(
                self.env._(
                    "GLN %(gln)s of facility %(facility)s: a GLN has 13 digits.",
                    gln=gln,
                    facility=facility.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_vals(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._clean_vals(vals))

    def unlink(self):
        """Delete what belongs to a facility by the ORM, so that the audit trail sees it."""
        parts = self.with_context(active_test=False)
        parts.account_ids.unlink()
        parts.exemption_ids.unlink()
        return super().unlink()

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with a GLN as bare digits and a code without blanks around it."""
        vals = dict(vals)
        if vals.get("gln"):
            vals["gln"] = normalise_gln(vals["gln"]) or vals["gln"].strip()
        if vals.get("code"):
            vals["code"] = vals["code"].strip()
        return vals

    def _ship_to_partner(self):
        """Return the address that goods for this facility are shipped to."""
        self.ensure_one()
        return self.partner_id or self.warehouse_id.partner_id or self.company_id.partner_id

    def _bill_to_partner(self):
        """Return who is billed for this facility."""
        self.ensure_one()
        return self.bill_to_id or self.company_id.partner_id
