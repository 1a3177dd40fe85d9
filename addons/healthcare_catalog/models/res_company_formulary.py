from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "healthcare.audit.mixin"]

    _audit_fields = ("formulary_date",)

    formulary_date = fields.Date(
        string="Formulary From",
        help="From this day only approved items are requested and ordered, by those whom the "
        "formularies allow. Empty: the control is off.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_formulary_control(vals)
        model = super(ResCompany, without_defaults(self, {"formulary_date"}))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_formulary_control(vals)
        return super().write(vals)

    def _check_formulary_control(self, vals):
        """Only administrators of the suite start or end the control.

        :raises AccessError: for anybody else, whatever the context says
        """
        if (
            "formulary_date" in vals
            and not self.env.su
            and not self.env.user.has_group("healthcare_base.group_administrator")
        ):
            raise AccessError(self.env._("Only a procurement administrator starts the formularies."))
