from odoo import api, models
from odoo.tools import SQL

#: Counts of what waits stop here: a figure beyond it helps nobody, and costs.
COUNT_LIMIT = 10_000
#: Newest attempts and deliveries of an endpoint that figures are made of.
SAMPLE = 50_000
_PERCENTILES = [0.5, 0.95, 0.99]
_RECENT_MINUTES = 15


class HealthcareExchangeMonitor(models.AbstractModel):
    """The monitor's figures: one bounded, set-based query each, from the rows themselves.

    Nothing is counted while documents are exchanged, so nothing is in their way. Each query goes
    through the endpoints one by one (LATERAL), served by an index, with a limit.
    """

    _inherit = "healthcare.exchange.monitor"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _open_query(self, endpoint_ids):
        """What waits or is in trouble: ``endpoint_id``, ``state``, ``number``, ``oldest_at``, and
        ``prompt_at``, the oldest that does not wait for a batch window."""
        return SQL(
            """
            SELECT e.id AS endpoint_id, s.state, found.number, found.oldest_at, found.prompt_at
              FROM unnest(%(endpoint_ids)s) AS e(id)
        CROSS JOIN unnest(ARRAY['queued', 'leased', 'retry', 'dead', 'rejected']) AS s(state)
        CROSS JOIN LATERAL (
                   SELECT count(*) AS number, min(open.create_date) AS oldest_at,
                          min(open.create_date) FILTER (WHERE open.batch IS NOT TRUE) AS prompt_at
                     FROM (SELECT m.create_date, m.batch
                             FROM healthcare_exchange_message m
                            WHERE m.endpoint_id = e.id AND m.state = s.state
                              AND m.state IN ('queued', 'leased', 'retry', 'dead', 'rejected')
                         ORDER BY m.create_date
                            LIMIT %(limit)s) open
                   ) found
             WHERE found.number > 0
            """,
            endpoint_ids=endpoint_ids,
            limit=COUNT_LIMIT + 1,
        )

    @api.model
    def _unacknowledged_query(self, endpoint_ids):
        """What the partner should have acknowledged by now: ``endpoint_id``, ``number``."""
        return SQL(
            """
            SELECT e.id AS endpoint_id, found.number
              FROM healthcare_exchange_endpoint e
        CROSS JOIN LATERAL (
                   SELECT count(*) AS number
                     FROM (SELECT 1
                             FROM healthcare_exchange_message m
                            WHERE m.endpoint_id = e.id AND m.state = 'sent'
                              AND m.document_type <> 'functional_acknowledgement'
                              AND m.sent_at < timezone('UTC', now())
                                              - make_interval(mins => e.acknowledge_by)
                            LIMIT %(limit)s) late
                   ) found
             WHERE e.id = ANY(%(endpoint_ids)s)
               AND e.expects_functional_ack AND e.acknowledge_by > 0
               AND found.number > 0
            """,
            endpoint_ids=endpoint_ids,
            limit=COUNT_LIMIT + 1,
        )

    @api.model
    def _tried(self, endpoint_ids, since):
        """The newest attempts since a moment, as a table expression."""
        return SQL(
            """
            SELECT a.*
              FROM unnest(%(endpoint_ids)s) AS e(id)
        CROSS JOIN LATERAL (
                   SELECT a.endpoint_id, a.message_id, a.started_at, a.duration_ms, a.outcome,
                          a.error_code, a.error_kind
                     FROM healthcare_exchange_attempt a
                    WHERE a.endpoint_id = e.id AND a.started_at >= %(since)s
                 ORDER BY a.started_at DESC
                    LIMIT %(limit)s
                   ) a
            """,
            endpoint_ids=endpoint_ids,
            since=since,
            limit=SAMPLE,
        )

    @api.model
    def _attempts_query(self, endpoint_ids, since):
        """Attempts per endpoint, and in total (``endpoint_id`` null)."""
        return SQL(
            """
            WITH tried AS MATERIALIZED (%(tried)s)
            SELECT endpoint_id, count(*) AS attempts,
                   count(*) FILTER (WHERE outcome <> 'delivered') AS failed,
                   count(*) FILTER (WHERE outcome = 'unknown') AS unknown,
                   count(*) - count(DISTINCT message_id) AS retries,
                   max(started_at) FILTER (WHERE outcome = 'delivered') AS last_delivered_at,
                   percentile_cont(%(percentiles)s) WITHIN GROUP (ORDER BY duration_ms) AS durations
              FROM tried
          GROUP BY GROUPING SETS ((endpoint_id), ())
            """,
            tried=self._tried(endpoint_ids, since),
            percentiles=_PERCENTILES,
        )

    @api.model
    def _recent_query(self, endpoint_ids):
        """Attempts of the last quarter of an hour, whatever the period: how it is now."""
        return SQL(
            """
            SELECT endpoint_id, count(*) AS attempts,
                   count(*) FILTER (WHERE outcome <> 'delivered') AS failed
              FROM (%(tried)s) AS tried
          GROUP BY endpoint_id
            """,
            tried=self._tried(
                endpoint_ids,
                SQL("timezone('UTC', now()) - make_interval(mins => %s)", _RECENT_MINUTES),
            ),
        )

    @api.model
    def _sent(self, endpoint_ids, since):
        """The newest deliveries since a moment with their time in milliseconds, as a table
        expression. The time is from the order's transaction to the partner's receipt; what waits
        for a batch window is left out, for it waits on purpose."""
        return SQL(
            """
            SELECT m.endpoint_id, m.sent_at,
                   EXTRACT(EPOCH FROM m.sent_at - m.create_date)::float8 * 1000 AS latency
              FROM unnest(%(endpoint_ids)s) AS e(id)
        CROSS JOIN LATERAL (
                   SELECT m.endpoint_id, m.sent_at, m.create_date
                     FROM healthcare_exchange_message m
                    WHERE m.endpoint_id = e.id AND m.sent_at >= %(since)s
                      AND m.batch IS NOT TRUE
                 ORDER BY m.sent_at DESC
                    LIMIT %(limit)s
                   ) m
            """,
            endpoint_ids=endpoint_ids,
            since=since,
            limit=SAMPLE,
        )

    @api.model
    def _sent_query(self, endpoint_ids, since):
        """Deliveries per endpoint, and in total (``endpoint_id`` null)."""
        return SQL(
            """
            WITH sent AS MATERIALIZED (%(sent)s)
            SELECT endpoint_id, count(*) AS sent,
                   percentile_cont(%(percentiles)s) WITHIN GROUP (ORDER BY latency) AS latencies
              FROM sent
          GROUP BY GROUPING SETS ((endpoint_id), ())
            """,
            sent=self._sent(endpoint_ids, since),
            percentiles=_PERCENTILES,
        )

    @api.model
    def _received(self, endpoint_ids, since):
        """What came in since a moment, as a table expression."""
        return SQL(
            """
            SELECT m.endpoint_id, m.create_date
              FROM unnest(%(endpoint_ids)s) AS e(id)
        CROSS JOIN LATERAL (
                   SELECT m.endpoint_id, m.create_date
                     FROM healthcare_exchange_message m
                    WHERE m.endpoint_id = e.id AND m.direction = 'inbound'
                      AND m.create_date >= %(since)s
                 ORDER BY m.create_date DESC
                    LIMIT %(limit)s
                   ) m
            """,
            endpoint_ids=endpoint_ids,
            since=since,
            limit=SAMPLE,
        )

    @api.model
    def _received_query(self, endpoint_ids, since):
        """Documents that came in per endpoint: ``endpoint_id``, ``received``, ``last_at``."""
        return SQL(
            """
            SELECT endpoint_id, count(*) AS received, max(create_date) AS last_at
              FROM (%(received)s) AS received
          GROUP BY endpoint_id
            """,
            received=self._received(endpoint_ids, since),
        )

    @api.model
    def _bars_query(self, endpoint_ids, since, width):
        """Attempts, deliveries and receipts by time: a row per bar with something in it."""
        return SQL(
            """
            WITH tried AS (
                SELECT date_bin(%(width)s, started_at, '2000-01-01') AS at,
                       count(*) FILTER (WHERE outcome = 'delivered') AS delivered,
                       count(*) FILTER (WHERE outcome = 'not_sent') AS not_sent,
                       count(*) FILTER (WHERE outcome = 'unknown') AS unknown
                  FROM (%(tried)s) AS tried GROUP BY 1
            ), sent AS (
                SELECT date_bin(%(width)s, sent_at, '2000-01-01') AS at,
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY latency) AS p50,
                       percentile_cont(0.95) WITHIN GROUP (ORDER BY latency) AS p95
                  FROM (%(sent)s) AS sent GROUP BY 1
            ), received AS (
                SELECT date_bin(%(width)s, create_date, '2000-01-01') AS at, count(*) AS received
                  FROM (%(received)s) AS received GROUP BY 1
            )
            SELECT at, COALESCE(delivered, 0) AS delivered, COALESCE(not_sent, 0) AS not_sent,
                   COALESCE(unknown, 0) AS unknown, COALESCE(received, 0) AS received, p50, p95
              FROM tried FULL JOIN sent USING (at) FULL JOIN received USING (at)
          ORDER BY at
            """,
            width=width,
            tried=self._tried(endpoint_ids, since),
            sent=self._sent(endpoint_ids, since),
            received=self._received(endpoint_ids, since),
        )

    @api.model
    def _errors_query(self, endpoint_ids, since):
        """Errors since a moment by code: of attempts, and of documents that came in."""
        return SQL(
            """
            WITH errors AS (
                SELECT 'outbound' AS direction, endpoint_id, started_at AS at,
                       COALESCE(error_code, 'error') AS code, COALESCE(error_kind, '') AS kind
                  FROM (%(tried)s) AS tried WHERE outcome <> 'delivered'
             UNION ALL
                SELECT 'inbound', m.endpoint_id, m.create_date, COALESCE(m.error_code, 'error'), ''
                  FROM unnest(%(endpoint_ids)s) AS e(id)
            CROSS JOIN unnest(ARRAY['retry', 'dead', 'rejected']) AS s(state)
            CROSS JOIN LATERAL (
                       SELECT m.endpoint_id, m.create_date, m.error_code
                         FROM healthcare_exchange_message m
                        WHERE m.endpoint_id = e.id AND m.state = s.state
                          AND m.state IN ('queued', 'leased', 'retry', 'dead', 'rejected')
                          AND m.create_date >= %(since)s AND m.direction = 'inbound'
                     ORDER BY m.create_date DESC
                        LIMIT %(limit)s
                       ) m
            )
            SELECT code, direction, max(kind) AS kind, count(*) AS number, max(at) AS last_at,
                   array_agg(DISTINCT endpoint_id) AS endpoint_ids
              FROM errors
          GROUP BY code, direction
          ORDER BY number DESC, code
             LIMIT 50
            """,
            endpoint_ids=endpoint_ids,
            since=since,
            limit=COUNT_LIMIT,
            tried=self._tried(endpoint_ids, since),
        )

    @api.model
    def _rows(self, query):
        """Run a query of this model on what the running transaction sees."""
        self.env.flush_all()
        self.env.cr.execute(query)
        return self.env.cr.dictfetchall()
