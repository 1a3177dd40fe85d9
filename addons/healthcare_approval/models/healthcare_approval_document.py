from contextlib import contextmanager
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..tools.digest import digest_of, field_value

#: Written by asking and deciding alone.
_SYSTEM_FIELDS = {"approval_content", "approval_digest", "approval_authors", "validation_status"}
#: Key of the documents whose change is being watched, in the cursor's cache: it lives as long as
#: the transaction, and callers cannot reach it.
_WATCHED = "healthcare_approval.watched"


class HealthcareApprovalDocument(models.AbstractModel):
    """A document with lines under tier validation (order, request): approved is what was seen.

    Content is what an approver decides on: fields of the head and of the lines. Invariants:

    - While it is being approved, people do not change the content; they restart the approval.
    - It is approved, and enters a state that needs approval, only with the content that was
      asked for.
    - In such a state nothing grows past what was approved (or, where no tier asked for approval,
      past what no tier asks for) without a new approval: less is free.

    Configured with class attributes; the lines inherit ``healthcare.approval.document.line``. A
    model that has ``tier.validation`` already names it once more, after this one.
    """

    _name = "healthcare.approval.document"
    _description = "Document Under Approval"
    _inherit = ["tier.validation", "healthcare.approval.authored"]

    # Head fields that are approved.
    _approval_head_fields = ()
    # Of these, what must not change at all afterwards.
    _approval_fixed_fields = ()
    # One2many of the lines, and what is approved of them.
    _approval_lines_field = None
    _approval_line_fields = ()
    # Of these, what must not change at all afterwards, and what must not grow.
    _approval_line_fixed_fields = ()
    _approval_line_limited_fields = ()

    approval_content = fields.Json(
        readonly=True, copy=False, help="What approval was asked for, or given to."
    )
    approval_digest = fields.Char(readonly=True, copy=False, help="SHA-256 of that content.")

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(_SYSTEM_FIELDS & vals.keys() for vals in vals_list):
            raise self._system_field_error()
        if not self.env.su:
            # said outright: a caller's context could hold defaults for them
            blank = dict.fromkeys(("approval_content", "approval_digest", "approval_authors"), False)
            vals_list = [{**vals, **blank} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and _SYSTEM_FIELDS & vals.keys():
            raise self._system_field_error()
        watched = {*self._approval_head_fields, self._approval_lines_field}
        if watched.isdisjoint(vals):
            return super().write(vals)
        with self._approval_watch():
            return super().write(vals)

    def _system_field_error(self):
        return AccessError(self.env._("What was approved is recorded by the system, not by hand."))

    @contextmanager
    def _approval_watch(self):
        """Check, around a change of these documents or of their lines, the invariants above."""
        watched = self.env.cr.cache.setdefault(_WATCHED, set())
        # sudo: who changes a line sees perhaps not the whole document; the check sees all
        mine = self.sudo().filtered(lambda document: (document._name, document.id) not in watched)
        ruled = mine.filtered("approval_digest") or self.env["tier.definition"]._has_rules(self._name)
        if not mine or not ruled:
            yield
            return
        keys = {(document._name, document.id) for document in mine}
        before = {document: document._approval_content() for document in mine}
        inside = mine._approval_entered()
        watched |= keys
        try:
            yield
        finally:
            watched -= keys
        for document in mine.exists():
            content = document._approval_content()
            if content == before[document]:
                continue
            if document.create_uid != self.env.user:  # who made it is known anyway
                document.sudo(self.env.su)._approval_note_author()
            if document in inside and document._approval_entered():
                document._check_commitment(before[document], content)
            elif not self.env.su and document._tier_validation_write_is_locked():
                raise ValidationError(
                    self.env._(
                        "%s is being approved as it is. Restart the validation to change it, and ask again.",
                        document.display_name,
                    )
                )

    def _approval_content(self):
        """Return what is approved: ``{"head": {field: value}, "lines": {line id: {…}}}``."""
        self.ensure_one()
        lines = self[self._approval_lines_field].filtered(self._approval_is_line)
        return {
            "head": {name: field_value(self, name) for name in self._approval_head_fields},
            "lines": {
                str(line.id): {name: field_value(line, name) for name in self._approval_line_fields}
                for line in lines
            },
        }

    @api.model
    def _approval_is_line(self, line):
        """Return whether a line counts; override to leave sections and notes out."""
        return True

    def _approval_excluded(self):
        authors = self.env["res.users"].browse(self.approval_authors or ())
        return super()._approval_excluded() | authors.exists() | self._approval_creators()

    def _approval_creators(self):
        """Return who made the document, where a person did."""
        return self.create_uid.filtered(lambda user: user.id != api.SUPERUSER_ID)

    def _approval_asked(self):
        for document in self:
            content = document._approval_content()
            document.write({"approval_content": content, "approval_digest": digest_of(content)})
        return super()._approval_asked()

    def _approval_removed(self):
        if approved := self.filtered("approval_digest"):
            approved.write({"approval_content": False, "approval_digest": False})
        return super()._approval_removed()

    def _approval_audit_facts(self):
        return {**super()._approval_audit_facts(), "digest": self.approval_digest or None}

    def _check_unchanged_since_asked(self):
        for document in self:
            if document.approval_digest != digest_of(document._approval_content()):
                raise UserError(
                    self.env._(
                        "%s has changed since its approval was asked for. Restart the validation, "
                        "and ask again.",
                        document.display_name,
                    )
                )
        return super()._check_unchanged_since_asked()

    def _check_commitment(self, before, content):
        """Refuse a change of a document in force that nobody approved.

        :param before: content before the change
        :param content: content now
        :raises ValidationError: naming what grows past what was approved
        """
        self.ensure_one()
        approved = self.approval_content if self.approval_digest else None
        excess = self._approval_excess(approved or before, content)
        if not excess:
            return
        if not approved:
            tiers = self._matching_tiers().get(self.id)
            if not tiers:
                return
        raise ValidationError(
            self.env._(
                "%(document)s: this needs another person's approval:\n%(excess)s\n%(hint)s",
                document=self.display_name,
                excess="\n".join(f"- {sentence}" for sentence in excess),
                hint=self._approval_change_hint(),
            )
        )

    def _approval_change_hint(self):
        """Return how to get the change approved."""
        return self.env._("Set it back to draft, change it, and ask for its approval.")

    def _approval_excess(self, approved, content):
        """Return in sentences what in ``content`` goes past ``approved``; empty: nothing."""
        self.ensure_one()
        label = self._approval_label
        excess = [
            self.env._("%s changes", label(self, name))
            for name in self._approval_fixed_fields
            if content["head"].get(name) != approved["head"].get(name)
        ]
        lines = self[self._approval_lines_field]
        for line_id, values in content["lines"].items():
            line = lines.browse(int(line_id))
            was = approved["lines"].get(line_id)
            if was is None:
                if self._approval_line_commits(values):
                    excess.append(self.env._("%s is new", line.display_name))
                continue
            changed = [name for name in self._approval_line_fixed_fields if values.get(name) != was.get(name)]
            excess += [
                self.env._("%(line)s: %(field)s changes", line=line.display_name, field=label(line, name))
                for name in changed
            ]
            for name, old, new in self._approval_limits(was, values):
                if new > old:
                    excess.append(
                        self.env._(
                            "%(line)s: %(field)s rises from %(old)s to %(new)s",
                            line=line.display_name,
                            field=label(line, name),
                            old=old.normalize().to_eng_string(),
                            new=new.normalize().to_eng_string(),
                        )
                    )
        return excess

    def _approval_limits(self, was, values):
        """Return ``(field, approved, present)`` of a line's numbers that must not grow.

        Override where a number follows from several fields.
        """
        return [
            (name, Decimal(was.get(name) or 0), Decimal(values.get(name) or 0))
            for name in self._approval_line_limited_fields
        ]

    def _approval_line_commits(self, values):
        """Return whether a line with these values commits to anything."""
        return any(Decimal(values.get(name) or 0) > 0 for name in self._approval_line_limited_fields)

    def _approval_label(self, record, name):
        return record._fields[name]._description_string(self.env)
