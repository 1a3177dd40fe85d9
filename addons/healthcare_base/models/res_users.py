from odoo import models


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "healthcare.audit.mixin"]

    _audit_fields = ("login", "active", "group_ids", "company_ids", "company_id")

    def _audit_company(self):
        """A user's rights reach over companies: their changes are in the chain of all."""
        return 0
