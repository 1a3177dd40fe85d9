from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import partner_health


class HealthcareExchangeEndpoint(models.Model):
    """Who is told when documents do not get through, and when."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    dead_letter_hours = fields.Integer(
        string="Dead Letter Deadline (hours)",
        default=24,
        required=True,
        help="Hours in which a dead letter or refused message should be replayed or cancelled. "
        "Afterwards it is escalated.",
    )
    alert_minutes = fields.Integer(
        string="Alert Deadline (minutes)",
        default=60,
        required=True,
        help="Minutes in which an alert should be over. Afterwards it is escalated.",
    )
    backlog_minutes = fields.Integer(
        string="Backlog After (minutes)",
        default=15,
        required=True,
        help="Minutes a document may wait although it is due. 0: no alert.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalate To",
        tracking=True,
        domain=[("share", "=", False)],
        help="Gets overdue alerts and dead letters. Empty: an administrator of the company.",
    )
    alert_ids = fields.One2many("healthcare.exchange.alert", "endpoint_id", readonly=True)
    open_alert_count = fields.Integer(string="Alerts", compute="_compute_open_alert_count")
    down_since = fields.Datetime(
        compute="_compute_down_since",
        compute_sudo=True,
        help="Since when the partner does not answer; empty while it does.",
    )

    _deadlines_check = models.Constraint(
        "CHECK (dead_letter_hours BETWEEN 1 AND 8760 AND alert_minutes BETWEEN 1 AND 525600"
        " AND backlog_minutes BETWEEN 0 AND 525600)",
        "Deadlines: dead letters 1 hour to one year, alerts 1 minute to one year, backlog from 0.",
    )

    def _compute_open_alert_count(self):
        counts = dict(
            self.env["healthcare.exchange.alert"]._read_group(
                [("endpoint_id", "in", self.ids), ("state", "=", "open")], ["endpoint_id"], ["__count"]
            )
        )
        for endpoint in self:
            endpoint.open_alert_count = counts.get(endpoint, 0)

    def _compute_down_since(self):
        down = self._down_since()
        for endpoint in self:
            endpoint.down_since = down.get(endpoint.id, False)

    def action_view_alerts(self):
        """Open the alerts of this endpoint."""
        action = self.env["ir.actions.act_window"]._for_xml_id("healthcare_exchange.exchange_alert_action")
        action["domain"] = [("endpoint_id", "in", self.ids)]
        action["context"] = {"search_default_open": 1}
        return action

    def _down_since(self):
        """Return ``{endpoint_id: naive UTC}`` of the endpoints that are down, and since when: the
        first failure after the partner's last answer. Without records: of all endpoints.

        An endpoint is down while its circuit breaker is not closed; without a breaker, while the
        last attempt that says anything says so. In superuser mode.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT f.endpoint_id,
                       date_trunc('second', COALESCE(first.started_at, f.breaker_since))
                  FROM healthcare_exchange_flow f
                  JOIN healthcare_exchange_endpoint e ON e.id = f.endpoint_id
             LEFT JOIN LATERAL (
                       SELECT a.id FROM healthcare_exchange_attempt a
                        WHERE a.endpoint_id = f.endpoint_id AND %(alive)s
                     ORDER BY a.id DESC LIMIT 1) answer ON TRUE
             LEFT JOIN LATERAL (
                       SELECT a.started_at FROM healthcare_exchange_attempt a
                        WHERE a.endpoint_id = f.endpoint_id AND %(down)s
                          AND a.id > GREATEST(answer.id, f.counted_from, 0)
                     ORDER BY a.id LIMIT 1) first ON TRUE
                 WHERE (f.breaker <> 'closed' OR e.breaker_failures = 0 AND first.started_at IS NOT NULL)
                   AND %(which)s
                """,
                alive=partner_health.alive_sql("a"),
                down=partner_health.down_sql("a"),
                which=SQL("f.endpoint_id = ANY(%s)", self.ids) if self else SQL("TRUE"),
            )
        )
        return dict(self.env.cr.fetchall())

    def _hindrance(self):
        """Return why nothing can be sent to this endpoint just now, as a sentence; empty where
        it can."""
        self.ensure_one()
        # sudo: whether it can be sent to is no secret
        endpoint = self.sudo()
        if endpoint.state != "active" or not endpoint.active:
            return self.env._("Endpoint %s is not active.", endpoint.code)
        if endpoint._down_since():
            return self.env._("Endpoint %s does not answer either.", endpoint.code)
        return ""

    def _activation_problems(self):
        """See the base: each document type needs a policy that works."""
        problems = super()._activation_problems()
        rows = self.document_ids.filtered("active")
        missing = rows.filtered(lambda row: not row.contingency)
        if missing:
            problems.append(self._contingency_missing(missing))
        problems.extend(filter(None, (row._contingency_problem() for row in rows - missing)))
        return problems

    def _contingency_missing(self, rows):
        self.ensure_one()
        return self.env._(
            "Endpoint %(code)s: say what happens when the partner cannot be reached, for: %(types)s.",
            code=self.code,
            types=", ".join(f"{row.document_type} ({row.direction})" for row in rows),
        )

    def _responsible(self):
        """Return ``{endpoint_id: user}``, who gets what goes wrong there: the endpoint's owner,
        else an administrator of its company, else the system's administrator."""
        administrators = self._administrators()
        fallback = self.env.ref("base.user_admin")
        return {
            endpoint.id: (
                endpoint.owner_id.filtered("active")
                or administrators.filtered(lambda u, e=endpoint: e.company_id in u.company_ids)[:1]
                or fallback
            )
            for endpoint in self
        }

    @api.model
    def _anybody(self):
        """Return users for what belongs to no endpoint: administrators, else the system's."""
        return self._administrators() or self.env.ref("base.user_admin")

    def _escalation_users(self, owners):
        """Return ``{endpoint_id: user}``, who gets what its owner did not do in time.

        The endpoint's escalation user, else an administrator of its company, where possible
        another person than the owner.

        :param owners: ``{endpoint_id: user}``.
        """
        administrators = self._administrators()
        fallback = self.env.ref("base.user_admin")
        found = {}
        for endpoint in self:
            candidates = administrators.filtered(lambda u, e=endpoint: e.company_id in u.company_ids)
            found[endpoint.id] = (
                endpoint.escalation_user_id.filtered("active")
                or (candidates - owners[endpoint.id])[:1]
                or candidates[:1]
                or fallback
            )
        return found

    def _administrators(self):
        group = self.env.ref("healthcare_base.group_administrator")
        # sudo: who is told does not depend on who may read users
        return group.sudo().all_user_ids.filtered(lambda user: user.active and not user.share)

    def _reroute_problem(self, target, document_types):
        """Return why outbound documents of this endpoint cannot go to another one, as a sentence;
        empty where they can. Whether the other is active is looked at when it is needed.

        :param document_types: set of names.
        """
        self.ensure_one()
        # sudo: endpoints of other companies have a problem, and are not read
        source, target = self.sudo(), target.sudo()
        if not target:
            return self.env._(
                "Endpoint %s: choose the endpoint that documents go to when it is unreachable.",
                source.code,
            )
        names = {"code": source.code, "other": target.code}
        if target == source:
            return self.env._("Endpoint %(code)s cannot be its own way out.", **names)
        partner = source.partner_id.commercial_partner_id
        if (
            not partner
            or target.partner_id.commercial_partner_id != partner
            or target.company_id != source.company_id
        ):
            return self.env._(
                "Endpoint %(code)s: %(other)s does not belong to the same partner and company; what is "
                "meant for one partner is never sent to another.",
                **names,
            )
        if target.test != source.test:
            return self.env._(
                "Endpoint %(code)s: one of it and %(other)s is for tests, the other is not.", **names
            )
        missing = sorted(t for t in document_types if not target._carries(t, "outbound"))
        if missing:
            return self.env._(
                "Endpoint %(code)s: %(other)s does not send documents of type %(types)s.",
                types=", ".join(missing),
                **names,
            )
        return ""
