import uuid

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.text import clean_text
from .exchange_message import NOW, iso

_MAX_CLAIM = 500
#: Longest lease, in seconds.
MAX_LEASE = 3600


class HealthcareExchangeMessage(models.Model):
    """The outbox's protocol with the integration service, first part: who has which message.

    Works in a cursor of its own (READ COMMITTED); the lease token fences what follows.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def claim(self, worker, limit, lease_seconds, endpoint_codes, lease_token):
        """Lease messages that are due, for sending.

        The same token again gives the same messages, with the lease renewed (the answer was
        lost); a token whose messages were reported gives none. A message whose lease has run out
        is due again: that lease is recorded as an attempt, ``not_sent`` where nothing had been
        staged, else ``unknown``. A message is not handed out while an earlier one with the same
        ordering key is on its way or a dead letter, at whatever endpoint.

        Nothing is handed out for an endpoint in a maintenance window, that is paused, or whose
        circuit breaker is open; one message to see whether it is back; and no more than its rate
        allows. That holds for all workers together.

        :param worker: name of the worker, for people.
        :param limit: at most so many messages (1 to 500), taken fairly from all endpoints,
            urgent ones first.
        :param lease_seconds: how long they are the worker's own (1 to 3600), by the database's
            clock.
        :param endpoint_codes: endpoints to look at; ``[]``: all that the caller may use.
        :param lease_token: UUID chosen by the caller.
        :return: list of dicts with all that is needed to render and send; ``payload`` holds the
            staged bytes (base64) where an earlier attempt has staged them. Times are ISO 8601, UTC.
        :raise AccessError: the caller is not the service.
        """
        self._check_caller(service=True)
        worker = clean_text(worker, 100)
        limit = self._check_number(limit, "limit", 1, _MAX_CLAIM)
        lease_seconds = self._check_number(lease_seconds, "lease_seconds", 1, MAX_LEASE)
        codes = self._check_list(endpoint_codes or [], "endpoint_codes")
        token = self._check_token(lease_token)
        endpoints = self._reachable_endpoints(codes)
        if not endpoints:
            return []
        # What another claim is just counting is left to it; who has nothing else waits for it.
        for wait in (False, True):
            with self._claim_cursor() as cr:
                messages = self._as_superuser(cr)
                rows, busy = messages._claim_locked(worker, limit, lease_seconds, endpoints.ids, token, wait)
                fresh = messages.env["healthcare.exchange.worker"]._is_fresh(worker)
            if rows or not busy:
                break
        if not fresh:
            self.env["healthcare.exchange.worker"]._seen(worker)
        return rows

    def _claim_locked(self, worker, limit, lease_seconds, endpoint_ids, token, wait):
        """Return ``(rows, busy)``, see :meth:`claim`; ``busy``: another claim holds the flow of an
        endpoint where something is due."""
        # A repeated call may arrive while the first is still at work. Without JIT: PostgreSQL
        # takes the queries below for expensive, and would compile them at each claim.
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0)), set_config('jit', 'off', true)",
                f"healthcare.exchange.claim:{token}",
            )
        )
        busy = False
        # The same again costs no tokens and is no second probe.
        held = self._held(token, endpoint_ids)
        if not held and not self._token_spent(token):
            held, busy = self._take_due(limit, endpoint_ids, wait)
        if not held:
            return [], busy
        self._lease(held, worker, lease_seconds, token)
        return self._claimed(held), busy

    def _held(self, token, endpoint_ids):
        self.env.cr.execute(
            SQL(
                """
                SELECT id FROM healthcare_exchange_message
                 WHERE lease_token = %s AND state = 'leased' AND endpoint_id = ANY(%s)
                 ORDER BY id FOR UPDATE
                """,
                token,
                endpoint_ids,
            )
        )
        return [message_id for (message_id,) in self.env.cr.fetchall()]

    def _token_spent(self, token):
        self.env.cr.execute(
            SQL(
                "SELECT EXISTS (SELECT 1 FROM healthcare_exchange_attempt WHERE lease_token = %s)",
                token,
            )
        )
        return self.env.cr.fetchone()[0]

    def _record_expired(self, message_ids):
        """End the attempts of leases that ran out; return the ids that are dead letters now."""
        if not message_ids:
            return set()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO healthcare_exchange_attempt
                       (message_id, endpoint_id, company_id, lease_token, started_at, duration_ms,
                        outcome, acknowledged, error_code, error_kind, message, worker)
                SELECT m.id, m.endpoint_id, m.company_id, m.lease_token, m.leased_at,
                       LEAST(EXTRACT(EPOCH FROM m.leased_until - m.leased_at) * 1000, 2147483647),
                       CASE WHEN m.payload IS NULL THEN 'not_sent' ELSE 'unknown' END,
                       FALSE, 'lease_expired', 'transient',
                       'The worker did not report before its lease ran out.', m.leased_by
                  FROM healthcare_exchange_message m
                 WHERE m.id = ANY(%(ids)s)
                ON CONFLICT DO NOTHING
                """,
                ids=message_ids,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_message m
                   SET attempt_count = m.attempt_count + 1,
                       error_code = 'lease_expired',
                       state = CASE WHEN m.attempt_count + 1 - COALESCE(m.spared_count, 0)
                                         >= e.max_attempts
                                    THEN 'dead' ELSE m.state END,
                       lease_token = NULL, leased_by = NULL, leased_at = NULL, leased_until = NULL,
                       write_date = %(now)s
                  FROM healthcare_exchange_endpoint e
                 WHERE m.id = ANY(%(ids)s) AND e.id = m.endpoint_id
             RETURNING m.id, m.state
                """,
                ids=message_ids,
                now=NOW,
            )
        )
        dead = {message_id for message_id, state in self.env.cr.fetchall() if state == "dead"}
        self._bury(
            {message_id: self.env._("Workers took this message and never reported.") for message_id in dead}
        )
        return dead

    def _lease(self, message_ids, worker, lease_seconds, token):
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_message
                   SET state = 'leased', lease_token = %(token)s, leased_by = %(worker)s,
                       leased_at = COALESCE(leased_at, %(now)s),
                       leased_until = %(now)s + make_interval(secs => %(seconds)s),
                       next_attempt_at = %(now)s + make_interval(secs => %(seconds)s),
                       write_date = %(now)s
                 WHERE id = ANY(%(ids)s)
                """,
                token=token,
                worker=worker,
                now=NOW,
                seconds=lease_seconds,
                ids=message_ids,
            )
        )

    def _claimed(self, message_ids):
        self.env.cr.execute(
            SQL(
                """
                SELECT m.*, e.code, e.connector, e.settings, e.test, e.expects_functional_ack,
                       p.name AS partner_name, map.expression
                  FROM healthcare_exchange_message m
                  JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
             LEFT JOIN res_partner p ON p.id = e.partner_id
             LEFT JOIN healthcare_exchange_mapping map ON map.id = m.mapping_id
                 WHERE m.id = ANY(%s)
                 ORDER BY m.priority, m.id
                """,
                message_ids,
            )
        )
        return self._claim_details(self.env.cr.dictfetchall())

    @api.model
    def _claim_details(self, rows):
        """Return what the service is told about each message that it claims.

        Extend it, in the claim's own cursor and superuser mode, for what the service needs to
        render, map or trace a message. All rows come at once: no query per row.

        :param rows: dicts with the columns of the message, and ``code``, ``connector``,
            ``settings``, ``test`` and ``expects_functional_ack`` of its endpoint,
            ``partner_name``, and ``expression`` of its mapping.
        :return: list of dicts, in the same order, without None: XML-RPC has none.
        """
        return [_claim_row(row) for row in rows]

    # What callers may say

    def _check_number(self, value, name, low, high):
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValidationError(
                self.env._(
                    "%(name)s must be a whole number from %(low)s to %(high)s.",
                    name=name,
                    low=low,
                    high=high,
                )
            )
        return value

    def _check_token(self, token):
        try:
            return str(uuid.UUID(token))
        except (ValueError, AttributeError, TypeError) as error:
            raise ValidationError(self.env._("lease_token must be a UUID.")) from error


def _claim_row(row):
    return {
        "uuid": row["uuid"],
        "endpoint_code": row["code"],
        "endpoint": {
            "code": row["code"],
            "connector": row["connector"],
            "settings": row["settings"] or {},
            "test": bool(row["test"]),
            "expects_functional_ack": bool(row["expects_functional_ack"]),
            "partner_name": row["partner_name"] or "",
        },
        "document_type": row["document_type"],
        "number": row["number"] or "",
        "document": row["document"],
        "idempotency_key": row["idempotency_key"],
        "control_number": row["control_number"],
        "document_time": iso(row["document_time"]),
        "mapping": {
            "id": row["mapping_id"],
            "version": row["mapping_version"],
            "expression": row["expression"] or "",
        }
        if row["mapping_id"]
        else False,
        "attempt_count": row["attempt_count"] or 0,
        "trace_id": row["trace_id"],
        "priority": row["priority"],
        "leased_until": iso(row["leased_until"]),
        **staged_payload(row),
    }


def staged_payload(row):
    """Return the staged bytes of a row, base64, as they are stored."""
    return {
        "payload": bytes(row["payload"]).decode("ascii") if row["payload_sha256"] else False,
        "payload_sha256": row["payload_sha256"] or False,
        "filename": row["payload_filename"] or False,
        "content_type": row["payload_content_type"] or False,
    }
