from odoo import api, fields, models
from odoo.exceptions import UserError


class PurchaseOrder(models.Model):
    """What became of an order whose supplier could not be reached."""

    _inherit = "purchase.order"  # pylint: disable=consider-merging-classes-inherited

    exchange_contingency = fields.Selection(
        [
            ("waiting", "Supplier unreachable: waits"),
            ("rerouted", "Sent another way"),
            ("manual", "E-mailed: have it confirmed"),
            ("confirmed", "E-mailed and confirmed"),
        ],
        string="Contingency",
        compute="_compute_exchange_contingency",
        compute_sudo=True,
        help="Empty: nothing out of the ordinary.",
    )
    exchange_contingency_note = fields.Char(
        related="exchange_message_id.contingency_note", string="Other Way", related_sudo=True
    )

    @api.depends(
        "exchange_message_id.state", "exchange_message_id.channel", "exchange_message_id.rerouted_from_id"
    )
    def _compute_exchange_contingency(self):
        pending = self.exchange_message_id.filtered(lambda m: m.state in ("queued", "retry", "dead"))
        down = pending.endpoint_id._down_since() if pending else {}
        for order in self:
            order.exchange_contingency = order._contingency_of(order.exchange_message_id, down)

    def _contingency_of(self, message, down):
        """Return the order's contingency by its message and the endpoints that are ``down``."""
        if message.channel == "manual":
            return "confirmed" if message.state == "acknowledged" else "manual"
        if message.state in ("queued", "retry", "dead") and message.endpoint_id.id in down:
            return "waiting"
        return "rerouted" if message.rerouted_from_id else False

    def _compute_exchange_messages(self):
        """Add what was sent of the order before it went another way."""
        result = super()._compute_exchange_messages()
        messages = self.env["healthcare.exchange.message"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        )
        by_order = messages.grouped("res_id")
        for order in self:
            more = by_order.get(order.id)
            if more:
                order.exchange_message_ids |= more
                order.exchange_message_count = len(order.exchange_message_ids)
        return result

    def action_supplier_confirmed(self):
        """Record that the supplier confirmed by phone or mail that it has these orders.

        :raise AccessError: for all but buyers.
        :raise UserError: an order did not go by e-mail, or is confirmed already.
        """
        self._check_buyer()
        self.check_access("write")
        wrong = self.filtered(lambda order: order.exchange_contingency != "manual")
        if wrong:
            raise UserError(self.env._("Order %s does not wait for a confirmation by phone.", wrong[0].name))
        # sudo: buyers may do this to the messages of their orders, which they only read
        self.sudo().exchange_message_id.action_confirm_received(self.env.user.name)
