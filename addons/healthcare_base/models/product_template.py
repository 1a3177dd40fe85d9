from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.identifiers import normalise_gtin, normalise_hibc, normalise_ndc


class ProductTemplate(models.Model):
    _inherit = "product.template"

    gtin = fields.Char(
        string="GTIN",
        compute="_compute_gtin",
        search="_search_gtin",
        help="The barcode as a GTIN of 14 digits, when it is one.",
    )
    manufacturer_code = fields.Char(index="btree_not_null", help="Catalogue number of the manufacturer.")
    hibc = fields.Char(
        string="HIBC", index="btree_not_null", help="HIBC supplier code with its check character."
    )
    ndc = fields.Char(
        string="NDC", index="btree_not_null", help="US National Drug Code, eleven digits (5-4-2)."
    )
    is_implant = fields.Boolean(string="Implant")
    is_controlled = fields.Boolean(
        string="Controlled Substance", help="Under narcotics or controlled substances law."
    )
    is_cold_chain = fields.Boolean(string="Cold Chain")
    criticality = fields.Selection(
        [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")],
        string="Clinical Criticality",
        help="What it means for patients when the item is missing. It ranks the work queues.",
    )

    @api.depends("barcode")
    def _compute_gtin(self):
        for template in self:
            template.gtin = normalise_gtin(template.barcode) or False

    def _search_gtin(self, operator, value):
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        return [("product_variant_ids.gtin", operator, value)]

    @api.constrains("hibc", "ndc")
    def _check_codes(self):
        for template in self:
            if template.hibc and normalise_hibc(template.hibc) != template.hibc:
                raise ValidationError(
                    self.env._(
                        "HIBC %(code)s of %(item)s is not valid: it begins with + and a letter "
                        "and ends with a check character that agrees.",
                        code=template.hibc,
                        item=template.display_name,
                    )
                )
            if template.ndc and normalise_ndc(template.ndc) != template.ndc:
                raise ValidationError(
                    self.env._(
                        "NDC %(code)s of %(item)s is not valid: give eleven digits, or ten with "
                        "hyphens such as 0002-8215-01.",
                        code=template.ndc,
                        item=template.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._clean_codes(vals) for vals in vals_list])

    def write(self, vals):
        if vals.get("uom_id"):
            self._check_reference_unit(vals["uom_id"])
        return super().write(self._clean_codes(vals))

    def _check_reference_unit(self, uom_id):
        """Raise when items with packagings would get another reference unit.

        The factors of their packagings count that unit.
        """
        changed = self.filtered(lambda template: template.uom_id.id != uom_id)
        # sudo: packagings that the user does not see count too
        packagings = self.env["healthcare.packaging"].sudo().with_context(active_test=False)
        if changed and (
            packaging := packagings.search([("product_id.product_tmpl_id", "in", changed.ids)], limit=1)
        ):
            raise UserError(
                self.env._(
                    "%(packaging)s counts %(unit)s, so the unit of the item cannot be changed. "
                    "Delete its packagings first, or make a new item.",
                    packaging=packaging.display_name,
                    unit=packaging.product_id.product_tmpl_id.uom_id.name,
                )
            )

    @api.model
    def _clean_codes(self, vals):
        """Return ``vals`` with HIBC and NDC in the form in which they are searched."""
        if vals.get("hibc") or vals.get("ndc"):
            vals = dict(vals)
            if vals.get("hibc"):
                vals["hibc"] = normalise_hibc(vals["hibc"]) or vals["hibc"]
            if vals.get("ndc"):
                vals["ndc"] = normalise_ndc(vals["ndc"]) or vals["ndc"]
        return vals
