from odoo import api, fields, models

from ..tools.selections import QUALIFICATION_KIND


class HealthcareSupplierRequirement(models.Model):
    """One point of the checklist of a supplier category."""

    _name = "healthcare.supplier.requirement"
    _description = "Supplier Requirement"
    _inherit = ["healthcare.audit.mixin"]
    _order = "category_id, sequence, id"

    _audit_fields = ("category_id", "kind", "name", "mandatory", "needs_document", "needs_expiry")

    category_id = fields.Many2one(
        "healthcare.supplier.category", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    kind = fields.Selection(QUALIFICATION_KIND, required=True)
    name = fields.Char(translate=True, help="What exactly; for Other it says everything.")
    mandatory = fields.Boolean(default=True, help="Without it, approval is conditional at best.")
    needs_document = fields.Boolean(default=True, help="A number alone does not do.")
    needs_expiry = fields.Boolean(string="Expires", default=True, help="It is of no use without a last day.")
    reminder_days = fields.Integer(
        default=30, help="How many days before the last day the supplier and the responsible are reminded."
    )

    _reminder_positive = models.Constraint(
        "CHECK (reminder_days >= 0)", "The days of a reminder cannot be negative."
    )
    _kind_unique = models.UniqueIndex(
        "(category_id, kind) WHERE kind != 'other'", "A category asks for each kind once."
    )

    @api.depends("kind", "name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for requirement in self:
            requirement.display_name = requirement.name or kinds.get(requirement.kind, "")

    @api.model_create_multi
    def create(self, vals_list):
        requirements = super().create(vals_list)
        requirements.category_id._sync_checklists()
        return requirements

    def _is_fulfilled_by(self, qualification):
        """Return whether a qualification is of this point of the checklist."""
        self.ensure_one()
        if qualification.requirement_id == self:
            return True
        return self.kind != "other" and qualification.kind == self.kind
