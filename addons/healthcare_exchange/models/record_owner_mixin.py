from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults


class HealthcareRecordOwnerMixin(models.AbstractModel):
    """A record whose fields the system-of-record matrix guards, whoever writes them and how."""

    _name = "healthcare.record.owner.mixin"
    _description = "Record of a Declared System"

    @api.model_create_multi
    def create(self, vals_list):
        owners = self.env["healthcare.record.owner"]
        for vals in vals_list:
            owners._check_writing(self.browse(), self._stated_at_creation(vals))
        # Defaults of the caller's context would fill guarded fields after that look.
        guarded = without_defaults(self, owners._guarded_names(self._name))
        return super(HealthcareRecordOwnerMixin, guarded).create(vals_list).with_env(self.env)

    @api.model
    def _stated_at_creation(self, vals):
        """Return those of a new record's values that state something which may be another's. Hook.

        Override to leave out what every new record has, whoever makes it.
        """
        return {name: value for name, value in vals.items() if value}

    def write(self, vals):
        self.env["healthcare.record.owner"]._check_writing(self, vals)
        return super().write(vals)
