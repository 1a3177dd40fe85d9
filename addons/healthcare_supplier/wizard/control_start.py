from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class HealthcareControlStart(models.TransientModel):
    """Shows what a control would stop today, then starts it on a day.

    Addons add a control by a choice of :attr:`control`, named as the date on the company, and by
    its part of :meth:`_control_effects`.
    """

    _name = "healthcare.control.start"
    _description = "Start of Controls"

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    control = fields.Selection(
        [("supplier_gate_date", "Approved suppliers only")], required=True, default="supplier_gate_date"
    )
    current_date = fields.Date(string="Holds From", compute="_compute_current_date")
    date = fields.Date(string="Start On", default=fields.Date.context_today)
    effect_text = fields.Text(string="What It Would Stop Today", compute="_compute_effect_text")

    @api.depends("control", "company_id")
    def _compute_current_date(self):
        for dialog in self:
            known = dialog.control in dialog.company_id._control_date_fields()
            dialog.current_date = dialog.company_id[dialog.control] if known else False

    @api.depends("control", "company_id")
    def _compute_effect_text(self):
        for dialog in self:
            lines = []
            if dialog.control and dialog.company_id:
                dialog._check_control_administrator()
                # sudo: the effect covers what the administrator may not read one by one
                lines = dialog.sudo()._control_effects(dialog.company_id.sudo())
            dialog.effect_text = "\n".join(lines) or self.env._("Nothing that is open would be stopped.")

    def action_start(self):
        """Start the control on the day, or move its start.

        :raises UserError: without a day
        """
        self.ensure_one()
        if not self.date:
            raise UserError(self.env._("Say from which day the control holds."))
        return self._set_control_date(self.date)

    def action_stop(self):
        """Switch the control off; audited as its start is."""
        self.ensure_one()
        return self._set_control_date(False)

    def _set_control_date(self, date):
        self._check_control_administrator()
        if self.control not in self.company_id._control_date_fields():
            raise UserError(self.env._("This control has no date: %s.", self.control))
        # sudo: whoever administers procurement need not administer companies; checked above
        self.company_id.sudo().write({self.control: date})
        return {"type": "ir.actions.act_window_close"}

    def _check_control_administrator(self):
        """Refuse all but administrators of the suite, in their own companies.

        :raises AccessError: saying who does
        """
        if self.env.su:
            return
        if not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(self.env._("Controls are started by a procurement administrator."))
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("Choose one of your own companies."))

    def _control_effects(self, company):
        """Return what the chosen control would stop today in a company, in lines for people.

        Runs in superuser mode. Override to answer for another control.
        """
        self.ensure_one()
        if self.control != "supplier_gate_date":
            return []
        return company._supplier_gate_effects()
