from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError


class StockLocation(models.Model):
    _name = "stock.location"
    _inherit = ["stock.location", "healthcare.audit.mixin"]

    _audit_actions = ("write",)
    _audit_fields = ("is_quarantine",)

    is_quarantine = fields.Boolean(
        string="Quarantine",
        copy=False,
        help="Recalled lots may be brought here and to the locations below, and leave for the supplier "
        "or as scrap only.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_quarantine_right(vals)
        model = super(StockLocation, without_defaults(self, {"is_quarantine"}))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_quarantine_right(vals)
        if not self._may_say_quarantine():
            if "is_quarantine" in vals and any(location.is_quarantine for location in self.sudo()):
                raise self._quarantine_error()
            if vals.get("location_id"):
                above = self.browse(vals["location_id"])
                # A place with what lies in it does not become a quarantine by moving it there.
                if above._is_in_quarantine() and not all(one._is_in_quarantine() for one in self):
                    raise self._quarantine_error()
        return super().write(vals)

    def _may_say_quarantine(self):
        return self.env.su or self.env.user.has_group("healthcare_base.group_administrator")

    def _quarantine_error(self):
        return AccessError(
            self.env._(
                "Quarantine locations are made, ended and filled with places by procurement administrators."
            )
        )

    def _check_quarantine_right(self, vals):
        """Only administrators say what a quarantine is: recalled lots may go there."""
        if vals.get("is_quarantine") and not self._may_say_quarantine():
            raise self._quarantine_error()

    def _is_in_quarantine(self):
        """Tell whether this location, or one that it lies in, is a quarantine.

        What is no place of ours is none: goods that go to a ward's use below one are issued.
        """
        self.ensure_one()
        if self.sudo().usage not in ("internal", "view"):
            return False
        # sudo: where it lies counts, whoever may read the locations above
        above = self.sudo().browse([int(part) for part in (self.sudo().parent_path or "").split("/") if part])
        return any(location.is_quarantine for location in above)
