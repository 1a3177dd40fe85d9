from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import AccessError, UserError

#: A price that changes by this much is named to those who decide as perhaps a slip.
SLIP_PERCENT = 90


class HealthcareContract(models.Model):
    """From a draft to prices in force, by a second person's approval; and to the end.

    ``state`` moves by these methods alone. Asking for approval locks the draft; approval of an
    amendment ends the version before it on the day before its own first day, so that each day
    has one price; a refusal or withdrawal makes it a draft again.
    """

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    _approval_fields = (
        "number",
        "name",
        "kind",
        "is_service",
        "owner_id",
        "partner_id",
        "distributor_ids",
        "company_id",
        "currency_id",
        "price_date_basis",
        "valid_from",
        "valid_to",
        "effective_from",
        "all_facilities",
        "default_tier_id",
        "renewal_kind",
        "renewal_months",
        "not_to_exceed",
        "call_off_limit",
        "rebate",
    )

    def action_submit(self, reason=""):
        """Ask a second person to let drafts come into force.

        :param str reason: for those who decide, optional
        :raises UserError: something has to be put right first; the message lists it by line
        """
        self._check_keeper()
        for contract in self:
            contract._check_draft()
            problems = contract.sudo()._submission_problems()
            if problems:
                raise UserError(
                    self.env._(
                        "%(contract)s cannot be submitted yet:\n%(problems)s",
                        contract=contract.display_name,
                        problems="\n".join(f"- {problem}" for problem in problems),
                    )
                )
            # sudo: state is closed to everybody; who may submit was checked
            contract.sudo().state = "in_approval"
            contract._request_approval(
                "contract",
                {
                    "action": "activate",
                    "effective_from": fields.Date.to_string(contract.effective_from or contract.valid_from),
                },
                reason,
            )
        return True

    def action_end(self, date, reason):
        """Ask a second person to end contracts early.

        :param date: the last day, today or later
        :param str reason: required
        """
        self._check_keeper()
        date = fields.Date.to_date(date)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the contract ends."))
        for contract in self:
            contract._check_endable(date)
            contract._request_approval(
                "contract",
                {"action": "end", "date": fields.Date.to_string(date), "reason": reason.strip()},
                reason,
            )
        return True

    def _check_endable(self, date):
        """Refuse an end that is not one; days gone by keep the prices that they had."""
        self.ensure_one()
        if self.state != "active":
            raise UserError(self.env._("%s is not active.", self.display_name))
        if not date or date < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%s cannot end on a day gone by: orders and bills of that day had its prices.",
                    self.display_name,
                )
            )
        if self.effective_to and date > self.effective_to:
            raise UserError(
                self.env._(
                    "%(contract)s ends on %(date)s already.",
                    contract=self.display_name,
                    date=self.effective_to,
                )
            )

    def _check_keeper(self):
        """Only those who keep contracts ask for their approval or end."""
        if not (self.env.su or self.env.user.has_group("healthcare_base.group_clerk")):
            raise AccessError(self.env._("Contracts are kept by procurement clerks."))
        self.check_access("write")
        self._check_group_contract()

    # Approval

    def _approval_title(self, kind, proposed_values):
        if kind != "contract":
            return super()._approval_title(kind, proposed_values)
        if proposed_values.get("action") == "end":
            return self.env._(
                "End of contract %(contract)s on %(date)s",
                contract=self.display_name,
                date=proposed_values["date"],
            )
        if self.amends_id:
            return self.env._("Amendment of contract %s", self.display_name)
        return self.env._("Contract %s", self.display_name)

    def _approval_facts(self, kind):
        facts = super()._approval_facts(kind)
        if kind != "contract":
            return facts
        amounts = self.commitment_ids.filtered(lambda one: one.kind == "amount").mapped("target")
        amount = float(self.not_to_exceed or 0) or sum(map(float, amounts))
        return {
            **facts,
            "company_id": self.company_id.id,
            "amount": amount,
            "currency_id": self.currency_id.id,
        }

    def _approval_snapshot(self, kind):
        snapshot = super()._approval_snapshot(kind)
        if kind == "contract":
            snapshot["content"] = self._content_digest()
        return snapshot

    def _approval_describe(self, kind, proposed_values, snapshot):
        if kind != "contract":
            return super()._approval_describe(kind, proposed_values, snapshot)
        if proposed_values.get("action") == "end":
            return [
                self.env._("Last day: %s", proposed_values["date"]),
                self.env._("Why: %s", proposed_values["reason"]),
            ]
        lines = [
            self.env._("%(kind)s contract with %(partner)s, %(days)s",
              kind=dict(self._fields["kind"]._description_selection(self.env))[self.kind],
              partner=self.partner_id.display_name, days=self._days_text()),
            self.env._("In force from %s", proposed_values.get("effective_from") or self.valid_from),
            self.env._("%(lines)s lines, %(prices)s prices, %(facilities)s facilities",
              lines=len(self.line_ids), prices=len(self.line_ids.price_ids),
              facilities=self.env._("all") if self.all_facilities else len(self.eligibility_ids.facility_id)),
        ]  # fmt: skip
        if unknown := len(self.line_ids.filtered("is_unresolved")):
            lines.append(self.env._("%s lines of items that we do not know: they price nothing", unknown))
        if self.not_to_exceed:
            lines.append(
                self.env._("Not to exceed %(amount)s %(currency)s", amount=self.not_to_exceed,
                  currency=self.currency_id.name)
            )  # fmt: skip
        if self.amends_id:
            lines += self._describe_differences()
        return lines

    def _describe_differences(self):
        """Return what an amendment changes in lines for people, slips first."""
        differences = self._price_differences()
        counts = dict.fromkeys(("new", "changed", "ended"), 0)
        for _line, kind, *_rest in differences:
            counts[kind] += 1
        texts = [
            self.env._("Prices: %(new)s new, %(changed)s changed, %(ended)s ended", **counts),
        ]
        changed = [row for row in differences if row[1] == "changed"][: self._problems_shown]
        names = self.env["healthcare.contract.line"].browse([row[0] for row in changed])
        for (_line_id, _kind, old, new, percent), line in zip(changed, names, strict=True):
            text = self.env._(
                "%(line)s: %(old)s → %(new)s (%(percent)s %%)",
                line=line.display_name,
                old=old,
                new=new,
                percent=f"{percent:+g}",
            )
            if percent >= SLIP_PERCENT * 10 or percent <= -SLIP_PERCENT:
                text = self.env._("PERHAPS A SLIP: %s", text)
            texts.append(text)
        return texts

    def _approval_apply(self, kind, proposed_values):
        if kind != "contract":
            return super()._approval_apply(kind, proposed_values)
        if proposed_values["action"] == "end":
            date = fields.Date.to_date(proposed_values["date"])
            self._check_endable(date)
            self.write({"effective_to": date, "ended_reason": proposed_values["reason"]})
            self._settle()
            return None
        return self._activate(fields.Date.to_date(proposed_values["effective_from"]))

    def _approval_refused(self, kind, request):
        self._back_to_draft(kind, request)
        return super()._approval_refused(kind, request)

    def _approval_withdrawn(self, kind, request):
        self._back_to_draft(kind, request)
        return super()._approval_withdrawn(kind, request)

    def _back_to_draft(self, kind, request):
        if kind == "contract" and request.proposed_values.get("action") == "activate":
            self.filtered(lambda contract: contract.state == "in_approval").state = "draft"

    # Coming into force

    def _activate(self, effective_from):
        """Let a version come into force, and end those before it on the day before.

        In superuser mode, of what a second person approved.

        :raises UserError: something changed meanwhile that keeps it from coming into force
        """
        self.ensure_one()
        if self.state != "in_approval":
            raise UserError(self.env._("%s does not wait for approval.", self.display_name))
        problems = self._submission_problems()
        if problems:
            raise UserError("\n".join([self.display_name, *problems]))
        others = self.root_id.version_ids.filtered(lambda other: other != self and other.approved_at)
        self.write(
            {
                "state": "active",
                "effective_from": effective_from,
                "effective_to": self.valid_to,
                "approved_at": fields.Datetime.now(),
                "approved_by_id": self.env.uid,
                "content_digest": self._content_digest(),
            }
        )
        last = effective_from - timedelta(days=1)
        for other in others.filtered(lambda one: not one.effective_to or one.effective_to > last):
            other.effective_to = last
        if self.amends_id:
            self.amends_id.superseded_by_id = self
        self._flag_backdated()
        self._close_alerts(others)
        (self | others)._settle()
        self._activated(others)

    def _activated(self, others):
        """Called in superuser mode when a version came into force, perhaps for days gone by.

        Hook: what was priced on those days is looked at again there.

        :param others: the other versions, whose days may have ended earlier than before
        """

    def _close_alerts(self, versions):
        """A renewal that was asked for is there: nobody needs to be reminded of it."""
        versions.activity_unlink(["healthcare_contract.mail_activity_contract"])

    def _settle(self):
        """Bring the state of approved versions in line with their days."""
        today = fields.Date.today()
        for contract in self:
            if contract.state not in ("active", "superseded", "ended", "expired"):
                continue
            state = contract._settled_state(today)
            if contract.state != state:
                contract.state = state

    def _settled_state(self, today):
        """Return the state of an approved version on a day."""
        self.ensure_one()
        if not self.effective_to or self.effective_to >= today:
            return "active"
        if self.superseded_by_id:
            return "superseded"
        return "ended" if self.ended_reason else "expired"

    def _is_eligible(self, facility, date):
        """Return whether a facility may buy on this version on a day.

        :param facility: ``healthcare.facility``, perhaps empty
        """
        self.ensure_one()
        if self.company_id and facility and facility.company_id != self.company_id:
            return False
        return self.all_facilities or any(
            entry.facility_id == facility
            and (not entry.date_from or entry.date_from <= date)
            and (not entry.date_to or date <= entry.date_to)
            for entry in self.eligibility_ids
        )

    def _in_force(self, date):
        """Return the versions of these contracts that are in force on a day, whichever version
        is asked.

        :return: dict from each contract to its version in force, or an empty recordset
        """
        versions = self.root_id.version_ids
        return {
            contract: versions.filtered(
                lambda version, contract=contract: (
                    version.root_id == contract.root_id
                    and version.approved_at
                    and version.effective_from <= date
                    and (not version.effective_to or date <= version.effective_to)
                )
            )[:1]
            for contract in self
        }
