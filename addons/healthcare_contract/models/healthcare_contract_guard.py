from odoo import api, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError

#: Written by this model's methods alone, in superuser mode.
CLOSED_FIELDS = {
    "state",
    "version",
    "root_id",
    "amends_id",
    "superseded_by_id",
    "effective_to",
    "approved_at",
    "approved_by_id",
    "content_digest",
    "ended_reason",
    "source_message_id",
    "source_digest",
    "source_issued_at",
    "renewal_alert",
    "call_off_serial",
    "commitment_alert_on",
}
#: What people may write in any state: it changes nothing of what was agreed.
FREE_FIELDS = {"user_id", "notice_days", "notes"}


class HealthcareContract(models.Model):
    """Who changes what, by whatever way: drafts by those who keep contracts, the rest by nobody."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._clean_vals(vals) for vals in vals_list]
        if not self.env.su and any(
            vals.get(name) not in (None, False, "", "draft")
            for vals in vals_list
            for name in CLOSED_FIELDS & vals.keys()
        ):
            raise self._closed_error()
        if not self.env.su:
            vals_list = [
                {name: value for name, value in vals.items() if name not in CLOSED_FIELDS}
                for vals in vals_list
            ]
        for vals in vals_list:
            self._check_number_free(vals)
        model = super(HealthcareContract, without_defaults(self, CLOSED_FIELDS))
        contracts = model.create(vals_list).with_env(self.env)
        for contract in contracts.sudo().filtered(lambda one: not one.root_id):
            contract.root_id = contract
        contracts._check_group_contract()
        return contracts

    def write(self, vals):
        vals = self._clean_vals(vals)
        if self.env.su:
            return super().write(vals)
        if CLOSED_FIELDS & vals.keys():
            raise self._closed_error()
        if not self._is_free(vals):
            self._check_draft()
            self._check_identity(vals)
        self._check_group_contract()
        result = super().write(vals)
        if "company_id" in vals:
            self._check_group_contract()
            # Odoo asks the rules before a write only: nobody moves it where they have no right.
            self.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_approved(self):
        for contract in self:
            if contract.state != "draft" or contract.approval_request_count:
                raise UserError(
                    self.env._(
                        "%s was submitted for approval: it is evidence, and kept. End it instead.",
                        contract.display_name,
                    )
                )

    def unlink(self):
        """Delete drafts with their parts by the ORM, so that guards and the audit trail see them."""
        self.check_access("unlink")
        self._unlink_except_approved()
        self._check_group_contract()
        # sudo: the parts go with their contract, whoever may delete one for itself
        drafts = self.sudo()
        drafts.default_tier_id = False
        for parts in (drafts.commitment_ids, drafts.cap_ids, drafts.problem_ids, drafts.eligibility_ids):
            parts.unlink()
        drafts.line_ids.price_ids.unlink()
        drafts.line_ids.unlink()
        drafts.tier_ids.unlink()
        return super().unlink()

    @api.model
    def _clean_vals(self, vals):
        """Return ``vals`` with a number without blanks around it, and commercial partners."""
        vals = dict(vals)
        if vals.get("number"):
            vals["number"] = vals["number"].strip()
        for name in ("partner_id", "owner_id"):
            if vals.get(name):
                vals[name] = self.env["res.partner"].browse(vals[name]).commercial_partner_id.id
        return vals

    @api.model
    def _check_number_free(self, vals):
        """Refuse a second contract of the same supplier and number.

        The unique index would refuse it too, without saying which one is there.
        """
        if not vals.get("number") or not vals.get("partner_id") or vals.get("version", 1) != 1:
            return
        # sudo: a number is taken whoever may see the contract
        company_id = vals.get("company_id", self.env.company.id)
        same = (
            self.sudo()
            .search(
                [
                    ("number", "ilike", vals["number"]),
                    ("partner_id", "=", vals["partner_id"]),
                    ("company_id", "=", company_id),
                ]
            )
            .filtered(lambda one: one.number.upper() == vals["number"].upper())[:1]
        )
        if same:
            raise ValidationError(
                self.env._(
                    "Contract %(number)s: %(partner)s has a contract of this number already (%(state)s). "
                    "Amend that one, or enter another number.",
                    number=vals["number"],
                    partner=same.partner_id.display_name,
                    state=dict(self._fields["state"]._description_selection(self.env))[same.state],
                )
            )

    def _is_free(self, vals):
        """Return whether people may write ``vals`` whatever the state."""
        return all(
            name in FREE_FIELDS or name.startswith(("message_", "activity_", "website_message_"))
            for name in vals
        )

    def _check_draft(self):
        """Refuse people's changes of what waits for approval or was approved."""
        closed = self.sudo().filtered(lambda contract: contract.state != "draft")[:1]
        if closed:
            raise closed._not_draft_error()

    def _check_identity(self, vals):
        """An amendment is of the same contract: number, supplier and company are its root's."""
        names = {"number", "partner_id", "company_id", "currency_id"} & vals.keys()
        for contract in self.sudo().filtered("amends_id"):
            for name in names:
                field = self._fields[name]
                if field.convert_to_write(contract[name], contract) != (vals[name] or False):
                    raise UserError(
                        self.env._(
                            "%(contract)s amends a contract: its %(field)s stays. Make a new contract "
                            "for another one.",
                            contract=contract.display_name,
                            field=field._description_string(self.env),
                        )
                    )

    def _check_group_contract(self):
        """A contract of the whole group binds every company: administrators keep it."""
        if self.env.su or self.env.user.has_group("healthcare_base.group_administrator"):
            return
        shared = self.sudo().filtered(lambda contract: not contract.company_id)[:1]
        if shared:
            raise AccessError(
                self.env._(
                    "%s has no company, so it binds the whole group: administrators keep such contracts.",
                    shared.display_name,
                )
            )

    def _not_draft_error(self):
        """Return the error for a change of a contract that is no draft."""
        self.ensure_one()
        if self.state == "in_approval":
            return UserError(
                self.env._(
                    "%s waits for approval as it is. Withdraw the request to change it.", self.display_name
                )
            )
        return UserError(
            self.env._("%s is not a draft: amend it to change what was agreed.", self.display_name)
        )

    def _closed_error(self):
        return AccessError(
            self.env._("State, versions and approval of a contract are recorded by the system, not by hand.")
        )
