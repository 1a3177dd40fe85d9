"""Builders for supplier bills: received as documents, or typed by a person."""

from datetime import timedelta

from odoo import Command, fields
from odoo.addons.healthcare_exchange.tests.common import canonical
from odoo.addons.healthcare_purchase.tests.common import PurchaseCommon


class MatchCommon(PurchaseCommon):
    """A company with a chart of accounts and the payment gate on, orders, receipts and bills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading("generic_coa", company=cls.company, install_demo=False)
        cls.company.match_gate_date = fields.Date.today() - timedelta(days=365)
        cls.accounts_payable = cls.users["accounts_payable"]

    def ordered(self, *lines, **values):
        """Return a confirmed order, promised for yesterday so that nothing waits by itself."""
        order = self.make_order(*lines, **values)
        order.order_line.sudo().write({"date_planned": fields.Datetime.now() - timedelta(days=1)})
        return order

    def receive_goods(self, order, quantities=None):
        """Validate the order's open receipt, in full or as ``{product: quantity}`` counted."""
        picking = order.picking_ids.filtered(lambda each: each.state not in ("done", "cancel"))[:1]
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantities is None else quantities.get(move.product_id, 0)
            move.picked = bool(move.quantity)
        picking.with_context(skip_backorder=True, skip_sms=True)._action_done()
        return picking

    def invoice(self, order, *lines, number="INV-1", **values):
        """Return a canonical invoice; its payable is the sum of its lines unless given."""
        document = canonical(
            "invoice",
            number,
            **{
                "issued_at": (fields.Date.today() - timedelta(days=1)).isoformat(),
                "currency": self.company.currency_id.name,
                "lines": list(lines),
                **values,
            },
        )
        if order is not None:
            document.setdefault("order_reference", order if isinstance(order, str) else order.name)
        return document

    def billed(self, product, quantity, price, unit="EA", number="1", **values):
        """Return a line of an invoice for one of the items, by the supplier's code."""
        code = {self.gloves: "S-GLV", self.suture: "S-SUT"}[product]
        return {
            "line_number": number,
            "item": {"supplier_code": code},
            "quantity": quantity,
            "unit": unit,
            "unit_as_sent": {"XBX": "BX", "XCS": "CA"}.get(unit, unit),
            "price": {"amount": price},
            **values,
        }

    def bill(self, document, endpoint=None):
        """Receive an invoice as the service does; return the bill."""
        return self.take_in(document, endpoint)

    def typed_bill(self, order, **values):
        """Return a draft bill as a person makes it from an order."""
        action = order.sudo().action_create_invoice()
        bill = self.env["account.move"].browse(action["res_id"])
        bill.write({"invoice_date": fields.Date.today(), "ref": "TYPED-1", **values})
        return bill

    def types(self, bill):
        """Return the types of the bill's open exceptions."""
        return sorted(bill.match_exception_ids.filtered(lambda each: each.state == "open").mapped("type"))

    def pay(self, bill, user=None):
        """Pay a bill with the register wizard, as a person does."""
        wizard = (
            self.env["account.payment.register"]
            .with_user(user or self.accounts_payable)
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({})
        )
        return wizard._create_payments()

    def make_line(self, product, quantity, price):
        """Return a command for an accounting line without an order."""
        return Command.create(
            {"product_id": product.id, "quantity": quantity, "price_unit": price, "tax_ids": False}
        )
