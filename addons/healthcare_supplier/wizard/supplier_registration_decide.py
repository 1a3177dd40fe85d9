from odoo import fields, models
from odoo.exceptions import UserError


class HealthcareSupplierRegistrationDecide(models.TransientModel):
    """Decide on a registration that was held: make a supplier, join one that exists, refuse."""

    _name = "healthcare.supplier.registration.decide"
    _description = "Decide on a Registration"

    registration_id = fields.Many2one(
        "healthcare.supplier.registration", required=True, readonly=True, ondelete="cascade"
    )
    hindrance = fields.Text(related="registration_id.hindrance")
    decision = fields.Selection(
        [
            ("accept", "Make a new supplier"),
            ("join", "Give access to a supplier that exists"),
            ("refuse", "Refuse"),
        ],
        required=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        domain=[("supplier_state", "!=", False), ("parent_id", "=", False)],
    )
    reason = fields.Char()

    def action_decide(self):
        """Carry the decision out; rights are checked by the registration.

        :raises UserError: when the supplier or the reason is missing
        """
        self.ensure_one()
        if self.decision == "accept":
            self.registration_id.action_accept()
        elif self.decision == "refuse":
            self.registration_id.action_refuse(self.reason)
        elif not self.partner_id:
            raise UserError(self.env._("Choose the supplier that the applicant belongs to."))
        else:
            self.registration_id.action_join(self.partner_id.id)
        return {"type": "ir.actions.act_window_close"}
