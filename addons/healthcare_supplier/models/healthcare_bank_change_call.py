from odoo import fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError

from ..tools import inside
from .res_partner_bank import FACTS
from .res_partner_phone import digits

#: Who may ask for a change, and record a call.
ASKING_GROUPS = (
    "healthcare_base.group_clerk",
    "healthcare_base.group_accounts_payable",
    "healthcare_supplier.group_compliance",
    "healthcare_supplier.group_finance",
)


class HealthcareBankChange(models.Model):
    """The call that confirms a change, its release by a second person, and its end."""

    _inherit = "healthcare.bank.change"  # pylint: disable=consider-merging-classes-inherited

    def action_open_call(self):
        """Open the form in which a call is recorded."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Record the Call"),
            "res_model": "healthcare.bank.change.call",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_change_id": self.id},
        }

    def action_open_withdraw(self):
        """Open the form in which the change is ended without effect."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Do Not Carry Out"),
            "res_model": "healthcare.bank.change.withdraw",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_change_id": self.id},
        }

    def action_record_call(self, number, result, person="", note="", found_at=""):
        """Record a call to the supplier; when it confirmed the change, ask for its release.

        :param str number: one of the numbers known before the request, or, where there is none or
            nobody answered there, one that was found independently of the request
        :param str result: ``confirmed``, ``denied`` or ``not_reached``
        :param str person: who was spoken to
        :param str note: what was said
        :param str found_at: where an independent number was found
        :return: True
        :raises AccessError: for who may not record calls
        :raises UserError: the number comes from the request, or something is missing
        """
        self.ensure_one()
        change = self._for_caller(("held",))
        kind = change._number_kind(number, found_at)
        if result not in dict(self._fields["callback_result"].selection):
            raise UserError(self.env._("Say what came of the call: confirmed, denied or not reached."))
        if result != "not_reached" and not (person or "").strip():
            raise UserError(self.env._("Say whom you spoke to."))
        if result == "denied" and not (note or "").strip():
            raise UserError(self.env._("Say what the supplier said: somebody may be trying a fraud."))
        change.write(
            {
                "callback_kind": kind,
                "callback_number": number.strip(),
                "callback_found_at": (found_at or "").strip() or False,
                "callback_person": (person or "").strip() or False,
                "callback_result": result,
                "callback_note": (note or "").strip() or False,
                "callback_user_id": self.env.uid,
                "callback_at": fields.Datetime.now(),
                "call_count": change.call_count + 1,
                "state": {"confirmed": "called", "denied": "refused"}.get(result, "held"),
            }
        )
        if result == "confirmed":
            change.with_user(self.env.user).sudo(False)._ask_release()
        elif result == "denied":
            change._end_refused(note.strip())
        else:
            change.message_post(body=self.env._("Called %s: nobody reached.", number))
        return True

    def action_ask_release(self):
        """Ask for the release anew, where the request for it was withdrawn."""
        self.ensure_one()
        self._for_caller(("called",))
        self._ask_release()
        return True

    def action_withdraw(self, reason):
        """Withdraw: nothing changes, payments go on. By who asked, or by finance.

        :param str reason: required
        :raises AccessError: for others
        """
        for change in self:
            locked = change._for_caller(("held", "called"))
            finance = self.env.user.has_group("healthcare_supplier.group_finance")
            if locked.requester_id != self.env.user and not finance:
                raise AccessError(
                    self.env._("%s is withdrawn by who asked for it, or refused by finance.", change.name)
                )
            if not (reason or "").strip():
                raise UserError(self.env._("Say why the bank change is not carried out."))
            locked._end_refused(reason.strip())
        return True

    def _for_caller(self, states):
        """Return this change, locked and in superuser mode, when the user may go on with it.

        :raises AccessError: for who may not
        :raises UserError: when it is in none of these states
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.su and not any(self.env.user.has_group(group) for group in ASKING_GROUPS):
            raise AccessError(
                self.env._("Procurement, accounts payable, compliance and finance deal with bank changes.")
            )
        # sudo: changes are written by these methods alone; who may is checked here
        change = without_defaults(self).sudo()
        change.lock_for_update()
        if change.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._("%(change)s is %(state)s.", change=change.name, state=labels[change.state])
            )
        return change

    def _number_kind(self, number, found_at):
        """Return ``master`` or ``independent`` for a number that may be called.

        :raises UserError: for a number that nobody knew before the request
        """
        self.ensure_one()
        known = self.known_numbers or {}
        numbers = known.get("numbers", ())
        if known.get("partner_id") != self.partner_id.id:
            # Merged meanwhile: what counts is what was known of the supplier that is left.
            numbers = self.partner_id._known_phones(self.create_date)
        if not digits(number):
            raise UserError(self.env._("Say which number was called."))
        if digits(number) in [digits(row["number"]) for row in numbers]:
            return "master"
        if numbers and not self.call_count:
            raise UserError(
                self.env._(
                    "%(number)s was not known before the change was asked for. Call one of: %(known)s.",
                    number=number,
                    known=", ".join(row["number"] for row in numbers),
                )
            )
        if not (found_at or "").strip():
            raise UserError(
                self.env._(
                    "%s is no number that was known before. Say where it was found; the request and what "
                    "came with it do not count, a public register or a signed contract does.",
                    number,
                )
            )
        if self.env.user == self.requester_id:
            raise UserError(
                self.env._("Who asked for the change does not choose the number: another person has to call.")
            )
        return "independent"

    # Release

    def _ask_release(self):
        """Ask a second person; the caller has checked who asks."""
        self.ensure_one()
        self._request_approval(
            "bank_change",
            {
                "action": self.action,
                "account": self.sudo().account_masked or "",
                "digest": self.account_digest or "",
            },
            self.note or "",
        )

    def _approval_title(self, kind, proposed_values):
        actions = dict(self._fields["action"]._description_selection(self.env))
        return f"{self.partner_id.display_name}: {actions[self.action]} ({self.name})"

    def _approval_describe(self, kind, proposed_values, snapshot):
        kinds = dict(self._fields["callback_kind"]._description_selection(self.env))
        lines = [
            self.env._("Old account: %s", self.old_account_masked) if self.old_account_masked else "",
            self.env._("New account: %s", self.account_masked) if self.account_masked else "",
            self.env._("Account holder: %s", self.holder_name) if self.holder_name else "",
            self.env._("Asked for by: %s", self.requester_id.name),
            self.env._(
                "Called: %(number)s (%(kind)s), %(person)s, by %(user)s",
                number=self.callback_number,
                kind=kinds.get(self.callback_kind, ""),
                person=self.callback_person or "",
                user=self.callback_user_id.name,
            ),
        ]
        return [line for line in lines if line]

    def _approval_snapshot(self, kind):
        """The digest of the account stands for its number, which not everybody sees who decides."""
        self.ensure_one()
        return {
            "partner_id": self.partner_id.id,
            "action": self.action,
            "state": self.state,
            "account": self.account_digest or None,
            "holder": self.holder_name or None,
            "old_account": self.old_account_id._bank_digest() if self.old_account_id else None,
            "callback_number": self.callback_number or None,
            "callback_user_id": self.callback_user_id.id,
        }

    def _approval_changers(self, kind):
        """Neither who asked nor who called releases."""
        return self.requester_id | self.callback_user_id

    def _approval_apply(self, kind, proposed_values):
        """Carry out the change: the account as it was confirmed, and nothing else."""
        self.ensure_one()
        self.lock_for_update()
        if self.state != "called" or self.callback_result != "confirmed":
            raise UserError(self.env._("%s has not been confirmed by a call.", self.name))
        if self.action != "end" and self.account_digest != self._digest():
            raise UserError(
                self.env._("%s names another account than the one that was confirmed. Ask anew.", self.name)
            )
        with inside.changing(self.env, "release", *FACTS):
            if self.action != "end":
                self._check_new_account(self.partner_id, self._account(), self.old_account_id, self)
                self.new_account_id = self._make_account()
                self.new_account_id._bank_release(self)
            if self.old_account_id != self.new_account_id:
                self.old_account_id.write({"allow_out_payment": False, "active": False})
        self.write(
            {"state": "released", "released_by_id": self.env.uid, "released_at": fields.Datetime.now()}
        )
        self._redirect_open_documents()
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self.partner_id._bank_changed()

    def _approval_refused(self, kind, request):
        self._end_refused(request.decision_reason or "")

    def _approval_withdrawn(self, kind, request):
        """The call stays; the release can be asked for anew."""
        if kind == "bank_change":
            self.message_post(body=self.env._("The request for the release was withdrawn."))
        return super()._approval_withdrawn(kind, request)

    def _end_refused(self, reason):
        """End this change without effect, with its reason; in superuser mode."""
        self.write({"state": "refused", "state_reason": reason})
        self.approval_request_ids.filtered(lambda request: request.state == "pending").action_cancel()
        self.activity_unlink(["mail.mail_activity_data_todo"])

    def _make_account(self):
        """Return the supplier's account as asked for; one that was archived is taken up again."""
        accounts = self.env["res.partner.bank"].with_context(active_test=False)
        number = self.iban or self.account_number
        values = {
            "bank_id": self._bank().id,
            "clearing_number": self.routing_number or False,
            "acc_holder_name": self.holder_name or self.partner_id.name,
            "currency_id": self.currency_id.id,
        }
        account = accounts.search(
            [("partner_id", "=", self.partner_id.id), ("sanitized_acc_number", "=", number)], limit=1
        )
        if account:
            account.write({**values, "active": True})
            return account
        return accounts.create({**values, "acc_number": number, "partner_id": self.partner_id.id})

    def _bank(self):
        """Return the bank of the account, made where there is none; empty where it is not known."""
        banks = self.env["res.bank"]
        if self.bic:
            bank = banks.search([("bic", "=", self.bic)], limit=1)
            return bank or banks.create({"name": self.bank_name or self.bic, "bic": self.bic})
        if self.bank_name:
            bank = banks.search([("name", "=", self.bank_name), ("bic", "=", False)], limit=1)
            return bank or banks.create({"name": self.bank_name})
        return banks

    def _redirect_open_documents(self):
        """Let what is still to be paid name the new account instead of the old one."""
        if self.old_account_id in (self.new_account_id, self.env["res.partner.bank"]):
            return
        new = self.new_account_id.id
        self.env["account.payment"].search(
            [("partner_bank_id", "=", self.old_account_id.id), ("state", "=", "draft")]
        ).write({"partner_bank_id": new})
        self.env["account.move"].search(
            [
                ("partner_bank_id", "=", self.old_account_id.id),
                ("move_type", "in", ("in_invoice", "in_receipt")),
                ("payment_state", "in", ("not_paid", "partial")),
                ("state", "!=", "cancel"),
            ]
        ).write({"partner_bank_id": new})
