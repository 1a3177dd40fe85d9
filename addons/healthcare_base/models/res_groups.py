from odoo import models


class ResGroups(models.Model):
    _name = "res.groups"
    _inherit = ["res.groups", "healthcare.audit.mixin"]

    _audit_fields = ("name", "user_ids", "implied_ids", "implied_by_ids")
