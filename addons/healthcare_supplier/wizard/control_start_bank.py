from odoo import fields, models


class HealthcareControlStart(models.TransientModel):
    """What the control of bank accounts would stop."""

    _inherit = "healthcare.control.start"

    control = fields.Selection(
        selection_add=[("bank_hold_date", "Bank accounts of suppliers")],
        ondelete={"bank_hold_date": "cascade"},
    )

    def _control_effects(self, company):
        self.ensure_one()
        if self.control != "bank_hold_date":
            return super()._control_effects(company)
        return company._bank_hold_effects()
