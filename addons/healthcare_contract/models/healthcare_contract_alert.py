from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models

# Contracts that one run of the daily job looks at.
_SLICE = 500
#: Days between two looks at the commitments of a contract.
COMMITMENT_DAYS = 7


class HealthcareContract(models.Model):
    """What falls due by itself: ends, notices, promises that are behind, items that became known."""

    _inherit = "healthcare.contract"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_daily(self):
        """Settle states by their days, and remind those responsible. Idempotent."""
        self._cron_settle()
        self._cron_renewals()
        self._cron_commitments()
        self._cron_resolve()

    @api.model
    def _cron_settle(self):
        today = fields.Date.today()
        due = self.search([("state", "=", "active"), ("effective_to", "<", today)], limit=_SLICE)
        due._settle()

    @api.model
    def _cron_renewals(self):
        """Remind of decisions about contracts that end soon, or ended, once each."""
        today = fields.Date.today()
        soon = self.search(
            [
                ("state", "=", "active"),
                ("superseded_by_id", "=", False),
                ("notice_date", "<=", today),
                ("renewal_alert", "=", False),
            ],
            limit=_SLICE,
        )
        for contract in soon:
            contract._remind(
                self.env._("Contract %(contract)s ends on %(date)s: %(what)s",
                           contract=contract.display_name, date=contract.valid_to,
                           what=contract._renewal_text()),
                deadline=contract.valid_to,
            )  # fmt: skip
        soon.renewal_alert = "notice"
        over = self.search(
            [
                ("state", "=", "expired"),
                ("superseded_by_id", "=", False),
                ("renewal_alert", "in", (False, "notice")),
                ("valid_to", ">=", today - timedelta(days=90)),
            ],
            limit=_SLICE,
        )
        for contract in over:
            contract._remind(
                self.env._("Contract %(contract)s has expired on %(date)s: its prices hold no more",
                           contract=contract.display_name, date=contract.valid_to),
                deadline=today,
            )  # fmt: skip
        over.renewal_alert = "expired"

    def _renewal_text(self):
        """Return what there is to decide."""
        self.ensure_one()
        if self.renewal_kind == "automatic":
            return self.env._(
                "it renews by itself for %s months unless notice is given; enter the renewal as an amendment",
                self.renewal_months or "?",
            )
        if self.renewal_kind == "by_agreement":
            return self.env._("agree on the renewal, and enter it as an amendment")
        return self.env._("decide what follows")

    @api.model
    def _cron_commitments(self):
        """Remind of commitments that are behind, once in ``COMMITMENT_DAYS``."""
        today = fields.Date.today()
        contracts = self.search(
            [
                ("state", "=", "active"),
                ("commitment_ids", "!=", False),
                "|",
                ("commitment_alert_on", "=", False),
                ("commitment_alert_on", "<=", today - timedelta(days=COMMITMENT_DAYS)),
            ],
            limit=_SLICE,
        )
        behind = contracts.commitment_ids.filtered("is_behind")
        for contract in behind.contract_id:
            mine = behind.filtered(lambda one, contract=contract: one.contract_id == contract)
            contract._remind(
                self.env._("Contract %(contract)s: behind what was promised", contract=contract.display_name),
                note=Markup("<br/>").join(one._behind_text() for one in mine),
                deadline=today + timedelta(days=COMMITMENT_DAYS),
            )
        contracts.commitment_alert_on = today

    @api.model
    def _cron_resolve(self):
        """Look for the items of lines whose item was unknown."""
        lines = self.env["healthcare.contract.line"].search(
            [("is_unresolved", "=", True), ("contract_id.state", "in", ("draft", "active"))],
            order="write_date, id",
            limit=10 * _SLICE,
        )
        lines._resolve()

    def _remind(self, summary, note="", deadline=None):
        """Give the responsible (else who approved it) an activity with this summary, once."""
        self.ensure_one()
        user = self.user_id if self.user_id.active else self.approved_by_id
        open_activities = self.activity_ids.filtered(lambda one: one.summary == summary)
        if open_activities or not user:
            return
        self.activity_schedule(
            "healthcare_contract.mail_activity_contract",
            date_deadline=deadline,
            summary=summary,
            note=note,
            user_id=user.id,
        )
