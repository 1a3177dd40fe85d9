from odoo import fields, models


class HealthcareControlStart(models.TransientModel):
    _inherit = "healthcare.control.start"

    control = fields.Selection(
        selection_add=[("formulary_date", "Formularies: approved items for those who may")],
        ondelete={"formulary_date": "cascade"},
    )

    def _control_effects(self, company):
        if self.control == "formulary_date":
            return company._formulary_effects()
        return super()._control_effects(company)
