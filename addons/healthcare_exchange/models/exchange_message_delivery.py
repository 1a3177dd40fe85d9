import base64
import binascii
import hashlib
import json
import uuid
from datetime import datetime, timedelta, timezone

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.backoff import full_jitter
from ..tools.text import clean_text
from .exchange_message import iso

_MAX_CLAIM = 500
_MAX_LEASE = 3600
_MAX_RESULTS = 1000
_MAX_PAYLOAD = 32 * 1024 * 1024
# Now, as Odoo stores it; stable within a statement, so that indexes serve it.
_NOW = SQL("timezone('UTC', statement_timestamp())")


class HealthcareExchangeMessage(models.Model):
    """The outbox's protocol with the integration service: claim, stage, extend, report.

    Each method works in a cursor of its own (READ COMMITTED) and is fenced by the lease token.
    """

    _inherit = "healthcare.exchange.message"

    @api.model
    def claim(self, worker, limit, lease_seconds, endpoint_codes, lease_token):
        """Lease messages that are due, for sending.

        The same token again gives the same messages, with the lease renewed (the answer was
        lost); a token whose messages were reported gives none. A message whose lease has run out
        is due again: that lease is recorded as an attempt, ``not_sent`` where nothing had been
        staged, else ``unknown``. A message is not handed out while an earlier one with the same
        ordering key is on its way or a dead letter.

        :param worker: name of the worker, for people.
        :param limit: at most so many messages (1 to 500), taken fairly from all endpoints,
            urgent ones first.
        :param lease_seconds: how long they are the worker's own (1 to 3600), by the database's
            clock.
        :param endpoint_codes: endpoints to look at; ``[]``: all that the caller may use.
        :param lease_token: UUID chosen by the caller.
        :return: list of dicts with all that is needed to render and send; ``payload`` holds the
            staged bytes (base64) where an earlier attempt has staged them. Times are ISO 8601, UTC.
        """
        self._check_caller()
        worker = clean_text(worker, 100)
        limit = self._check_number(limit, "limit", 1, _MAX_CLAIM)
        lease_seconds = self._check_number(lease_seconds, "lease_seconds", 1, _MAX_LEASE)
        codes = self._check_list(endpoint_codes or [], "endpoint_codes")
        token = self._check_token(lease_token)
        endpoints = self._reachable_endpoints(codes)
        if not endpoints:
            return []
        with self._claim_cursor() as cr:
            messages = self._as_superuser(cr)
            return messages._claim_locked(worker, limit, lease_seconds, endpoints.ids, token)

    def _claim_locked(self, worker, limit, lease_seconds, endpoint_ids, token):
        # A repeated call may arrive while the first is still at work.
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                f"healthcare.exchange.claim:{token}",
            )
        )
        held = self._held(token, endpoint_ids)
        if not held and not self._token_spent(token):
            due = self._due(limit, endpoint_ids)
            exhausted = self._record_expired([row["id"] for row in due if row["expired"]])
            held = [row["id"] for row in due if row["id"] not in exhausted]
        if not held:
            return []
        self._lease(held, worker, lease_seconds, token)
        return self._claimed(held)

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

    def _due(self, limit, endpoint_ids):
        """Lock and return what is due, at most ``limit``: urgent first, then one message of each
        endpoint in turn.

        LATERAL, per endpoint and priority and with a limit each: what waits for a partner that is
        down is behind ``next_attempt_at`` in the index and not looked at.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH due AS (
                    SELECT m.*, e.id AS endpoint_id
                      FROM healthcare_exchange_endpoint e
                CROSS JOIN (VALUES (0), (1), (2)) AS p(priority)
                CROSS JOIN LATERAL (
                           SELECT m.id, m.priority, m.next_attempt_at,
                                  m.state = 'leased' AS expired
                             FROM healthcare_exchange_message m
                            WHERE m.direction = 'outbound'
                              AND m.endpoint_id = e.id
                              AND m.priority = p.priority
                              AND m.state IN ('queued', 'retry', 'leased')
                              AND m.next_attempt_at <= %(now)s
                              AND NOT EXISTS (
                                  SELECT 1 FROM healthcare_exchange_message earlier
                                   WHERE earlier.direction = 'outbound'
                                     AND earlier.endpoint_id = m.endpoint_id
                                     AND earlier.ordering_key IS NOT NULL
                                     AND earlier.ordering_key = m.ordering_key
                                     AND earlier.id < m.id
                                     AND earlier.state IN ('queued', 'retry', 'leased', 'dead'))
                         ORDER BY m.next_attempt_at, m.id
                            LIMIT %(limit)s
                       FOR UPDATE OF m SKIP LOCKED
                           ) m
                     WHERE e.id = ANY(%(endpoint_ids)s) AND e.state = 'active' AND e.active
                )
                SELECT id, expired FROM due
                 ORDER BY priority,
                          row_number() OVER (
                              PARTITION BY endpoint_id, priority ORDER BY next_attempt_at, id),
                          next_attempt_at, id
                 LIMIT %(limit)s
                """,
                now=_NOW,
                limit=limit,
                endpoint_ids=endpoint_ids,
            )
        )
        return self.env.cr.dictfetchall()

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
                       state = CASE WHEN m.attempt_count + 1 >= e.max_attempts
                                    THEN 'dead' ELSE m.state END,
                       lease_token = NULL, leased_by = NULL, leased_at = NULL, leased_until = NULL,
                       write_date = %(now)s
                  FROM healthcare_exchange_endpoint e
                 WHERE m.id = ANY(%(ids)s) AND e.id = m.endpoint_id
             RETURNING m.id, m.state
                """,
                ids=message_ids,
                now=_NOW,
            )
        )
        dead = {message_id for message_id, state in self.env.cr.fetchall() if state == "dead"}
        self._bury(
            {
                message_id: self.env._("Workers took this message and never reported.")
                for message_id in dead
            }
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
                now=_NOW,
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
        return [_claim_row(row) for row in self.env.cr.dictfetchall()]

    @api.model
    def stage(self, lease_token, rendered):
        """Store the bytes that will be sent, before they are sent: the first write wins.

        :param lease_token: the token of the claim.
        :param rendered: list of ``{uuid, payload (base64), payload_sha256, filename,
            content_type}``.
        :return: one dict per item, in order: ``uuid``, ``status``, and the stored ``payload``,
            ``payload_sha256``, ``filename``, ``content_type``, which are what must be sent.
            ``staged``: stored now; ``kept``: stored before, the given bytes are ignored;
            ``lost_lease``: not this token's; ``conflict``: the bytes are not base64, too large or
            do not have the stated SHA-256, nothing is stored.
        """
        self._check_caller()
        token = self._check_token(lease_token)
        items = [_rendered(item) for item in self._check_items(rendered, "rendered")]
        endpoints = self._reachable_endpoints()
        with self._claim_cursor() as cr:
            held = self._as_superuser(cr)._lock_lease(token, items, endpoints.ids)
            valid = {
                item["uuid"]: item
                for item in reversed(items)
                if item["valid"] and held.get(item["uuid"], {}).get("mine")
            }
            cr.execute(
                SQL(
                    """
                    UPDATE healthcare_exchange_message m
                       SET payload = convert_to(r.payload, 'UTF8'),
                           payload_sha256 = r.payload_sha256,
                           payload_filename = r.filename,
                           payload_content_type = r.content_type,
                           write_date = %s
                      FROM jsonb_to_recordset(%s) AS r(
                           uuid text, payload text, payload_sha256 text, filename text,
                           content_type text)
                     WHERE m.uuid = r.uuid AND m.payload_sha256 IS NULL
                 RETURNING m.uuid
                    """,
                    _NOW,
                    json.dumps(list(valid.values())),
                )
            )
            staged = {message_uuid for (message_uuid,) in cr.fetchall()}
            cr.execute(
                SQL(
                    """
                    SELECT uuid, payload, payload_sha256, payload_filename, payload_content_type
                      FROM healthcare_exchange_message WHERE uuid = ANY(%s)
                    """,
                    [name for name, row in held.items() if row["mine"]],
                )
            )
            stored = {row["uuid"]: row for row in cr.dictfetchall()}
        return [_stage_answer(item, stored.get(item["uuid"]), staged) for item in items]

    @api.model
    def extend(self, lease_token, lease_seconds):
        """Extend a lease from now on, for what is still held.

        :return: ``{"uuids": [...], "leased_until": ISO time or False}``.
        """
        self._check_caller()
        token = self._check_token(lease_token)
        lease_seconds = self._check_number(lease_seconds, "lease_seconds", 1, _MAX_LEASE)
        endpoints = self._reachable_endpoints()
        with self._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    UPDATE healthcare_exchange_message
                       SET leased_until = %(now)s + make_interval(secs => %(seconds)s),
                           next_attempt_at = %(now)s + make_interval(secs => %(seconds)s)
                     WHERE lease_token = %(token)s AND state = 'leased'
                       AND endpoint_id = ANY(%(endpoint_ids)s)
                 RETURNING uuid, leased_until
                    """,
                    now=_NOW,
                    seconds=lease_seconds,
                    token=token,
                    endpoint_ids=endpoints.ids,
                )
            )
            rows = cr.fetchall()
        return {
            "uuids": sorted(message_uuid for message_uuid, _until in rows),
            "leased_until": iso(rows[0][1]) if rows else False,
        }

    @api.model
    def report(self, lease_token, results):
        """Say how attempts ended. Refused per message under another token than the lease's.

        ``delivered`` ends in ``acknowledged`` or ``sent``. Otherwise a retryable failure waits
        (full-jitter back-off, at least ``retry_after_seconds``) or, after the endpoint's
        ``max_attempts``, becomes a dead letter; a failure that is not retryable is ``rejected``
        when nothing was sent, and a dead letter when nobody knows: that a person decides.

        :param lease_token: the token of the claim.
        :param results: list of ``{uuid, outcome (delivered, not_sent, unknown), acknowledged,
            error_code, error_kind, retryable, message, http_status, started_at (ISO 8601),
            duration_ms, retry_after_seconds, partner_reference}``.
        :return: one dict per item, in order: ``uuid``, ``status`` (``recorded``, ``repeated``,
            ``lost_lease``), ``state``, ``next_attempt_at``.
        """
        self._check_caller()
        token = self._check_token(lease_token)
        items = [self._check_result(item) for item in self._check_items(results, "results")]
        endpoints = self._reachable_endpoints()
        with self._claim_cursor() as cr:
            messages = self._as_superuser(cr)
            held = messages._lock_lease(token, items, endpoints.ids)
            reported = messages._reported(token, [row["id"] for row in held.values()])
            fresh = {}
            for item in items:
                row = held.get(item["uuid"])
                if row and row["mine"] and row["id"] not in reported:
                    fresh.setdefault(item["uuid"], _verdict(item, row))
            messages._record_attempts(token, fresh.values())
            answers = []
            for item in items:
                row, verdict = held.get(item["uuid"]), fresh.get(item["uuid"])
                answers.append(_report_answer(item, row, verdict, reported))
                if verdict:
                    # Once more in the same call is a repetition.
                    reported.add(row["id"])
                    held[item["uuid"]] = {**row, **verdict}
        return answers

    def _lock_lease(self, token, items, endpoint_ids):
        """Lock the messages named by ``items`` and return ``{uuid: row}``; ``mine`` says whether
        they are leased under ``token``."""
        self.env.cr.execute(
            SQL(
                """
                SELECT m.id, m.uuid, m.state, m.next_attempt_at, m.attempt_count, m.document_type,
                       m.leased_at, m.leased_by, m.endpoint_id, m.company_id,
                       %(now)s AS now,
                       m.state = 'leased' AND m.lease_token = %(token)s AS mine,
                       e.max_attempts, e.retry_base_seconds, e.retry_max_seconds
                  FROM healthcare_exchange_message m
                  JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
                 WHERE m.uuid = ANY(%(uuids)s) AND m.direction = 'outbound'
                   AND m.endpoint_id = ANY(%(endpoint_ids)s)
                 ORDER BY m.id
                   FOR UPDATE OF m
                """,
                now=_NOW,
                token=token,
                uuids=[item["uuid"] for item in items],
                endpoint_ids=endpoint_ids,
            )
        )
        return {row["uuid"]: row for row in self.env.cr.dictfetchall()}

    def _reported(self, token, message_ids):
        self.env.cr.execute(
            SQL(
                "SELECT message_id FROM healthcare_exchange_attempt"
                " WHERE lease_token = %s AND message_id = ANY(%s)",
                token,
                message_ids,
            )
        )
        return {message_id for (message_id,) in self.env.cr.fetchall()}

    def _record_attempts(self, token, verdicts):
        """Append the attempts and move the messages on, in two statements."""
        rows = list(verdicts)
        if not rows:
            return
        data = json.dumps(rows, default=str)
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO healthcare_exchange_attempt
                       (message_id, endpoint_id, company_id, lease_token, started_at, duration_ms,
                        outcome, acknowledged, error_code, error_kind, message, http_status, worker)
                SELECT r.id, r.endpoint_id, r.company_id, %s, r.started_at, r.duration_ms,
                       r.outcome, r.acknowledged, r.error_code, r.error_kind, r.message,
                       r.http_status, r.leased_by
                  FROM jsonb_to_recordset(%s) AS r(
                       id int, endpoint_id int, company_id int, started_at timestamp,
                       duration_ms int, outcome text, acknowledged bool, error_code text,
                       error_kind text, message text, http_status int, leased_by text)
                """,
                token,
                data,
            )
        )
        self.env.cr.execute(
            SQL(
                """
                UPDATE healthcare_exchange_message m
                   SET state = r.state,
                       next_attempt_at = r.next_attempt_at,
                       attempt_count = m.attempt_count + 1,
                       error_code = r.error_code,
                       errors = r.errors,
                       sent_at = CASE WHEN r.outcome = 'delivered'
                                      THEN COALESCE(m.sent_at, %(now)s) ELSE m.sent_at END,
                       partner_reference = COALESCE(r.partner_reference, m.partner_reference),
                       lease_token = NULL, leased_by = NULL, leased_at = NULL, leased_until = NULL,
                       write_date = %(now)s
                  FROM jsonb_to_recordset(%(data)s) AS r(
                       id int, state text, next_attempt_at timestamp, error_code text,
                       errors jsonb, outcome text, partner_reference text)
                 WHERE m.id = r.id
                """,
                now=_NOW,
                data=data,
            )
        )
        self._bury(
            {
                row["id"]: row["message"] or row["error_code"] or row["outcome"]
                for row in rows
                if row["state"] in ("dead", "rejected")
            }
        )

    def _bury(self, reasons):
        """Give dead letters and refused messages to a person."""
        if reasons:
            self.env.invalidate_all()
            self.browse(sorted(reasons))._give_owner(reasons)

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

    def _check_items(self, items, name):
        if (
            not isinstance(items, list | tuple)
            or len(items) > _MAX_RESULTS
            or not all(isinstance(i, dict) and isinstance(i.get("uuid"), str) for i in items)
        ):
            raise ValidationError(
                self.env._(
                    "%(name)s must be a list of at most %(n)s objects, each with a uuid.",
                    name=name,
                    n=_MAX_RESULTS,
                )
            )
        return items

    def _check_result(self, item):
        """Return a result in uniform shape.

        :raise ValidationError: its outcome is none of the three, or a number or time is none.
        """
        outcome = item.get("outcome")
        if outcome not in ("delivered", "not_sent", "unknown"):
            raise ValidationError(
                self.env._(
                    "Message %s: outcome must be delivered, not_sent or unknown.", item["uuid"]
                )
            )
        return {
            "uuid": item["uuid"],
            "outcome": outcome,
            "acknowledged": outcome == "delivered" and item.get("acknowledged") is True,
            # Not said: a failure is taken to pass.
            "retryable": item.get("retryable") is not False,
            "error_code": clean_text(item.get("error_code"), 100) or None,
            "error_kind": clean_text(item.get("error_kind"), 50) or None,
            "message": clean_text(item.get("message")) or None,
            "partner_reference": clean_text(item.get("partner_reference"), 200) or None,
            "http_status": self._check_number(item.get("http_status") or 0, "http_status", 0, 999),
            "duration_ms": self._check_number(
                item.get("duration_ms") or 0, "duration_ms", 0, 2**31 - 1
            ),
            "retry_after_seconds": self._check_number(
                item.get("retry_after_seconds") or 0, "retry_after_seconds", 0, 2**31 - 1
            ),
            "started_at": self._check_moment(item.get("started_at"), item["uuid"]),
        }

    def _check_moment(self, value, message_uuid):
        if not value:
            return None
        try:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError as error:
            raise ValidationError(
                self.env._("Message %s: started_at is not an ISO 8601 time.", message_uuid)
            ) from error
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        return moment


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
        **_payload(row),
    }


def _payload(row):
    """Return the staged bytes of a row, base64, as they are stored."""
    return {
        "payload": bytes(row["payload"]).decode("ascii") if row["payload_sha256"] else False,
        "payload_sha256": row["payload_sha256"] or False,
        "filename": row["payload_filename"] or False,
        "content_type": row["payload_content_type"] or False,
    }


def _rendered(item):
    encoded = item.get("payload")
    digest = None
    if isinstance(encoded, str) and len(encoded) <= _MAX_PAYLOAD * 4 // 3 + 4:
        try:
            digest = hashlib.sha256(base64.b64decode(encoded, validate=True)).hexdigest()
        except (binascii.Error, ValueError):
            digest = None
    return {
        "uuid": item["uuid"],
        "payload": encoded,
        "payload_sha256": digest,
        "valid": bool(encoded) and digest is not None and item.get("payload_sha256") == digest,
        "filename": clean_text(item.get("filename"), 255) or None,
        "content_type": clean_text(item.get("content_type"), 100) or None,
    }


def _stage_answer(item, row, staged):
    nothing = {"payload": False, "payload_sha256": False, "filename": False, "content_type": False}
    if row is None:
        return {"uuid": item["uuid"], "status": "lost_lease", **nothing}
    if item["uuid"] in staged and item["valid"]:
        status = "staged"
    elif row["payload_sha256"]:
        status = "kept"
    else:
        return {"uuid": item["uuid"], "status": "conflict", **nothing}
    return {"uuid": item["uuid"], "status": status, **_payload(row)}


def _verdict(item, row):
    """Return the attempt and the message's next state."""
    failures = row["attempt_count"] + 1
    due = None
    if item["outcome"] == "delivered":
        state = "acknowledged" if item["acknowledged"] else "sent"
    elif not item["retryable"]:
        state = "rejected" if item["outcome"] == "not_sent" else "dead"
    elif failures >= row["max_attempts"]:
        state = "dead"
    else:
        state = "retry"
        seconds = full_jitter(
            failures,
            row["retry_base_seconds"],
            row["retry_max_seconds"],
            item["retry_after_seconds"],
        )
        due = row["now"] + timedelta(seconds=seconds)
    failed = item["outcome"] != "delivered"
    error = {
        "code": item["error_code"] or "error",
        "message": item["message"] or "",
        "path": "",
        "line": "",
    }
    return {
        **item,
        "id": row["id"],
        "endpoint_id": row["endpoint_id"],
        "company_id": row["company_id"],
        "leased_by": row["leased_by"],
        "started_at": item["started_at"] or row["leased_at"] or row["now"],
        "state": state,
        "next_attempt_at": due,
        "errors": [error] if failed else None,
        "error_code": item["error_code"] if failed else None,
    }


def _report_answer(item, row, verdict, reported):
    if row is None or (row["id"] not in reported and not verdict):
        status = "lost_lease"
    elif row["id"] in reported:
        status = "repeated"
    else:
        status = "recorded"
    current = verdict or row
    return {
        "uuid": item["uuid"],
        "status": status,
        "state": current["state"] if current else False,
        "next_attempt_at": iso(current["next_attempt_at"]) if current else False,
    }
