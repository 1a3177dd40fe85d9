from odoo import models
from odoo.exceptions import AccessError, UserError

# the chatter's own fields, which mail.thread and mail.activity.mixin write
_CHATTER = ("message_", "activity_")


class HealthcareSupplierEvidence(models.AbstractModel):
    """What a supplier sent: kept as sent, whoever asks. Configured with class attributes."""

    _name = "healthcare.supplier.evidence"
    _description = "Evidence from a Supplier"

    #: Stored fields that the system finds out afterwards; all others never change.
    _derived_fields = frozenset()

    def write(self, vals):
        """Refuse users altogether, and the system where it would change what was sent."""
        if vals and not self.env.su:
            raise AccessError(
                self.env._("%s: what a supplier sent is evidence and does not change.", self._description)
            )
        evidence = [
            name for name in vals if name not in self._derived_fields and not name.startswith(_CHATTER)
        ]
        if evidence:
            raise UserError(
                self.env._(
                    "%(model)s: what a supplier sent does not change (%(fields)s).",
                    model=self._description,
                    fields=", ".join(sorted(evidence)),
                )
            )
        return super().write(vals)
