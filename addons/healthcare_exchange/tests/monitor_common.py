from odoo.tools import SQL

from .common import ExchangeBuilders


class MonitorBuilders(ExchangeBuilders):
    """Builders of what the integration monitor shows."""

    def make_traffic(self, endpoints, number):
        """Write ``number`` messages and an attempt for each, spread over a week, in SQL.

        Of a hundred messages two wait to be retried, one waits for its first attempt, two are
        dead letters, one is rejected and four are not yet acknowledged; ten came in.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                WITH made AS (
                    SELECT n, n %% 100 AS kind,
                           (%(endpoint_ids)s::int[])[1 + n %% %(endpoints)s] AS endpoint_id,
                           timezone('UTC', now()) - interval '7 days' * (1 - n::float8 / %(number)s) AS moment
                      FROM generate_series(1, %(number)s) AS n
                ), message AS (
                    INSERT INTO healthcare_exchange_message
                           (uuid, direction, document_type, number, endpoint_id, company_id, state,
                            priority, idempotency_key, ordering_key, trace_id, attempt_count,
                            error_code, sent_at, next_attempt_at, document,
                            create_date, write_date, create_uid, write_uid)
                    SELECT gen_random_uuid()::varchar,
                           CASE WHEN kind >= 90 THEN 'inbound' ELSE 'outbound' END,
                           CASE WHEN kind >= 90 THEN 'invoice' ELSE 'purchase_order' END,
                           'P' || lpad(n::text, 7, '0'), made.endpoint_id, e.company_id,
                           CASE WHEN kind >= 90 THEN 'done' WHEN kind < 2 THEN 'retry'
                                WHEN kind = 2 THEN 'queued' WHEN kind < 5 THEN 'dead'
                                WHEN kind = 5 THEN 'rejected' WHEN kind < 10 THEN 'sent'
                                ELSE 'acknowledged' END,
                           1, 'key-' || n, 'order,' || n, md5(n::text), 1,
                           CASE WHEN kind < 2 OR kind BETWEEN 3 AND 5 THEN 'timeout' END,
                           CASE WHEN kind BETWEEN 6 AND 89
                                THEN moment + interval '1 millisecond' * (100 + n %% 900) END,
                           CASE WHEN kind < 3 THEN moment END,
                           jsonb_build_object('document_type', 'purchase_order',
                                              'schema_version', '1.0', 'number', n::text),
                           moment, moment, 1, 1
                      FROM made JOIN healthcare_exchange_endpoint e ON e.id = made.endpoint_id
                 RETURNING id, endpoint_id, company_id, state, create_date, direction
                )
                INSERT INTO healthcare_exchange_attempt
                       (message_id, endpoint_id, company_id, lease_token, started_at, duration_ms,
                        outcome, error_code, error_kind)
                SELECT id, endpoint_id, company_id, gen_random_uuid()::varchar, create_date,
                       50 + id %% 200,
                       CASE WHEN state IN ('retry', 'dead') THEN 'unknown'
                            WHEN state = 'rejected' THEN 'not_sent' ELSE 'delivered' END,
                       CASE WHEN state IN ('retry', 'dead', 'rejected') THEN 'timeout' END,
                       CASE WHEN state IN ('retry', 'dead', 'rejected') THEN 'transient' END
                  FROM message WHERE direction = 'outbound' AND state <> 'queued'
                """,
                endpoint_ids=endpoints.ids,
                endpoints=len(endpoints),
                number=number,
            )
        )
        self.env.cr.execute("ANALYZE healthcare_exchange_message")
        self.env.cr.execute("ANALYZE healthcare_exchange_attempt")
        self.env.invalidate_all()
