from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.addons.healthcare_approval.tools.digest import digest_of
from odoo.exceptions import AccessError, UserError

#: What a version says; fixed once it has left test.
_CONTENT = {"endpoint_id", "document_type", "direction", "version", "expression", "sample_ids"}
#: Written by the stages' methods alone.
_PROTECTED = {
    "state",
    "version",
    "changed_by_id",
    "changed_at",
    "tested_by_id",
    "tested_at",
    "certified_by_id",
    "certified_at",
    "promoted_by_id",
    "promoted_at",
    "retired_at",
    "replaced_id",
}
_EDITABLE = ("draft", "test")
#: Which stage may follow which; anything else is refused in `write`.
_EDGES = {
    "draft": {"test"},
    "test": {"draft", "certified"},
    "certified": {"production", "retired"},
    "production": {"retired"},
    "retired": {"production"},
}
_MAX_EXPRESSION = 200_000


class HealthcareExchangeMapping(models.Model):
    """A version of the translation between canonical documents and a partner's own.

    Its stages are draft, test, certified, production and retired. Once a version is certified it
    never changes: messages are pinned to it. Whatever happens to it is written down: who changed,
    tested, certified and promoted it, and when.
    """

    _name = "healthcare.exchange.mapping"
    _description = "Exchange Mapping"
    _inherit = [
        "healthcare.exchange.part",
        "mail.thread",
        "healthcare.audit.mixin",
        "healthcare.approval.mixin",
    ]
    _order = "endpoint_id, document_type, direction, version desc"
    _audit_fields = (
        "endpoint_id",
        "document_type",
        "direction",
        "version",
        "expression",
        "state",
    )
    _approval_fields = ("endpoint_id", "document_type", "direction", "version", "expression", "state")

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
    name = fields.Char(string="What It Does", help="What this version changes, in a few words.")
    expression = fields.Text(
        help="JSONata, from the canonical document to the partner's (outbound) or back (inbound). "
        "Empty: the document as it is."
    )
    sample_ids = fields.One2many(
        "healthcare.exchange.mapping.sample", "mapping_id", string="Samples", copy=True
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("test", "In Test"),
            ("certified", "Certified"),
            ("production", "Production"),
            ("retired", "Retired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    changed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    changed_at = fields.Datetime(string="Changed On", readonly=True, copy=False)
    tested_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    tested_at = fields.Datetime(string="Tested On", readonly=True, copy=False)
    certified_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    certified_at = fields.Datetime(string="Certified On", readonly=True, copy=False)
    promoted_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    promoted_at = fields.Datetime(string="In Production Since", readonly=True, copy=False)
    retired_at = fields.Datetime(string="Retired On", readonly=True, copy=False)
    replaced_id = fields.Many2one(
        "healthcare.exchange.mapping",
        string="Replaced Version",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The version that was in production before this one; what rolling back goes to.",
    )

    _version_unique = models.Constraint(
        "UNIQUE (endpoint_id, document_type, direction, version)",
        "This version of the mapping exists already.",
    )
    # For `_in_use_by_key`, the lookup at enqueue: at most one version is in production.
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

    @api.constrains("expression")
    def _check_expression(self):
        for mapping in self:
            if len(mapping.expression or "") > _MAX_EXPRESSION:
                raise UserError(
                    self.env._(
                        "%(name)s: at most %(n)s characters.", name=mapping.display_name, n=_MAX_EXPRESSION
                    )
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
            self._check_outside(vals)
            if vals.get("state", "draft") != "draft":
                raise UserError(self.env._("A mapping begins as a draft; put it in production."))
            key = (
                vals.get("endpoint_id"),
                vals.get("document_type"),
                vals.get("direction", "outbound"),
            )
            last[key] = last.get(key, 0) + 1
            vals.update(version=last[key], changed_by_id=self.env.uid, changed_at=fields.Datetime.now())
        model = super(HealthcareExchangeMapping, without_defaults(self, _PROTECTED))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_outside(vals)
        if _CONTENT & vals.keys():
            self._check_editable()
            vals = {**vals, **self._prepare_changed_vals()}
        target = vals.get("state")
        for mapping in self if target else ():
            if target != mapping.state and target not in _EDGES[mapping.state]:
                raise UserError(
                    self.env._(
                        "%(name)s is in stage %(state)s and cannot go to %(target)s.",
                        name=mapping.display_name,
                        state=mapping.state,
                        target=target,
                    )
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Messages are pinned to versions that have been in use."""
        if any(mapping.state not in _EDITABLE for mapping in self):
            raise UserError(self.env._("A mapping that has been certified cannot be deleted; retire it."))
        self._check_not_pinned()

    def _prepare_changed_vals(self):
        """Return what changing the content means: evidence is about exactly what was tested."""
        return {
            "changed_by_id": self.env.uid,
            "changed_at": fields.Datetime.now(),
            "tested_by_id": False,
            "tested_at": False,
        }

    def _check_outside(self, vals):
        """Refuse stages and evidence from outside: they are the methods' work. Superuser mode
        cannot be had by RPC, unlike a context key."""
        forbidden = _PROTECTED & {name for name, value in vals.items() if (name, value) != ("state", "draft")}
        if forbidden and not self.env.su:
            raise AccessError(
                self.env._(
                    "The %s of a mapping changes by testing, certifying and promoting it only.",
                    ", ".join(sorted(forbidden)),
                )
            )

    def _check_editable(self):
        """Refuse changes of what messages or decisions rest on."""
        for mapping in self:
            if mapping.state not in _EDITABLE:
                raise UserError(
                    self.env._(
                        "%(name)s is in stage %(state)s and does not change any more; make a new version "
                        "of it.",
                        name=mapping.display_name,
                        state=mapping.state,
                    )
                )
        self._check_not_pinned()

    def _check_not_pinned(self):
        """A version in test that a message of a test endpoint was made with is evidence."""
        # sudo: messages tell about the mapping, whoever may read them
        pinned = (
            self.env["healthcare.exchange.message"].sudo().search([("mapping_id", "in", self.ids)], limit=1)
        )
        if pinned:
            raise UserError(
                self.env._(
                    "%(name)s has translated messages (%(message)s) and does not change any more; make a "
                    "new version of it.",
                    name=pinned.mapping_id.display_name,
                    message=pinned.display_name,
                )
            )

    def _content_digest(self):
        """Return the SHA-256 of what this version says, samples apart."""
        self.ensure_one()
        return digest_of(
            {
                "document_type": self.document_type,
                "direction": self.direction,
                "expression": self.expression or "",
            }
        )

    def action_new_version(self):
        """Copy this version, with its samples, into a draft, and open it."""
        self.ensure_one()
        draft = self.copy()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": draft.id,
            "views": [(False, "form")],
        }

    # Which version applies

    @api.model
    def _in_use_by_key(self, endpoints, direction):
        """Return ``{(endpoint_id, document_type): mapping}`` of the versions that apply now.

        The one in production; at a test endpoint the newest one in test, where there is one.
        """
        mappings = self.search(
            [
                ("endpoint_id", "in", endpoints.ids),
                ("direction", "=", direction),
                ("state", "in", ("production", "test")),
            ]
        )
        return mappings._by_key()

    def _by_key(self):
        in_use = {}
        rank = {"production": 1, "test": 2}
        for mapping in self.sorted(lambda one: (rank.get(one.state, 0), one.version)):
            if mapping.state == "production" or (mapping.state == "test" and mapping.endpoint_id.test):
                in_use[mapping.endpoint_id.id, mapping.document_type] = mapping
        return in_use
