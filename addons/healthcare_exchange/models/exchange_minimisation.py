from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools import minimisation


class HealthcareExchangeMinimisation(models.Model):
    """Which fields of a document type may leave through an endpoint.

    Without such a record the shipped list of the type applies: the least that the document is
    good for. Where the endpoint is in use, letting more out takes a second person.
    """

    _name = "healthcare.exchange.minimisation"
    _description = "Fields That May Leave"
    _inherit = ["healthcare.audit.mixin", "healthcare.approval.mixin"]
    _order = "endpoint_id, document_type"
    _audit_fields = ("endpoint_id", "document_type", "allowed_paths")
    _approval_fields = ("endpoint_id", "document_type", "allowed_paths")

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    document_type = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint.document"]._selection_document_type(),
        required=True,
    )
    allowed_paths = fields.Json(
        string="Allowed Fields",
        readonly=True,
        help="Sorted list of paths, such as lines[].quantity.",
    )
    allowed_count = fields.Integer(compute="_compute_summary")
    extra_text = fields.Text(
        string="Beyond the Default", compute="_compute_summary", help="Leaves here and not by default."
    )
    withheld_text = fields.Text(
        string="Withheld Here", compute="_compute_summary", help="Leaves by default and not here."
    )
    sensitive_text = fields.Text(
        string="Sensitive Fields That Leave",
        compute="_compute_summary",
        help="What may say something about persons, patients or bank accounts.",
    )

    _type_unique = models.Constraint(
        "UNIQUE (endpoint_id, document_type)", "An endpoint has one list of fields per document type."
    )

    @api.depends("allowed_paths", "document_type")
    def _compute_summary(self):
        for record in self:
            allowed = set(record.allowed_paths or ())
            default = minimisation.default_paths(record.document_type) if record.document_type else set()
            record.allowed_count = len(allowed)
            record.extra_text = "\n".join(sorted(allowed - default))
            record.withheld_text = "\n".join(sorted(default - allowed))
            sensitive = minimisation.sensitive(record.document_type) if record.document_type else set()
            record.sensitive_text = "\n".join(sorted(allowed & sensitive))

    @api.depends("endpoint_id.code", "document_type")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.endpoint_id.code} {record.document_type}"

    @api.constrains("allowed_paths", "document_type")
    def _check_paths(self):
        for record in self:
            paths = record.allowed_paths
            if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
                raise ValidationError(self.env._("The allowed fields are a list of paths."))
            unknown, missing = minimisation.problems(record.document_type, paths)
            if unknown:
                raise ValidationError(
                    self.env._(
                        "%(name)s: the document type has no field %(paths)s.",
                        name=record.display_name,
                        paths=", ".join(unknown[:10]),
                    )
                )
            if missing:
                raise ValidationError(
                    self.env._(
                        "%(name)s: %(paths)s cannot be left out; without it the document is not valid, or "
                        "says nothing.",
                        name=record.display_name,
                        paths=", ".join(missing[:10]),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("allowed_paths") is None:
                kind = vals.get("document_type")
                vals["allowed_paths"] = sorted(minimisation.default_paths(kind)) if kind else []
            else:
                vals["allowed_paths"] = _sorted(vals["allowed_paths"])
        records = super().create(vals_list)
        for record in records:
            record._check_widening(
                minimisation.default_paths(record.document_type), record.allowed_paths or ()
            )
        # What leaves is part of what is approved with the endpoint.
        records.endpoint_id._approval_note_author()
        return records

    def write(self, vals):
        if {"endpoint_id", "document_type"} & vals.keys():
            raise UserError(self.env._("Make another list for another endpoint or document type."))
        if "allowed_paths" in vals:
            vals = {**vals, "allowed_paths": _sorted(vals["allowed_paths"])}
            for record in self:
                record._check_widening(record.allowed_paths or (), vals["allowed_paths"] or ())
            self.endpoint_id._approval_note_author()
        return super().write(vals)

    def unlink(self):
        for record in self:
            record._check_widening(
                record.allowed_paths or (), minimisation.default_paths(record.document_type)
            )
        self.endpoint_id._approval_note_author()
        return super().unlink()

    def _check_widening(self, before, after):
        """Where documents flow, more leaves only with a second person's consent; less at once."""
        self.ensure_one()
        more = set(after) - set(before) if isinstance(after, list | tuple | frozenset | set) else set()
        if more and not self.env.su and self.endpoint_id.state in ("active", "suspended"):
            raise AccessError(
                self.env._(
                    "%(name)s is in use: letting %(paths)s out takes a second person. Ask for it with "
                    "'Choose Fields'.",
                    name=self.display_name,
                    paths=", ".join(sorted(more)[:10]),
                )
            )

    def action_choose(self):
        """Open the tree of fields to tick."""
        self.ensure_one()
        choices = self.env["healthcare.exchange.minimisation.choice"]
        return choices._open(self.endpoint_id, self.document_type)._action()

    def _choose(self, paths, reason=""):
        """Let exactly these fields leave: at once, or when a second person has agreed.

        :return: the approval request, empty where none was needed.
        """
        self.ensure_one()
        more = set(paths) - set(self.allowed_paths or ())
        in_use = self.endpoint_id.state in ("active", "suspended")
        if not (more and in_use):
            self.allowed_paths = sorted(paths)
            return self.env["healthcare.approval.request"]
        unknown, missing = minimisation.problems(self.document_type, paths)
        if unknown or missing:
            raise ValidationError(
                self.env._(
                    "%(name)s: not possible: %(paths)s.",
                    name=self.display_name,
                    paths=", ".join((unknown + missing)[:10]),
                )
            )
        return self._request_approval(
            "policy", {"allowed_paths": sorted(paths)}, reason or "\n".join(sorted(more))
        )

    def _approval_title(self, kind, proposed_values):
        more = set(proposed_values.get("allowed_paths") or ()) - set(self.allowed_paths or ())
        return self.env._(
            "Let %(paths)s out to %(name)s", paths=", ".join(sorted(more)[:5]), name=self.display_name
        )

    @api.model
    def _allowed(self, endpoint, document_type):
        """Return the set of paths that may leave; of all endpoints with one query."""
        record = endpoint.minimisation_ids.filtered(lambda row: row.document_type == document_type)
        return frozenset(record.allowed_paths) if record else minimisation.default_paths(document_type)


def _sorted(paths):
    if isinstance(paths, list | tuple) and all(isinstance(path, str) for path in paths):
        return sorted(set(paths))
    return paths
