from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools import bank_account
from .res_partner_bank import NUMBER_GROUPS

#: While it is in one of these, payments to the supplier wait.
WAITING = ("held", "called")


class HealthcareBankChange(models.Model):
    """A change of a supplier's bank data: asked for, confirmed by a call, released by another person.

    Nothing of it can be written: it is made by :meth:`_ask` and goes on by the methods of
    ``healthcare_bank_change_call`` and by the decision of its approval request. The account itself
    is untouched until then, and the old one stays, archived, as evidence.
    """

    _name = "healthcare.bank.change"
    _description = "Bank Account Change"
    _inherit = ["mail.thread", "mail.activity.mixin", "healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "id desc"
    # Who reads it may remark on it.
    _mail_post_access = "read"
    _audit_fields = (
        "partner_id",
        "action",
        "old_account_id",
        "account_masked",
        "account_digest",
        "source",
        "requester_id",
        "state",
        "state_reason",
        "callback_number",
        "callback_kind",
        "callback_result",
        "callback_person",
        "callback_user_id",
        "new_account_id",
    )

    name = fields.Char(required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index=True)
    action = fields.Selection(
        [("add", "Add an Account"), ("replace", "Replace an Account"), ("end", "End an Account")],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("held", "Held"),
            ("called", "Confirmed by a Call"),
            ("released", "Released"),
            ("refused", "Refused"),
        ],
        default="held",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    state_reason = fields.Text(string="Reason", readonly=True)

    # What is asked for
    iban = fields.Char(string="IBAN", readonly=True, groups=NUMBER_GROUPS)
    routing_number = fields.Char(string="Routing Number (ABA)", readonly=True, groups=NUMBER_GROUPS)
    account_number = fields.Char(readonly=True, groups=NUMBER_GROUPS)
    bic = fields.Char(string="BIC", readonly=True)
    bank_name = fields.Char(readonly=True)
    holder_name = fields.Char(string="Account Holder", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    account_masked = fields.Char(string="Account", readonly=True)
    account_digest = fields.Char(readonly=True, help="Keyed digest of the account that is asked for.")
    old_account_id = fields.Many2one("res.partner.bank", readonly=True, ondelete="restrict")
    old_account_masked = fields.Char(string="Old Account Number", readonly=True)
    new_account_id = fields.Many2one("res.partner.bank", readonly=True, ondelete="restrict")
    source = fields.Selection(
        [("person", "A Person"), ("portal", "Supplier Portal"), ("sync", "Another System")],
        required=True,
        readonly=True,
    )
    message_id = fields.Many2one(
        "healthcare.exchange.message", string="Document", readonly=True, index="btree_not_null"
    )
    requester_id = fields.Many2one("res.users", required=True, readonly=True, index=True)
    note = fields.Text(
        string="Grounds", readonly=True, help="How the supplier told us, in the requester's words."
    )

    # The call
    known_numbers = fields.Json(
        readonly=True, help="Phone numbers of the supplier's master data, from before the request."
    )
    known_numbers_text = fields.Text(string="Numbers to Call", compute="_compute_known_numbers_text")
    call_count = fields.Integer(string="Calls", readonly=True)
    callback_kind = fields.Selection(
        [("master", "Known Before the Request"), ("independent", "Found Independently")],
        string="Number From",
        readonly=True,
    )
    callback_number = fields.Char(string="Number Called", readonly=True, tracking=True)
    callback_found_at = fields.Char(string="Where the Number Was Found", readonly=True)
    callback_person = fields.Char(string="Spoken To", readonly=True)
    callback_result = fields.Selection(
        [("confirmed", "Confirmed"), ("denied", "Denied"), ("not_reached", "Not Reached")],
        string="Outcome of the Call",
        readonly=True,
    )
    callback_note = fields.Text(string="What Was Said", readonly=True)
    callback_user_id = fields.Many2one("res.users", string="Called By", readonly=True)
    callback_at = fields.Datetime(string="Called At", readonly=True)
    released_by_id = fields.Many2one("res.users", readonly=True)
    released_at = fields.Datetime(readonly=True)

    # One change at a time of one account, and one request for one new account.
    _old_waiting_unique = models.UniqueIndex(
        "(old_account_id) WHERE old_account_id IS NOT NULL AND state IN ('held', 'called')",
        "Another change of this bank account waits already.",
    )
    _new_waiting_unique = models.UniqueIndex(
        "(partner_id, account_digest) WHERE account_digest IS NOT NULL AND state IN ('held', 'called')",
        "This bank account has been asked for already and waits.",
    )

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for change in self:
            change.display_name = f"{change.name}: {change.partner_id.name or ''}"

    @api.depends("known_numbers")
    def _compute_known_numbers_text(self):
        for change in self:
            change.known_numbers_text = "\n".join(
                f"{row['number']} ({row['contact']})"
                for row in (change.known_numbers or {}).get("numbers", ())
            )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "A bank change is asked for with Request Bank Change on the supplier, not made here."
                )
            )
        for vals in vals_list:
            vals["name"] = self.env["ir.sequence"].next_by_code(self._name) or "/"
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "A bank change goes on by calls and decisions; it is not written (%s).", ", ".join(vals)
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        raise UserError(self.env._("Bank changes are evidence and are kept."))

    def _audit_value(self, name):
        """Accounts stand in the trail by their last digits: who reads it need not see numbers."""
        if name in ("old_account_id", "new_account_id"):
            account = self[name]
            return {"id": account.id, "name": account.masked_number} if account else None
        return super()._audit_value(name)

    def action_view_message(self):
        """Open the document that this change came with."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "healthcare.exchange.message",
            "res_id": self.message_id.id,
            "views": [(False, "form")],
        }

    # What waits

    def _waiting(self):
        """Return those of these changes that hold payments."""
        return self.filtered(lambda change: change.state in WAITING)

    @api.model
    def _waiting_by_partner(self, partners):
        """Return ``{partner id: the oldest change of it that waits}`` for commercial partners."""
        changes = self.search(
            Domain("state", "in", WAITING) & Domain("partner_id", "in", partners.ids), order="id"
        )
        waiting = {}
        for change in changes:
            waiting.setdefault(change.partner_id.id, change)
        return waiting

    def _waiting_sentence(self):
        """Return why payments to the supplier wait, and for what."""
        self.ensure_one()
        if self.state == "held":
            step = self.env._("a call to the supplier that confirms it")
        else:
            step = self.env._("its release by a second person")
        return self.env._(
            "Payments to %(supplier)s wait: change %(change)s of its bank data waits for %(step)s.",
            supplier=self.partner_id.display_name,
            change=self.name,
            step=step,
        )

    # The account

    def _account(self):
        """Return the account that is asked for, as ``tools.bank_account`` knows it."""
        self.ensure_one()
        return {part: self[part] or "" for part in bank_account.PARTS}

    def _digest(self):
        """Return the digest of the account that is asked for, and whose it is to be."""
        self.ensure_one()
        return self.env["res.partner.bank"]._account_digest(
            self._account(), self.partner_id.id, self.partner_id.commercial_partner_id.id
        )

    @api.model
    def _normalised_account(self, account, supplier):
        """Return the parts of an account as they are kept.

        :param dict account: ``iban`` or ``account_number`` with ``routing_number`` or ``bic``
        :raises UserError: saying which part is wrong, and what to do
        """
        try:
            return bank_account.normalise(account)
        except bank_account.BankAccountError as error:
            raise UserError(self._account_error_text(error, supplier)) from error

    @api.model
    def _account_error_text(self, error, supplier):
        """Return the sentence for a :class:`tools.bank_account.BankAccountError`."""
        name = supplier.display_name or ""
        shown = bank_account.mask(error.value) or error.value
        texts = {
            "missing": self.env._(
                "%s: enter an IBAN, or an account number with its routing number or BIC.", name
            ),
            "masked": self.env._("%s: the account number is masked. Enter the whole number.", name),
            "both": self.env._(
                "%s: an IBAN stands alone. Remove the account or routing number beside it.", name
            ),
            "iban": self.env._(
                "%(supplier)s: IBAN %(number)s is wrong: its length or check digits do not fit. Compare it "
                "with the supplier's letter.",
                supplier=name,
                number=shown,
            ),
            "iban_as_number": self.env._("%s: this looks like an IBAN. Enter it as IBAN.", name),
            "routing": self.env._(
                "%(supplier)s: routing number %(number)s is wrong: an ABA number has nine digits with a "
                "check digit. Compare it with the supplier's letter.",
                supplier=name,
                number=error.value,
            ),
            "number": self.env._(
                "%(supplier)s: account number %(number)s may hold 3 to 34 letters and digits only.",
                supplier=name,
                number=shown,
            ),
            "no_bank": self.env._(
                "%(supplier)s: account %(number)s names no bank. Add the routing number (ABA) or the BIC.",
                supplier=name,
                number=shown,
            ),
            "bic": self.env._(
                "%(supplier)s: BIC %(number)s is wrong: it has 8 or 11 characters, such as DEUTDEFF.",
                supplier=name,
                number=error.value,
            ),
        }
        return texts[error.code]
