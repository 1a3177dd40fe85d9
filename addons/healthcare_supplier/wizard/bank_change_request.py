from odoo import fields, models
from odoo.exceptions import AccessError

from ..models.healthcare_bank_change_call import ASKING_GROUPS


class HealthcareBankChangeRequest(models.TransientModel):
    """The form in which a person asks for a change of a supplier's bank data."""

    _name = "healthcare.bank.change.request"
    _description = "Request Bank Change"

    partner_id = fields.Many2one("res.partner", string="Supplier", required=True)
    action = fields.Selection(
        [("add", "Add an Account"), ("replace", "Replace an Account"), ("end", "End an Account")],
        required=True,
        default="replace",
    )
    old_account_id = fields.Many2one("res.partner.bank", domain="[('partner_id', 'child_of', partner_id)]")
    iban = fields.Char(string="IBAN")
    routing_number = fields.Char(string="Routing Number (ABA)")
    account_number = fields.Char()
    bic = fields.Char(string="BIC")
    bank_name = fields.Char()
    holder_name = fields.Char(string="Account Holder", help="Empty: the supplier.")
    currency_id = fields.Many2one("res.currency")
    note = fields.Text(
        string="Grounds",
        help="How the supplier told us: its letter, the date, who signed. Who releases it reads this.",
    )

    def action_request(self):
        """Ask for the change; payments to the supplier wait from now on.

        :return: action that opens the change
        """
        self.ensure_one()
        if not any(self.env.user.has_group(group) for group in ASKING_GROUPS):
            raise AccessError(
                self.env._("Procurement, accounts payable, compliance and finance ask for bank changes.")
            )
        self.partner_id.check_access("read")
        end, add = self.action == "end", self.action == "add"
        change = self.env["healthcare.bank.change"]._ask(
            self.partner_id,
            self.action,
            {}
            if end
            else {
                "iban": self.iban,
                "routing_number": self.routing_number,
                "account_number": self.account_number,
                "bic": self.bic,
            },
            None if add else self.old_account_id,
            bank_name=False if end else self.bank_name,
            holder_name=False if end else self.holder_name,
            currency_id=False if end else self.currency_id.id,
            note=self.note,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": change._name,
            "res_id": change.id,
            "views": [(False, "form")],
        }
