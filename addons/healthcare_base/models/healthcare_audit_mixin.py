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

    # Fields whose changes are recorded; extensions of a model name theirs, and all count.
    _audit_fields = ()
    # Of "create", "write" and "unlink".
    _audit_actions = ("create", "write", "unlink")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if "create" in self._audit_actions:
            after = records._audit_snapshot(self._audit_fields)
            records._audit_record("create", records._audit_changes({}, after))
        return records

    def write(self, vals):
        names = [name for name in self._audit_names() if name in vals]
        if not names or "write" not in self._audit_actions:
            return super().write(vals)
        before = self._audit_snapshot(names)
        result = super().write(vals)
        changes = self._audit_changes(before, self._audit_snapshot(names))
        self._audit_record("write", {key: value for key, value in changes.items() if value})
        return result

    def unlink(self):
        if "unlink" not in self._audit_actions:
            return super().unlink()
        before = self._audit_snapshot(self._audit_names())
        entries = self._audit_entries("unlink", self._audit_changes(before, {}))
        result = super().unlink()
        self.env["healthcare.audit.entry"]._record(entries)
        return result

    @classmethod
    def _audit_names(cls):
        """Return the ``_audit_fields`` of the model and of all its extensions."""
        return tuple(
            dict.fromkeys(name for part in cls.__mro__ for name in part.__dict__.get("_audit_fields", ()))
        )

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
        """Return ``{res_id: {field: value}}`` of these records, related records as id tuples."""
        # sudo: what is recorded does not depend on who may read it
        return {
            record.id: {
                name: tuple(sorted(record[name].ids))
                if record._fields[name].type in ("one2many", "many2many")
                else record._audit_value(name)
                for name in names
            }
            for record in self.sudo().with_context(active_test=False)
        }

    def _audit_changes(self, before, after):
        """Return the difference of two snapshots: ``{res_id: {field: change}}``.

        A change is ``[old, new]``, or ``{"added": [...], "removed": [...]}`` for fields with
        many records, of which each is ``{"id", "name"}``.
        """
        changes = {}
        for record_id in before | after:
            old, new = before.get(record_id, {}), after.get(record_id, {})
            changes[record_id] = {
                name: self._audit_change(name, old.get(name), new.get(name))
                for name in old | new
                if (old.get(name) or None) != (new.get(name) or None)
            }
        return changes

    def _audit_change(self, name, old, new):
        """Return one change of :meth:`_audit_changes`."""
        field = self._fields[name]
        if field.type not in ("one2many", "many2many"):
            return [old, new]
        old, new = set(old or ()), set(new or ())
        # sudo: names for the trail, whoever made the change
        comodel = self.env[field.comodel_name].sudo()
        return {
            key: [
                {"id": record.id, "name": record.display_name}
                for record in comodel.browse(sorted(ids)).exists()
            ]
            for key, ids in (("added", new - old), ("removed", old - new))
        }

    def _audit_value(self, name):
        """Return a field's value as JSON: a record as ``{"id", "name"}``, bytes as a digest."""
        self.ensure_one()
        field, value = self._fields[name], self[name]
        if field.type == "many2one":
            return {"id": value.id, "name": value.display_name} if value else None
        if field.type == "boolean":
            return bool(value)
        if value is False or value is None:
            return None
        if field.type == "binary":
            return "sha256:" + hashlib.sha256(base64.b64decode(value)).hexdigest()
        if field.type == "datetime":
            return fields.Datetime.to_string(value)
        if field.type in ("integer", "char", "text", "selection", "json"):
            return value
        return str(value)
