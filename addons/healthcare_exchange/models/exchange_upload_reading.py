import base64

from odoo import api, models
from odoo.exceptions import ValidationError

from ..tools import envelope as envelopes_tool
from ..tools.text import clean_text
from .exchange_upload import MAX_FINDINGS


class HealthcareExchangeUpload(models.Model):
    """The uploads' protocol with the integration service, while it carries out ``read_file``."""

    _inherit = "healthcare.exchange.upload"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def content(self, command_uuid):
        """Return the file that a command asks to be read.

        :param command_uuid: of a ``read_file`` command under the caller's lease.
        :return: ``{filename, document_type, raw (base64), raw_sha256}``.
        :raise AccessError: the caller is not the service.
        :raise ValidationError: there is no such command that runs.
        """
        upload = self._of_command(command_uuid)
        return {
            "filename": upload.filename,
            "document_type": upload.document_type,
            "raw": base64.b64encode(base64.b64decode(upload.raw)).decode(),
            "raw_sha256": upload.raw_sha256,
        }

    @api.model
    def take_in(self, command_uuid, envelopes):
        """Store and commit documents that were read from a file, as ``ingest`` does.

        Documents of another kind than the file was handed in as are refused: who may hand in
        prices may not thereby hand in bank accounts.

        :param command_uuid: of a ``read_file`` command under the caller's lease.
        :param envelopes: see ``healthcare.exchange.message.ingest``.
        :return: one dict per envelope, in order, as ``ingest`` answers.
        """
        upload = self._of_command(command_uuid)
        try:
            items = envelopes_tool.normalise(envelopes)
        except envelopes_tool.EnvelopeError as error:
            raise ValidationError(
                self.env._("%(file)s: %(error)s", file=upload.filename, error=error)
            ) from error
        if any(item["raw_sha256"] != upload.raw_sha256 for item in items):
            raise ValidationError(self.env._("%s: these documents are of another file.", upload.filename))
        prefix = upload._idempotency_prefix()
        for item in items:
            item["idempotency_key"] = f"{prefix}:{item['position']}"
            kind = (item["document"] or {}).get("document_type")
            if item["document"] is not None and kind != upload.document_type:
                message = self.env._(
                    "The file holds a document of type %(kind)s and was handed in as %(stated)s.",
                    kind=clean_text(kind, 50),
                    stated=upload.document_type,
                )
                item["errors"] = [
                    {"code": "unsupported_document_type", "message": message, "path": "", "line": ""}
                ]
        messages = self.env["healthcare.exchange.message"]
        with messages._claim_cursor() as cr:
            stored = messages._as_superuser(cr).with_context(exchange_upload_id=upload.id)
            return stored._store_inbound(upload.endpoint_id.with_env(stored.env), items)

    def _of_command(self, command_uuid):
        """Return the upload of a command that the caller carries out, in superuser mode."""
        messages = self.env["healthcare.exchange.message"]
        messages._check_caller(service=True)
        # The service's account has no access to models: the lease is its right.
        command = (
            self.env["healthcare.exchange.command"]
            .sudo()
            .search(
                [
                    ("uuid", "=", command_uuid if isinstance(command_uuid, str) else ""),
                    ("kind", "=", "read_file"),
                    ("state", "=", "leased"),
                    ("endpoint_id", "in", messages._reachable_endpoints().ids),
                ]
            )
        )
        upload = self.sudo().browse(command.res_id if command.res_model == self._name else []).exists()
        if not upload:
            raise ValidationError(self.env._("No such command is being carried out."))
        return upload

    def _idempotency_prefix(self):
        """Return the key of this file: the same file for the same supplier takes effect once,
        unless all that came of it was rejected."""
        self.ensure_one()
        earlier = self.search(
            [
                ("raw_sha256", "=", self.raw_sha256),
                ("company_id", "=", self.company_id.id),
                ("document_type", "=", self.document_type),
                ("partner_id", "=", self.partner_id.id),
                ("state", "=", "rejected"),
                ("id", "<", self.id),
            ]
        )
        return f"upload:{self.document_type}:{self.partner_id.id or 0}:{len(earlier)}:{self.raw_sha256}"

    def _command_result(self, command):
        """Take in what the service says about the file; in superuser mode."""
        for upload in self.filtered(lambda one: one.command_id == command or not one.command_id):
            if command.state == "done":
                upload._read(command.result or {}, command.message)
            else:
                upload._settle("failed", command.message)

    def _read(self, result, summary):
        """Store what was found.

        :param result: ``{documents, lines, errors, warnings, findings[], message_uuids[]}``.
        """
        self.ensure_one()
        findings = [one for one in result.get("findings") or [] if isinstance(one, dict)]
        self.write(
            {
                "document_count": _count(result.get("documents")),
                "line_count": _count(result.get("lines")),
                "error_count": _count(result.get("errors")),
                "warning_count": _count(result.get("warnings")),
                "findings": [_finding(one) for one in findings[:MAX_FINDINGS]],
            }
        )
        if not self.document_count:
            self._settle("rejected", summary)
        elif not self.message_ids:
            self._settle("duplicate", self.env._("This file was handed in before; nothing was changed."))
        else:
            self._settle("processing", summary)
            self._follow()

    @api.model
    def _cron_follow(self):
        """Bring the uploads up to what became of their documents."""
        self.search([("state", "=", "processing")])._follow()

    def _follow(self):
        """Bring the state up to what became of the documents; nothing while any is open."""
        counts = {}
        for upload, state, count in self.env["healthcare.exchange.message"]._read_group(
            [("upload_id", "in", self.ids)], ["upload_id", "state"], ["__count"]
        ):
            counts.setdefault(upload, {})[state] = count
        for upload in self:
            states = counts.get(upload, {})
            total = sum(states.values())
            rejected = states.get("rejected", 0) + states.get("dead", 0)
            done = states.get("done", 0) + states.get("cancelled", 0)
            if not total or rejected + done < total:
                continue
            state = "rejected" if not done else "partial" if rejected or upload.error_count else "done"
            upload._settle(
                state,
                self.env._(
                    "%(done)s of %(all)s documents taken in, %(errors)s errors in the file.",
                    done=done,
                    all=total,
                    errors=upload.error_count,
                ),
            )

    def _settle(self, state, summary):
        self.ensure_one()
        self.write({"state": state, "summary": clean_text(summary, 1000)})
        self.requested_by_id._bus_send(
            "healthcare_exchange/upload",
            {"id": self.id, "state": state, "summary": self.summary or ""},
        )

    def _public_state(self):
        """Return what a supplier may know about its own files, for the portal.

        :return: one dict per upload: ``id``, ``filename``, ``document_type``, ``state``,
            ``summary``, ``documents``, ``lines``, ``errors``, ``warnings``, ``findings``
            (``{level, code, message, line, path}``) and ``rejections`` (messages of documents that
            were not taken in).
        """
        return [
            {
                "id": upload.id,
                "filename": upload.filename,
                "document_type": upload.document_type,
                "state": upload.state,
                "summary": upload.summary or "",
                "documents": upload.document_count,
                "lines": upload.line_count,
                "errors": upload.error_count,
                "warnings": upload.warning_count,
                "findings": upload.findings or [],
                "rejections": [
                    error.get("message") or ""
                    for message in upload.message_ids
                    for error in message.errors or []
                ],
            }
            for upload in self
        ]


def _count(value):
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else 0


def _finding(one):
    line = one.get("line")
    return {
        "level": clean_text(one.get("level"), 10),
        "code": clean_text(one.get("code"), 60),
        "message": clean_text(one.get("message"), 1000),
        "line": line if isinstance(line, int) and not isinstance(line, bool) else False,
        "path": clean_text(one.get("path"), 200),
    }
