from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.names import city_key, fold, name_core, name_key, street_key, zip_key

COMPARED = ("name_key", "name_core", "street_key", "city_key", "zip_key")


class ResPartner(models.Model):
    """Name and address as they are compared, by duplicates and by exclusion screening."""

    _inherit = "res.partner"

    name_key = fields.Char(string="Name as Compared", compute="_compute_name_key", store=True, copy=False)
    name_core = fields.Char(
        string="Name Without Common Words", compute="_compute_name_key", store=True, copy=False
    )
    street_key = fields.Char(
        string="Street as Compared", compute="_compute_street_key", store=True, copy=False
    )
    city_key = fields.Char(string="City as Compared", compute="_compute_city_key", store=True, copy=False)
    zip_key = fields.Char(
        string="Postal Code as Compared", compute="_compute_zip_key", store=True, copy=False
    )

    # For _similar_rows: who is like a supplier. Contacts are compared through their company.
    # Without fastupdate: what an import adds would be read one by one until the next vacuum.
    _name_core_index = models.Index(
        "USING gin (name_core gin_trgm_ops) WITH (fastupdate = off) WHERE commercial_partner_id = id"
    )
    # For the same: who has the same postal code, with a name that is less alike.
    _zip_key_index = models.Index("(zip_key) WHERE commercial_partner_id = id")

    @api.depends("name")
    def _compute_name_key(self):
        for partner in self:
            partner.name_key = name_key(partner.name) or False
            partner.name_core = name_core(partner.name_key) or False

    @api.depends("street", "street2")
    def _compute_street_key(self):
        for partner in self:
            partner.street_key = street_key(partner.street, partner.street2) or False

    @api.depends("city")
    def _compute_city_key(self):
        for partner in self:
            partner.city_key = city_key(partner.city) or False

    @api.depends("zip")
    def _compute_zip_key(self):
        for partner in self:
            partner.zip_key = zip_key(partner.zip) or False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_compared(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._without_compared(vals))

    @api.model
    def _without_compared(self, vals):
        """Refuse keys that a caller makes up: who is compared by another name is not found.

        Odoo's own write of what it has computed does not come this way.
        """
        made_up = [name for name in self._system_comparison_fields() if name in vals]
        if not made_up:
            return vals
        if not self.env.su:
            raise AccessError(self.env._("%s is computed, not written.", ", ".join(made_up)))
        return {name: value for name, value in vals.items() if name not in COMPARED}

    @api.model
    def _system_comparison_fields(self):
        """Return the names of fields that only the system writes. Override to add to them."""
        return COMPARED

    def _place(self):
        """Return ``(street, city, state code, postal code, country code)`` as compared."""
        self.ensure_one()
        return (
            self.street_key or "",
            self.city_key or "",
            fold(self.state_id.code).upper(),
            self.zip_key or "",
            self.country_id.code or "",
        )
