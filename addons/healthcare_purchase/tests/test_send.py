from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestSend(PurchaseCommon):
    """The order leaves in the transaction that confirms it, once."""

    def messages(self, order):
        return self.env["healthcare.exchange.message"].search(
            [("res_model", "=", "purchase.order"), ("res_id", "=", order.id)]
        )

    def test_confirmation_queues_the_order(self):
        order = self.make_order(urgency="emergency")
        message = order.sudo().exchange_message_id
        self.assertEqual(self.messages(order), message)
        self.assertEqual(message.state, "queued")
        self.assertEqual(message.priority, 0)
        self.assertEqual(message.trace_id, order.trace_id)
        self.assertEqual(message.ordering_key, f"purchase.order,{order.id}")
        self.assertEqual(message.document["number"], order.name)
        self.assertEqual(order.exchange_state, "queued")
        self.assertEqual(order.exchange_endpoint_id, self.endpoint)

    def test_once_per_order(self):
        order = self.make_order()
        order.write({"state": "purchase"})
        order.button_confirm()
        order.button_approve()
        order.action_exchange_send()
        self.assertEqual(len(self.messages(order)), 1)

    def test_confirmed_by_write_or_create(self):
        written = self.make_order(confirm=False)
        self.assertFalse(self.messages(written))
        written.write({"state": "purchase"})
        self.assertEqual(len(self.messages(written)), 1)
        created = self.make_order(confirm=False, state="purchase")
        self.assertEqual(len(self.messages(created)), 1)
        self.assertEqual(created.order_line.line_number, 1)

    def test_second_approval_sends(self):
        self.company.write({"po_double_validation": "two_step", "po_double_validation_amount": 50})
        order = self.make_order()
        self.assertEqual(order.state, "to approve")
        self.assertFalse(self.messages(order))
        order.with_user(self.users["administrator"]).button_approve()
        self.assertEqual(len(self.messages(order)), 1)

    def test_without_endpoint_nothing_is_sent(self):
        self.endpoint.action_suspend()
        order = self.make_order()
        self.assertEqual(order.state, "purchase")
        self.assertFalse(self.messages(order))
        self.assertEqual(order.exchange_state, "no_endpoint")
        with self.assertRaisesRegex(UserError, "no active endpoint"):
            order.action_exchange_send()
        self.endpoint._set_active()
        self.env.invalidate_all()
        self.assertEqual(order.exchange_state, "not_sent")
        order.action_exchange_send()
        self.assertEqual(len(self.messages(order)), 1)

    def test_an_endpoint_of_another_company_is_not_used(self):
        self.endpoint.action_suspend()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.make_endpoint("SUPPLIER_E", partner_id=self.supplier.id, company_id=elsewhere.id)
        self.assertEqual(self.make_order().exchange_state, "no_endpoint")

    def test_a_unit_without_code_stops_the_confirmation(self):
        strange = self.env["uom.uom"].create(
            {"name": "Tray", "relative_factor": 7, "relative_uom_id": self.unit.id}
        )
        order = self.make_order((self.gloves, 2, 5.0, strange), confirm=False)
        with self.assertRaisesRegex(UserError, "line 1.*Tray has no unit code"):
            order.button_confirm()

    def test_line_numbers_are_stable(self):
        order = self.make_order((self.gloves, 20, 5.0), (self.suture, 5, 12.0))
        first, second = order.order_line
        self.assertEqual(order.order_line.mapped("line_number"), [1, 2])
        first.sequence = 99
        order.order_line = [
            Command.create({"display_type": "line_note", "name": "Note", "product_qty": 0}),
            Command.create({"product_id": self.gloves.id, "product_qty": 1, "sequence": 0}),
        ]
        self.assertEqual((first.line_number, second.line_number), (1, 2))
        self.assertEqual(sorted(order.order_line.mapped("line_number")), [0, 1, 2, 3])
        self.assertEqual(order.copy().order_line.mapped("line_number"), [0, 0, 0, 0])

    def test_forged_fields_are_refused(self):
        order = self.make_order()
        line = order.order_line
        for record, vals in (
            (order, {"exchange_message_id": False}),
            (order, {"changed_since_sent": False}),
            (line, {"line_number": 7}),
            (line, {"agreed_price": "1"}),
            (line, {"decided_price": "1"}),
            (line, {"acknowledgement_line_id": False}),
            (line, {"acknowledged_price": "1"}),
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                record.write(vals)
        with self.assertRaises(AccessError):
            self.make_order(trace_id="0" * 32)

    def test_what_was_sent_stays(self):
        order = self.make_order()
        for vals in (
            {"partner_id": self.other_supplier.id},
            {"facility_id": self.clinic.id},
            {"state": "draft"},
            {"name": "P-OTHER"},
        ):
            with self.subTest(vals=vals), self.assertRaisesRegex(UserError, "was sent"):
                order.write(vals)
        order.write({"partner_id": self.supplier.id, "facility_id": self.facility.id})
        order.button_cancel()
        with self.assertRaisesRegex(UserError, "was sent"):
            order.button_draft()
        with self.assertRaisesRegex(UserError, "was sent"):
            order.unlink()
        self.assertIn("cancelled", order.activity_ids.summary)

    def test_a_change_after_sending_shows(self):
        order = self.make_order()
        order.order_line.product_qty = 20
        self.assertFalse(order.changed_since_sent)
        order.order_line.product_qty = 30
        self.assertTrue(order.changed_since_sent)

    def test_facility_drives_the_warehouse(self):
        warehouse = self.env["stock.warehouse"].create(
            {"name": "Clinic", "code": "CL", "company_id": self.company.id}
        )
        self.clinic.warehouse_id = warehouse
        order = self.make_order(facility_id=self.clinic.id, confirm=False)
        self.assertEqual(order.picking_type_id, warehouse.in_type_id)
        order.facility_id = self.facility
        self.assertEqual(order.picking_type_id, self.warehouse.in_type_id)
        form = Form(self.env["purchase.order"].with_user(self.clerk))
        form.partner_id = self.supplier
        form.facility_id = self.clinic
        self.assertEqual(form.picking_type_id, warehouse.in_type_id)
        form.save()

    def test_who_may_confirm(self):
        order = self.make_order(confirm=False)
        for role in ("requester", "approver", "accounts_payable", "storeroom", "auditor"):
            for change in ({"state": "purchase"}, {"state": "cancel"}):
                with self.subTest(role=role, change=change), self.assertRaises(AccessError):
                    order.with_user(self.users[role]).write(change)
            with self.subTest(role=role), self.assertRaises(AccessError):
                order.with_user(self.users[role]).action_exchange_send()
        self.assertEqual(order.state, "draft")

    def test_confirmation_is_audited(self):
        order = self.make_order()
        [entry] = self.audit_entries(order, "confirm")
        self.assertEqual(entry.login, self.clerk.login)
        self.assertIn("MAIN", entry.changes)

    def test_orders_from_before_get_line_numbers(self):
        from ..hooks import post_init_hook

        order = self.make_order((self.gloves, 20, 5.0), (self.suture, 5, 12.0))
        order.order_line.sudo().line_number = 0
        self.env.flush_all()
        post_init_hook(self.env)
        self.assertEqual(order.order_line.mapped("line_number"), [1, 2])
