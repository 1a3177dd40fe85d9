import base64
import binascii
import hashlib
import json
from datetime import datetime, timezone

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools.text import clean_text
from ..tools.verdict import judge
from .exchange_message import NOW, iso
from .exchange_message_claim import MAX_LEASE, staged_payload

_MAX_RESULTS = 1000
_MAX_PAYLOAD = 32 * 1024 * 1024


class HealthcareExchangeMessage(models.Model):
    """The outbox's protocol with the integration service, second part: stage, extend, report.

    Each works in a cursor of its own (READ COMMITTED), is fenced by the lease token, and raises
    AccessError for everyone but the service: what left and how it ended is its evidence.
    """

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

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
        self._check_caller(service=True)
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
                    NOW,
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
        self._check_caller(service=True)
        token = self._check_token(lease_token)
        lease_seconds = self._check_number(lease_seconds, "lease_seconds", 1, MAX_LEASE)
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
                    now=NOW,
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
        (full-jitter back-off, at least ``retry_after_seconds``, at most a day of it) or, after the
        endpoint's ``max_attempts``, becomes a dead letter; a failure that is not retryable is ``rejected``
        when nothing was sent, and a dead letter when nobody knows: that a person decides. Failures
        while the circuit breaker is not closed, and answers of "too many requests", do not count
        towards ``max_attempts``.

        :param lease_token: the token of the claim.
        :param results: list of ``{uuid, outcome (delivered, not_sent, unknown), acknowledged,
            error_code, error_kind, retryable, message, http_status, started_at (ISO 8601),
            duration_ms, retry_after_seconds, partner_reference}``.
        :return: one dict per item, in order: ``uuid``, ``status`` (``recorded``, ``repeated``,
            ``lost_lease``), ``state``, ``next_attempt_at``.
        """
        self._check_caller(service=True)
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
                    fresh.setdefault(item["uuid"], judge(item, row))
            messages._record_attempts(token, fresh.values())
            if fresh:
                messages.env["healthcare.exchange.flow"]._after_attempts(list(fresh.values()))
                messages._after_report(list(fresh.values()))
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
                       COALESCE(m.spared_count, 0) AS spared_count,
                       e.max_attempts, e.retry_base_seconds, e.retry_max_seconds, f.breaker
                  FROM healthcare_exchange_message m
                  JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
             LEFT JOIN healthcare_exchange_flow f ON f.endpoint_id = m.endpoint_id
                 WHERE m.uuid = ANY(%(uuids)s) AND m.direction = 'outbound'
                   AND m.endpoint_id = ANY(%(endpoint_ids)s)
                 ORDER BY m.id
                   FOR UPDATE OF m
                """,
                now=NOW,
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
                       spared_count = COALESCE(m.spared_count, 0) + r.spared::int,
                       error_code = r.error_code,
                       errors = r.errors,
                       sent_at = CASE WHEN r.outcome = 'delivered'
                                      THEN COALESCE(m.sent_at, %(now)s) ELSE m.sent_at END,
                       partner_reference = COALESCE(r.partner_reference, m.partner_reference),
                       lease_token = NULL, leased_by = NULL, leased_at = NULL, leased_until = NULL,
                       write_date = %(now)s
                  FROM jsonb_to_recordset(%(data)s) AS r(
                       id int, state text, next_attempt_at timestamp, error_code text,
                       errors jsonb, outcome text, partner_reference text, spared bool)
                 WHERE m.id = r.id
                """,
                now=NOW,
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

    @api.model
    def _after_report(self, verdicts):
        """Act on attempts that have just been recorded, in the report's own cursor.

        Called once per report with what is new in it, after the messages' states are written;
        a failure here would undo the report. Extend it to tell others; no query per verdict.

        :param verdicts: list of dicts with ``id`` and ``uuid`` of the message, ``endpoint_id``,
            ``company_id``, ``document_type``, the ``state`` it has now, ``next_attempt_at``,
            ``spared`` (does not count towards ``max_attempts``), and
            the attempt's ``outcome``, ``acknowledged``, ``retryable``, ``error_code``,
            ``error_kind``, ``message``, ``http_status``, ``duration_ms``, ``started_at`` and
            ``retry_after_seconds``.
        """

    def _bury(self, reasons):
        """Give dead letters and refused messages to a person."""
        if reasons:
            self.env.invalidate_all()
            self.browse(sorted(reasons))._give_owner(reasons)

    # What callers may say

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
                self.env._("Message %s: outcome must be delivered, not_sent or unknown.", item["uuid"])
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
            "duration_ms": self._check_number(item.get("duration_ms") or 0, "duration_ms", 0, 2**31 - 1),
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
    return {"uuid": item["uuid"], "status": status, **staged_payload(row)}


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
