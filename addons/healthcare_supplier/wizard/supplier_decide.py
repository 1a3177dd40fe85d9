from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareSupplierDecide(models.TransientModel):
    """Asks compliance why, before something is stopped or refused."""

    _name = "healthcare.supplier.decide"
    _description = "Decide About a Supplier"

    action = fields.Selection(
        [
            ("suspend", "Suspend"),
            ("block", "Block"),
            ("off_board", "Off-Board"),
            ("refuse_qualification", "Refuse Qualification"),
        ],
        required=True,
    )
    partner_id = fields.Many2one("res.partner", string="Supplier")
    qualification_id = fields.Many2one("healthcare.supplier.qualification")
    reason = fields.Text(required=True)
    effect_text = fields.Text(string="What Happens", compute="_compute_effect_text")

    @api.depends("action")
    def _compute_effect_text(self):
        effects = {
            "suspend": self.env._("No order goes to this supplier any more. Its bills are paid."),
            "block": self.env._("No order goes to this supplier any more, and it is not paid."),
            "off_board": self.env._("The relation ends: no orders. What is owed is paid."),
            "refuse_qualification": self.env._("The supplier has to hand in another one."),
        }
        for dialog in self:
            dialog.effect_text = effects.get(dialog.action, "")

    def action_decide(self):
        """Do it; the rights are checked where it is done."""
        self.ensure_one()
        if self.action == "refuse_qualification":
            if not self.qualification_id:
                raise UserError(self.env._("Choose the qualification."))
            self.qualification_id.action_refuse(self.reason)
        else:
            if not self.partner_id:
                raise UserError(self.env._("Choose the supplier."))
            self.partner_id._stop_supplier(self.action, self.reason)
        return {"type": "ir.actions.act_window_close"}
