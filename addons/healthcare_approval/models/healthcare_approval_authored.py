from odoo import fields, models


class HealthcareApprovalAuthored(models.AbstractModel):
    """Remembers who changed a record by hand since its last approval: they do not approve it.

    ``write_uid`` would not do: recomputed fields and approvals change it too.
    """

    _name = "healthcare.approval.authored"
    _description = "Record That Knows Its Authors"

    approval_authors = fields.Json(readonly=True, copy=False, help="Ids of the users, in order.")

    def _approval_note_author(self):
        """Add the user to the authors; nothing in superuser mode, which is the system."""
        if self.env.su:
            return
        uid = self.env.uid
        # sudo: the list is kept by the system
        for record in self.sudo():
            if uid not in (record.approval_authors or ()):
                record.approval_authors = [*(record.approval_authors or ()), uid]
