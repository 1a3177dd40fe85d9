import base64
import binascii
import json

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.preview import preview
from .exchange_message import iso

#: Bytes of a file that are shown; the whole file is a download.
SHOWN_BYTES = 256 * 1024
_MAX_ATTEMPTS = 200
_MAX_TRACE = 100


class HealthcareExchangeMonitor(models.AbstractModel):
    """One message with all that is known of it."""

    _inherit = "healthcare.exchange.monitor"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def load_message(self, uuid):
        """Return a message: what came or went, what became of it, and what belongs to it.

        :param str uuid: the message's UUID
        :return: the shape ``MessageDetail``; ``raw``, ``payload`` and ``document`` are False
            where there are none, or where the caller may not see content (``content_hidden``)
        :raises AccessError: outside the roles that see the monitor
        :raises UserError: there is no such message for the caller
        """
        self._check_reader()
        message = self.env["healthcare.exchange.message"].search(
            [("uuid", "=", uuid)] if isinstance(uuid, str) and "\0" not in uuid else [("id", "=", False)],
            limit=1,
        )
        if not message:
            raise UserError(self.env._("There is no such message that you may see; search for it again."))
        seen = message._has_field_access(message._fields["raw"], "read")
        return {
            **self._message_row(message),
            **self._facts(message),
            "error": self._explained(message.error_code),
            "content_hidden": not seen,
            "document": seen and bool(message.document) and self._document_text(message),
            "raw": seen and self._bytes(message._file_message(), "raw", message.raw_filename),
            "payload": seen
            and self._bytes(message, "payload", message.payload_filename or message.raw_filename),
            "attempts": self._attempts(message),
            "trace": self._trace(message),
            "records": self._records(message),
            "history": self._audit_history(message),
        }

    @api.model
    def _facts(self, message):
        return {
            "idempotency_key": message.idempotency_key,
            "ordering_key": message.ordering_key or False,
            "control_number": message.control_number or False,
            "mapping_version": message.mapping_version or False,
            "leased_by": message.leased_by or False,
            "leased_until": iso(message.leased_until),
            "position": message.position,
            "company": message.company_id.sudo().name,
            "endpoint_id": message.endpoint_id.id,
            "endpoint_name": message.endpoint_id.name,
            "errors": self._problems(message.errors),
            "diagnostics": self._problems(message.diagnostics),
            "exceptions": [str(each) for each in message.exceptions or []],
            "related": self._related(message),
        }

    @api.model
    def _related(self, message):
        """Return the messages that this one came from or led to, with what they are to it."""
        links = [("parent", message.parent_id)]
        for relation in ("rerouted_from", "rerouted_to"):
            if f"{relation}_id" in message._fields:
                links.append((relation, message[f"{relation}_id"]))
        return [
            {
                "relation": relation,
                "uuid": other.uuid,
                "endpoint_code": other.endpoint_id.code,
                "state": other.state,
            }
            for relation, other in links
            if other
        ]

    @api.model
    def _problems(self, problems):
        """Return errors or diagnostics in uniform shape; partners and parsers vary."""
        return [
            {
                name: str(each.get(name) if each.get(name) is not None else "")
                for name in ("level", "code", "message", "path", "line")
            }
            for each in problems or []
            if isinstance(each, dict)
        ]

    @api.model
    def _document_text(self, message):
        return json.dumps(_readable(message.document), indent=2, ensure_ascii=False)

    @api.model
    def _bytes(self, message, name, filename):
        """Return the beginning of stored bytes as text or hexadecimal, False where none are.

        In SQL, for the whole may be large. The caller's right to the field was checked.
        """
        message.flush_recordset()
        # The column holds base64: four characters for three bytes.
        column = SQL.identifier(name)
        self.env.cr.execute(
            SQL(
                "SELECT octet_length(%(column)s),"
                "       convert_from(substring(%(column)s from 1 for %(shown)s), 'UTF8')"
                "  FROM healthcare_exchange_message WHERE id = %(id)s",
                column=column,
                shown=SHOWN_BYTES // 3 * 4,
                id=message.id,
            )
        )
        [(length, encoded)] = self.env.cr.fetchall()
        if not length:
            return False
        try:
            content = base64.b64decode(encoded)
        except (binascii.Error, ValueError):
            return False
        size = length // 4 * 3 - encoded[-2:].count("=") if length == len(encoded) else length // 4 * 3
        return {
            **preview(content, cut=length > len(encoded)),
            "size": size,
            "cut": length > len(encoded),
            "sha256": message[f"{name}_sha256"] or False,
            "filename": filename,
            "content_type": (message.payload_content_type if name == "payload" else message.content_type)
            or False,
            "url": f"/web/content/healthcare.exchange.message/{message.id}/{name}?download=true",
        }

    @api.model
    def _attempts(self, message):
        attempts = self.env["healthcare.exchange.attempt"].search(
            [("message_id", "=", message.id)], order="id desc", limit=_MAX_ATTEMPTS
        )
        return [
            {
                "id": attempt.id,
                "started_at": iso(attempt.started_at),
                "duration_ms": attempt.duration_ms,
                "outcome": attempt.outcome,
                "acknowledged": attempt.acknowledged,
                "error_code": attempt.error_code or False,
                "error_kind": attempt.error_kind or False,
                **self._explained(attempt.error_code),
                "message": attempt.message or False,
                "http_status": attempt.http_status or False,
                "worker": attempt.worker or False,
            }
            for attempt in attempts
        ]

    @api.model
    def _trace_messages(self, message):
        """Return the messages of the same trace, oldest first, this one among them."""
        if not message.trace_id:
            return message
        found = message.search([("trace_id", "=", message.trace_id)], order="id", limit=_MAX_TRACE)
        return found | message

    @api.model
    def _trace(self, message):
        return [
            {
                "uuid": each.uuid,
                "number": each.number or False,
                "document_type": each.document_type or False,
                "direction": each.direction,
                "endpoint_code": each.endpoint_id.code,
                "state": each.state,
                "created_at": iso(each.create_date),
            }
            for each in self._trace_messages(message)
        ]

    @api.model
    def _records(self, message):
        """Return the business records of the trace that the caller may read, this message's
        own first; one query or two per model."""
        by_model = {}
        for each in message | self._trace_messages(message):
            if each.res_model and each.res_id and each.res_model in self.env:
                by_model.setdefault(each.res_model, {}).setdefault(each.res_id)
        records = []
        for name, ids in by_model.items():
            model = self.env[name]
            if not model.has_access("read"):
                continue
            readable = model.with_context(active_test=False).search([("id", "in", list(ids))])
            label = self.env["ir.model"].sudo()._get(name).name
            records += [
                {
                    "model": name,
                    "id": record.id,
                    "label": label,
                    "name": record.display_name or "",
                    "own": (name, record.id) == (message.res_model, message.res_id),
                }
                for record in readable
            ]
        return sorted(records, key=lambda record: not record["own"])

    @api.model
    def _audit_history(self, message):
        """Return what people did with this message, from the audit trail, where the caller may
        read the trail."""
        trail = self.env["healthcare.audit.entry"]
        if not trail.has_access("read"):
            return []
        entries = trail.search(
            [("model", "=", message._name), ("res_id", "=", message.id)], order="id desc", limit=50
        )
        return [
            {
                "id": entry.id,
                "at": iso(entry.recorded_at),
                "action": entry.action,
                "login": entry.login or False,
            }
            for entry in entries
        ]


def _readable(node):
    """Return JSON with plain values before objects and these before lists: the database keeps no
    order, and people look for the number before the lines."""
    if isinstance(node, list):
        return [_readable(each) for each in node]
    if not isinstance(node, dict):
        return node
    rank = {dict: 1, list: 2}
    names = sorted(node, key=lambda name: (rank.get(type(node[name]), 0), name != "document_type"))
    return {name: _readable(node[name]) for name in names}
