import base64
import hashlib

from odoo import api, fields, models


class HealthcareAuditMixin(models.AbstractModel):
    """Records create, write and unlink of chosen fields in the audit trail.

    Configured with class attributes. Only values that go through ``create`` and ``write`` are
    seen: changes of computed fields are recorded by who computes them
    (``healthcare.audit.entry._record``).
    """

    _name = "healthcare.audit.mixin"
    _description = "Audited Record"

    # Fields whose changes are recorded.
    _audit_fields = ()
    # Of "create", "write" and "unlink".
    _audit_actions = ("create", "write", "unlink")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if "create" in self._audit_actions:
            after = records._audit_snapshot(self._audit_fields)
            records._audit_record(
                "create",
                {
                    record_id: {name: [None, value] for name, value in values.items() if value}
                    for record_id, values in after.items()
                },
            )
        return records

    def write(self, vals):
        names = [name for name in self._audit_fields if name in vals]
        if not names or "write" not in self._audit_actions:
            return super().write(vals)
        before = self._audit_snapshot(names)
        result = super().write(vals)
        after = self._audit_snapshot(names)
        changes = {
            record_id: {
                name: [before[record_id][name], value]
                for name, value in values.items()
                if before[record_id][name] != value
            }
            for record_id, values in after.items()
        }
        self._audit_record("write", {key: value for key, value in changes.items() if value})
        return result

    def unlink(self):
        if "unlink" not in self._audit_actions:
            return super().unlink()
        entries = self._audit_entries(
            "unlink",
            {
                record_id: {name: [value, None] for name, value in values.items() if value}
                for record_id, values in self._audit_snapshot(self._audit_fields).items()
            },
        )
        result = super().unlink()
        self.env["healthcare.audit.entry"]._record(entries)
        return result

    def _audit_company(self):
        """Return the id of the company in whose chain the record's changes go, 0 for none.

        Override where a record belongs to a company by another way than ``company_id``.
        """
        self.ensure_one()
        return self.company_id.id or 0 if "company_id" in self._fields else 0

    def _audit_record(self, action, changes):
        """Record ``{res_id: {field: [old, new]}}`` of these records under ``action``."""
        self.env["healthcare.audit.entry"]._record(self._audit_entries(action, changes))

    def _audit_entries(self, action, changes):
        """Return entries for ``healthcare.audit.entry._record``."""
        # sudo: who may change a record may not always read its company or name
        records = self.sudo().browse(changes)
        return [
            {
                "model": self._name,
                "res_id": record.id,
                "res_name": record.display_name,
                "action": action,
                "changes": changes[record.id],
                "company_id": record._audit_company(),
            }
            for record in records
        ]

    def _audit_snapshot(self, names):
        """Return ``{res_id: {field: JSON value}}`` of these records."""
        # sudo: what is recorded does not depend on who may read it
        return {
            record.id: {name: record._audit_value(name) for name in names}
            for record in self.sudo().with_context(active_test=False)
        }

    def _audit_value(self, name):
        """Return a field's value as JSON: records as ``{"id", "name"}``, bytes as a digest."""
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if field.type in ("one2many", "many2many"):
            return [
                {"id": record.id, "name": record.display_name} for record in value.sorted("id")
            ]
        if field.type == "many2one":
            return {"id": value.id, "name": value.display_name} if value else None
        if field.type == "boolean":
            return bool(value)
        if value is False or value is None:
            return None
        if field.type == "binary":
            return "sha256:" + hashlib.sha256(base64.b64decode(value)).hexdigest()
        if field.type in ("date", "datetime"):
            return fields.Datetime.to_string(value) if field.type == "datetime" else str(value)
        if field.type in ("integer", "char", "text", "selection", "json"):
            return value
        return str(value)
