import base64
import hashlib

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.text import clean_text

#: Kinds of documents that people hand in as files.
DOCUMENT_TYPES = ("supplier", "contract", "catalog")
#: Largest file, in bytes, and how many findings are kept.
MAX_BYTES = 32 * 1024 * 1024
MAX_FINDINGS = 1000
#: Uploads of one person whose reading has not ended.
_MAX_OPEN = 10
_ENDPOINT_CODE = "UPLOAD-%s"


class HealthcareExchangeUpload(models.Model):
    """A file that a person handed in, in place of a partner's system: what was found in it and
    what became of it.

    The integration service reads the file, by the formats and checks that partners' files go
    through, and hands its documents back; they are taken in as messages of the company's upload
    endpoint. Whose documents they are is decided here and not by the file. Written by this
    model's methods alone.
    """

    _name = "healthcare.exchange.upload"
    _description = "Imported File"
    _order = "id desc"
    _rec_name = "filename"

    filename = fields.Char(required=True, readonly=True)
    document_type = fields.Selection(
        [("supplier", "Supplier List"), ("contract", "Contract"), ("catalog", "Price File")],
        string="Contents",
        required=True,
        readonly=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Supplier",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose prices or contract these are, whatever the file says. Empty: the file names it.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    requested_by_id = fields.Many2one(
        "res.users", string="Handed in by", required=True, readonly=True, ondelete="restrict"
    )
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, ondelete="restrict"
    )
    command_id = fields.Many2one("healthcare.exchange.command", readonly=True, ondelete="set null")
    raw = fields.Binary(
        string="File",
        attachment=True,
        readonly=True,
        copy=False,
        groups="healthcare_base.group_clerk,healthcare_base.group_administrator,"
        "healthcare_base.group_auditor",
    )
    raw_sha256 = fields.Char(string="SHA-256", readonly=True)
    state = fields.Selection(
        [
            ("reading", "Being Read"),
            ("processing", "Being Processed"),
            ("done", "Taken In"),
            ("partial", "Partly Taken In"),
            ("rejected", "Rejected"),
            ("duplicate", "Handed In Before"),
            ("failed", "Not Read"),
        ],
        default="reading",
        required=True,
        readonly=True,
    )
    summary = fields.Char(readonly=True, help="What became of it, in one sentence.")
    document_count = fields.Integer(string="Documents", readonly=True)
    line_count = fields.Integer(string="Lines", readonly=True)
    error_count = fields.Integer(string="Errors", readonly=True)
    warning_count = fields.Integer(string="Warnings", readonly=True)
    findings = fields.Json(
        readonly=True, help="What the reader found: level, code, message, line and column of each."
    )
    findings_html = fields.Html(compute="_compute_findings_html", sanitize=False)
    message_ids = fields.One2many(
        "healthcare.exchange.message", "upload_id", string="Documents Taken In", readonly=True
    )
    is_open = fields.Boolean(compute="_compute_is_open")

    # `_take`: how many files a person has under way.
    _open_idx = models.Index("(requested_by_id) WHERE state = 'reading'")
    # `_idempotency_prefix`: earlier uploads of the same file.
    _file_idx = models.Index("(raw_sha256, company_id)")

    @api.depends("state")
    def _compute_is_open(self):
        for upload in self:
            upload.is_open = upload.state in ("reading", "processing")

    @api.depends("findings")
    def _compute_findings_html(self):
        tones = {"error": "danger", "warning": "warning", "info": "info"}
        for upload in self:
            rows = Markup().join(
                Markup(
                    "<tr><td><span class='badge bg-%(tone)s-subtle text-%(tone)s-emphasis'>%(level)s</span>"
                    "</td><td>%(line)s</td><td>%(path)s</td><td>%(message)s</td></tr>"
                )
                % {
                    "tone": tones.get(finding.get("level"), "secondary"),
                    "level": finding.get("level") or "",
                    "line": finding.get("line") or "",
                    "path": finding.get("path") or "",
                    "message": finding.get("message") or "",
                }
                for finding in upload.findings or []
            )
            upload.findings_html = rows and Markup(
                "<table class='table table-sm'><thead><tr><th>%s</th><th>%s</th><th>%s</th><th>%s</th>"
                "</tr></thead><tbody>%s</tbody></table>"
            ) % (
                self.env._("Level"),
                self.env._("Line"),
                self.env._("Where"),
                self.env._("What, and what to do"),
                rows,
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super(HealthcareExchangeUpload, without_defaults(self)).create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """What was handed in is evidence."""
        raise UserError(self.env._("An imported file is evidence and cannot be deleted."))

    def _check_inside(self):
        """Refuse writers from outside; superuser mode cannot be had by RPC."""
        if not self.env.su:
            raise AccessError(self.env._("Files are handed in by Import File."))

    # Handing in

    @api.model
    def _take(self, partner, document_type, filename, raw, requested_by=None):
        """Take a file in and have the integration service read it, after this transaction.

        For the wizard, and for the supplier portal, which calls it in superuser mode with the
        user's own company as ``partner``.

        :param partner: ``res.partner`` that the documents belong to; empty only for what may be
            about several suppliers (a supplier list, a contract that names its supplier).
        :param document_type: ``supplier``, ``contract`` or ``catalog``.
        :param filename: as the person calls it.
        :param raw: the file's bytes.
        :param requested_by: ``res.users`` who handed it in; the caller when empty.
        :return: the upload; ``state`` and ``findings`` follow when the service has answered.
        :raise AccessError: the caller may not hand files in.
        :raise UserError: no file, a file that is too large, no supplier for a price file, or too
            many files are being read.
        """
        if not self.env.su and not (
            self.env.user.has_group("healthcare_base.group_clerk")
            or self.env.user.has_group("healthcare_base.group_administrator")
        ):
            raise AccessError(self.env._("Clerks and administrators may import files."))
        requested_by = requested_by if self.env.su and requested_by else self.env.user
        partner = partner.commercial_partner_id if partner else self.env["res.partner"]
        self._check_file(partner, document_type, raw)
        # The right was checked; uploads can be written in superuser mode only.
        uploads = self.sudo()
        if (
            uploads.search_count(
                [("requested_by_id", "=", requested_by.id), ("state", "=", "reading")], limit=_MAX_OPEN
            )
            >= _MAX_OPEN
        ):
            raise UserError(
                self.env._("%s files are being read already; wait until they are done.", _MAX_OPEN)
            )
        upload = uploads.create(
            {
                "filename": clean_text(filename, 200) or self.env._("file"),
                "document_type": document_type,
                "partner_id": partner.id,
                "company_id": self.env.company.id,
                "requested_by_id": requested_by.id,
                "endpoint_id": self._endpoint(self.env.company).id,
                "raw": base64.b64encode(raw),
                "raw_sha256": hashlib.sha256(raw).hexdigest(),
            }
        )
        upload._request_reading()
        return upload.sudo(self.env.su)

    def _check_file(self, partner, document_type, raw):
        if document_type not in DOCUMENT_TYPES:
            raise ValidationError(self.env._("A file holds one of: %s.", ", ".join(DOCUMENT_TYPES)))
        if not raw:
            raise UserError(self.env._("The file is empty. Choose another one."))
        if len(raw) > MAX_BYTES:
            raise UserError(
                self.env._(
                    "The file has %(size)s MB; at most %(limit)s MB are taken. Split it.",
                    size=len(raw) // 1_000_000,
                    limit=MAX_BYTES // 1_000_000,
                )
            )
        if document_type == "catalog" and not partner:
            raise UserError(self.env._("Whose prices are these? Choose the supplier."))

    def _request_reading(self):
        self.ensure_one()
        command = (
            self.env["healthcare.exchange.command"]
            .with_user(self.requested_by_id)
            # The person's right to hand files in was checked; commands are an administrator's.
            .sudo()
            ._request(self.endpoint_id, "read_file", {"upload_id": self.id}, record=self)
        )
        self.command_id = command

    @api.model
    def _endpoint(self, company):
        """Return the company's endpoint for files that people hand in; made when first needed."""
        # Nobody has to configure it, and it has no transport of its own.
        endpoints = self.env["healthcare.exchange.endpoint"].sudo()
        code = _ENDPOINT_CODE % company.id
        self.env.cr.execute(
            SQL("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", f"healthcare.exchange.upload:{code}")
        )
        endpoint = endpoints.with_context(active_test=False).search([("code", "=", code)])
        if endpoint:
            return endpoint
        self.env["healthcare.exchange.message"].sudo()._ensure_service_user()
        return endpoints.with_company(company).create(
            {
                "code": code,
                "name": self.env._("Imported files"),
                "company_id": company.id,
                "connector": "csv-folder",
                "settings": {"folder": code},
                "direction": "inbound",
                "state": "active",
                "document_ids": [
                    fields.Command.create(
                        {"document_type": kind, "direction": "inbound", "contingency": "queue"}
                    )
                    for kind in DOCUMENT_TYPES
                ],
            }
        )

    def action_try_again(self):
        """Have a file read again that no service read.

        :raise UserError: it was read.
        """
        self.ensure_one()
        self.check_access("read")
        if not (
            self.env.user.has_group("healthcare_base.group_clerk")
            or self.env.user.has_group("healthcare_base.group_administrator")
        ):
            raise AccessError(self.env._("Clerks and administrators may import files."))
        # The right was checked; see `write`.
        upload = self.sudo()
        if upload.state != "failed":
            raise UserError(self.env._("The file was read; hand in a corrected one."))
        upload.write({"state": "reading", "summary": False, "findings": False})
        upload._request_reading()
        return True

    def action_open_messages(self):
        """Open the documents that were taken in."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.filename,
            "res_model": "healthcare.exchange.message",
            "view_mode": "list,form",
            "domain": [("upload_id", "=", self.id)],
        }
