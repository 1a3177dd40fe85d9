from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "healthcare.audit.mixin"]

    _audit_fields = ("match_gate_date", "match_break_glass_until", "match_ap_limit")

    match_gate_date = fields.Date(
        string="Payment Gate From",
        help="From this day a vendor bill must be matched or released before it can be paid. "
        "Empty: the gate is off. Bills that exist when it is set, with an earlier date, stay payable.",
    )
    match_ap_limit = fields.Monetary(
        string="Accounts Payable Limit",
        default=500.0,
        help="Amount at stake up to which accounts payable resolves a match exception alone. "
        "Above it an approver decides.",
    )
    match_break_glass_until = fields.Datetime(
        string="Payment Gate Open Until",
        readonly=True,
        copy=False,
        help="Until then bills can be paid unmatched. Each such opening has a reason and is audited.",
    )
    match_auto_post = fields.Boolean(
        string="Post Matched Bills",
        default=True,
        help="A bill that matches is posted by itself.",
    )

    match_post_held = fields.Boolean(
        string="Post Bills Whose Payment Is Held",
        default=True,
        help="A bill with exceptions of price, quantity or charges may be posted by a person; its "
        "payment stays held. Unit, item, duplicate and supplier exceptions keep it a draft always.",
    )
    match_charge_account_id = fields.Many2one(
        "account.account",
        string="Account for Charges",
        check_company=True,
        help="For billed charges and lines that no order accounts for. Empty: the journal's own.",
    )

    _MATCH_CONTROLS = (
        "match_gate_date",
        "match_ap_limit",
        "match_break_glass_until",
        "match_auto_post",
        "match_post_held",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_match_controls(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_match_controls(vals)
        switched_on = self.browse()
        if vals.get("match_gate_date"):
            switched_on = self.filtered(lambda company: not company.match_gate_date)
        result = super().write(vals)
        switched_on._exempt_earlier_bills()
        return result

    def _check_match_controls(self, vals):
        """Only administrators of the suite change a control.

        :raises AccessError: for anybody else, whatever the context says
        """
        touched = [name for name in self._MATCH_CONTROLS if name in vals]
        if not touched or self.env.su:
            return
        if not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(
                self.env._(
                    "Only a procurement administrator changes the payment gate and its limits (%(fields)s).",
                    fields=", ".join(touched),
                )
            )
        if "match_break_glass_until" in vals:
            raise AccessError(
                self.env._("The payment gate is opened with a reason: Configuration, Open the Payment Gate.")
            )

    def _exempt_earlier_bills(self):
        """Mark the bills that are older than the gate: they stay payable.

        Called once, when a company's gate is switched on.
        """
        for company in self:
            self.env["account.move"].sudo().with_context(active_test=False).search(
                [
                    ("company_id", "=", company.id),
                    ("move_type", "in", ("in_invoice", "in_receipt")),
                    ("match_gate_exempt", "=", False),
                    "|",
                    ("invoice_date", "<", company.match_gate_date),
                    "&",
                    ("invoice_date", "=", False),
                    ("date", "<", company.match_gate_date),
                ]
            ).match_gate_exempt = True

    def action_match_break_glass(self, reason, hours=4):
        """Open the payment gate for a limited time.

        :param str reason: why; kept in the audit trail
        :param int hours: 1 to 24, from now
        :return: True
        :raises AccessError: for anybody but a procurement administrator
        :raises UserError: without a reason, or outside 1 to 24 hours
        """
        self.ensure_one()
        if not self.env.user.has_group("healthcare_base.group_administrator"):
            raise AccessError(self.env._("Only a procurement administrator opens the payment gate."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the payment gate must be opened: auditors read it."))
        if not isinstance(hours, int) or not 1 <= hours <= 24:
            raise UserError(self.env._("The payment gate can be opened for 1 to 24 hours."))
        self.check_access("read")
        until = fields.Datetime.add(fields.Datetime.now(), hours=hours)
        self.sudo().match_break_glass_until = until
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "action": "break_glass",
                    "changes": {"reason": reason.strip(), "until": fields.Datetime.to_string(until)},
                    "company_id": self.id,
                }
            ]
        )
        return True

    def _match_gate_closed(self):
        """Companies of `self` in which bills are held just now."""
        now = fields.Datetime.now()
        today = fields.Date.context_today(self)
        return self.sudo().filtered(
            lambda company: (
                company.match_gate_date
                and company.match_gate_date <= today
                and not (company.match_break_glass_until and company.match_break_glass_until > now)
            )
        )
