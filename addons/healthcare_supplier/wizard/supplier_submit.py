from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareSupplierSubmit(models.TransientModel):
    """Asks for a conditional approval: what is owed, and until when."""

    _name = "healthcare.supplier.submit"
    _description = "Submit a Supplier Conditionally"

    partner_id = fields.Many2one("res.partner", string="Supplier", required=True)
    open_text = fields.Text(string="Still Open", compute="_compute_open_text")
    condition_note = fields.Text(string="Condition", required=True)
    condition_until = fields.Date(required=True)
    reason = fields.Text(string="Why It Cannot Wait")

    @api.depends("partner_id")
    def _compute_open_text(self):
        for dialog in self:
            problems = dialog.partner_id and dialog.partner_id._supplier_checklist_problems()
            dialog.open_text = "\n".join(problems or [])

    def action_submit(self):
        """Ask procurement, compliance and finance.

        :raises UserError: for a last day that is over
        """
        self.ensure_one()
        if self.condition_until <= fields.Date.context_today(self):
            raise UserError(self.env._("The condition's last day must lie in the future."))
        self.partner_id._submit_supplier(
            "conditional", self.condition_note, self.condition_until, self.reason or ""
        )
        return {"type": "ir.actions.act_window_close"}
