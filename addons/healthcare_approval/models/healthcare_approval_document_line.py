from odoo import api, models


class HealthcareApprovalDocumentLine(models.AbstractModel):
    """A line of a document under approval: changing it is changing the document."""

    _name = "healthcare.approval.document.line"
    _description = "Line of a Document Under Approval"

    # Many2one to the document.
    _approval_document_field = None

    @api.model_create_multi
    def create(self, vals_list):
        field = self._fields[self._approval_document_field]
        ids = {vals.get(field.name) for vals in vals_list}
        if default := self.env.context.get(f"default_{field.name}"):
            ids.add(default)
        documents = self.env[field.comodel_name].browse([each for each in ids if each]).exists()
        with documents._approval_watch():
            return super().create(vals_list)

    def write(self, vals):
        name = self._approval_document_field
        documents = self[name]
        names = documents._approval_line_fields
        if name not in vals and vals.keys().isdisjoint(names):
            return super().write(vals)
        if vals.get(name):
            documents |= documents.browse(vals[name]).exists()
        with documents._approval_watch():
            return super().write(vals)

    def unlink(self):
        with self[self._approval_document_field]._approval_watch():
            return super().unlink()
