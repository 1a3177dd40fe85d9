from odoo import models


class HealthcareExchangeMessage(models.Model):
    """Orders follow their document when it goes another way."""

    _inherit = "healthcare.exchange.message"

    def _rerouted(self):
        """See the base: the order is now the one of the message that is sent."""
        result = super()._rerouted()
        instead = {message.rerouted_from_id.id: message for message in self}
        orders = self.env["purchase.order"].search([("exchange_message_id", "in", list(instead))])
        for order in orders:
            order.exchange_message_id = instead[order.exchange_message_id.id]
        return result

    def _confirmed_received(self, text):
        """See the base: nobody has to call the supplier any more."""
        result = super()._confirmed_received(text)
        orders = self.env["purchase.order"].search([("exchange_message_id", "in", self.ids)])
        orders.activity_feedback(["healthcare_purchase.activity_type_confirm_order"], feedback=text)
        return result
