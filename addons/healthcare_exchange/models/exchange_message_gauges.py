from odoo import api, models
from odoo.tools import SQL

from .exchange_message import NOW

#: Where counting ends: more than that is "many".
_MANY = 10_000


class HealthcareExchangeMessage(models.Model):
    """What a monitoring system is told about the queues, through the integration service."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def gauges(self):
        """Return how the queues of the caller's endpoints stand, without scanning them.

        :return: list of dicts by endpoint: ``endpoint`` (code), ``waiting`` (outbound, not sent
            yet), ``overdue_seconds`` (how long the first has been due), ``inbox`` (received, not
            processed yet), ``trouble`` (dead letters and rejected ones), ``breaker`` (``closed``,
            ``open``, ``half_open``). Counts end at 10 000.
        """
        self._check_caller()
        endpoints = self._reachable_endpoints()
        if not endpoints:
            return []
        with self._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT e.code AS endpoint, COALESCE(f.breaker, 'closed') AS breaker,
                           waiting.number AS waiting, inbox.number AS inbox,
                           trouble.number AS trouble,
                           COALESCE(GREATEST(EXTRACT(EPOCH FROM %(now)s - due.since), 0), 0)::int
                               AS overdue_seconds
                      FROM healthcare_exchange_endpoint e
                 LEFT JOIN healthcare_exchange_flow f ON f.endpoint_id = e.id
                CROSS JOIN LATERAL (
                           SELECT count(*) AS number FROM (
                               SELECT 1 FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.direction = 'outbound'
                                  AND m.state IN ('queued', 'retry', 'leased')
                                LIMIT %(many)s) AS counted
                           ) waiting
                CROSS JOIN LATERAL (
                           SELECT count(*) AS number FROM (
                               SELECT 1 FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.direction = 'inbound'
                                  AND m.state IN ('queued', 'retry')
                                LIMIT %(many)s) AS counted
                           ) inbox
                CROSS JOIN LATERAL (
                           SELECT count(*) AS number FROM (
                               SELECT 1 FROM healthcare_exchange_message m
                                WHERE m.endpoint_id = e.id AND m.state IN ('dead', 'rejected')
                                LIMIT %(many)s) AS counted
                           ) trouble
                CROSS JOIN LATERAL (
                           SELECT min(first.next_attempt_at) AS since
                             FROM (VALUES (0), (1), (2)) AS p(priority)
                       CROSS JOIN (VALUES (TRUE), (FALSE)) AS b(batch)
                       CROSS JOIN LATERAL (
                                  SELECT m.next_attempt_at FROM healthcare_exchange_message m
                                   WHERE m.endpoint_id = e.id AND m.direction = 'outbound'
                                     AND m.state IN ('queued', 'retry', 'leased')
                                     AND m.priority = p.priority
                                     AND (m.batch IS TRUE) = b.batch
                                ORDER BY m.next_attempt_at LIMIT 1) AS first
                           ) due
                     WHERE e.id = ANY(%(endpoint_ids)s)
                     ORDER BY e.code
                    """,
                    now=NOW,
                    many=_MANY,
                    endpoint_ids=endpoints.ids,
                )
            )
            return cr.dictfetchall()
