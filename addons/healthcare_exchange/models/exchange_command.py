import json
import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.healthcare_approval.tools.context import without_defaults
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools import canonical
from .exchange_message import NOW

#: Seconds in which a service takes a command; one that runs takes it within a second.
TAKE_SECONDS = 60
#: Open commands of one endpoint: a person clicks, nothing floods the service.
_MAX_OPEN = 20
_MAX_ARGUMENTS = 2_000_000


class HealthcareExchangeCommand(models.Model):
    """Something the integration service is asked to do for an endpoint, and what came of it.

    All partner I/O is the service's, so a test of a connection is a command. Commands are carried
    out whatever the endpoint's state. Repeating one does no harm: whoever handles it presents the
    command's own key to the partner. Written by this model's methods alone.
    """

    _name = "healthcare.exchange.command"
    _description = "Command to the Integration Service"
    _order = "id desc"
    _rec_name = "kind"

    uuid = fields.Char(
        string="UUID", required=True, readonly=True, copy=False, default=lambda self: str(uuid.uuid4())
    )
    endpoint_id = fields.Many2one(
        "healthcare.exchange.endpoint", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="endpoint_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [
            ("test_connection", "Test Connection"),
            ("sample_exchange", "Sample Exchange"),
            ("certify", "Certify"),
            ("mapping_test", "Mapping Test"),
            ("read_file", "Read File"),
        ],
        required=True,
        readonly=True,
    )
    arguments = fields.Json(readonly=True)
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("leased", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
            ("expired", "Nobody Took It"),
        ],
        default="queued",
        required=True,
        readonly=True,
    )
    result = fields.Json(readonly=True, help="What the service answered.")
    message = fields.Char(readonly=True, help="The answer in one sentence, for people.")
    requested_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    res_model = fields.Char(string="Record's Model", readonly=True)
    res_id = fields.Many2oneReference(string="Record", model_field="res_model", readonly=True)
    take_by = fields.Datetime(readonly=True, help="A command nobody took until then is given up.")
    attempt_count = fields.Integer(readonly=True, help="How often a service took it.")
    lease_token = fields.Char(readonly=True)
    leased_until = fields.Datetime(readonly=True)
    leased_by = fields.Char(string="Service", readonly=True)
    finished_at = fields.Datetime(readonly=True)

    _uuid_unique = models.UniqueIndex("(uuid)", "Another command has this UUID.")
    # `claim`: what waits, and what a service that died had taken.
    _open_idx = models.Index("(endpoint_id, id) WHERE state IN ('queued', 'leased')")
    # `report`: the rows of a lease.
    _lease_idx = models.Index("(lease_token) WHERE lease_token IS NOT NULL")

    @api.depends("kind", "endpoint_id.code")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for command in self:
            command.display_name = f"{labels.get(command.kind)} {command.endpoint_id.code}"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_inside()
        return super(HealthcareExchangeCommand, without_defaults(self)).create(vals_list)

    def write(self, vals):
        self._check_inside()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_inside(self):
        """Only housekeeping removes commands."""
        self._check_inside()

    def _check_inside(self):
        """Refuse writers from outside; superuser mode cannot be had by RPC."""
        if not self.env.su:
            raise AccessError(self.env._("Commands are made by the buttons of an endpoint."))

    @api.model
    def _request(self, endpoint, kind, arguments=None, record=None):
        """Ask the integration service to do something for an endpoint, after this transaction.

        :param endpoint: one endpoint, in any state, that the caller may change.
        :param kind: one of the field's values; the service has a handler for each.
        :param arguments: JSON-able dict for the handler.
        :param record: the record whose ``_command_result(command)`` is called with the result, in
            superuser mode; default: the endpoint.
        :return: the command. One of the same kind, record and arguments that nobody has taken yet
            is returned again.
        :raise AccessError: the caller is no administrator of the endpoint's company.
        :raise UserError: no service account may serve the endpoint, or too many commands wait.
        """
        endpoint.ensure_one()
        if not self.env.su:
            self.env["healthcare.exchange.message"]._check_caller(administrator=True)
            endpoint.check_access("write")
        arguments = self._check_arguments(arguments)
        target = endpoint if record is None else record
        target.ensure_one()
        # The caller's right was checked; commands can be written in superuser mode only.
        commands = self.sudo()
        if not endpoint.sudo().service_user_ids:
            raise UserError(
                self.env._(
                    "Endpoint %s lists no service account, so no integration service may work for "
                    "it. Add the account under Transport.",
                    endpoint.code,
                )
            )
        open_commands = commands.search(
            [("endpoint_id", "=", endpoint.id), ("state", "in", ("queued", "leased"))]
        )
        open_commands = open_commands - open_commands._expire()
        same = open_commands.filtered(
            lambda command: (
                command.state == "queued"
                and (command.kind, command.res_model, command.res_id, command.arguments or {})
                == (kind, target._name, target.id, arguments)
            )
        )
        if same:
            return same[:1].sudo(self.env.su)
        if len(open_commands) >= _MAX_OPEN:
            raise UserError(
                self.env._(
                    "Endpoint %(code)s: %(n)s commands wait already. Is the integration service running?",
                    code=endpoint.code,
                    n=len(open_commands),
                )
            )
        take_by = fields.Datetime.now() + timedelta(seconds=TAKE_SECONDS)
        command = commands.create(
            {
                "endpoint_id": endpoint.id,
                "kind": kind,
                "arguments": arguments,
                "requested_by_id": self.env.uid,
                "res_model": target._name,
                "res_id": target.id,
                "take_by": take_by,
            }
        )
        self.env["healthcare.exchange.message"]._wake("healthcare_exchange/command_wake")
        self.env.ref("healthcare_exchange.cron_command_expire").sudo()._trigger(
            at=take_by + timedelta(seconds=1)
        )
        return command.sudo(self.env.su)

    def _check_arguments(self, arguments):
        arguments = arguments or {}
        if not isinstance(arguments, dict) or canonical.unstorable(arguments):
            raise ValidationError(self.env._("The arguments of a command are a JSON object."))
        if len(json.dumps(arguments)) > _MAX_ARGUMENTS:
            raise ValidationError(
                self.env._("The arguments of a command are limited to %s bytes.", _MAX_ARGUMENTS)
            )
        return arguments

    # Results

    def _finish(self, state, result=None, message="", hand_on=True):
        """End commands, tell who asked and hand the result on. In superuser mode only.

        :param state: ``done``, ``failed`` or ``expired``.
        :param hand_on: whether the record learns of it; it could not take it in otherwise.
        """
        self.env.cr.execute(SQL("SELECT %s", NOW))
        [(now,)] = self.env.cr.fetchall()
        self.write(
            {
                "state": state,
                "result": result or False,
                "message": message,
                "finished_at": now.replace(microsecond=0),
                "lease_token": False,
                "leased_until": False,
            }
        )
        for command in self:
            if hand_on:
                command._on_result()
            command.requested_by_id._bus_send(
                "healthcare_exchange/command",
                {
                    "id": command.id,
                    "endpoint_id": command.endpoint_id.id,
                    "kind": command.kind,
                    "state": state,
                    "message": message,
                },
            )

    def _on_result(self):
        """Hand an ended command to the record that it is for: ``record._command_result(command)``.

        Override it for what is to happen with any record.
        """
        self.ensure_one()
        if self.res_model not in self.env:
            return
        record = self.env[self.res_model].browse(self.res_id).exists()
        if record and hasattr(record, "_command_result"):
            record._command_result(self)

    def _expire(self):
        """Give up what nobody took in time, and return it. In superuser mode only."""
        now = fields.Datetime.now()
        late = self.filtered(lambda command: command.state == "queued" and command.take_by <= now)
        late._finish(
            "expired",
            message=self.env._(
                "No integration service is running for this endpoint: start it (hcp sync serve) and "
                "try again."
            ),
        )
        return late

    def action_refresh(self):
        """Look again, for when the bus is not there; what nobody took is given up."""
        self.check_access("read")
        # The reader may see the command; expiring it changes it.
        self.sudo()._expire()
        return True

    @api.model
    def _cron_expire(self):
        """Give up commands that no service took."""
        self.search([("state", "=", "queued")])._expire()

    @api.autovacuum
    def _gc_commands(self):
        """Remove what ended a month ago; certifications keep what matters."""
        limit = fields.Datetime.now() - timedelta(days=30)
        self.sudo().search([("finished_at", "<", limit)], limit=10_000).unlink()
