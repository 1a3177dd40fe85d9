import json

from odoo import models
from odoo.tools import SQL

from .exchange_message import NOW


class HealthcareExchangeMessage(models.Model):
    """What a claim takes: who has which share, and what is due.

    In the claim's own cursor.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    def _take_due(self, limit, endpoint_ids, wait):
        """Lock what is due and may leave; return ``(ids, busy)``."""
        flows = self.env["healthcare.exchange.flow"]
        gates = flows._gates(endpoint_ids, limit)
        shares = self._shares(gates.values(), limit) if gates else []
        named = {share["endpoint_id"] for share in shares}
        counted = [gate for gate in gates.values() if gate.counted and gate.endpoint_id in named]
        held, busy = flows._hold(counted, limit, wait)
        shares = _within(shares, {gate.endpoint_id for gate in counted}, held)
        if not shares:
            return [], busy
        due = self._lock_due(shares)
        exhausted = self._record_expired([row["id"] for row in due if row["expired"]])
        taken = [row for row in due if row["id"] not in exhausted]
        by_endpoint = {}
        for row in taken:
            by_endpoint.setdefault(row["endpoint_id"], []).append(row["id"])
        flows._take(held, by_endpoint)
        return [row["id"] for row in taken], busy

    def _shares(self, gates, limit):
        """Return how many messages of which endpoint, priority and kind a claim should take:
        urgent first, then one of each endpoint in turn, within what its gate allows.

        Locks nothing, so that a claim locks no more than it takes. Of a partner that is probed,
        the message that has been due for longest, whatever its priority: so one that always
        fails does not stand in the way of the others.

        :return: list of ``{endpoint_id, priority, batch, count}``.
        """
        self.env.cr.execute(self._shares_query(gates, limit))
        return self.env.cr.dictfetchall()

    def _shares_query(self, gates, limit):
        return SQL(
            """
            WITH gate AS (
                SELECT * FROM jsonb_to_recordset(%(gates)s) AS g(
                       endpoint_id int, allowed int, probe bool, batch bool)
            ), seen AS (
                SELECT gate.endpoint_id, gate.allowed, c.priority, c.batch, m.id,
                       m.next_attempt_at,
                       row_number() OVER (
                           PARTITION BY gate.endpoint_id
                           ORDER BY CASE WHEN gate.probe THEN 0 ELSE c.priority END,
                                    m.next_attempt_at, m.id) AS place
                  FROM gate
                  JOIN (VALUES (0, FALSE), (1, FALSE), (2, FALSE), (1, TRUE), (2, TRUE))
                       AS c(priority, batch) ON gate.batch OR NOT c.batch
            CROSS JOIN LATERAL (%(due)s) m
            ), chosen AS (
                SELECT endpoint_id, priority, batch FROM seen
                 WHERE place <= allowed
              ORDER BY priority,
                       row_number() OVER (
                           PARTITION BY endpoint_id, priority ORDER BY next_attempt_at, id),
                       next_attempt_at, id
                 LIMIT %(limit)s
            )
            SELECT endpoint_id, priority, batch, count(*)::int AS count
              FROM chosen GROUP BY endpoint_id, priority, batch
             ORDER BY endpoint_id, priority, batch
            """,
            gates=json.dumps(
                [
                    {
                        "endpoint_id": gate.endpoint_id,
                        "allowed": gate.allowed,
                        "probe": gate.probe,
                        "batch": gate.batch,
                    }
                    for gate in gates
                ]
            ),
            due=_due(
                SQL("gate.endpoint_id"),
                SQL("c.priority"),
                SQL("c.batch"),
                SQL("LIMIT LEAST(gate.allowed, %s)", limit),
            ),
            limit=limit,
        )

    def _lock_due(self, shares):
        """Lock and return what is due, as :meth:`_shares` says; what other workers hold is
        skipped."""
        self.env.cr.execute(self._lock_due_query(shares))
        return self.env.cr.dictfetchall()

    def _lock_due_query(self, shares):
        return SQL(
            """
            SELECT m.id, s.endpoint_id, m.expired
              FROM jsonb_to_recordset(%s) AS s(
                   endpoint_id int, priority int, batch bool, count int)
        CROSS JOIN LATERAL (%s) m
            """,
            json.dumps(shares),
            _due(
                SQL("s.endpoint_id"),
                SQL("s.priority"),
                SQL("s.batch"),
                SQL("LIMIT s.count FOR UPDATE OF m SKIP LOCKED"),
            ),
        )


def _due(endpoint, priority, batch, limit):
    """Return the query for messages ``m`` of one endpoint, priority and kind that are due, the
    longest waiting first.

    Served by ``_due_idx``: what waits for a partner that is down, for its next attempt or for a
    batch window is not looked at. The order within an ordering key is looked up one by one in
    ``_order_idx``, whatever the endpoint; as a scalar, since the planner might turn NOT EXISTS
    into a join with all that waits anywhere.
    """
    return SQL(
        """
        SELECT m.id, m.next_attempt_at, m.state = 'leased' AS expired
          FROM healthcare_exchange_message m
         WHERE m.direction = 'outbound'
           AND m.endpoint_id = %(endpoint)s
           AND m.priority = %(priority)s
           AND (m.batch IS TRUE) = %(batch)s
           AND m.state IN ('queued', 'retry', 'leased')
           AND m.next_attempt_at <= %(now)s
           AND (m.ordering_key IS NULL OR (
               SELECT 1 FROM healthcare_exchange_message earlier
                WHERE earlier.direction = 'outbound'
                  AND earlier.ordering_key = m.ordering_key
                  AND COALESCE(earlier.in_place_of_id, earlier.id)
                      < COALESCE(m.in_place_of_id, m.id)
                  AND earlier.state IN ('queued', 'retry', 'leased', 'dead')
                LIMIT 1) IS NULL)
      ORDER BY m.next_attempt_at, m.id
        %(limit)s
        """,
        endpoint=endpoint,
        priority=priority,
        batch=batch,
        now=NOW,
        limit=limit,
    )


def _within(shares, counted, held):
    """Return the shares within what gates under lock allow; what could not be locked is left."""
    allowed = {endpoint_id: gate.allowed for endpoint_id, gate in held.items()}
    result = []
    for share in shares:
        endpoint_id, count = share["endpoint_id"], share["count"]
        if endpoint_id in counted:
            count = min(count, allowed.get(endpoint_id, 0))
            allowed[endpoint_id] = allowed.get(endpoint_id, 0) - count
        if count > 0:
            result.append({**share, "count": count})
    return result
