import logging
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from odoo import api, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..exceptions import DocumentPostponed, DocumentRejected
from ..tools import canonical
from ..tools.backoff import full_jitter
from ..tools.text import clean_text
from .exchange_message import NOW

_logger = logging.getLogger(__name__)

# How long a document waits for another one of the same business object.
LOCK_SECONDS = 20
# How often a document is begun anew when it collides with other work in the database.
_TRIES = 5
_CRON_SLICE = 100


class HealthcareExchangeMessage(models.Model):
    """The inbox, second step: each stored document takes effect in a transaction of its own."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def process(self, uuids):
        """Let inbound documents take effect, each in its own transaction, and say what came of it.

        Documents about the same business object are taken one at a time. One that cannot be
        taken in is ``rejected``, with an owner; an unexpected failure is kept and tried again
        later (``waiting``). Asking again gives the stored answer.

        :param uuids: messages, as answered by :meth:`ingest`.
        :return: one dict per uuid, in order: ``message_uuid``, ``status`` (``accepted``,
            ``rejected``, ``duplicate``, ``waiting``), ``state``, ``document_type``, ``number``,
            ``errors`` (``code``, ``message``, ``path``, ``line``), ``res_model``, ``res_id``,
            ``exceptions`` (types of match exceptions) and others.
        """
        self._check_caller()
        uuids = self._check_list(uuids, "uuids")
        endpoints = self._reachable_endpoints()
        for message_id, key in self._to_process(uuids, endpoints):
            self._process_document(message_id, key)
        return self._answers(uuids, endpoints)

    @api.model
    def _to_process(self, uuids, endpoints):
        with self._claim_cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT m.id, COALESCE(m.ordering_key, m.uuid)
                      FROM healthcare_exchange_message m
                     WHERE m.uuid = ANY(%s) AND m.endpoint_id = ANY(%s)
                       AND m.direction = 'inbound' AND m.state IN ('queued', 'retry')
                     ORDER BY array_position(%s, m.uuid::text)
                    """,
                    uuids,
                    endpoints.ids,
                    uuids,
                )
            )
            return cr.fetchall()

    @api.model
    def _cron_process(self):
        """Process what is due, in slices; runs by trigger, without the integration service."""
        while True:
            with self._claim_cursor() as cr:
                cr.execute(
                    SQL(
                        """
                        SELECT m.id, COALESCE(m.ordering_key, m.uuid)
                          FROM healthcare_exchange_message m
                          JOIN healthcare_exchange_endpoint e ON e.id = m.endpoint_id
                         WHERE m.direction = 'inbound' AND m.state IN ('queued', 'retry')
                           AND m.next_attempt_at <= %s
                           AND e.state = 'active'
                         ORDER BY m.priority, m.id
                         LIMIT %s
                        """,
                        NOW,
                        _CRON_SLICE,
                    )
                )
                due = cr.fetchall()
            progressed = 0
            for index, (message_id, key) in enumerate(due):
                progressed += self._process_document(message_id, key, wait_seconds=1)
                remaining = len(due) - index - 1
                if not self.env["ir.cron"]._commit_progress(1, remaining=remaining):
                    return
            if not progressed:
                return

    @api.model
    def _process_document(self, message_id, key, wait_seconds=LOCK_SECONDS):
        """Process one document in a transaction of its own; what goes wrong stays with it.

        :param key: the business object: one document of it at a time, in the whole cluster.
        :return: whether it was done, rejected or failed (False: another worker holds the object,
            or there was nothing to do).
        """
        # pylint: disable=invalid-commit
        # The cursor is this document's own.
        with self._own_cursor() as cr, self._locked(cr, key, wait_seconds) as locked:
            if not locked:
                return False
            for attempt in range(1, _TRIES + 1):
                message = self._as_superuser(cr).browse(message_id)
                try:
                    acted = message._take_in()
                    cr.commit()
                    return acted
                except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                    self._restart(cr)
                    if attempt == _TRIES:
                        self._as_superuser(cr).browse(message_id)._failed(error)
                except DocumentRejected as error:
                    self._restart(cr)
                    self._as_superuser(cr).browse(message_id)._rejected(error.errors)
                    break
                except DocumentPostponed as error:
                    self._restart(cr)
                    self._as_superuser(cr).browse(message_id)._failed(error)
                    break
                except Exception as error:
                    self._restart(cr)
                    _logger.exception("Exchange message %s could not be processed", message_id)
                    self._as_superuser(cr).browse(message_id)._failed(error)
                    break
            cr.commit()
            return True

    def _restart(self, cr):
        """Undo all that the document did."""
        cr.rollback()
        cr.reset()

    @contextmanager
    def _locked(self, cr, key, wait_seconds):
        """Hold the session's advisory lock of a business object.

        The session's and not the transaction's: the transaction, and with it what it sees, begins
        only when the lock is held.
        """
        # pylint: disable=invalid-commit
        lock = SQL("hashtextextended(%s, 0)", f"healthcare.exchange.process:{key}")
        try:
            cr.execute(SQL("SELECT set_config('lock_timeout', %s, true)", f"{wait_seconds}s"))
            cr.execute(SQL("SELECT pg_advisory_lock(%s)", lock), log_exceptions=False)
            cr.execute("SELECT set_config('lock_timeout', '0', true)")
            cr.commit()
        except psycopg2.errors.LockNotAvailable:
            cr.rollback()
            yield False
            return
        try:
            yield True
        finally:
            cr.rollback()
            cr.execute(SQL("SELECT pg_advisory_unlock(%s)", lock))
            cr.commit()

    def _take_in(self):
        """Validate the document and hand it to its handler. In the document's transaction.

        :return: False where there is nothing to do (any more, or yet).
        :raise DocumentRejected: it cannot be taken in.
        """
        self.ensure_one()
        state, document = self._locked_document()
        if state not in ("queued", "retry") or self.endpoint_id.state != "active":
            return False
        company = self.company_id
        message = self.with_context(allowed_company_ids=company.ids)
        message._check_document(document)
        handler = message._handler(document["document_type"])
        [result] = handler._from_canonical([document], message)
        record = result.get("record")
        message.write(
            {
                "state": "done",
                "res_model": record._name if record else False,
                "res_id": record.id if record else False,
                "exceptions": list(result.get("exceptions") or []),
                "errors": False,
                "error_code": False,
                "owner_id": False,
                "next_attempt_at": False,
            }
        )
        message._drop_activities()
        self.env.flush_all()
        return True

    def _locked_document(self):
        """Lock the message; return its state and its document, ``{}`` where there is none.

        Not by the field, which hands out a deep copy at each reading: of a price list's portion
        that takes as long as taking it in.
        """
        self.ensure_one()
        self.flush_recordset(["state", "document"])
        self.env.cr.execute(
            SQL("SELECT state, document FROM healthcare_exchange_message WHERE id = %s FOR UPDATE", self.id)
        )
        [(state, document)] = self.env.cr.fetchall()
        return state, document or {}

    def _check_document(self, document):
        errors = canonical.validate(document)
        if errors:
            raise DocumentRejected(errors)
        document_type = document["document_type"]
        endpoint = self.endpoint_id
        if not endpoint._carries(document_type, "inbound"):
            text = self.env._(
                "Endpoint %(code)s does not take documents of type %(type)s; an administrator can "
                "add the type to the endpoint.",
                code=endpoint.code,
                type=document_type,
            )
        elif self._handler(document_type) is None or not self._handler(document_type)._inbound:
            text = self.env._("Documents of type %s are not taken in.", document_type)
        elif document.get("test") and not endpoint.test:
            text = self.env._("This is a test document, and endpoint %s is not for tests.", endpoint.code)
            raise DocumentRejected({"code": "test_document", "message": text, "path": "test"})
        else:
            return
        raise DocumentRejected(
            {"code": "unsupported_document_type", "message": text, "path": "document_type"}
        )

    def _rejected(self, errors):
        """Record that the document cannot be taken in; a person has to look."""
        self.ensure_one()
        self.write(
            {
                "state": "rejected",
                "error_code": errors[0]["code"],
                "errors": errors,
                "attempt_count": self.attempt_count + 1,
                "next_attempt_at": False,
            }
        )
        self._give_owner({self.id: "\n".join(error["message"] for error in errors[:10])})

    def _failed(self, error):
        """Record an unexpected failure: tried again later, at last a dead letter."""
        self.ensure_one()
        endpoint = self.endpoint_id
        failures = self.attempt_count + 1
        dead = failures >= endpoint.max_attempts
        message = clean_text(f"{type(error).__name__}: {error}")
        errors = [{"code": "processing_error", "message": message, "path": "", "line": ""}]
        seconds = full_jitter(failures, endpoint.retry_base_seconds, endpoint.retry_max_seconds)
        due = self.env.cr.now() + timedelta(seconds=seconds)
        self.write(
            {
                "state": "dead" if dead else "retry",
                "error_code": "processing_error",
                "errors": errors,
                "attempt_count": failures,
                "next_attempt_at": False if dead else due,
            }
        )
        if dead:
            self._give_owner({self.id: message})
        else:
            self.env.ref("healthcare_exchange.cron_process")._trigger(at=due)
