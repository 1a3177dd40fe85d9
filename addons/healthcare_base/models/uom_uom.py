from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools.units import normalise_unit_code, unit_label


class UomUom(models.Model):
    _inherit = "uom.uom"

    unit_code = fields.Char(
        index="btree_not_null",
        copy=False,
        help="UN/ECE Recommendation 20 or 21 code that documents use, such as EA, KGM or XBX.",
    )
    is_pack = fields.Boolean(
        string="Pack of an Item",
        readonly=True,
        copy=False,
        help="Made for packagings of items: its code means this factor there, not everywhere.",
    )
    packaging_ids = fields.One2many("healthcare.packaging", "uom_id", string="Packagings")

    @api.constrains("unit_code")
    def _check_unit_code(self):
        for uom in self.filtered("unit_code"):
            if not normalise_unit_code(uom.unit_code) or uom.unit_code != uom.unit_code.upper():
                raise ValidationError(
                    self.env._(
                        "Unit %(unit)s: %(code)s is not a unit code. Use two or three capital "
                        "letters or digits of UN/ECE Recommendation 20 or 21, such as EA or XBX.",
                        unit=uom.name,
                        code=uom.unit_code,
                    )
                )

    def write(self, vals):
        """Refuse to change what a packaging's unit means.

        Quantities on orders, receipts and bills are kept in this unit; Odoo lets its factor be
        changed afterwards, which would change all of them silently.
        """
        if {"relative_factor", "relative_uom_id", "unit_code", "factor"} & vals.keys():
            self._check_frozen(vals)
        return super().write(vals)

    def _check_frozen(self, vals):
        """Raise when ``vals`` changes factor, reference or code of a unit that is a packaging."""
        packagings = self.env["healthcare.packaging"].sudo().with_context(active_test=False)
        frozen = packagings.search([("uom_id", "in", self.ids)]).uom_id
        for uom in frozen:
            changed = (
                ("relative_factor" in vals and vals["relative_factor"] != uom.relative_factor)
                or ("factor" in vals and vals["factor"] != uom.factor)
                or (
                    "relative_uom_id" in vals and (vals["relative_uom_id"] or False) != uom.relative_uom_id.id
                )
                or ("unit_code" in vals and (vals["unit_code"] or False) != uom.unit_code)
            )
            if changed:
                raise UserError(
                    self.env._(
                        "Unit %s is the unit of a packaging, and what it holds cannot be changed. "
                        "End the packaging and make a new one with the right factor.",
                        uom.name,
                    )
                )

    @api.model
    def _find_or_make_packs(self, packs):
        """Return the frozen unit of each pack, making those that are missing.

        :param packs: list of ``(unit_code, factor, reference)``: a code, how many of the
            reference unit it holds (integer), and the reference ``uom.uom``
        :return: dict from ``(unit_code, factor, reference.id)`` to ``uom.uom``
        """
        wanted = {(code, factor, reference.id): reference for code, factor, reference in packs}
        if not wanted:
            return {}
        units = self.sudo().with_context(active_test=False)
        found = {}
        for uom in units.search(
            [
                ("unit_code", "in", list({key[0] for key in wanted})),
                ("relative_uom_id", "in", list({key[2] for key in wanted})),
            ],
            order="active desc, id",
        ):
            key = (uom.unit_code, round(uom.relative_factor), uom.relative_uom_id.id)
            if uom.relative_factor == key[1]:
                found.setdefault(key, uom)
        missing = [key for key in wanted if key not in found]
        each = self.env.ref("uom.product_uom_unit", raise_if_not_found=False)
        made = units.create([self._prepare_pack_vals(*key[:2], wanted[key], each) for key in missing])
        found.update(zip(missing, made, strict=True))
        found = {key: found[key].sudo(self.env.su) for key in wanted}
        for uom in found.values():
            if not uom.active:
                uom.sudo().active = True
        return found

    @api.model
    def _prepare_pack_vals(self, unit_code, factor, reference, each):
        """Return the values of the unit "BX of 10"; hook for other names.

        :param each: Odoo's unit "Units", whose name is left out
        """
        from_unit = "" if reference == each else f" {reference.name}"
        return {
            "name": f"{unit_label(unit_code)} of {factor}{from_unit}",
            "unit_code": unit_code,
            "is_pack": True,
            "relative_factor": factor,
            "relative_uom_id": reference.id,
        }
