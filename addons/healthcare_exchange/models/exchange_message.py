import json
import uuid

from markupsafe import Markup
from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools.cursor import OwnCursor

# Now, as Odoo stores it; stable within a statement, so that indexes serve it.
NOW = SQL("timezone('UTC', statement_timestamp())")

#: Which state may follow which; anything else is refused in `write`.
EDGES = {
    "queued": {"leased", "done", "retry", "dead", "rejected", "cancelled"},
    "leased": {"sent", "acknowledged", "retry", "dead", "rejected"},
    "retry": {"leased", "acknowledged", "queued", "done", "dead", "rejected", "cancelled"},
    "sent": {"acknowledged", "rejected", "queued"},
    "acknowledged": {"rejected", "queued"},
    "dead": {"acknowledged", "rejected", "queued", "cancelled"},
    "rejected": {"queued", "cancelled"},
    "done": set(),
    "cancelled": set(),
}

#: Evidence and identity: set once, at creation.
FROZEN = {
    "uuid",
    "direction",
    "document_type",
    "endpoint_id",
    "company_id",
    "document",
    "raw",
    "raw_sha256",
    "filename",
    "content_type",
    "idempotency_key",
    "control_number",
    "document_time",
    "mapping_id",
    "mapping_version",
    "ordering_key",
    "in_place_of_id",
    "batch",
    "number",
    "position",
    "trace_id",
    "traceparent",
    "diagnostics",
    "interchange",
    # Written once by `stage`, in SQL.
    "payload",
    "payload_sha256",
    "payload_filename",
    "payload_content_type",
    # Written once by the retention policy, in SQL.
    "archived_at",
    "document_sha256",
}

# Commercial content: prices and bank accounts are not for everyone who may see that a message
# exists.
_CONTENT_GROUPS = (
    "healthcare_base.group_clerk,healthcare_base.group_approver,"
    "healthcare_base.group_accounts_payable,healthcare_base.group_administrator,"
    "healthcare_base.group_auditor"
)


class HealthcareExchangeMessage(models.Model):
    """A document on its way out (outbox) or in (inbox).

    Written in the same transaction as the business change that it comes from or causes. Only
    this model's own methods change it: ``create`` and ``write`` refuse anyone who is not inside
    them, whatever their rights, and evidence does not change at all.
    """

    _name = "healthcare.exchange.message"
    _description = "Exchange Message"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "number"
    _rec_names_search = ["number", "uuid"]
    _mail_post_access = "read"

    uuid = fields.Char(
        string="UUID",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: str(uuid.uuid4()),
    )
    direction = fields.Selection(
        [("inbound", "Inbound"), ("outbound", "Outbound")], required=True, readonly=True
    )
    document_type = fields.Char(readonly=True, help="Empty where the bytes could not be read.")
    number = fields.Char(readonly=True, help="The document's own number.")
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(related="endpoint_id.partner_id", string="Partner")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("leased", "Leased"),
            ("sent", "Sent"),
            ("acknowledged", "Acknowledged"),
            ("done", "Done"),
            ("retry", "Waiting to Retry"),
            ("dead", "Dead Letter"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="queued",
        required=True,
        readonly=True,
        copy=False,
    )
    priority = fields.Integer(default=1, required=True, readonly=True, help="0 urgent, 1 normal, 2 bulk.")
    idempotency_key = fields.Char(required=True, readonly=True, copy=False)
    ordering_key = fields.Char(
        readonly=True,
        help="Messages with the same key go out in order and are processed one at a time.",
    )
    trace_id = fields.Char(readonly=True, index=True)
    position = fields.Integer(readonly=True, help="The document's position in its file, from 0.")
    parent_id = fields.Many2one(
        "healthcare.exchange.message", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    res_model = fields.Char(string="Record's Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", readonly=True, copy=False)
    owner_id = fields.Many2one("res.users", readonly=True, index="btree_not_null")

    # up to 5 000 lines of a price list: read where it is asked for, not beside every other field
    document = fields.Json(
        string="Canonical Document", readonly=True, prefetch=False, groups=_CONTENT_GROUPS, copy=False
    )
    document_text = fields.Text(
        string="Canonical JSON", compute="_compute_document_text", groups=_CONTENT_GROUPS
    )
    raw = fields.Binary(
        string="As Received",
        attachment=False,
        readonly=True,
        groups=_CONTENT_GROUPS,
        copy=False,
        help="The file's bytes; of a file with several documents they are kept with the first.",
    )
    raw_sha256 = fields.Char(string="SHA-256 as Received", readonly=True)
    raw_filename = fields.Char(compute="_compute_filenames")
    filename = fields.Char(readonly=True)
    content_type = fields.Char(readonly=True)
    payload = fields.Binary(
        string="As Sent", attachment=False, readonly=True, groups=_CONTENT_GROUPS, copy=False
    )
    payload_sha256 = fields.Char(string="SHA-256 as Sent", readonly=True, copy=False)
    payload_filename = fields.Char(readonly=True, copy=False)
    payload_content_type = fields.Char(readonly=True, copy=False)

    control_number = fields.Integer(readonly=True, copy=False)
    document_time = fields.Datetime(readonly=True, copy=False)
    mapping_id = fields.Many2one("healthcare.exchange.mapping", readonly=True, ondelete="restrict")
    mapping_version = fields.Integer(readonly=True)
    partner_reference = fields.Char(readonly=True, copy=False)

    attempt_count = fields.Integer(
        string="Attempts",
        default=0,
        required=True,
        readonly=True,
        help="Ended tries since it was last queued.",
    )
    attempt_ids = fields.One2many("healthcare.exchange.attempt", "message_id", readonly=True)
    next_attempt_at = fields.Datetime(readonly=True, copy=False)
    sent_at = fields.Datetime(readonly=True, copy=False)
    lease_token = fields.Char(readonly=True, copy=False)
    leased_until = fields.Datetime(readonly=True, copy=False)
    leased_at = fields.Datetime(readonly=True, copy=False)
    leased_by = fields.Char(readonly=True, copy=False)

    error_code = fields.Char(readonly=True, copy=False)
    errors = fields.Json(string="Error Details", readonly=True, copy=False)
    errors_text = fields.Text(string="Errors", compute="_compute_errors_text")
    diagnostics = fields.Json(readonly=True, copy=False)
    exceptions = fields.Json(
        readonly=True, copy=False, help="Types of the exceptions raised while processing."
    )

    _uuid_unique = models.UniqueIndex("(uuid)", "Another message has this UUID.")
    # `ingest`: the same key again is the same message.
    _idempotency_unique = models.UniqueIndex(
        "(endpoint_id, direction, idempotency_key)",
        "A message with this idempotency key exists already.",
    )
    _priority_check = models.Constraint(
        "CHECK (priority BETWEEN 0 AND 2)", "Priority is 0 (urgent), 1 (normal) or 2 (bulk)."
    )
    # `claim`: what is due, per endpoint, priority and whether it waits for a batch window; a lease
    # that has run out is due as well, for a lease sets next_attempt_at to its end.
    _due_idx = models.Index(
        "(endpoint_id, priority, (batch IS TRUE), next_attempt_at, id)"
        " WHERE direction = 'outbound' AND state IN ('queued', 'retry', 'leased')"
    )
    # `claim`: is an earlier message of the same business object still on its way, anywhere?
    _order_idx = models.Index(
        "(ordering_key, (COALESCE(in_place_of_id, id))) WHERE direction = 'outbound'"
        " AND ordering_key IS NOT NULL AND state IN ('queued', 'retry', 'leased', 'dead')"
    )
    # `claim`, `stage`, `extend`, `report`: the rows of a lease.
    _lease_idx = models.Index("(lease_token) WHERE lease_token IS NOT NULL")
    # `_file_holders`: the message that keeps a file's bytes.
    _file_idx = models.Index("(endpoint_id, raw_sha256) WHERE direction = 'inbound' AND parent_id IS NULL")
    # `_cron_process`: inbound documents to process.
    _inbox_idx = models.Index("(priority, id) WHERE direction = 'inbound' AND state IN ('queued', 'retry')")
    # The messages of a business record, shown on it.
    _record_idx = models.Index("(res_model, res_id) WHERE res_id IS NOT NULL")
    # Functional acknowledgements find what they acknowledge.
    _control_idx = models.Index("(endpoint_id, control_number) WHERE direction = 'outbound'")
    # The list of what a person has to look at.
    _trouble_idx = models.Index("(endpoint_id, id) WHERE state IN ('dead', 'rejected')")

    @api.depends("document_type", "number", "endpoint_id.code")
    def _compute_display_name(self):
        for message in self:
            kind = message.document_type or self.env._("unreadable")
            message.display_name = f"{kind} {message.number or message.uuid}"

    @api.depends("document")
    def _compute_document_text(self):
        for message in self:
            message.document_text = message.document and json.dumps(
                message.document, indent=2, ensure_ascii=False
            )

    @api.depends("filename")
    def _compute_filenames(self):
        for message in self:
            message.raw_filename = message.filename or f"{message.uuid}.bin"

    @api.depends("errors")
    def _compute_errors_text(self):
        for message in self:
            message.errors_text = "\n".join(map(_error_line, message.errors or []))

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        model = super(HealthcareExchangeMessage, without_defaults(self))
        return model.create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_inside()
        frozen = FROZEN & vals.keys()
        if frozen:
            raise UserError(
                self.env._("A message's %s is evidence and does not change.", ", ".join(sorted(frozen)))
            )
        target = vals.get("state")
        for message in self if target else ():
            if target != message.state and target not in message._next_states(vals):
                raise UserError(
                    self.env._(
                        "Message %(name)s is %(state)s and cannot become %(target)s.",
                        name=message.display_name,
                        state=message.state,
                        target=target,
                    )
                )
        return super().write(vals)

    def _next_states(self, vals):
        """Return the states that this message may get next, with ``vals`` being written.

        Override where another way of delivery leads from one state to another.
        """
        return EDGES[self.state]

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        """Evidence is never deleted."""
        raise UserError(self.env._("An exchange message is evidence and cannot be deleted."))

    def _check_inside(self):
        """Refuse writers from outside. Superuser mode cannot be had by RPC, unlike a context key;
        this model's methods enter it after checking the caller."""
        if not self.env.su:
            raise AccessError(self.env._("Exchange messages are changed by the exchange protocol only."))

    # Who may call, and what they reach

    @api.model
    def _check_caller(self, *, administrator=False, service=False):
        """Raise AccessError unless the caller is the service or an administrator.

        :param administrator: only an administrator.
        :param service: only the service: what it says is evidence of what partners sent and got
            and of what administrators configure, so they do not say it themselves.
        """
        user = self.env.user
        if self.env.su or (not service and user.has_group("healthcare_base.group_administrator")):
            return
        if not administrator and user.has_group("healthcare_base.group_service"):
            return
        raise AccessError(
            self.env._("This is for the integration service alone.")
            if service
            else self.env._("This is for the integration service and for procurement administrators.")
        )

    @api.model
    def _reachable_endpoints(self, codes=None):
        """Return the endpoints that the caller may exchange with, in superuser mode.

        The service reaches those that list it, and no other; an administrator those of their
        companies. Unknown codes are left out, so that they do not tell what exists.
        """
        # said outright: a caller's context could bring archived endpoints
        domain = [("active", "=", True)]
        if codes:
            domain.append(("code", "in", codes))
        user = self.env.user
        if not self.env.su:
            if user.has_group("healthcare_base.group_administrator"):
                domain.append(("company_id", "in", user.company_ids.ids))
            else:
                domain.append(("service_user_ids", "in", user.ids))
        # The service's account has no access to models: this list is its right.
        return self.env["healthcare.exchange.endpoint"].sudo().search(domain)

    @api.model
    def _check_list(self, values, name, limit=1000):
        """Return ``values`` as a list of text without repetition, in order."""
        if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
            raise ValidationError(self.env._("%s must be a list of text.", name))
        if len(values) > limit:
            raise ValidationError(self.env._("%(name)s: at most %(n)s.", name=name, n=limit))
        return list(dict.fromkeys(values))

    # Cursors

    def _claim_cursor(self):
        """Return a context manager with a cursor of its own in READ COMMITTED.

        What workers share cannot live in the request's transaction: its snapshot was fixed before
        the method began, and waiting for a row there ends in a serialisation error. Commits at
        the end. In a test's cursor, which is inside the test's transaction, the level stays.
        """
        return self._own_cursor(read_committed=True)

    def _own_cursor(self, read_committed=False):
        return OwnCursor(self.env, read_committed)

    @api.model
    def _as_superuser(self, cr):
        """Return this model in superuser mode on another cursor and with an empty context, for an
        RPC caller chooses the context's keys."""
        return api.Environment(cr, api.SUPERUSER_ID, {})[self._name]

    # Owners

    def _give_owner(self, reason):
        """Give each message an owner and an activity that says what happened and what to do.

        :param reason: ``{message_id: text}``.
        """
        owners = self._owners()
        deadlines = self._deadlines()
        labels = dict(self._fields["state"]._description_selection(self.env))
        by_owner = self.grouped(lambda message: owners[message.id])
        for owner, messages in by_owner.items():
            messages.write({"owner_id": owner.id})
        # No e-mail per message: a partner that is down for a day would fill the owner's mailbox.
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": message.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_warning").id,
                    "automated": True,
                    "user_id": owners[message.id].id,
                    "date_deadline": fields.Date.to_date(deadlines[message.id]),
                    "summary": f"{message.display_name}: {labels[message.state]}",
                    "note": message._what_to_do(reason[message.id]),
                }
                for message in self
            ]
        )

    def _owners(self):
        """Return ``{message_id: user}``, see ``_responsible`` of the endpoint."""
        users = self.endpoint_id._responsible()
        return {message.id: users[message.endpoint_id.id] for message in self}

    def _what_to_do(self, reason):
        """Return the note of the owner's activity: what happened, and what to do about it."""
        self.ensure_one()
        note = Markup("<p>%s</p>") % reason
        if self.error_hint:
            note += Markup("<p>%s</p>") % self.error_hint
        return note

    def _drop_activities(self):
        """The trouble is over: nobody has to look any more."""
        self.activity_ids.filtered("automated").unlink()


def iso(moment):
    """Return a naive UTC datetime as ISO 8601 text with ``Z``, and False for none."""
    return moment.isoformat(timespec="seconds") + "Z" if moment else False


def _error_line(error):
    where = ", ".join(filter(None, (error.get("line"), error.get("path"))))
    text = f"{error.get('code')}: {error.get('message')}"
    return f"{text} ({where})" if where else text
