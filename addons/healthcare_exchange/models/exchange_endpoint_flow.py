from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.tools import format_datetime


class HealthcareExchangeEndpoint(models.Model):
    """How fast and when documents leave for an endpoint, and what is done when it is down."""

    _inherit = "healthcare.exchange.endpoint"

    tz = fields.Selection(
        _tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self.env.company.partner_id.tz or self.env.user.tz or "UTC",
        help="In which the windows are meant.",
    )
    rate_per_minute = fields.Integer(
        string="Documents per Minute", help="At most, by all workers together. 0: no limit."
    )
    rate_burst = fields.Integer(
        string="At Once", help="Documents that may leave together after a pause. 0: ten seconds' worth."
    )
    drain_per_minute = fields.Integer(
        string="After an Outage, per Minute",
        default=300,
        help="At most, while what piled up leaves. 0: no limit.",
    )
    breaker_failures = fields.Integer(
        string="Failures in a Row",
        default=5,
        help="After which the partner is taken to be down and nothing is sent. 0: never.",
    )
    breaker_seconds = fields.Integer(
        string="First Wait (seconds)",
        default=60,
        help="Until one document tries whether it is back; doubled each time it is not.",
    )
    breaker_max_seconds = fields.Integer(string="Longest Wait (seconds)", default=900)
    window_ids = fields.One2many("healthcare.exchange.window", "endpoint_id", copy=True)
    flow_ids = fields.One2many("healthcare.exchange.flow", "endpoint_id", readonly=True)
    breaker = fields.Selection(related="flow_ids.breaker", string="Circuit Breaker")
    breaker_since = fields.Datetime(related="flow_ids.breaker_since")
    open_until = fields.Datetime(related="flow_ids.open_until", string="Next Try")
    drain_until = fields.Datetime(related="flow_ids.drain_until", string="Draining Until")
    paused_until = fields.Datetime(related="flow_ids.paused_until")
    is_paused = fields.Boolean(compute="_compute_flow_now")
    is_draining = fields.Boolean(compute="_compute_flow_now")

    _rate_check = models.Constraint(
        "CHECK (rate_per_minute BETWEEN 0 AND 100000 AND rate_burst BETWEEN 0 AND 100000"
        " AND drain_per_minute BETWEEN 0 AND 100000)",
        "Documents per minute and at once: 0 (no limit) to 100000.",
    )
    _breaker_check = models.Constraint(
        "CHECK (breaker_failures BETWEEN 0 AND 100 AND breaker_seconds BETWEEN 1 AND 86400"
        " AND breaker_max_seconds BETWEEN breaker_seconds AND 86400)",
        "Circuit breaker: 0 to 100 failures; the first wait from 1 second, the longest from that to a day.",
    )

    @api.depends("flow_ids.paused_until", "flow_ids.drain_until")
    def _compute_flow_now(self):
        now = fields.Datetime.now()
        for endpoint in self:
            endpoint.is_paused = bool(endpoint.paused_until and endpoint.paused_until > now)
            endpoint.is_draining = bool(endpoint.drain_until and endpoint.drain_until > now)

    @api.model_create_multi
    def create(self, vals_list):
        endpoints = super().create(vals_list)
        # Nobody has a right to the flow's row: it comes with the endpoint.
        self.env["healthcare.exchange.flow"].sudo().create(
            [{"endpoint_id": endpoint.id} for endpoint in endpoints]
        )
        return endpoints

    def _activation_problems(self):
        """See the base: what is to leave in batch windows needs one."""
        problems = super()._activation_problems()
        rows = self.document_ids.filtered(
            lambda row: row.active and row.direction == "outbound" and row.timing == "batch"
        )
        if rows and not self.window_ids.filtered(lambda window: window.active and window.kind == "batch"):
            names = dict(rows._fields["document_type"]._description_selection(self.env))
            problems.append(
                self.env._(
                    "Endpoint %(code)s: add a batch window, or let these leave at once: %(types)s.",
                    code=self.code,
                    types=", ".join(names[row.document_type] for row in rows),
                )
            )
        return problems

    def _held_back(self):
        """Return what holds back all that is to leave for this endpoint, empty if nothing does."""
        self.ensure_one()
        if self.state != "active":
            return self.env._("its endpoint, which is not active")
        if self.is_paused:
            return self.env._("the end of a pause, %s", format_datetime(self.env, self.paused_until))
        if self.breaker == "open":
            return self.env._(
                "its partner, which does not answer; next try %s",
                format_datetime(self.env, self.open_until),
            )
        if self.breaker == "half_open":
            return self.env._("another document that tries whether the partner is back")
        if self.is_draining:
            return self.env._("its turn: what piled up is leaving")
        return ""

    def action_close_breaker(self):
        """Send again at once, without waiting for the circuit breaker or a pause."""
        self._decidable()._close_by_hand()

    def action_pause(self, minutes=60):
        """Send nothing for some minutes; nothing is lost, and documents still come in.

        :param minutes: 1 to 10080, a week.
        """
        self._decidable()._pause_by_hand(minutes)

    def _decidable(self):
        """Return the flows of these endpoints for an administrator, who alone may change them."""
        self.env["healthcare.exchange.message"]._check_caller(administrator=True)
        self.check_access("write")
        # Nobody has a right to the flow's row: the checks above are it.
        return self.sudo().flow_ids
