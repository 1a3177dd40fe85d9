import json
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

#: Login of the integration service's account; it has ``healthcare_base.group_service`` alone.
SERVICE_LOGIN = "hcp-service"

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_.-]{0,39}\Z")
# Nine digits: what an X12 interchange control number (ISA13) can hold.
_LAST_CONTROL_NUMBER = 999_999_999
_SECRET_NAMES = re.compile(r"password|secret|token|api_?key|private_?key|credential", re.IGNORECASE)


class HealthcareExchangeEndpoint(models.Model):
    """A partner's system, as the suite talks to it: configuration, never a counter.

    Nothing that happens while documents are exchanged writes to this row; health is aggregated
    from the append-only attempts.
    """

    _name = "healthcare.exchange.endpoint"
    _description = "Exchange Endpoint"
    _inherit = ["mail.thread", "healthcare.audit.mixin"]
    _order = "code"
    _rec_names_search = ["code", "name"]
    _check_company_auto = True
    _audit_fields = (
        "code",
        "name",
        "partner_id",
        "company_id",
        "state",
        "direction",
        "test",
        "connector",
        "settings",
        "acknowledge_by",
        "expects_functional_ack",
        "owner_id",
        "service_user_ids",
        "accept_bearer",
        "accept_oauth",
        "accept_webhook",
        "max_attempts",
        "retry_base_seconds",
        "retry_max_seconds",
        "tz",
        "rate_per_minute",
        "rate_burst",
        "drain_per_minute",
        "breaker_failures",
        "breaker_seconds",
        "breaker_max_seconds",
    )

    code = fields.Char(
        required=True,
        copy=False,
        index=True,
        help="Name in addresses, commands and logs: capitals, digits, '-', '_' and '.'.",
    )
    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        check_company=True,
        index="btree_not_null",
        help="Whose documents these are. A document that names another supplier is rejected. "
        "Empty: the document's own identifiers decide.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("certified", "Certified"),
            ("active", "Active"),
            ("suspended", "Suspended"),
        ],
        default="draft",
        required=True,
        copy=False,
        tracking=True,
        help="Documents are sent and processed while active; otherwise they wait.",
    )
    direction = fields.Selection(
        [("inbound", "Inbound"), ("outbound", "Outbound"), ("both", "Both")],
        default="both",
        required=True,
    )
    test = fields.Boolean(
        help="Documents to the partner are marked as tests, and test documents are processed.",
        tracking=True,
    )
    acknowledge_by = fields.Integer(
        string="Acknowledge Within (minutes)",
        default=1440,
        help="Minutes after sending in which the partner should acknowledge. 0: no limit.",
    )
    connector = fields.Char(
        required=True, help="Profile in the integration service, such as rest-json or x12-folder."
    )
    settings = fields.Json(
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
        help="Transport settings. Credentials are sealed on the page Credentials, not kept here.",
    )
    settings_text = fields.Text(
        string="Transport Settings",
        compute="_compute_settings_text",
        inverse="_inverse_settings_text",
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
        help="A JSON object. Credentials are sealed on the page Credentials, not kept here.",
    )
    expects_functional_ack = fields.Boolean(
        string="Expects Functional Acknowledgement",
        help="What was sent stays 'sent' until a 997, 999, CONTRL or MDN arrives.",
    )
    document_ids = fields.One2many(
        "healthcare.exchange.endpoint.document", "endpoint_id", string="Documents", copy=True
    )
    mapping_ids = fields.One2many("healthcare.exchange.mapping", "endpoint_id", string="Mappings")
    owner_id = fields.Many2one(
        "res.users",
        tracking=True,
        domain=[("share", "=", False)],
        help="Gets rejected messages and dead letters. Empty: an administrator of the company.",
    )
    service_user_ids = fields.Many2many(
        "res.users",
        "healthcare_exchange_endpoint_service_user_rel",
        "endpoint_id",
        "user_id",
        string="Service Accounts",
        default=lambda self: self._default_service_users(),
        copy=False,
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
        help="Accounts of the integration service that may exchange documents here. "
        "No other service account may.",
    )
    max_attempts = fields.Integer(
        default=10, required=True, help="Failures after which a message becomes a dead letter."
    )
    retry_base_seconds = fields.Integer(default=5, required=True)
    retry_max_seconds = fields.Integer(default=3600, required=True)

    _code_unique = models.Constraint("UNIQUE (code)", "Another endpoint has this code.")
    _retry_check = models.Constraint(
        "CHECK (max_attempts BETWEEN 1 AND 1000 AND retry_base_seconds BETWEEN 1 AND 86400"
        " AND retry_max_seconds BETWEEN retry_base_seconds AND 604800)",
        "Attempts: 1 to 1000. Retry: base from 1 second, maximum between base and one week.",
    )
    _acknowledge_by_check = models.Constraint(
        "CHECK (acknowledge_by >= 0)", "Minutes to acknowledge cannot be negative."
    )

    def _default_service_users(self):
        return self.env["res.users"].sudo().search([("login", "=", SERVICE_LOGIN)])

    @api.depends("settings")
    def _compute_settings_text(self):
        for endpoint in self:
            endpoint.settings_text = json.dumps(endpoint.settings or {}, indent=2, sort_keys=True)

    def _inverse_settings_text(self):
        for endpoint in self:
            try:
                endpoint.settings = json.loads(endpoint.settings_text or "{}")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "Endpoint %(code)s: the transport settings are not JSON: %(error)s",
                        code=endpoint.code,
                        error=error,
                    )
                ) from error

    @api.depends("code", "name")
    def _compute_display_name(self):
        for endpoint in self:
            code = f"[{endpoint.code}]" if endpoint.code else ""
            endpoint.display_name = " ".join(filter(None, (code, endpoint.name)))

    @api.constrains("code")
    def _check_code(self):
        for endpoint in self:
            if not _CODE.match(endpoint.code or ""):
                raise ValidationError(
                    self.env._(
                        "Endpoint code '%s': use up to 40 capitals, digits, '-', '_' and '.', "
                        "beginning with a capital or digit.",
                        endpoint.code,
                    )
                )

    @api.constrains("settings")
    def _check_settings(self):
        """Keep credentials out of the settings: they are sealed, see ``healthcare.exchange.credential``."""
        for endpoint in self:
            settings = endpoint.settings or {}
            if not isinstance(settings, dict):
                raise ValidationError(
                    self.env._("Endpoint %s: settings must be a JSON object.", endpoint.code)
                )
            names, nulls = _walk(settings)
            secrets = [name for name in names if _SECRET_NAMES.search(name)]
            if secrets:
                raise ValidationError(
                    self.env._(
                        "Endpoint %(code)s: setting '%(name)s' looks like a credential. "
                        "Credentials are sealed on the page Credentials.",
                        code=endpoint.code,
                        name=secrets[0],
                    )
                )
            if nulls:
                # XML-RPC has no null; an absent setting says the same.
                raise ValidationError(
                    self.env._(
                        "Endpoint %(code)s: setting '%(name)s' is null; leave it out.",
                        code=endpoint.code,
                        name=nulls[0],
                    )
                )

    @api.constrains("settings", "company_id", "partner_id", "active")
    def _check_folder(self):
        """A folder is one partner's: whoever shares it reads, and takes, what the other is sent."""
        named = self.filtered(lambda endpoint: endpoint.active and endpoint._folder())
        if not named:
            return
        # sudo: folders of other companies count, too
        others = self.sudo().search([("settings", "!=", False)])
        for endpoint in named:
            for other in others - endpoint:
                same = other._folder() == endpoint._folder()
                whose = (endpoint.company_id, endpoint.partner_id.commercial_partner_id)
                if same and (other.company_id, other.partner_id.commercial_partner_id) != whose:
                    raise ValidationError(
                        self.env._(
                            "Endpoint %(code)s: folder '%(folder)s' belongs to another partner's "
                            "endpoint. Choose another folder.",
                            code=endpoint.code,
                            folder=endpoint._folder(),
                        )
                    )

    def _folder(self):
        """Return the exchange folder, as file systems compare it that know no case; else empty."""
        self.ensure_one()
        settings = self.settings if isinstance(self.settings, dict) else {}
        return str(settings.get("folder") or "").strip().casefold()

    @api.constrains("owner_id")
    def _check_owner(self):
        message_model = self.env["healthcare.exchange.message"]
        for endpoint in self.filtered("owner_id"):
            if not message_model.with_user(endpoint.owner_id).has_access("read"):
                raise ValidationError(
                    self.env._(
                        "Endpoint %(code)s: %(user)s cannot be its owner without access to "
                        "exchange messages.",
                        code=endpoint.code,
                        user=endpoint.owner_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        endpoints = super().create(vals_list)
        endpoints._create_control_sequences()
        return endpoints

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """An endpoint with messages is evidence: archive it."""
        used = (
            self.env["healthcare.exchange.message"]
            .sudo()
            ._read_group([("endpoint_id", "in", self.ids)], ["endpoint_id"])
        )
        if used:
            raise UserError(
                self.env._(
                    "Endpoint %s has messages and cannot be deleted; suspend and archive it.",
                    used[0][0].code,
                )
            )

    def unlink(self):
        names = [endpoint._control_sequence() for endpoint in self]
        result = super().unlink()
        for name in names:
            self.env.cr.execute(SQL("DROP SEQUENCE IF EXISTS %s", SQL.identifier(name)))
        return result

    def _activation_problems(self):
        """Return what keeps this endpoint from becoming active, as a list of sentences.

        Override to add conditions; begin with ``super()``. Empty: nothing is in the way.
        """
        self.ensure_one()
        return []

    @api.model
    def _for_partners(self, partners, document_type, direction):
        """Return the active endpoint that carries a document type for each partner.

        :param partners: ``res.partner`` records; their commercial partners count.
        :return: ``{partner_id: endpoint}`` for those that have one; where several would do, the
            first by code.
        """
        commercial = partners.commercial_partner_id
        rows = self.env["healthcare.exchange.endpoint.document"].search(
            [
                # said outright: a caller's context could bring archived rows
                ("active", "=", True),
                ("document_type", "=", document_type),
                ("direction", "=", direction),
                ("endpoint_id.state", "=", "active"),
                ("endpoint_id.active", "=", True),
                ("endpoint_id.partner_id.commercial_partner_id", "in", commercial.ids),
                ("endpoint_id.company_id", "in", self.env.companies.ids),
            ]
        )
        by_commercial = {}
        for endpoint in rows.endpoint_id.sorted("code"):
            by_commercial.setdefault(endpoint.partner_id.commercial_partner_id.id, endpoint)
        return {
            partner.id: by_commercial[partner.commercial_partner_id.id]
            for partner in partners
            if partner.commercial_partner_id.id in by_commercial
        }

    def _carries(self, document_type, direction):
        """Whether this endpoint is configured for a document type in a direction."""
        self.ensure_one()
        if self.direction not in (direction, "both"):
            return False
        if document_type == "functional_acknowledgement" and direction == "inbound":
            return self.expects_functional_ack or bool(self._document(document_type, direction))
        return bool(self._document(document_type, direction))

    def _document(self, document_type, direction):
        return self.document_ids.filtered(
            lambda row: row.active and row.document_type == document_type and row.direction == direction
        )

    def _control_sequence(self):
        """Return the name of the PostgreSQL sequence that numbers what is sent from here."""
        self.ensure_one()
        return f"healthcare_exchange_control_{self.id}"

    def _create_control_sequences(self):
        # A database sequence and not ir.sequence: taking a number locks nothing, whoever asks.
        for endpoint in self:
            self.env.cr.execute(
                SQL(
                    "CREATE SEQUENCE IF NOT EXISTS %s MINVALUE 1 MAXVALUE %s CYCLE",
                    SQL.identifier(endpoint._control_sequence()),
                    SQL(str(_LAST_CONTROL_NUMBER)),
                )
            )

    @api.model
    def _next_control_numbers(self, endpoints):
        """Return one control number for each of ``endpoints`` (a list, which may repeat)."""
        names = [endpoint._control_sequence() for endpoint in endpoints]
        self.env.cr.execute(
            SQL(
                "SELECT nextval(name::regclass) FROM unnest(%s::text[]) WITH ORDINALITY AS t(name, place)"
                " ORDER BY place",
                names,
            )
        )
        return [number for (number,) in self.env.cr.fetchall()]


def _walk(settings):
    """Return the names of all settings, nested ones too, and of those that are null."""
    names, nulls, stack = [], [], [("", settings)]
    while stack:
        name, item = stack.pop()
        if isinstance(item, dict):
            names.extend(map(str, item))
            stack.extend(item.items())
        elif isinstance(item, list):
            stack.extend((name, child) for child in item)
        elif item is None:
            nulls.append(name)
    return names, nulls
