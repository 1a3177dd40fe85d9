from odoo import fields, models

_WAITING = ("queued", "leased", "retry")


class HealthcareExchangeEndpoint(models.Model):
    """Ways from an endpoint to its messages and to the integration monitor."""

    _inherit = "healthcare.exchange.endpoint"  # pylint: disable=consider-merging-classes-inherited

    waiting_count = fields.Integer(string="Waiting", compute="_compute_message_counts")
    dead_letter_count = fields.Integer(string="Dead Letters", compute="_compute_message_counts")
    open_alert_count = fields.Integer(string="Open Alerts", compute="_compute_open_alert_count")

    def _compute_message_counts(self):
        counts = {}
        messages = self.env["healthcare.exchange.message"]
        # An integration approver decides about endpoints and sees no messages.
        groups = messages.has_access("read") and messages._read_group(
            [("endpoint_id", "in", self.ids), ("state", "in", (*_WAITING, "dead", "rejected"))],
            ["endpoint_id", "state"],
            ["__count"],
        )
        for endpoint, state, number in groups or ():
            key = (endpoint.id, state in _WAITING)
            counts[key] = counts.get(key, 0) + number
        for endpoint in self:
            endpoint.waiting_count = counts.get((endpoint.id, True), 0)
            endpoint.dead_letter_count = counts.get((endpoint.id, False), 0)

    def _compute_open_alert_count(self):
        alerts = self.env["healthcare.exchange.monitor"]._alerts(self)["by_endpoint"]
        for endpoint in self:
            endpoint.open_alert_count = alerts.get(endpoint.id, 0)

    def action_open_monitor(self):
        """Open the integration monitor at this endpoint."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("healthcare_exchange.action_exchange_monitor")
        return {**action, "params": {"endpoint": self.code}}

    def action_open_messages(self):
        """Open this endpoint's messages in the integration monitor: those given by the button."""
        self.ensure_one()
        state = self.env.context.get("monitor_state", "all")
        action = self.action_open_monitor()
        return {**action, "params": {"endpoint": self.code, "view": "messages", "state": state}}
