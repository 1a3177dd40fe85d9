from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..tools import envelope as envelopes_tool
from ..tools.text import clean_text


class HealthcareExchangeMessage(models.Model):
    """The inbox, first step: what came in is stored and committed, before it is understood."""

    _inherit = "healthcare.exchange.message"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def ingest(self, endpoint_code, envelopes):
        """Store documents from a partner, as received, and commit.

        Every envelope with bytes is stored, readable or not: unreadable ones end in ``rejected``
        at once, with an owner. Processing is a second step, which happens soon after by itself,
        or at once by :meth:`process`. The same idempotency key with the same bytes gets the
        stored answer; with other bytes it is refused as ``idempotency_conflict``.

        :param endpoint_code: the endpoint's code.
        :param envelopes: list of envelopes or bare canonical documents, see
            ``tools/envelope.py``; all raw bytes are base64.
        :return: one dict per envelope, in order: ``message_uuid``, ``status`` (``accepted``,
            ``duplicate``, ``idempotency_conflict``, ``rejected``), ``state``, ``document_type``,
            ``number``, ``errors``, ``trace_id``.
        :raise AccessError: the caller is not the service: nobody else speaks for a partner.
        :raise ValidationError: an unknown endpoint, or a call that breaks the protocol (no
            base64, wrong SHA-256, unknown fields): nothing is stored.
        """
        self._check_caller(service=True)
        endpoint = self._reachable_endpoints([endpoint_code]) if endpoint_code else None
        if not endpoint:
            raise ValidationError(self.env._("There is no endpoint '%s' that you may use.", endpoint_code))
        try:
            items = envelopes_tool.normalise(envelopes)
        except envelopes_tool.EnvelopeError as error:
            raise ValidationError(
                self.env._("Endpoint %(code)s: %(error)s", code=endpoint_code, error=error)
            ) from error
        if not items:
            return []
        with self._claim_cursor() as cr:
            messages = self._as_superuser(cr)
            return messages._store_inbound(endpoint.with_env(messages.env), items)

    def _store_inbound(self, endpoint, items):
        """Insert what is new; tell the rest from what is stored. Runs in its own cursor."""
        known = self._known_keys(endpoint, [item["idempotency_key"] for item in items])
        fresh = {}
        for item in items:
            if item["idempotency_key"] not in known:
                fresh.setdefault(item["idempotency_key"], item)
        holders = self._keep_files_once(endpoint, items, list(fresh.values()))
        stored = self.create([self._prepare_inbound_vals(endpoint, i) for i in fresh.values()])
        self._join_files(stored, holders)
        unreadable = stored.filtered(lambda message: message.state == "rejected")
        unreadable._give_owner({m.id: m.errors[0]["message"] for m in unreadable})
        if stored - unreadable:
            self.env.ref("healthcare_exchange.cron_process")._trigger()
        created = {message.idempotency_key: message for message in stored}
        self._acknowledge_received(endpoint, items, dict(created), known)
        answers = []
        for item in items:
            key = item["idempotency_key"]
            answers.append(_ingest_answer(item, created.get(key), known.get(key)))
            if key in created:
                # The same key once more in this call is a repetition of what was just stored.
                known[key] = _stored_row(created.pop(key))
        return answers

    def _keep_files_once(self, endpoint, items, fresh):
        """Leave the bytes of each file with one message: one that is stored, else the first of
        ``fresh`` with its SHA-256; ``raw`` of the others becomes None.

        :param items: all of the call; bytes may have come with one that is stored already.
        :param fresh: those that will be stored.
        :return: ``{raw_sha256: message}`` of the files that are stored.
        :raise ValidationError: bytes are neither in this call nor stored.
        """
        came = {}
        for item in items:
            if item["raw"]:
                came.setdefault(item["raw_sha256"], item["raw"])
        holders = self._file_holders(
            endpoint, sorted({item["raw_sha256"] for item in fresh if item["raw"] != ""})
        )
        placed = set(holders)
        for item in fresh:
            if item["raw"] == "":
                continue
            digest = item["raw_sha256"]
            if digest not in placed and digest not in came:
                raise ValidationError(
                    self.env._(
                        "Endpoint %(code)s: the bytes with SHA-256 %(digest)s are not here; send them with "
                        "the first document of the file.",
                        code=endpoint.code,
                        digest=digest,
                    )
                )
            item["raw"] = None if digest in placed else came[digest]
            placed.add(digest)
        return holders

    def _file_holders(self, endpoint, digests):
        """Return ``{raw_sha256: message}`` of the messages that keep these files."""
        if not digests:
            return {}
        self.env.cr.execute(
            SQL(
                """
                SELECT DISTINCT ON (raw_sha256) raw_sha256, id
                  FROM healthcare_exchange_message
                 WHERE endpoint_id = %s AND direction = 'inbound' AND parent_id IS NULL
                   AND raw_sha256 = ANY(%s) AND raw IS NOT NULL
                 ORDER BY raw_sha256, id
                """,
                endpoint.id,
                digests,
            )
        )
        return {digest: self.browse(message_id) for digest, message_id in self.env.cr.fetchall()}

    def _join_files(self, stored, holders):
        """Let messages without bytes of their own refer to the one that keeps their file."""
        holders = dict(holders)
        empty = envelopes_tool.EMPTY_SHA256
        for message in stored:
            digest = message.raw_sha256
            if digest == empty:
                continue
            holder = holders.setdefault(digest, message)
            if holder != message:
                message.parent_id = holder

    def _file_message(self):
        """Return the message that keeps the bytes which this one was read from."""
        self.ensure_one()
        return self.parent_id or self

    def _known_keys(self, endpoint, keys):
        """Return ``{key: row}`` of what is stored under these keys.

        Each key is locked first: two calls with the same key at the same moment see one another.
        """
        self.env.cr.execute(
            SQL(
                "SELECT pg_advisory_xact_lock(hashtextextended(name, 0))"
                " FROM (SELECT unnest(%s) AS name) AS names",
                sorted({f"healthcare.exchange.ingest:{endpoint.id}:{key}" for key in keys}),
            )
        )
        self.env.cr.execute(
            SQL(
                """
                SELECT idempotency_key, uuid, raw_sha256, state, document_type, number, errors,
                       trace_id
                  FROM healthcare_exchange_message
                 WHERE endpoint_id = %s AND direction = 'inbound' AND idempotency_key = ANY(%s)
                """,
                endpoint.id,
                keys,
            )
        )
        return {row["idempotency_key"]: row for row in self.env.cr.dictfetchall()}

    def _prepare_inbound_vals(self, endpoint, item):
        document = item["document"] or {}
        return {
            "direction": "inbound",
            "endpoint_id": endpoint.id,
            "company_id": endpoint.company_id.id,
            "document": item["document"],
            "document_type": clean_text(document.get("document_type"), 100) or False,
            "number": clean_text(document.get("number"), 200) or False,
            "raw": item["raw"],
            "raw_sha256": item["raw_sha256"],
            "filename": item["filename"],
            "content_type": item["content_type"],
            "diagnostics": item["diagnostics"],
            "idempotency_key": item["idempotency_key"],
            "trace_id": item["trace_id"],
            "position": item["position"],
            "ordering_key": self._inbound_ordering_key(endpoint, item["document"]),
            "state": "rejected" if item["errors"] else "queued",
            "error_code": item["errors"][0]["code"] if item["errors"] else False,
            "errors": item["errors"],
            "next_attempt_at": self.env.cr.now(),
        }

    def _inbound_ordering_key(self, endpoint, document):
        """Return the business object that a document is about, by its handler; False if none."""
        handler = self._handler(document.get("document_type")) if document else None
        if handler is None:
            return False
        return clean_text(handler._ordering_key(document, endpoint), 250) or False

    def _handler(self, document_type):
        """Return the model that handles a document type, None where there is none."""
        name = f"healthcare.document.{document_type}"
        return self.env[name] if isinstance(document_type, str) and name in self.env else None


def _stored_row(message):
    return {
        "uuid": message.uuid,
        "raw_sha256": message.raw_sha256,
        "state": message.state,
        "document_type": message.document_type,
        "number": message.number,
        "errors": message.errors,
        "trace_id": message.trace_id,
    }


def _ingest_answer(item, message, known):
    row = known or _stored_row(message)
    errors = row["errors"] or []
    if not known:
        status = "rejected" if row["state"] == "rejected" else "accepted"
    elif known["raw_sha256"] == item["raw_sha256"]:
        status = "duplicate"
    else:
        status = "idempotency_conflict"
        errors = [
            {
                "code": "idempotency_conflict",
                "message": "this idempotency key was used for other content; use a new one",
                "path": "",
                "line": "",
            }
        ]
    return {
        "message_uuid": row["uuid"],
        "status": status,
        "state": row["state"],
        "document_type": row["document_type"] or False,
        "number": row["number"] or False,
        "errors": errors,
        "trace_id": row["trace_id"] or False,
    }
