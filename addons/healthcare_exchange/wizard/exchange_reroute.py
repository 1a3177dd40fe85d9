from odoo import api, fields, models
from odoo.exceptions import UserError


class HealthcareExchangeReroute(models.TransientModel):
    """An administrator sends documents another way: through another endpoint of the partner, or
    by e-mail and a person."""

    _name = "healthcare.exchange.reroute"
    _description = "Send Documents Another Way"

    message_ids = fields.Many2many("healthcare.exchange.message", string="Messages", readonly=True)
    message_count = fields.Integer(compute="_compute_facts")
    way = fields.Selection(
        [("endpoint", "Another endpoint"), ("manual", "E-mail and a person")],
        default="endpoint",
        required=True,
    )
    candidate_ids = fields.Many2many(
        "healthcare.exchange.endpoint",
        "healthcare_exchange_reroute_candidate_rel",
        compute="_compute_facts",
    )
    endpoint_id = fields.Many2one("healthcare.exchange.endpoint", domain="[('id', 'in', candidate_ids)]")
    reason = fields.Char(required=True)
    danger = fields.Text(compute="_compute_facts")
    confirm_unknown = fields.Boolean(string="I have asked the partner, or accept that it may deliver twice")

    @api.depends("message_ids")
    def _compute_facts(self):
        for wizard in self:
            messages = wizard.message_ids
            wizard.message_count = len(messages)
            wizard.candidate_ids = wizard._candidates()
            maybe = messages._maybe_arrived()
            wizard.danger = maybe and self.env._(
                "An attempt ended without an answer: the partner may have these documents already, "
                "and deliver twice if it gets them another way.\n%s",
                "\n".join(maybe[:20].mapped("display_name")),
            )

    def _candidates(self):
        """Return the endpoints that could take all of the messages just now."""
        sources = self.message_ids.endpoint_id
        partner = sources.partner_id.commercial_partner_id
        if len(partner) != 1:
            return self.env["healthcare.exchange.endpoint"]
        types = set(self.message_ids.mapped("document_type"))
        endpoints = self.env["healthcare.exchange.endpoint"].search(
            [
                ("partner_id.commercial_partner_id", "=", partner.id),
                ("state", "=", "active"),
                ("active", "=", True),
            ]
        )
        return (endpoints - sources).filtered(
            lambda target: (
                not target._hindrance()
                and not any(source._reroute_problem(target, types) for source in sources)
            )
        )

    def action_send(self):
        """Do it, in the name of the one who asks.

        :raise AccessError: for all but administrators.
        :raise UserError: see ``_reroute`` of the messages; nothing is moved then.
        """
        self.ensure_one()
        messages = self.message_ids
        messages._check_caller(administrator=True)
        messages.check_access("read")
        if not messages:
            raise UserError(self.env._("There is no message to send another way."))
        if self.way == "endpoint" and not self.endpoint_id:
            raise UserError(self.env._("Choose the endpoint that the documents leave through."))
        self.endpoint_id.check_access("read")
        # Nobody has write access to messages: the check above is the right.
        messages = messages.sudo()
        if self.way == "manual":
            messages._send_by_hand(self.reason, self.confirm_unknown)
        else:
            messages._reroute(self.endpoint_id.sudo(), self.reason, self.confirm_unknown)
        return {"type": "ir.actions.act_window_close"}
