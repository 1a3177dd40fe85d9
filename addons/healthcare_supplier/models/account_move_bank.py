from odoo import api, models
from odoo.exceptions import UserError

#: Documents that ask for our money.
_BILL_TYPES = ("in_invoice", "in_receipt")
_BANK_FIELDS = {"partner_bank_id", "partner_id", "commercial_partner_id", "move_type", "company_id"}


class AccountMove(models.Model):
    """A bill names a released bank account of its supplier, or none."""

    _inherit = "account.move"

    @api.depends("bank_partner_id", "currency_id", "preferred_payment_method_line_id")
    def _compute_partner_bank_id(self):
        result = super()._compute_partner_bank_id()
        for move in self._bank_held_bills():
            if move.partner_bank_id and not move._bank_payable(move.partner_bank_id):
                accounts = move.bank_partner_id.bank_ids.filtered(move._bank_payable)
                move.partner_bank_id = accounts[:1]
        return result

    @api.model_create_multi
    def create(self, vals_list):
        moves = super().create(vals_list)
        moves._check_bill_bank_account()
        return moves

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & _BANK_FIELDS:
            self._check_bill_bank_account()
        return result

    def _post(self, soft=True):
        self._check_bill_bank_account()
        return super()._post(soft)

    def _bank_held_bills(self):
        """Return those of these moves that are bills of suppliers whose accounts are under control."""
        bills = self.filtered(lambda move: move.move_type in _BILL_TYPES and move.partner_id)
        companies = self.env["res.company"]._bank_hold_companies() if bills else self.company_id.browse()
        bills = bills.filtered(lambda move: move.company_id in companies)
        controlled = bills.partner_id._bank_controlled()
        return bills.filtered(lambda move: move.partner_id in controlled)

    def _bank_payable(self, account):
        """Return whether this bill may be paid to an account."""
        self.ensure_one()
        return (
            account.released
            and account.company_id.id in (False, self.company_id.id)
            and account.partner_id.commercial_partner_id == self.commercial_partner_id
        )

    def _check_bill_bank_account(self):
        """Refuse bills that would be paid to an account which nobody released.

        :raises UserError: naming the bill, the supplier and the account
        """
        # sudo: what is refused does not depend on who may read the account
        for move in self.sudo()._bank_held_bills():
            account = move.partner_bank_id
            if account and not move._bank_payable(account):
                raise UserError(
                    self.env._(
                        "Bill %(bill)s of %(supplier)s names bank account %(account)s, which is not one of "
                        "the supplier's that are released for payments. Leave the account empty, or request "
                        "a bank change on the supplier.",
                        bill=move.ref or move.name or self.env._("(draft)"),
                        supplier=move.partner_id.display_name,
                        account=account.masked_number,
                    )
                )
