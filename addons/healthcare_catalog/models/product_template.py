from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, ValidationError

from ..tools.classification import normalise_gmdn, normalise_unspsc


class ProductTemplate(models.Model):
    """What an item is: its place in the catalog, its type, its maker and its classes."""

    _name = "product.template"
    _inherit = ["product.template", "healthcare.audit.mixin"]

    # Products outside the catalog are Odoo's: their making and end is not recorded.
    _audit_actions = ("write",)
    _audit_fields = ("item_state", "item_type", "manufacturer_id", "unspsc_code", "gmdn_code")

    item_state = fields.Selection(
        [
            ("placeholder", "Placeholder"),
            ("proposed", "Proposed"),
            ("approved", "Approved"),
            ("retired", "Retired"),
        ],
        string="Catalog State",
        readonly=True,
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Empty: not in the catalog. A placeholder carries free-text requests until they become items.",
    )
    is_placeholder = fields.Boolean(compute="_compute_is_placeholder", store=True)
    item_type = fields.Selection(
        [
            ("supply", "Supply"),
            ("consumable", "Consumable"),
            ("equipment", "Equipment"),
            ("service", "Service"),
        ],
        help="A service is performed, everything else is received with a count.",
    )
    manufacturer_id = fields.Many2one(
        "res.partner", index="btree_not_null", ondelete="restrict", help="Who makes the item."
    )
    unspsc_code = fields.Char(
        string="UNSPSC",
        index="btree_not_null",
        help="United Nations Standard Products and Services Code, eight digits.",
    )
    gmdn_code = fields.Char(
        string="GMDN",
        index="btree_not_null",
        help="Term code of the Global Medical Device Nomenclature, five digits.",
    )

    @api.depends("item_state")
    def _compute_is_placeholder(self):
        for template in self:
            template.is_placeholder = template.item_state == "placeholder"

    @api.constrains("unspsc_code", "gmdn_code")
    def _check_classification(self):
        for template in self:
            if template.unspsc_code and normalise_unspsc(template.unspsc_code) != template.unspsc_code:
                raise ValidationError(
                    self.env._(
                        "UNSPSC %(code)s of %(item)s is not valid: it has eight digits in pairs from "
                        "segment to commodity, and after an open level (00) none is given.",
                        code=template.unspsc_code,
                        item=template.display_name,
                    )
                )
            if template.gmdn_code and normalise_gmdn(template.gmdn_code) != template.gmdn_code:
                raise ValidationError(
                    self.env._(
                        "GMDN %(code)s of %(item)s is not valid: a term code has five digits.",
                        code=template.gmdn_code,
                        item=template.display_name,
                    )
                )

    @api.constrains("item_type", "type")
    def _check_item_type(self):
        for template in self.filtered("item_type"):
            if (template.item_type == "service") != (template.type == "service"):
                raise ValidationError(
                    self.env._(
                        "%(item)s: item type and product type contradict each other. A service is a "
                        "service in both, everything else is goods.",
                        item=template.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        states = {vals.get("item_state") or False for vals in vals_list}
        if not self.env.su and states - {False, "proposed"}:
            raise self._item_state_error()
        model = super(ProductTemplate, without_defaults(self, {"item_state"}))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        if "item_state" in vals and not self.env.su:
            raise self._item_state_error()
        return super().write(vals)

    def _item_state_error(self):
        return AccessError(
            self.env._("Items enter the catalog, leave it and become placeholders by approval only.")
        )

    @api.model
    def _clean_codes(self, vals):
        vals = super()._clean_codes(vals)
        if vals.get("unspsc_code") or vals.get("gmdn_code"):
            vals = dict(vals)
            if vals.get("unspsc_code"):
                vals["unspsc_code"] = normalise_unspsc(vals["unspsc_code"]) or vals["unspsc_code"]
            if vals.get("gmdn_code"):
                vals["gmdn_code"] = normalise_gmdn(vals["gmdn_code"]) or vals["gmdn_code"]
        return vals
