from odoo import models


class ResUsers(models.Model):
    _name = "res.users"
    _inherit = ["res.users", "healthcare.audit.mixin"]

    _audit_fields = ("login", "active", "group_ids", "company_ids", "company_id")
