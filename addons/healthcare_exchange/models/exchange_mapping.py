from odoo import api, fields, models
from odoo.exceptions import UserError

_PINNED = {"endpoint_id", "document_type", "direction", "version", "expression"}


class HealthcareExchangeMapping(models.Model):
    """A version of the translation between canonical documents and a partner's own.

    Once a version has left draft it never changes: messages are pinned to it.
    """

    _name = "healthcare.exchange.mapping"
    _description = "Exchange Mapping"
    _inherit = ["mail.thread", "healthcare.audit.mixin"]
    _order = "endpoint_id, document_type, direction, version desc"
    _audit_fields = (
        "endpoint_id",
        "document_type",
        "direction",
        "version",
        "expression",
        "state",
    )

    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    document_type = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint.document"]._selection_document_type(),
        required=True,
    )
    direction = fields.Selection(
        [("inbound", "Inbound"), ("outbound", "Outbound")], required=True, default="outbound"
    )
    version = fields.Integer(readonly=True, copy=False)
    expression = fields.Text(
        help="JSONata, from the canonical document to the partner's (outbound) or back (inbound). "
        "Empty: the document as it is."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("production", "Production"), ("retired", "Retired")],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )

    _version_unique = models.Constraint(
        "UNIQUE (endpoint_id, document_type, direction, version)",
        "This version of the mapping exists already.",
    )
    # For `_production`, the lookup at enqueue: at most one version is in production.
    _production_unique = models.UniqueIndex(
        "(endpoint_id, document_type, direction) WHERE state = 'production'",
        "One version of a mapping is in production at a time.",
    )

    @api.depends("endpoint_id.code", "document_type", "direction", "version")
    def _compute_display_name(self):
        for mapping in self:
            mapping.display_name = (
                f"{mapping.endpoint_id.code} {mapping.document_type} {mapping.direction} v{mapping.version}"
            )

    @api.model_create_multi
    def create(self, vals_list):
        endpoint_ids = {vals.get("endpoint_id") for vals in vals_list}
        rows = self.sudo()._read_group(
            [("endpoint_id", "in", list(endpoint_ids))],
            ["endpoint_id", "document_type", "direction"],
            ["version:max"],
        )
        last = {(endpoint.id, kind, way): version for endpoint, kind, way, version in rows}
        for vals in vals_list:
            key = (
                vals.get("endpoint_id"),
                vals.get("document_type"),
                vals.get("direction", "outbound"),
            )
            last[key] = last.get(key, 0) + 1
            vals["version"] = last[key]
            if vals.get("state", "draft") != "draft":
                raise UserError(self.env._("A mapping begins as a draft; put it in production."))
        return super().create(vals_list)

    def write(self, vals):
        if _PINNED & vals.keys() and any(mapping.state != "draft" for mapping in self):
            raise UserError(
                self.env._("A mapping that has been in use does not change; duplicate it into a new version.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Messages are pinned to versions that have been in use."""
        if any(mapping.state != "draft" for mapping in self):
            raise UserError(self.env._("A mapping that has been in use cannot be deleted."))

    def action_promote(self):
        """Put this version in production; the one before it is retired. Going back is the same
        step on an older version."""
        self.ensure_one()
        self._production(self.endpoint_id, self.document_type, self.direction).write({"state": "retired"})
        self.env.flush_all()
        self.write({"state": "production"})

    @api.model
    def _production(self, endpoint, document_type, direction):
        """Return the version in production for a document type, empty for none."""
        return self.search(
            [
                ("endpoint_id", "=", endpoint.id),
                ("document_type", "=", document_type),
                ("direction", "=", direction),
                ("state", "=", "production"),
            ],
            limit=1,
        )

    @api.model
    def _production_by_key(self, endpoints, direction):
        """Return ``{(endpoint_id, document_type): mapping}`` of what is in production."""
        mappings = self.search(
            [
                ("endpoint_id", "in", endpoints.ids),
                ("direction", "=", direction),
                ("state", "=", "production"),
            ]
        )
        return {(mapping.endpoint_id.id, mapping.document_type): mapping for mapping in mappings}
