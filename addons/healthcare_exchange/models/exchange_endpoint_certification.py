from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareExchangeEndpoint(models.Model):
    """What the integration service is asked to do for an endpoint, and its certifications."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    command_ids = fields.One2many(
        "healthcare.exchange.command",
        "endpoint_id",
        readonly=True,
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
    )
    certification_ids = fields.One2many(
        "healthcare.exchange.certification",
        "endpoint_id",
        readonly=True,
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor,"
        "healthcare_approval.group_integration_approver",
    )
    last_command_id = fields.Many2one(
        "healthcare.exchange.command",
        compute="_compute_last_command",
        search="_search_last_command",
        groups="healthcare_base.group_administrator,healthcare_base.group_auditor",
    )
    last_command_state = fields.Selection(related="last_command_id.state", string="Last Command's State")
    last_command_message = fields.Char(related="last_command_id.message", string="Last Answer")

    def _compute_last_command(self):
        # Ids grow with time; the newest per endpoint in one query.
        newest = dict(
            self.env["healthcare.exchange.command"]._read_group(
                [("endpoint_id", "in", self.ids)], ["endpoint_id"], ["id:max"]
            )
        )
        for endpoint in self:
            endpoint.last_command_id = newest.get(endpoint._origin, False)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_certified(self):
        """Certifications are evidence, and would go with their endpoint."""
        # sudo: what is evidence does not depend on who may read it
        certified = self.sudo().filtered("certification_ids")[:1]
        if certified:
            raise UserError(
                self.env._(
                    "Endpoint %s has certifications, which are kept as evidence: archive it instead.",
                    certified.code,
                )
            )

    def _search_last_command(self, operator, value):
        return [("command_ids", operator, value)]

    def action_test_connection(self):
        """Have the service look whether the partner can be reached; no document is sent."""
        self._request_command("test_connection")
        return True

    def action_sample(self):
        """Have the service render a sample of each document, to be looked at; nothing is sent."""
        return self._request_command("sample_exchange", {"send": False})._open()

    def action_sample_send(self):
        """Have the service send a sample of each document, marked as a test, to the partner."""
        return self._request_command("sample_exchange", {"send": True})._open()

    def action_setup(self):
        """Open the guided form for an endpoint that is not in use."""
        self.ensure_one()
        return self.env["healthcare.exchange.endpoint.setup"]._open(self)

    def action_setup_new(self):
        """Open the guided form for a new endpoint; a button of the list, whatever is selected."""
        return self.env["healthcare.exchange.endpoint.setup"]._open()

    def action_refresh_command(self):
        """Look again, for where the bus does not tell."""
        return self.last_command_id.action_refresh()

    def action_certify(self):
        """Have the service run the conformance suite; its result is stored as a certification."""
        self._request_command("certify")
        return True

    def _request_command(self, kind, arguments=None):
        self.ensure_one()
        return self.env["healthcare.exchange.command"]._request(self, kind, arguments)

    def _command_result(self, command):
        """Take in a command's result (in superuser mode): a certification is stored."""
        if command.kind == "certify" and command.state == "done":
            self.env["healthcare.exchange.certification"]._store(
                self, command.result or {}, command.requested_by_id
            )
