from datetime import datetime, timedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError

#: Who sees the monitor: whoever may read messages. Administrators also act.
READER_GROUPS = (
    "healthcare_base.group_clerk",
    "healthcare_base.group_approver",
    "healthcare_base.group_accounts_payable",
    "healthcare_base.group_auditor",
    "healthcare_base.group_administrator",
)
ADMINISTRATOR = "healthcare_base.group_administrator"

#: Name of a period → its length and the width of a bar in its charts.
PERIODS = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(days=1), timedelta(minutes=30)),
    "week": (timedelta(days=7), timedelta(hours=2)),
}


class HealthcareExchangeMonitor(models.AbstractModel):
    """What the integration monitor shows and does.

    Here: who may ask, and about what. Figures are in ``exchange_monitor_figures``, the screen's
    first answer in ``exchange_monitor_overview``, the list in ``exchange_monitor_list``, one
    message in ``exchange_monitor_detail``, commands in ``exchange_monitor_command``. The shapes
    stand in web_src/healthcare_exchange/monitor/monitor_types.d.ts; what is absent is False.
    """

    _name = "healthcare.exchange.monitor"
    _description = "Integration Monitor"

    @api.model
    def _reader_groups(self):
        """Return the groups whose members see the monitor."""
        return self.env["res.groups"].sudo().union(*(self.env.ref(name) for name in READER_GROUPS))

    @api.model
    def _check_reader(self):
        """Raise AccessError unless the caller may see the monitor."""
        user = self.env.user
        if not self.env.su and not any(user.has_group(group) for group in READER_GROUPS):
            raise AccessError(self.env._("The integration monitor is not part of your role."))

    @api.model
    def _can_act(self):
        return self.env.su or self.env.user.has_group(ADMINISTRATOR)

    @api.model
    def _endpoints(self, code=None):
        """Return the endpoints in use that the caller may read, or the one with ``code``.

        :raise UserError: there is none with this code for the caller.
        """
        model = self.env["healthcare.exchange.endpoint"]
        if not code:
            # pylint: disable-next=no-search-all
            return model.search([])
        text = str(code).replace("\0", "")
        endpoint = model.with_context(active_test=False).search([("code", "=", text)])
        if not endpoint:
            raise UserError(self.env._("There is no endpoint '%s' that you may see.", code))
        return endpoint

    @api.model
    def _check_period(self, period):
        """Return length and bar width of a period; raise UserError for an unknown one."""
        if not isinstance(period, str) or period not in PERIODS:
            raise UserError(
                self.env._(
                    "There is no period '%(period)s'; use one of %(known)s.",
                    period=period,
                    known=", ".join(PERIODS),
                )
            )
        return PERIODS[period]

    @api.model
    def _database_now(self):
        """Return the database's time, naive UTC: what messages and attempts are dated with."""
        self.env.cr.execute("SELECT timezone('UTC', clock_timestamp())")
        return self.env.cr.fetchone()[0]

    @api.model
    def _since(self, now, period):
        """Return the beginning of the period's first bar; bars begin at round times."""
        length, width = self._check_period(period)
        epoch = datetime(2000, 1, 1)
        bars = (now - length - epoch) // width + 1
        return epoch + bars * width
