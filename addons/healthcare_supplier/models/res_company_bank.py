from odoo import api, fields, models


class ResCompany(models.Model):
    """From when on bank accounts of suppliers are held until two people agreed."""

    _inherit = "res.company"

    bank_hold_date = fields.Date(
        string="Bank Account Control From",
        copy=False,
        help="From this day bank data of suppliers change by requests only, confirmed by a call and "
        "released by a second person, and payments wait for it. Accounts that Odoo trusts when the date is "
        "set for the first time are taken as they are. Empty: the control is off.",
    )
    bank_hold_begun = fields.Boolean(
        readonly=True, copy=False, help="The accounts that existed were taken over, once."
    )

    @api.model
    def _control_date_fields(self):
        return (*super()._control_date_fields(), "bank_hold_date")

    @api.model_create_multi
    def create(self, vals_list):
        # A company that begins has no accounts of its own to take over; sharing those of others
        # releases none.
        return super().create([{**vals, "bank_hold_begun": False} for vals in vals_list])

    def write(self, vals):
        if "bank_hold_begun" in vals and not self.env.su:
            vals = {name: value for name, value in vals.items() if name != "bank_hold_begun"}
        beginning = self.browse()
        if vals.get("bank_hold_date"):
            beginning = self.sudo().filtered(lambda company: not company.bank_hold_begun)
            accounts = beginning._bank_accounts_to_take_over()
        result = super().write(vals)
        if beginning:
            accounts._bank_release()
            beginning.write({"bank_hold_begun": True})
        return result

    @api.model
    def _bank_hold_companies(self, date=None):
        """Return the companies in which bank accounts of suppliers are under control.

        :param date: day that counts, default today
        """
        date = date or fields.Date.context_today(self)
        # sudo: whether a control holds does not depend on who may read the company
        return self.sudo().search([("bank_hold_date", "!=", False), ("bank_hold_date", "<=", date)])

    def _bank_accounts_to_take_over(self):
        """Return the suppliers' accounts that are released as they are when the control begins.

        Those that Odoo trusts already. What another company's control has held stays held: a
        second company's beginning releases nothing.
        """
        begun = self.sudo().search([("bank_hold_begun", "=", True)])
        accounts = self.env["res.partner.bank"].sudo().search([("allow_out_payment", "=", True)])
        return accounts.filtered(
            lambda account: (
                account.partner_id._is_bank_supplier()
                and not account.release_digest
                and (account.company_id in self or (not account.company_id and not begun))
            )
        )

    def _bank_hold_effects(self):
        """Return what the control of bank accounts would do in this company today, in lines."""
        self.ensure_one()
        accounts = (
            self.env["res.partner.bank"]
            .sudo()
            .search([("company_id", "in", (False, self.id))])
            .filtered(lambda account: account.partner_id._is_bank_supplier() and not account.released)
        )
        taken = (
            accounts & self._bank_accounts_to_take_over() if not self.bank_hold_begun else accounts.browse()
        )
        held = accounts - taken
        lines = []
        if taken:
            lines.append(self.env._("%s bank accounts of suppliers are taken over as they are.", len(taken)))
        if held:
            lines.append(
                self.env._(
                    "%s bank accounts of suppliers are not trusted in Odoo: payments to them wait for a "
                    "bank change.",
                    len(held),
                )
            )
            lines += [f"{account.partner_id.display_name}: {account.masked_number}" for account in held[:20]]
        waiting = self.env["healthcare.bank.change"].sudo().search([("state", "in", ("held", "called"))])
        for supplier in waiting.partner_id[:20]:
            lines.append(self.env._("%s: payments wait for its bank change.", supplier.display_name))
        return lines
