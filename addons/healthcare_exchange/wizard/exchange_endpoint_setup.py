from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..tools import profiles

_STEPS = ("profile", "settings", "documents")


class HealthcareExchangeEndpointSetup(models.TransientModel):
    """A partner's endpoint, step by step: profile, settings, documents.

    What follows (credentials, test, certification, activation) happens on the endpoint's own form,
    which says what is missing. Nothing is written before the last step.
    """

    _name = "healthcare.exchange.endpoint.setup"
    _description = "Set Up an Endpoint"

    step = fields.Selection(
        [("profile", "Partner and Profile"), ("settings", "Settings"), ("documents", "Documents")],
        default="profile",
        required=True,
    )
    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", readonly=True)
    connector = fields.Selection(
        selection=lambda self: self.env["healthcare.exchange.endpoint"]._selection_connector(),
        string="Profile",
        help="How documents get there and which format they have.",
    )
    connector_help = fields.Char(compute="_compute_connector_help")
    code = fields.Char(help="Name in addresses, commands and logs: capitals, digits, '-', '_' and '.'.")
    name = fields.Char()
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    partner_id = fields.Many2one(
        "res.partner",
        check_company=True,
        help="Whose documents these are. Empty: the documents' own identifiers decide.",
    )
    owner_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, help="Gets rejected messages and dead letters."
    )
    test = fields.Boolean(
        help="Documents to the partner are marked as tests, and test documents are processed."
    )
    expects_functional_ack = fields.Boolean(string="Expects Functional Acknowledgement")
    setting_ids = fields.One2many("healthcare.exchange.endpoint.setup.setting", "setup_id")
    document_ids = fields.One2many("healthcare.exchange.endpoint.setup.document", "setup_id")

    @api.depends("connector")
    def _compute_connector_help(self):
        for setup in self:
            setup.connector_help = profiles.profiles().get(setup.connector, {}).get("description", "")

    @api.model
    def _open(self, endpoint=None):
        """Return the action that opens the form, for a new endpoint or one that is changed."""
        self.env["healthcare.exchange.message"]._check_caller(administrator=True)
        values = {}
        if endpoint:
            endpoint._check_not_active({"settings"})
            values = {
                "endpoint_id": endpoint.id,
                "test": endpoint.test,
                "expects_functional_ack": endpoint.expects_functional_ack,
                "connector": endpoint.connector,
                "code": endpoint.code,
                "name": endpoint.name,
                "company_id": endpoint.company_id.id,
                "partner_id": endpoint.partner_id.id,
                "owner_id": endpoint.owner_id.id,
            }
        return self.create(values)._action()

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Up an Endpoint"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # Steps

    def action_next(self):
        """Check this step and go on.

        :raise UserError: what is missing or wrong, named.
        """
        self.ensure_one()
        if self.step == "profile":
            self._check_profile()
            self._fill_settings()
        elif self.step == "settings":
            self._check_settings()
            self._fill_documents()
        self.step = _STEPS[min(_STEPS.index(self.step) + 1, len(_STEPS) - 1)]
        return self._action()

    def action_back(self):
        """Go back; what was typed stays."""
        self.ensure_one()
        self.step = _STEPS[max(_STEPS.index(self.step) - 1, 0)]
        return self._action()

    def action_finish(self):
        """Make the endpoint, or change it, and open its form."""
        self.ensure_one()
        self._check_profile()
        self._check_settings()
        values = self._prepare_endpoint_vals()
        if self.endpoint_id:
            self.endpoint_id.write(values)
            endpoint = self.endpoint_id
        else:
            endpoint = self.env["healthcare.exchange.endpoint"].create(values)
        return {
            "type": "ir.actions.act_window",
            "res_model": endpoint._name,
            "res_id": endpoint.id,
            "view_mode": "form",
        }

    def _check_profile(self):
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("connector", "code", "name")
            if not self[name]
        ]
        if missing:
            raise UserError(self.env._("Still missing: %s.", ", ".join(missing)))

    def _fill_settings(self):
        """One line per setting of the profile, with what is known of it."""
        wanted = profiles.setting_lines(self.connector)
        if self.setting_ids.mapped("name") == [line["name"] for line in wanted]:
            return
        known = profiles.flat_values(self.endpoint_id.settings if self.endpoint_id else {})
        examples = profiles.flat_values(profiles.profiles()[self.connector]["sample_settings"])
        self.setting_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "sequence": sequence,
                        "name": line["name"],
                        "title": line["title"],
                        "type": line["type"],
                        "required": line["required"],
                        "help": " ".join(
                            filter(
                                None,
                                (
                                    line["help"],
                                    self.env._("One of: %s.", ", ".join(line["choices"]))
                                    if line["choices"]
                                    else "",
                                ),
                            )
                        ),
                        "example": examples.get(line["name"], ""),
                        "value": known.get(line["name"], ""),
                    }
                )
                for sequence, line in enumerate(wanted)
            ),
        ]

    def _settings(self):
        lines = [(line.name, line.type, line.value) for line in self.setting_ids]
        try:
            return profiles.settings_of(lines)
        except ValueError as error:
            raise UserError(self.env._("Setting %s.", error)) from error

    def _check_settings(self):
        problems = profiles.settings_problems(self.connector, self._settings())
        if problems:
            raise UserError("\n".join(self.env._("Setting %s.", problem) for problem in problems))

    def _fill_documents(self):
        """One line per document type that the profile can exchange."""
        profile = profiles.profiles()[self.connector]
        wanted = [(way, name) for way in ("outbound", "inbound") for name in profile[way]]
        if [(line.direction, line.document_type) for line in self.document_ids] == wanted:
            return
        listed = {(row.direction, row.document_type): row for row in self.endpoint_id.document_ids}
        self.document_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "sequence": sequence,
                        "direction": way,
                        "document_type": name,
                        "wanted": (way, name) in listed if self.endpoint_id else True,
                        "timing": listed[way, name].timing if (way, name) in listed else "immediate",
                        "contingency": listed[way, name].contingency if (way, name) in listed else "queue",
                    }
                )
                for sequence, (way, name) in enumerate(wanted)
            ),
        ]

    def _prepare_endpoint_vals(self):
        wanted = self.document_ids.filtered("wanted")
        ways = set(wanted.mapped("direction"))
        return {
            "code": self.code,
            "name": self.name,
            "company_id": self.company_id.id,
            "partner_id": self.partner_id.id,
            "owner_id": self.owner_id.id,
            "connector": self.connector,
            "settings": self._settings(),
            "test": self.test,
            "expects_functional_ack": self.expects_functional_ack,
            "direction": ways.pop() if len(ways) == 1 else "both",
            "document_ids": self._document_commands(wanted),
        }

    def _document_commands(self, wanted):
        """Keep, change, add and remove rows, so that untouched ones keep what else they hold."""
        listed = {(row.direction, row.document_type): row for row in self.endpoint_id.document_ids}
        commands = []
        for line in wanted:
            values = {"timing": line.timing, "contingency": line.contingency}
            row = listed.pop((line.direction, line.document_type), None)
            if row:
                commands.append(Command.update(row.id, values))
            else:
                commands.append(
                    Command.create(
                        {**values, "direction": line.direction, "document_type": line.document_type}
                    )
                )
        return commands + [Command.delete(row.id) for row in listed.values()]
