import secrets

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

from ..tools import bank_account, inside

#: Who sees whole account numbers.
NUMBER_GROUPS = (
    "healthcare_supplier.group_finance,healthcare_supplier.group_compliance,"
    "account.group_account_invoice,account.group_account_readonly,base.group_partner_manager,base.group_system"
)
#: What a change of a supplier's account is a change of.
FACTS = (
    "number",
    "clearing_number",
    "bic",
    "partner",
    "active",
    "bank",
    "holder",
    "currency",
    "allow_out_payment",
)
_GUARDED_FIELDS = frozenset(
    (
        "acc_number",
        "sanitized_acc_number",
        "clearing_number",
        "partner_id",
        "active",
        "bank_id",
        "bank_bic",
        "acc_holder_name",
        "currency_id",
        "allow_out_payment",
    )
)
#: System parameter with the key of the digests of accounts.
_DIGEST_KEY = "healthcare_supplier.bank_digest_key"
_RELEASE_FIELDS = ("release_digest", "release_change_id")


class ResPartnerBank(models.Model):
    """A supplier's bank account changes only by a released ``healthcare.bank.change``.

    Two walls. Every write, by whom and in which mode ever, is compared before and after and
    refused. And what was released is kept as a digest: an account that differs from it, by
    whatever way it came to that, is not paid to.
    """

    _name = "res.partner.bank"
    _inherit = ["res.partner.bank", "healthcare.audit.mixin"]

    _audit_fields = ("partner_id", "active", "allow_out_payment", "release_digest", "release_change_id")

    acc_number = fields.Char(groups=NUMBER_GROUPS)
    sanitized_acc_number = fields.Char(groups=NUMBER_GROUPS)
    clearing_number = fields.Char(groups=NUMBER_GROUPS)
    masked_number = fields.Char(string="Account", compute="_compute_masked_number", compute_sudo=True)
    release_digest = fields.Char(
        readonly=True, copy=False, help="Keyed digest of the account as it was released for payments."
    )
    release_change_id = fields.Many2one(
        "healthcare.bank.change",
        string="Released By",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    released = fields.Boolean(
        string="Released for Payments",
        compute="_compute_released",
        compute_sudo=True,
        help="The account is as two people released it, or as it was when the control began.",
    )

    def init(self):
        """Give this database the key of its digests, once: what was released hangs on it."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(_DIGEST_KEY):
            parameters.set_param(_DIGEST_KEY, secrets.token_hex(32))
        return super().init()

    @api.depends("acc_number")
    def _compute_masked_number(self):
        for account in self:
            account.masked_number = bank_account.mask(account.acc_number)

    @api.depends(
        "sanitized_acc_number",
        "clearing_number",
        "bank_id.bic",
        "partner_id.commercial_partner_id",
        "active",
        "allow_out_payment",
        "release_digest",
    )
    def _compute_released(self):
        for account in self:
            account.released = bool(
                account.active
                and account.allow_out_payment
                and account.release_digest
                and account.release_digest == account._bank_digest()
            )

    @api.depends("acc_number", "bank_id", "allow_out_payment")
    @api.depends_context("uid", "display_account_trust")
    def _compute_display_name(self):
        """Show the last digits only to who may not see the number.

        By the user, also in superuser mode: Odoo names there what a record refers to.
        """
        if self.env.user._is_superuser() or self.env.user.has_groups(NUMBER_GROUPS):
            return super()._compute_display_name()
        for account in self:
            # sudo: of the number no more is shown than this
            bank = account.sudo().bank_id.name
            account.display_name = f"{account.masked_number} - {bank}" if bank else account.masked_number

    @api.model_create_multi
    def create(self, vals_list):
        self._check_release_fields(*vals_list)
        model = super(ResPartnerBank, without_defaults(self, _RELEASE_FIELDS))
        accounts = model.create(vals_list).with_env(self.env)
        accounts._check_bank_change({})
        return accounts

    def write(self, vals):
        self._check_release_fields(vals)
        if _GUARDED_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = self._bank_facts()
        result = super().write(vals)
        self._check_bank_change(before)
        return result

    def _check_release_fields(self, *vals_list):
        """Refuse a release that is written.

        :raises AccessError: whoever writes it, the release itself excepted
        """
        touched = any(name in vals for vals in vals_list for name in _RELEASE_FIELDS)
        if touched and "release" not in inside.allowed(self.env):
            raise AccessError(self.env._("Bank accounts are released by an approval, not by writing."))

    def _bank_facts(self):
        """Return ``{id: {fact: value}}`` of these accounts, for those under control.

        Runs in superuser mode: what is guarded does not depend on who may read it.
        """
        accounts = self.sudo()
        controlled = accounts.partner_id._bank_controlled()
        return {
            account.id: {
                "number": account.sanitized_acc_number,
                "clearing_number": account.clearing_number or False,
                "bic": account.bank_id.bic or False,
                "partner": account.partner_id.id,
                "active": account.active,
                "bank": account.bank_id.id,
                "holder": account.acc_holder_name or False,
                "currency": account.currency_id.id,
                "allow_out_payment": account.allow_out_payment,
            }
            for account in accounts
            if account.partner_id in controlled
        }

    def _check_bank_change(self, before):
        """Refuse what has become of these accounts, where a supplier's account changed.

        Taking the trust of an account away stops payments and is free; giving it is a release.

        :param before: :meth:`_bank_facts` before the change
        :raises UserError: naming the account, the supplier and the way to do it
        """
        after = self._bank_facts()
        free = inside.allowed(self.env)
        for account in self.sudo():
            old, new = before.get(account.id), after.get(account.id)
            if old is None and new is None:
                continue
            if old is None or new is None:
                changed = {"partner", "number"}
            else:
                changed = {name for name in FACTS if old[name] != new[name]}
                if old["allow_out_payment"] and not new["allow_out_payment"]:
                    changed.discard("allow_out_payment")
            if changed - free:
                raise UserError(account._bank_change_refusal())

    def _bank_change_refusal(self):
        """Return why this account is not changed directly, and what to do."""
        self.ensure_one()
        return self.env._(
            "Bank account %(account)s of supplier %(supplier)s: bank data of suppliers are changed by a "
            "request that is confirmed by a call and released by a second person. Use Request Bank Change "
            "on the supplier.",
            account=self.masked_number or "",
            supplier=self.partner_id.display_name or "",
        )

    # What was released

    def _bank_account(self):
        """Return this account as ``tools.bank_account`` knows it."""
        self.ensure_one()
        number = bank_account.compact(self.acc_number)
        iban = self.acc_type == "iban"
        return {
            "iban": number if iban else "",
            "routing_number": bank_account.compact(self.clearing_number),
            "account_number": "" if iban else number,
            "bic": bank_account.compact(self.bank_id.bic),
        }

    def _bank_digest(self):
        """Return the digest of what is released: the account, and whose it is."""
        self.ensure_one()
        partner = self.partner_id
        return self._account_digest(self._bank_account(), partner.id, partner.commercial_partner_id.id)

    @api.model
    def _account_digest(self, account, *owners):
        """Return the digest of an account, as ``tools.bank_account`` knows it, and its owners.

        Keyed: who reads it, in the audit trail or on a request, cannot try out numbers.
        """
        # sudo: the key is nobody's to read
        key = self.env["ir.config_parameter"].sudo().get_param(_DIGEST_KEY)
        return bank_account.digest(key, account, *owners)

    def _bank_release(self, change=None):
        """Let payments go to these accounts as they are now. In superuser mode.

        :param change: the released ``healthcare.bank.change``; none where the control begins
        """
        with inside.changing(self.env, "release", *FACTS):
            for account in self.sudo():
                account.write(
                    {
                        "allow_out_payment": True,
                        "release_digest": account._bank_digest(),
                        "release_change_id": change.id if change else False,
                    }
                )

    def _check_allow_out_payment(self):
        """Who releases decided by an approval, whatever Odoo's own right to trust accounts says."""
        if "release" in inside.allowed(self.env):
            return None
        return super()._check_allow_out_payment()

    # Audit

    def _audit_entries(self, action, changes):
        """Record suppliers' accounts under control, by their last digits."""
        accounts = self.sudo().browse(changes)
        controlled = accounts.partner_id._bank_controlled()
        kept = accounts.filtered(lambda account: account.partner_id in controlled)
        entries = super()._audit_entries(action, {account.id: changes[account.id] for account in kept})
        for entry, account in zip(entries, kept, strict=True):
            entry["res_name"] = account.masked_number
        return entries
