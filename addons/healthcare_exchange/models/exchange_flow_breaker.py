import json

from odoo import api, models
from odoo.tools import SQL

from ..tools import partner_health
from ..tools.backoff import MAX_PAUSE
from .exchange_message import NOW

# The backlog after an outage is counted as far as a day's drain.
_LONGEST_DRAIN_MINUTES = 1440
# How far back it is looked for what failed while a partner was down: the failures that opened the
# breaker, what was on its way then, and the probes.
_RECENT_ATTEMPTS = 1000


class HealthcareExchangeFlow(models.Model):
    """The report's side of the flow: the circuit breaker, and pauses that partners ask for.

    In the report's own cursor. An endpoint whose partner answers is only read here, never locked.
    """

    _inherit = "healthcare.exchange.flow"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _after_attempts(self, verdicts):
        """Move breakers and pauses on, after attempts were recorded.

        - closed → open: the endpoint's last ``breaker_failures`` attempts that say anything all
          say that the partner is not there;
        - half-open → open, for twice as long: the probe says so;
        - any → closed: an attempt was answered, be it by a refusal.

        :param verdicts: as :meth:`_after_report` of the messages gets them.
        """
        by_endpoint = {}
        for verdict in verdicts:
            by_endpoint.setdefault(verdict["endpoint_id"], []).append(verdict)
        facts = [
            fact
            for row in self._states(list(by_endpoint))
            if (fact := _fact(row, by_endpoint[row["endpoint_id"]]))
        ]
        if not facts:
            return
        self.env.cr.execute(
            SQL(
                "SELECT 1 FROM healthcare_exchange_flow WHERE endpoint_id = ANY(%s) ORDER BY id FOR UPDATE",
                [fact["endpoint_id"] for fact in facts],
            )
        )
        self._pause_asked([fact for fact in facts if fact["pause"]])
        closed = self._close([fact["endpoint_id"] for fact in facts if fact["alive"]])
        opened = self._open([fact for fact in facts if fact["down"] and not fact["alive"]])
        if closed:
            self._recover(closed)
        if closed or opened:
            self.invalidate_model()
            self._tell()

    def _states(self, endpoint_ids):
        self.env.cr.execute(
            SQL(
                """
                SELECT f.endpoint_id, f.breaker, f.probe_id, e.breaker_failures,
                       e.retry_base_seconds
                  FROM healthcare_exchange_flow f
                  JOIN healthcare_exchange_endpoint e ON e.id = f.endpoint_id
                 WHERE f.endpoint_id = ANY(%s)
                """,
                endpoint_ids,
            )
        )
        return self.env.cr.dictfetchall()

    def _pause_asked(self, facts):
        if not facts:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_flow f
                   SET paused_until = GREATEST(
                       f.paused_until, %(now)s + make_interval(secs => r.pause))
                  FROM jsonb_to_recordset(%(rows)s) AS r(endpoint_id int, pause float)
                 WHERE f.endpoint_id = r.endpoint_id
                """,
                now=NOW,
                rows=json.dumps(facts),
            )
        )

    def _close(self, endpoint_ids):
        """Close breakers; return the endpoints where one was not closed."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_flow
                   SET breaker = 'closed', breaker_since = %s, open_until = NULL,
                       opened_count = 0, probe_id = NULL
                 WHERE endpoint_id = ANY(%s) AND breaker <> 'closed'
             RETURNING endpoint_id
                """,
                NOW,
                endpoint_ids,
            )
        )
        return [endpoint_id for (endpoint_id,) in self.env.cr.fetchall()]

    def _open(self, facts):
        """Open breakers where that is due; return the endpoints."""
        if not facts:
            return []
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_flow f
                   SET breaker = 'open', breaker_since = %(now)s, probe_id = NULL,
                       opened_count = COALESCE(f.opened_count, 0) + 1,
                       open_until = %(now)s + make_interval(secs => LEAST(
                           e.breaker_max_seconds,
                           e.breaker_seconds * power(2, LEAST(COALESCE(f.opened_count, 0), 20))))
                  FROM healthcare_exchange_endpoint e
                 WHERE e.id = f.endpoint_id AND f.endpoint_id = ANY(%(ids)s)
                   AND (f.breaker = 'half_open' AND f.probe_id = ANY(%(down_ids)s)
                        OR f.breaker = 'closed' AND e.breaker_failures > 0
                           AND e.breaker_failures = (
                               SELECT count(*) FILTER (WHERE last.down) FROM (
                                   SELECT %(down)s AS down
                                     FROM healthcare_exchange_attempt a
                                    WHERE a.endpoint_id = f.endpoint_id
                                      AND a.id > COALESCE(f.counted_from, 0)
                                      AND (%(down)s OR %(alive)s)
                                 ORDER BY a.id DESC
                                    LIMIT e.breaker_failures) last))
             RETURNING f.endpoint_id
                """,
                now=NOW,
                ids=[fact["endpoint_id"] for fact in facts],
                down_ids=[message_id for fact in facts for message_id in fact["down_ids"]],
                down=partner_health.down_sql("a"),
                alive=partner_health.alive_sql("a"),
            )
        )
        return [endpoint_id for (endpoint_id,) in self.env.cr.fetchall()]

    def _recover(self, endpoint_ids):
        """The partner is back: what waited leaves in its sequence, at the drain rate.

        Messages that failed of late are due at once and in the place they had, not when their
        last back-off ends.
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_message m
                   SET next_attempt_at = LEAST(m.next_attempt_at, m.document_time)
                 WHERE m.id IN (
                       SELECT tried.id
                         FROM unnest(%(ids)s) AS e(id)
                   CROSS JOIN LATERAL (
                              SELECT a.message_id FROM healthcare_exchange_attempt a
                               WHERE a.endpoint_id = e.id
                            ORDER BY a.id DESC
                               LIMIT %(recent)s) AS last
                         JOIN healthcare_exchange_message tried ON tried.id = last.message_id
                        WHERE tried.state = 'retry' AND tried.direction = 'outbound'
                   FOR UPDATE OF tried SKIP LOCKED)
                """,
                ids=endpoint_ids,
                recent=_RECENT_ATTEMPTS,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_flow f
                   SET tokens = 1, tokens_at = %(now)s,
                       drain_until = %(now)s + make_interval(secs => 60.0 * (
                           SELECT count(*) FROM (
                               SELECT 1 FROM healthcare_exchange_message m
                                WHERE m.direction = 'outbound' AND m.endpoint_id = e.id
                                  AND m.state IN ('queued', 'retry', 'leased')
                                LIMIT e.drain_per_minute * %(longest)s) waiting)
                           / e.drain_per_minute)
                  FROM healthcare_exchange_endpoint e
                 WHERE e.id = f.endpoint_id AND f.endpoint_id = ANY(%(ids)s)
                   AND e.drain_per_minute > 0
                """,
                ids=endpoint_ids,
                now=NOW,
                longest=_LONGEST_DRAIN_MINUTES,
            )
        )


def _fact(row, verdicts):
    """Return what the attempts at one endpoint mean for its flow, None where nothing."""
    down = [verdict for verdict in verdicts if partner_health.is_down(verdict)]
    pauses = [
        min(max(verdict["retry_after_seconds"], row["retry_base_seconds"]), MAX_PAUSE)
        for verdict in verdicts
        if partner_health.asks_to_wait(verdict)
    ]
    alive = row["breaker"] != "closed" and any(map(partner_health.is_alive, verdicts))
    counts = row["breaker"] == "closed" and row["breaker_failures"] > 0
    probed = row["breaker"] == "half_open" and any(v["id"] == row["probe_id"] for v in down)
    fact = {
        "endpoint_id": row["endpoint_id"],
        "alive": alive,
        "down": bool(down) and (counts or probed),
        "down_ids": [verdict["id"] for verdict in down],
        "pause": max(pauses, default=0),
    }
    return fact if fact["alive"] or fact["down"] or fact["pause"] else None
