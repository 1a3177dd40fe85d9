from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..tools import bank_account
from .healthcare_bank_change import WAITING


class HealthcareBankChange(models.Model):
    """How a change of bank data is asked for: by people, the portal and documents alike."""

    _inherit = "healthcare.bank.change"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ask(self, supplier, action, account=None, old_account=None, source="person", **values):
        """Ask for a change of a supplier's bank data; payments wait from now on.

        The caller has checked that the user may ask. The requester is the user.

        :param supplier: the ``res.partner``; its commercial partner is meant
        :param str action: ``add``, ``replace`` or ``end``
        :param dict account: ``iban``, or ``account_number`` with ``routing_number`` or ``bic``; not
            for ``end``
        :param old_account: the ``res.partner.bank`` to replace or end
        :param str source: ``person``, ``portal`` or ``sync``
        :param values: ``bank_name``, ``holder_name``, ``currency_id``, ``note``, ``message_id``
        :return: the change, held
        :raises UserError: the account is wrong, or cannot be changed like this; says what to do
        """
        # sudo: changes are made by this method alone; the caller has checked who asks
        model = without_defaults(self).sudo()
        supplier = supplier.sudo().commercial_partner_id
        old_account = (old_account or self.env["res.partner.bank"]).sudo()
        model._check_old_account(supplier, action, old_account)
        vals = {
            **values,
            "partner_id": supplier.id,
            "action": action,
            "source": source,
            "requester_id": self.env.uid,
            "old_account_id": old_account.id,
            "old_account_masked": old_account.masked_number,
            "known_numbers": {"partner_id": supplier.id, "numbers": supplier._known_phones()},
        }
        if action != "end":
            accounts = self.env["res.partner.bank"]
            parts = model._normalised_account(account or {}, supplier)
            model._check_new_account(supplier, parts, old_account)
            vals |= {
                **parts,
                "account_masked": bank_account.mask(parts["iban"] or parts["account_number"]),
                "account_digest": accounts._account_digest(parts, supplier.id, supplier.id),
            }
        change = model.create(vals)
        change._tell_held()
        return change.with_env(self.env)

    @api.model
    def _check_old_account(self, supplier, action, old_account):
        if action == "add":
            if old_account:
                raise UserError(
                    self.env._("A new account is added beside the others: choose no old account.")
                )
            return
        if not old_account:
            raise UserError(self.env._("Choose the account that is replaced or ended."))
        if old_account.partner_id.commercial_partner_id != supplier or not old_account.active:
            raise UserError(
                self.env._(
                    "Account %(account)s is no account of %(supplier)s in use.",
                    account=old_account.masked_number,
                    supplier=supplier.display_name,
                )
            )
        waiting = self.search([("old_account_id", "=", old_account.id), ("state", "in", WAITING)], limit=1)
        if waiting:
            raise UserError(
                self.env._(
                    "Account %(account)s: change %(change)s waits already. Have it decided, or withdraw it.",
                    account=old_account.masked_number,
                    change=waiting.display_name,
                )
            )

    @api.model
    def _check_new_account(self, supplier, parts, old_account, asked=None):
        """Refuse an account that the supplier has, that waits, or that is another supplier's.

        :param old_account: the account that it stands in for: the same number with another holder,
            bank or currency is a change of it
        :param asked: the change that asks for it, empty before there is one
        """
        number = parts["iban"] or parts["account_number"]
        same = self.env["res.partner.bank"].sudo().search([("sanitized_acc_number", "=", number)])
        same = same.filtered(
            lambda account: account._bank_account()["routing_number"] == parts["routing_number"]
        )
        own = same.filtered(lambda account: account.partner_id.commercial_partner_id == supplier)
        if (own - old_account).filtered("released"):
            raise UserError(
                self.env._(
                    "%(supplier)s has account %(account)s already, released for payments.",
                    supplier=supplier.display_name,
                    account=bank_account.mask(number),
                )
            )
        others = (same - own).filtered(lambda account: account.partner_id._is_bank_supplier())
        if others and self.env.user.share:
            raise UserError(self.env._("This account cannot be taken here. Write to our finance department."))
        if others:
            raise UserError(
                self.env._(
                    "Account %(account)s is that of %(other)s. One account belongs to one supplier: merge "
                    "the two, or ask the supplier for its own account.",
                    account=bank_account.mask(number),
                    other=others[:1].partner_id.display_name,
                )
            )
        digest = self.env["res.partner.bank"]._account_digest(parts, supplier.id, supplier.id)
        waiting = self.search([("account_digest", "=", digest), ("state", "in", WAITING)]) - (asked or self)
        if waiting:
            raise UserError(
                self.env._(
                    "%(change)s asks for account %(account)s already and waits.",
                    change=waiting[:1].display_name,
                    account=bank_account.mask(number),
                )
            )

    def _tell_held(self):
        """Give the call an owner: the supplier's buyer, else one of finance."""
        self.ensure_one()
        finance = self.env.ref("healthcare_supplier.group_finance")
        owners = self.partner_id.buyer_id | finance.all_user_ids.filtered(
            lambda user: not self.company_id or self.company_id in user.company_ids
        )
        owner = owners.filtered(lambda user: user.active and not user.share)[:1]
        if owner:
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=owner.id,
                summary=self.env._("Call the supplier about its bank account"),
                note=plaintext2html(self._waiting_sentence()),
            )
