import uuid

from odoo import models


class PurchaseOrder(models.Model):
    """What happens where an order is confirmed or cancelled: numbered, recorded, sent."""

    _inherit = "purchase.order"  # pylint: disable=consider-merging-classes-inherited

    def _find_endpoints(self):
        """Return ``{order id: endpoint}``, for orders whose supplier takes orders electronically."""
        found = {}
        for company, orders in self.grouped("company_id").items():
            endpoints = (
                self.env["healthcare.exchange.endpoint"]
                .sudo()  # buyers may use an endpoint without reading its settings
                .with_context(allowed_company_ids=company.ids)
                ._for_partners(orders.partner_id, "purchase_order", "outbound")
            )
            for order in orders:
                if order.partner_id.id in endpoints:
                    found[order.id] = endpoints[order.partner_id.id]
        return found

    def _after_confirmation(self):
        """Number, record and send orders that have just become ``purchase``.

        Called where the state changes, whoever changes it; the message is written in the same
        transaction, so an order is confirmed and queued, or neither.
        """
        if not self:
            return
        self.order_line._assign_line_numbers()
        self.order_line._agree_price()
        for order in self.sudo().filtered(lambda order: not order.trace_id):
            order.trace_id = uuid.uuid4().hex
        self._audit_orders("confirm")
        self._exchange_send()

    def _after_cancellation(self):
        """Record the cancellation, and have somebody tell a supplier who has the order."""
        if not self:
            return
        self._audit_orders("cancel")
        for order in self.filtered("exchange_message_id"):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Tell the supplier that this order is cancelled"),
                user_id=order.user_id.id or self.env.uid,
            )

    def _audit_orders(self, action):
        self.env["healthcare.audit.entry"]._record(
            [
                {
                    "model": order._name,
                    "res_id": order.id,
                    "res_name": order.name,
                    "action": action,
                    "changes": {
                        "supplier": [None, order.partner_id.display_name],
                        "facility": [None, order.facility_id.code or None],
                        "urgency": [None, order.urgency or None],
                        "amount_untaxed": [None, str(order.amount_untaxed)],
                        "currency": [None, order.currency_id.name],
                    },
                    "company_id": order.company_id.id,
                }
                for order in self
            ]
        )

    def _exchange_send(self):
        """Queue the purchase order document, once per order, where the supplier has an endpoint."""
        orders = self.filtered(
            lambda order: (
                order.state == "purchase"
                and not order.exchange_message_id
                and any(not line.display_type for line in order.order_line)
            )
        )
        endpoints = orders._find_endpoints()
        orders = orders.filtered(lambda order: order.id in endpoints)
        if not orders:
            return
        documents = self.env["healthcare.document.purchase_order"]._to_canonical(orders)
        messages = (
            self.env["healthcare.exchange.message"]
            .sudo()  # the outbox is the suite's own; buyers only read it
            ._enqueue_many(
                [
                    order._prepare_message_vals(endpoints[order.id], document)
                    for order, document in zip(orders, documents, strict=True)
                ]
            )
        )
        for order, message in zip(orders.sudo(), messages, strict=True):
            order.exchange_message_id = message
            order.changed_since_sent = False

    def _prepare_message_vals(self, endpoint, document):
        """Return what the outbox needs for this order's document."""
        self.ensure_one()
        return {
            "endpoint": endpoint,
            "document_type": "purchase_order",
            "document": document,
            "record": self,
            "ordering_key": f"purchase.order,{self.id}",
            "priority": 1 if (self.urgency or "routine") == "routine" else 0,
            "trace_id": self.trace_id,
        }
