from odoo import fields, models


class HealthcareAuditHead(models.Model):
    _name = "healthcare.audit.head"
    _description = "Head of an Audit Chain"
    _log_access = False
    _rec_name = "hash"

    # No foreign key: 0 is the chain of what belongs to no company.
    company_id = fields.Integer(required=True, readonly=True)
    seq = fields.Integer(required=True, readonly=True)
    hash = fields.Char(required=True, readonly=True)

    _company_uniq = models.Constraint("UNIQUE(company_id)", "A company has one audit chain.")
