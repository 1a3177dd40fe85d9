from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools import minimisation


class HealthcareExchangeMinimisationChoice(models.TransientModel):
    """Ticking the fields that may leave: the tree of a document type's schema."""

    _name = "healthcare.exchange.minimisation.choice"
    _description = "Choose the Fields That May Leave"

    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", required=True, ondelete="cascade")
    document_type = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint.document"]._selection_document_type(),
        required=True,
    )
    in_use = fields.Boolean(compute="_compute_effect")
    more_text = fields.Text(string="Leaves in Addition", compute="_compute_effect")
    less_text = fields.Text(string="Leaves No More", compute="_compute_effect")
    reason = fields.Text(help="Why; for the one who decides.")
    line_ids = fields.One2many("healthcare.exchange.minimisation.choice.line", "choice_id")

    @api.depends("line_ids.allowed", "endpoint_id", "document_type")
    def _compute_effect(self):
        for choice in self:
            before = self.env["healthcare.exchange.minimisation"]._allowed(
                choice.endpoint_id, choice.document_type
            )
            after = choice._paths()
            choice.in_use = choice.endpoint_id.state in ("active", "suspended")
            choice.more_text = "\n".join(sorted(after - before))
            choice.less_text = "\n".join(sorted(before - after))

    @api.model
    def _open(self, endpoint, document_type):
        """Return a new choice with the tree as it is now."""
        allowed = self.env["healthcare.exchange.minimisation"]._allowed(endpoint, document_type)
        return self.create(
            {
                "endpoint_id": endpoint.id,
                "document_type": document_type,
                "line_ids": [Command.create(vals) for vals in self._prepare_lines(document_type, allowed)],
            }
        )

    @api.model
    def _prepare_lines(self, document_type, allowed):
        required = minimisation.complete(document_type, minimisation.business_required(document_type))
        default = minimisation.default_paths(document_type)
        sensitive = minimisation.sensitive(document_type)
        for index, node in enumerate(minimisation.schema_nodes(document_type)):
            path = node["path"]
            below = {leaf for leaf in minimisation.leaves(document_type) if leaf.startswith(f"{path}.")}
            yield {
                "sequence": index,
                "path": path,
                "label": "\u2003" * node["level"] + node["name"].replace("_", " ").capitalize(),
                "section": path.split(".")[0].replace("[]", ""),
                "leaf": node["leaf"],
                "required": path in required,
                "shipped": path in default if node["leaf"] else bool(below & default),
                "sensitive": path in sensitive if node["leaf"] else bool(below and below <= sensitive),
                "allowed": path in allowed if node["leaf"] else bool(below & allowed),
            }

    def _paths(self):
        """Return the set of leaves that are ticked."""
        return set(self.line_ids.filtered(lambda line: line.leaf and line.allowed).mapped("path"))

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Fields That May Leave"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_default(self):
        """Tick what is shipped for this type, and nothing else."""
        self.ensure_one()
        default = minimisation.default_paths(self.document_type)
        for line in self.line_ids:
            line.allowed = line.shipped if not line.leaf else line.path in default
        return self._action()

    def action_apply(self):
        """Let exactly what is ticked leave; what the schema needs beside it is ticked as well.

        :raise UserError: somebody else changed what is asked about.
        """
        self.ensure_one()
        paths = minimisation.complete(self.document_type, self._paths())
        minimisations = self.env["healthcare.exchange.minimisation"]
        record = self.endpoint_id.minimisation_ids.filtered(
            lambda row: row.document_type == self.document_type
        ) or minimisations.create({"endpoint_id": self.endpoint_id.id, "document_type": self.document_type})
        if paths == set(record.allowed_paths or ()):
            return {"type": "ir.actions.act_window_close"}
        if record.approval_pending:
            raise UserError(
                self.env._("%s waits for a decision; cancel that request to ask anew.", record.display_name)
            )
        request = record._choose(paths, self.reason or "")
        if request:
            return record.action_view_approval_requests()
        return {"type": "ir.actions.act_window_close"}
