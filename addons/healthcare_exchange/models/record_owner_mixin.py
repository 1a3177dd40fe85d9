from odoo import api, models


class HealthcareRecordOwnerMixin(models.AbstractModel):
    """A record whose fields the system-of-record matrix guards, whoever writes them and how."""

    _name = "healthcare.record.owner.mixin"
    _description = "Record of a Declared System"

    @api.model_create_multi
    def create(self, vals_list):
        owners = self.env["healthcare.record.owner"]
        for vals in vals_list:
            owners._check_writing(self.browse(), {name: value for name, value in vals.items() if value})
        return super().create(vals_list)

    def write(self, vals):
        self.env["healthcare.record.owner"]._check_writing(self, vals)
        return super().write(vals)
