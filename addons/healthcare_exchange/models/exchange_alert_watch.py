from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.duration import duration_text
from .exchange_message import NOW

_SILENT = "healthcare_exchange.service_silent_minutes"
_SILENT_MINUTES = 10
# Counted so far, for people: more is "1000 or more".
_MOST = 1000


class HealthcareExchangeAlert(models.Model):
    """The watch: looks at all conditions each minute, raises and closes alerts, carries out
    contingency policies and escalates what is overdue.

    One query per condition, over partial indexes, whatever the number of endpoints and messages.
    """

    _inherit = "healthcare.exchange.alert"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_watch(self):
        """Look at everything once. Runs each minute, and at once when a breaker moves."""
        messages = self.env["healthcare.exchange.message"]
        failed = messages._carry_out_contingency()
        while messages._escalate_dead_letters():
            if not self.env["ir.cron"]._commit_progress(1):
                return
        self._reconcile({**self._findings(), "contingency_failed": failed})
        self._escalate_overdue()

    @api.model
    def _findings(self):
        """Return what is wrong now: ``{type: [requests as for _raise_many]}``.

        Override to watch for more: add a type with all that is found, and its alerts are opened
        and closed accordingly. A type whose list is empty has its open alerts closed.
        """
        self.env.flush_all()
        return {
            "breaker_open": self._find_unreachable(),
            "acknowledgement_overdue": self._find_unacknowledged(),
            "dead_letter": self._find_dead_letters(),
            "dead_letter_overdue": self._find_overdue_dead_letters(),
            "backlog": self._find_backlog(),
            "service_silent": self._find_silence(),
        }

    # Each condition

    @api.model
    def _find_unreachable(self):
        endpoints = self.env["healthcare.exchange.endpoint"].sudo()
        down = endpoints._down_since()
        endpoints = endpoints.browse(down).filtered(lambda e: e.active and e.state == "active")
        facts = self._waiting(endpoints)
        now = fields.Datetime.now()
        found = []
        for endpoint in endpoints:
            waiting, error_code = facts.get(endpoint.id, (0, ""))
            found.append(
                {
                    "endpoint": endpoint,
                    "since": down[endpoint.id],
                    "deadline": now + timedelta(minutes=endpoint.alert_minutes),
                    "error_code": error_code,
                    "facts": {"waiting": waiting},
                    "summary": self.env._(
                        "%(partner)s does not answer at %(code)s since %(since)s UTC. %(n)s documents "
                        "wait. %(policies)s",
                        partner=endpoint.partner_id.name or endpoint.name,
                        code=endpoint.code,
                        since=down[endpoint.id].strftime("%Y-%m-%d %H:%M"),
                        n=self._many(waiting),
                        policies=self._policies_text(endpoint),
                    ),
                }
            )
        return found

    @api.model
    def _waiting(self, endpoints):
        """Return ``{endpoint_id: (documents waiting, code of the last failure)}``."""
        self.env.cr.execute(
            SQL(
                """
                SELECT e.id, waiting.n, last.error_code
                  FROM unnest(%(ids)s::int[]) AS e(id)
            CROSS JOIN LATERAL (
                       SELECT count(*) AS n FROM (
                           SELECT 1 FROM healthcare_exchange_message m
                            WHERE m.endpoint_id = e.id AND m.direction = 'outbound'
                              AND m.state IN ('queued', 'retry', 'leased') LIMIT %(most)s) AS found
                       ) waiting
             LEFT JOIN LATERAL (
                       SELECT a.error_code FROM healthcare_exchange_attempt a
                        WHERE a.endpoint_id = e.id ORDER BY a.id DESC LIMIT 1) last ON TRUE
                """,
                ids=endpoints.ids,
                most=_MOST,
            )
        )
        return {row["id"]: (row["n"], row["error_code"]) for row in self.env.cr.dictfetchall()}

    def _policies_text(self, endpoint):
        """Return what becomes of the documents that wait, as sentences."""
        texts = []
        for row in endpoint.document_ids.filtered(lambda r: r.active and r.direction == "outbound"):
            names = {"type": row.document_type, "minutes": row.contingency_after_minutes}
            if row.contingency == "reroute":
                texts.append(
                    self.env._(
                        "%(type)s: after %(minutes)s minutes through %(other)s.",
                        other=row.reroute_endpoint_id.code,
                        **names,
                    )
                )
            elif row.contingency == "manual":
                texts.append(self.env._("%(type)s: after %(minutes)s minutes by e-mail.", **names))
            else:
                texts.append(self.env._("%(type)s: sent when it is back.", **names))
        return " ".join(texts)

    @api.model
    def _find_unacknowledged(self):
        self.env.cr.execute(
            SQL(
                """
                SELECT e.id AS endpoint_id, late.n, late.message_id
                  FROM healthcare_exchange_endpoint e
            CROSS JOIN LATERAL (
                       SELECT count(*) AS n, (array_agg(id ORDER BY sent_at))[1] AS message_id
                         FROM (SELECT m.id, m.sent_at FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.state = 'sent'
                                  AND m.direction = 'outbound'
                                  AND m.document_type <> 'functional_acknowledgement'
                                  AND e.expects_functional_ack
                                  AND m.sent_at < %(now)s - make_interval(mins => e.acknowledge_by)
                                UNION
                               SELECT m.id, m.sent_at FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.state = 'sent'
                                  AND m.channel = 'manual'
                                  AND m.sent_at < %(now)s - make_interval(mins => e.acknowledge_by)
                             ORDER BY sent_at LIMIT %(most)s) AS found) late
                 WHERE e.acknowledge_by > 0 AND late.n > 0
                """,
                now=NOW,
                most=_MOST,
            )
        )
        return [
            self._finding(
                row,
                lambda endpoint, message, n: self.env._(
                    "%(n)s documents sent from %(code)s are not acknowledged within %(minutes)s minutes; "
                    "the oldest is %(name)s.",
                    n=n,
                    code=endpoint.code,
                    minutes=endpoint.acknowledge_by,
                    name=message.display_name,
                ),
            )
            for row in self.env.cr.dictfetchall()
        ]

    @api.model
    def _find_dead_letters(self):
        return [
            self._finding(
                row,
                lambda endpoint, message, n: self.env._(
                    "%(n)s dead letters and refused messages at %(code)s; the first is %(name)s: %(what)s",
                    n=n,
                    code=endpoint.code,
                    name=message.display_name,
                    what=message.error_title or message.error_code or "-",
                ),
                # Each message has a deadline of its own; overdue ones are another alert.
                deadline="last",
            )
            for row in self._trouble(SQL("TRUE"))
        ]

    @api.model
    def _find_overdue_dead_letters(self):
        found = []
        for row in self._trouble(SQL("m.escalated_to_id IS NOT NULL")):
            finding = self._finding(
                row,
                lambda endpoint, message, n: self.env._(
                    "%(n)s dead letters and refused messages at %(code)s were not dealt with in %(hours)s "
                    "hours; the first is %(name)s, of %(owner)s.",
                    n=n,
                    code=endpoint.code,
                    hours=endpoint.dead_letter_hours,
                    name=message.display_name,
                    owner=message.owner_id.name or "-",
                ),
            )
            found.append({**finding, "owner": finding["message"].escalated_to_id})
        return found

    @api.model
    def _trouble(self, condition):
        self.env.cr.execute(
            SQL(
                """
                SELECT e.id AS endpoint_id, trouble.n, trouble.message_id, trouble.last
                  FROM healthcare_exchange_endpoint e
            CROSS JOIN LATERAL (
                       SELECT count(*) AS n, min(t.id) AS message_id, max(t.deadline) AS last
                         FROM (SELECT m.id, m.deadline FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.state IN ('dead', 'rejected')
                                  AND %(condition)s
                             ORDER BY m.id LIMIT %(most)s) AS t) trouble
                 WHERE trouble.n > 0
                """,
                condition=condition,
                most=_MOST,
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _find_backlog(self):
        """What is due and yet waits: not for a partner that is down, a pause, a window, or behind
        a dead letter, for which there are other alerts."""
        self.env.cr.execute(
            SQL(
                """
                SELECT e.id AS endpoint_id, late.n, late.message_id
                  FROM healthcare_exchange_endpoint e
             LEFT JOIN healthcare_exchange_flow f ON f.endpoint_id = e.id
            CROSS JOIN LATERAL (
                       SELECT %(now)s - make_interval(mins => e.backlog_minutes) AS before,
                              COALESCE(f.breaker, 'closed') = 'closed'
                              AND COALESCE(f.paused_until < %(now)s, TRUE)
                              AND COALESCE(f.drain_until < %(now)s, TRUE) AS flows) AS since
            CROSS JOIN LATERAL (
                       SELECT count(*) AS n, min(id) AS message_id
                         FROM (SELECT due.id
                                 FROM (VALUES (0), (1), (2)) AS p(priority)
                           CROSS JOIN LATERAL (
                                      SELECT m.id, m.ordering_key FROM healthcare_exchange_message m
                                       WHERE m.direction = 'outbound' AND m.endpoint_id = e.id
                                         AND m.priority = p.priority AND (m.batch IS TRUE) = FALSE
                                         AND m.state IN ('queued', 'retry')
                                         AND m.next_attempt_at < since.before
                                         AND since.flows
                                       LIMIT %(most)s) due
                                WHERE NOT EXISTS (
                                      SELECT 1 FROM healthcare_exchange_message dead
                                       WHERE dead.direction = 'outbound' AND dead.state = 'dead'
                                         AND dead.ordering_key = due.ordering_key)
                                UNION ALL
                               SELECT id FROM (
                                      SELECT m.id FROM healthcare_exchange_message m
                                       WHERE m.endpoint_id = e.id AND m.direction = 'inbound'
                                         AND m.state IN ('queued', 'retry')
                                         AND m.next_attempt_at < since.before
                                       LIMIT %(most)s) came) AS found) late
                 WHERE e.state = 'active' AND e.active AND e.backlog_minutes > 0 AND late.n > 0
                """,
                now=NOW,
                most=_MOST,
            )
        )
        rows = self.env.cr.dictfetchall()
        maintenance, _batch = self.env["healthcare.exchange.window"]._now_open(
            [row["endpoint_id"] for row in rows]
        )
        return [
            self._finding(
                row,
                lambda endpoint, message, n: self.env._(
                    "%(n)s documents at %(code)s are due and have waited for more than %(minutes)s minutes; "
                    "the first is %(name)s.",
                    n=n,
                    code=endpoint.code,
                    minutes=endpoint.backlog_minutes,
                    name=message.display_name,
                ),
            )
            for row in rows
            if row["endpoint_id"] not in maintenance
        ]

    @api.model
    def _find_silence(self):
        """The integration service was there and is not any more, or was never, and documents wait
        for it."""
        asked = self.env["ir.config_parameter"].sudo().get_param(_SILENT, "")
        minutes = int(asked) if asked.isdecimal() else _SILENT_MINUTES
        if minutes == 0:
            return []
        self.env.cr.execute(
            SQL(
                """
                SELECT (SELECT max(last_seen_at) FROM healthcare_exchange_worker) AS seen,
                       %s AS now,
                       EXISTS (SELECT 1 FROM healthcare_exchange_endpoint
                                WHERE state = 'active' AND active) AS needed
                """,
                NOW,
            )
        )
        [row] = self.env.cr.dictfetchall()
        seen = row["seen"]
        if seen:
            silent = row["needed"] and row["now"] - seen > timedelta(minutes=minutes)
        else:
            silent = row["needed"] and self._waits_for_a_service(minutes)
        if not silent:
            return []
        if not seen:
            text = self.env._(
                "The integration service has never been here, and documents wait for it. Start it."
            )
            return [{"endpoint": False, "summary": text}]
        text = self.env._(
            "The integration service was last seen at %(time)s UTC, %(ago)s ago. Nothing is sent or "
            "fetched. Start it.",
            time=seen.strftime("%Y-%m-%d %H:%M"),
            ago=duration_text(self.env, row["now"] - seen),
        )
        return [{"endpoint": False, "since": seen, "summary": text}]

    @api.model
    def _waits_for_a_service(self, minutes):
        """Whether anything that was never tried has been due for so long."""
        self.env.cr.execute(
            SQL(
                """
                SELECT EXISTS (
                       SELECT 1 FROM healthcare_exchange_endpoint e
                         JOIN healthcare_exchange_message m ON m.endpoint_id = e.id
                        WHERE e.state = 'active' AND e.active AND m.direction = 'outbound'
                          AND m.state = 'queued'
                          AND m.next_attempt_at < %s - make_interval(mins => %s))
                """,
                NOW,
                minutes,
            )
        )
        return self.env.cr.fetchone()[0]

    # Shapes

    def _finding(self, row, sentence, deadline=None):
        """Return a request for one endpoint from a row with ``endpoint_id``, ``n`` and
        ``message_id``."""
        endpoint = self.env["healthcare.exchange.endpoint"].sudo().browse(row["endpoint_id"])
        message = self.env["healthcare.exchange.message"].sudo().browse(row["message_id"])
        return {
            "endpoint": endpoint,
            "message": message,
            "deadline": row.get(deadline),
            "error_code": message.error_code,
            "facts": {"messages": row["n"]},
            "summary": sentence(endpoint, message, self._many(row["n"])),
        }

    def _many(self, number):
        return self.env._("%s or more", number) if number >= _MOST else str(number)
