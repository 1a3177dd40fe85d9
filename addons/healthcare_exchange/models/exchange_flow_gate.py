import json
from dataclasses import dataclass

import psycopg2
from odoo import api, models
from odoo.tools import SQL

from .exchange_message import NOW

# How long a claim waits for another one at the same endpoint, when it has nothing else to do.
_WAIT_MILLISECONDS = 250
# What a bucket holds unless told: that many seconds' worth. Idle services look at least that often.
_BURST_SECONDS = 10
_CLOCK_SKEW_SECONDS = 5


@dataclass
class Gate:
    """How much may leave for an endpoint now.

    ``allowed``: at most so many messages; ``probe``: one, to see whether the partner is back;
    ``batch``: those too that wait for a batch window; ``counted``: tokens are taken, or the
    breaker moves, so that the flow's row has to be locked; ``rate`` and ``tokens``: documents a
    minute and what the bucket holds.
    """

    endpoint_id: int
    allowed: int
    probe: bool
    batch: bool
    counted: bool
    rate: int
    tokens: float


class HealthcareExchangeFlow(models.Model):
    """The claim's side of the flow: what may leave, and taking it.

    In the claim's own cursor.
    """

    _inherit = "healthcare.exchange.flow"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _gates(self, endpoint_ids, most):
        """Return ``{endpoint_id: Gate}`` of the endpoints for which anything may leave now.

        Locks nothing: where the gate is ``counted``, :meth:`_hold` says it for certain.

        :param most: messages that the claim could take at all.
        """
        rows = self._read_rows(endpoint_ids)
        if not rows:
            return {}
        maintenance, batch = self.env["healthcare.exchange.window"]._now_open(
            [row["endpoint_id"] for row in rows]
        )
        gates = (
            _gate(row, most, row["endpoint_id"] in batch)
            for row in rows
            if row["endpoint_id"] not in maintenance
        )
        return {gate.endpoint_id: gate for gate in gates if gate.allowed > 0}

    @api.model
    def _read_rows(self, endpoint_ids):
        self.env.cr.execute(
            SQL(
                """
                SELECT e.id AS endpoint_id, f.breaker,
                       COALESCE(f.open_until <= %(now)s, TRUE) AS ripe,
                       COALESCE(f.paused_until > %(now)s, FALSE) AS paused,
                       COALESCE(f.drain_until > %(now)s, FALSE) AS draining,
                       f.tokens,
                       EXTRACT(EPOCH FROM %(now)s - f.tokens_at)::float AS elapsed,
                       EXISTS (SELECT 1 FROM healthcare_exchange_message probe
                                WHERE probe.id = f.probe_id AND probe.state = 'leased'
                                  AND probe.leased_until > %(now)s) AS probing,
                       COALESCE(e.rate_per_minute, 0) AS rate_per_minute,
                       COALESCE(e.rate_burst, 0) AS rate_burst,
                       COALESCE(e.drain_per_minute, 0) AS drain_per_minute
                  FROM healthcare_exchange_endpoint e
                  JOIN healthcare_exchange_flow f ON f.endpoint_id = e.id
                 WHERE e.id = ANY(%(ids)s) AND e.state = 'active' AND e.active
                """,
                now=NOW,
                ids=list(endpoint_ids),
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _hold(self, gates, most, wait):
        """Lock the flows of counted gates and look again.

        What another claim holds is left to it, so that endpoints do not wait for one another;
        with ``wait`` it is waited for a moment. Always in the order of ids: no deadlocks.

        :param gates: list of :class:`Gate`.
        :return: ``(held, busy)``: ``{endpoint_id: Gate}`` as it is under the lock, and whether
            another claim holds some of them.
        """
        ids = [gate.endpoint_id for gate in gates]
        if not ids:
            return {}, False
        locked = self._lock(ids, wait)
        batch = {gate.endpoint_id: gate.batch for gate in gates}
        # A second statement: it sees what was committed while the lock was waited for.
        held = {
            row["endpoint_id"]: _gate(row, most, batch[row["endpoint_id"]])
            for row in (self._read_rows(locked) if locked else ())
        }
        return held, len(locked) < len(ids)

    def _lock(self, endpoint_ids, wait):
        query = SQL(
            "SELECT endpoint_id FROM healthcare_exchange_flow WHERE endpoint_id = ANY(%s)"
            " ORDER BY id FOR UPDATE %s",
            endpoint_ids,
            SQL() if wait else SQL("SKIP LOCKED"),
        )
        try:
            with self.env.cr.savepoint(flush=False):
                if wait:
                    self.env.cr.execute(
                        SQL("SELECT set_config('lock_timeout', %s, true)", f"{_WAIT_MILLISECONDS}ms")
                    )
                self.env.cr.execute(query, log_exceptions=False)
                locked = [endpoint_id for (endpoint_id,) in self.env.cr.fetchall()]
                if wait:
                    self.env.cr.execute("SELECT set_config('lock_timeout', '0', true)")
        except psycopg2.errors.LockNotAvailable:
            return []
        return locked

    @api.model
    def _take(self, held, message_ids):
        """Take tokens for what is handed out, and note which message probes.

        :param held: ``{endpoint_id: Gate}`` under lock.
        :param message_ids: ``{endpoint_id: [id]}``.
        """
        rows = [
            {
                "endpoint_id": gate.endpoint_id,
                "tokens": gate.tokens - len(message_ids[gate.endpoint_id]) if gate.rate else None,
                "probe_id": message_ids[gate.endpoint_id][0] if gate.probe else None,
            }
            for gate in held.values()
            if message_ids.get(gate.endpoint_id)
        ]
        if not rows:
            return
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_flow f
                   SET tokens = COALESCE(r.tokens, f.tokens),
                       tokens_at = CASE WHEN r.tokens IS NULL THEN f.tokens_at
                                        ELSE %(now)s END,
                       probe_id = COALESCE(r.probe_id, f.probe_id),
                       breaker_since = CASE WHEN r.probe_id IS NULL OR f.breaker = 'half_open'
                                            THEN f.breaker_since ELSE %(now)s END,
                       breaker = CASE WHEN r.probe_id IS NULL
                                      THEN f.breaker ELSE 'half_open' END
                  FROM jsonb_to_recordset(%(rows)s) AS r(
                       endpoint_id int, tokens float, probe_id int)
                 WHERE f.endpoint_id = r.endpoint_id
                """,
                now=NOW,
                rows=json.dumps(rows),
            )
        )
        if any(row["probe_id"] for row in rows):
            self._tell()


def _gate(row, most, batch):
    """Return the gate that a row of :meth:`_read_rows` describes."""
    rates = [row["rate_per_minute"]]
    if row["draining"]:
        rates.append(row["drain_per_minute"])
    rate = min(filter(None, rates), default=0)
    probe = row["breaker"] != "closed"
    allowed, tokens = most, 0.0
    if rate:
        burst = max(1, rate * _BURST_SECONDS // 60)
        if row["rate_burst"]:
            burst = min(burst, row["rate_burst"]) if row["draining"] else row["rate_burst"]
        tokens = burst
        # Two workers' statements may begin in another order than they got the lock; a clock that
        # was put back is no reason to wait until it is that late again.
        if row["elapsed"] is not None and row["elapsed"] > -_CLOCK_SKEW_SECONDS:
            tokens = min(burst, (row["tokens"] or 0) + max(row["elapsed"], 0) * rate / 60)
        allowed = min(most, int(tokens))
    if probe:
        waits = row["probing"] if row["breaker"] == "half_open" else not row["ripe"]
        allowed, rate = (0 if waits else 1), 0
    if row["paused"]:
        allowed = 0
    return Gate(
        endpoint_id=row["endpoint_id"],
        allowed=allowed,
        probe=probe,
        batch=batch,
        counted=bool(rate) or probe,
        rate=rate,
        tokens=float(tokens),
    )
