from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    """The dates from which controls on suppliers hold, one per control.

    Addons above add theirs to :meth:`_control_date_fields`, so that one guard and one audit
    stand before all of them.
    """

    _name = "res.company"
    _inherit = ["res.company", "healthcare.audit.mixin"]

    supplier_gate_date = fields.Date(
        string="Approved Suppliers From",
        copy=False,
        help="From this day orders go to approved suppliers only, and a blocked supplier is not paid. "
        "Empty: the control is off.",
    )

    @api.model
    def _control_date_fields(self):
        """Return the names of the fields that say from when a control holds.

        Override to add one; "Start of Controls" sets it.
        """
        return ("supplier_gate_date",)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_control_dates(vals)
        model = super(ResCompany, without_defaults(self, self._control_date_fields()))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        touched = self._check_control_dates(vals)
        before = self._audit_snapshot(touched)
        result = super().write(vals)
        if touched:
            changes = self._audit_changes(before, self._audit_snapshot(touched))
            self._audit_record("control_date", {key: value for key, value in changes.items() if value})
        return result

    def _check_control_dates(self, vals):
        """Only administrators of the suite start or stop a control.

        :return: names of the control dates in ``vals``
        :raises AccessError: for anybody else, whatever the context says
        """
        touched = [name for name in self._control_date_fields() if name in vals]
        if not touched or self.env.su:
            return touched
        if not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(
                self.env._(
                    "Only a procurement administrator says from when a control holds (%(fields)s).",
                    fields=", ".join(touched),
                )
            )
        return touched

    def _control_on(self, name, date=None):
        """Return those of the companies in which a control holds on a date, default today.

        :param str name: of :meth:`_control_date_fields`
        """
        date = date or fields.Date.context_today(self)
        # sudo: whether a control holds does not depend on who may read the company
        return self.sudo().filtered(lambda company: company[name] and company[name] <= date).sudo(False)
