import base64
import hashlib
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.mimetypes import guess_mimetype

from ..tools.selections import QUALIFICATION_KIND

#: What the supplier shows; once decided it stays as it was shown.
CONTENT_FIELDS = (
    "kind",
    "requirement_id",
    "name",
    "number",
    "issuer",
    "valid_from",
    "valid_to",
    "document",
    "document_name",
)
#: Of these, what a person who verifies relies on.
SHOWN_FIELDS = ("number", "issuer", "valid_from", "valid_to", "document")
#: Set by methods that check who decides.
SYSTEM_FIELDS = (
    "decision",
    "decision_reason",
    "decided_by_id",
    "decided_at",
    "submitted_by_id",
    "submitted_at",
    "document_sha256",
    "state",
    "reminded_on",
)
#: What a scan or a letter is; nothing that a browser would run.
DOCUMENT_TYPES = ("application/pdf", "image/png", "image/jpeg", "image/tiff")
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024


class HealthcareSupplierQualification(models.Model):
    """One thing that a supplier has to show, and what it showed.

    Evidence: what was verified or refused does not change any more; a renewal is another record.
    """

    _name = "healthcare.supplier.qualification"
    _description = "Supplier Qualification"
    _inherit = ["healthcare.audit.mixin"]
    _order = "partner_id, kind, valid_to desc, id desc"

    _audit_fields = (
        "partner_id",
        "kind",
        "number",
        "issuer",
        "valid_from",
        "valid_to",
        "document_name",
        "document_sha256",
        "decision",
        "decision_reason",
    )

    partner_id = fields.Many2one(
        "res.partner", string="Supplier", required=True, ondelete="cascade", index=True
    )
    requirement_id = fields.Many2one(
        "healthcare.supplier.requirement", ondelete="set null", index="btree_not_null"
    )
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index="btree_not_null")
    supplier_state = fields.Selection(related="partner_id.supplier_state", string="State of the Supplier")
    supplier_category_id = fields.Many2one(
        related="partner_id.supplier_category_id", store=True, string="Supplier Category"
    )
    kind = fields.Selection(QUALIFICATION_KIND, required=True, index=True)
    name = fields.Char(help="What exactly; for Other it says everything.")
    number = fields.Char(index="btree_not_null")
    issuer = fields.Char()
    valid_from = fields.Date()
    valid_to = fields.Date(string="Valid Until", index="btree_not_null", help="The last day, included.")
    document = fields.Binary(attachment=True, help="PDF, PNG, JPEG or TIFF of at most 10 MB.")
    document_name = fields.Char()
    document_sha256 = fields.Char(string="Fingerprint", readonly=True, copy=False)
    decision = fields.Selection([("verified", "Verified"), ("refused", "Refused")], readonly=True, copy=False)
    decision_reason = fields.Text(readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    decided_at = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    submitted_at = fields.Datetime(readonly=True, copy=False)
    reminded_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("missing", "Missing"),
            ("submitted", "Submitted"),
            ("valid", "Valid"),
            ("expiring", "Expiring"),
            ("expired", "Expired"),
            ("refused", "Refused"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )
    mandatory = fields.Boolean(compute="_compute_mandatory")

    _validity = models.Constraint(
        "CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from)",
        "A qualification cannot end before it begins: correct Valid From or Valid Until.",
    )

    @api.depends("kind", "name", "number")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for row in self:
            name = row.name or kinds.get(row.kind, "")
            row.display_name = f"{name} {row.number}" if row.number else name

    @api.depends("document_sha256", "number", "decision", "valid_to", "requirement_id.reminder_days")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for row in self:
            row.state = row._state_on(today)

    def _state_on(self, day):
        """Return the state of this qualification on a day."""
        self.ensure_one()
        if self.decision == "refused":
            return "refused"
        if not self.number and not self.document_sha256:
            return "missing"
        if self.decision != "verified":
            return "submitted"
        if not self.valid_to:
            return "valid"
        if self.valid_to < day:
            return "expired"
        return "expiring" if self.valid_to <= day + timedelta(days=self._reminder_days()) else "valid"

    @api.depends("kind", "requirement_id", "partner_id.supplier_category_id.requirement_ids.mandatory")
    def _compute_mandatory(self):
        for row in self:
            row.mandatory = row._requirement().mandatory

    @api.constrains("partner_id")
    def _check_partner(self):
        for row in self:
            if row.partner_id != row.partner_id.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact: qualifications belong to %(company)s.",
                        contact=row.partner_id.display_name,
                        company=row.partner_id.commercial_partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            for vals in vals_list:
                self._check_not_system(vals)
        vals_list = [self._prepare_content_vals(vals) for vals in vals_list]
        model = super(
            HealthcareSupplierQualification, without_defaults(self, {*SYSTEM_FIELDS, *SHOWN_FIELDS})
        )
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        if not self.env.su:
            self._check_not_system(vals)
        self._check_as_shown(vals)
        return super().write(self._prepare_content_vals(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        if decided := self.filtered("decision"):
            raise UserError(
                self.env._(
                    "%(qualification)s of %(supplier)s was decided about and is kept as evidence.",
                    qualification=decided[0].display_name,
                    supplier=decided[0].partner_id.display_name,
                )
            )

    def action_verify(self):
        """Confirm what the supplier shows; by compliance, and not by who handed it in.

        :raises AccessError: for anybody but compliance, or for who handed it in
        :raises UserError: naming what is missing or over
        """
        for row in self:
            row._check_decider()
            row._check_complete()
        self._decide("verified", "")
        return True

    def action_refuse(self, reason):
        """Refuse what the supplier shows.

        :param str reason: for the supplier; required
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the qualification is refused: the supplier reads it."))
        for row in self:
            row._check_decider()
        self._decide("refused", reason.strip())
        return True

    def action_open_refuse(self):
        """Open the dialog that asks why."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Refuse Qualification"),
            "res_model": "healthcare.supplier.decide",
            "view_mode": "form",
            "target": "new",
            "context": {"default_action": "refuse_qualification", "default_qualification_id": self.id},
        }

    def action_renew(self):
        """Open a new qualification of the same kind; the old one stays as it is."""
        self.ensure_one()
        self.check_access("write")
        renewal = self.create(
            {
                "partner_id": self.partner_id.id,
                "kind": self.kind,
                "name": self.name,
                "issuer": self.issuer,
                "requirement_id": self.requirement_id.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Renewal"),
            "res_model": self._name,
            "res_id": renewal.id,
            "view_mode": "form",
        }

    def _decide(self, decision, reason):
        # sudo: nobody writes a decision; the caller has checked who decides
        self.sudo().write(
            {
                "decision": decision,
                "decision_reason": reason or False,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )

    def _check_decider(self):
        """Refuse decisions by others than compliance, about one's own, and twice.

        :raises AccessError: saying who decides
        :raises UserError: when it is decided already, or nothing was shown
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group("healthcare_supplier.group_compliance"):
            raise AccessError(self.env._("Qualifications are verified and refused by compliance officers."))
        if self.submitted_by_id == self.env.user:
            raise AccessError(
                self.env._(
                    "You handed in %s yourself: another compliance officer decides about it.",
                    self.display_name,
                )
            )
        if self.decision:
            raise UserError(self.env._("%s is decided already. Add a renewal.", self.display_name))
        if self.state == "missing":
            raise UserError(self.env._("%s: nothing was handed in yet.", self.display_name))

    def _check_complete(self):
        """Refuse to verify what does not fulfil its requirement.

        :raises UserError: naming the field
        """
        requirement = self._requirement()
        if requirement.needs_document and not self.document_sha256:
            raise UserError(
                self.env._("%s: a document is required, a number does not do.", self.display_name)
            )
        if requirement.needs_expiry and not self.valid_to:
            raise UserError(self.env._("%s: fill in Valid Until.", self.display_name))
        if self.valid_to and self.valid_to < fields.Date.context_today(self):
            raise UserError(
                self.env._(
                    "%(qualification)s expired on %(date)s. Ask for its renewal.",
                    qualification=self.display_name,
                    date=self.valid_to,
                )
            )

    def _check_not_system(self, vals):
        touched = [name for name in SYSTEM_FIELDS if vals.get(name)]
        if touched:
            raise AccessError(
                self.env._(
                    "Qualifications are verified and refused by compliance officers, not written (%s).",
                    ", ".join(touched),
                )
            )

    def _check_as_shown(self, vals):
        """Refuse to change what was decided about, and to move it to another supplier.

        :raises UserError: naming the qualification
        """
        if "partner_id" in vals and any(row.partner_id.id != vals["partner_id"] for row in self):
            raise UserError(self.env._("A qualification stays with its supplier. Make a new one there."))
        if not any(name in vals for name in CONTENT_FIELDS):
            return
        if decided := self.filtered("decision"):
            raise UserError(
                self.env._(
                    "%(qualification)s of %(supplier)s was decided about as it is. Add a renewal instead.",
                    qualification=decided[0].display_name,
                    supplier=decided[0].partner_id.display_name,
                )
            )

    @api.model
    def _prepare_content_vals(self, vals):
        """Return the values with the document's fingerprint and who hands it in.

        :raises ValidationError: for a document that is too large or of no allowed type
        """
        vals = dict(vals)
        if "document" in vals:
            vals["document_sha256"] = self._document_digest(vals["document"], vals.get("document_name"))
        if any(vals.get(name) for name in SHOWN_FIELDS):
            # Whoever changes what is shown has handed it in, and does not verify it.
            vals.setdefault("submitted_by_id", self.env.uid)
            vals.setdefault("submitted_at", fields.Datetime.now())
        return vals

    @api.model
    def _document_digest(self, document, name):
        """Return the SHA-256 of a base64 document, False for none.

        :raises ValidationError: for a document that is too large or of no allowed type
        """
        if not document:
            return False
        content = base64.b64decode(document)
        if len(content) > DOCUMENT_MAX_BYTES:
            raise ValidationError(
                self.env._(
                    "%(name)s has %(size)s MB; a document has at most %(limit)s MB.",
                    name=name or self.env._("The document"),
                    size=len(content) // (1024 * 1024),
                    limit=DOCUMENT_MAX_BYTES // (1024 * 1024),
                )
            )
        mimetype = guess_mimetype(content)
        if mimetype not in DOCUMENT_TYPES:
            raise ValidationError(
                self.env._(
                    "%(name)s is no PDF, PNG, JPEG or TIFF (%(type)s).",
                    name=name or self.env._("The document"),
                    type=mimetype,
                )
            )
        return hashlib.sha256(content).hexdigest()

    def _requirement(self):
        """Return the point of the checklist that this fulfils, or none."""
        self.ensure_one()
        requirements = self.partner_id.supplier_category_id.requirement_ids
        return requirements.filtered(lambda requirement: requirement._is_fulfilled_by(self))[:1]

    def _reminder_days(self):
        self.ensure_one()
        return self._requirement().reminder_days or 30

    def _is_in_force(self, day):
        """Return whether this was verified and holds on a day."""
        self.ensure_one()
        return (
            self.decision == "verified"
            and (not self.valid_from or self.valid_from <= day)
            and (not self.valid_to or self.valid_to >= day)
        )
