from odoo import fields, models


class HealthcareSupplierCategory(models.Model):
    """What kind of supplier, and so what it has to show."""

    _name = "healthcare.supplier.category"
    _description = "Supplier Category"
    _inherit = ["healthcare.audit.mixin"]
    _order = "sequence, name"

    _audit_fields = ("name", "active", "on_expiry", "grace_days", "responsible_id")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    requirement_ids = fields.One2many("healthcare.supplier.requirement", "category_id", copy=True)
    on_expiry = fields.Selection(
        [("suspended", "Suspend the Supplier"), ("conditional", "Go On Conditionally")],
        string="When a Mandatory Qualification Expires",
        required=True,
        default="suspended",
    )
    grace_days = fields.Integer(
        string="Days to Renew",
        default=30,
        help="How long the supplier goes on conditionally; then it is suspended.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        help="Who is reminded of what expires. Empty: the supplier's buyer, else a compliance officer.",
    )
    note = fields.Text(translate=True)

    _grace_positive = models.Constraint(
        "CHECK (grace_days >= 0)", "The days to renew a qualification cannot be negative."
    )

    def _sync_checklists(self):
        """Give every supplier of these categories what the checklist asks for by now."""
        # sudo: the checklist of a supplier follows its category, whoever changes that
        self.env["res.partner"].sudo().search(
            [("supplier_category_id", "in", self.ids), ("supplier_state", "!=", False)]
        )._sync_checklist()
