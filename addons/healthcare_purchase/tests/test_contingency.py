import uuid
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestContingency(PurchaseCommon):
    """Orders whose supplier cannot be reached."""

    def setUp(self):
        super().setUp()
        self.supplier.write({"email": "orders@supplier.example", "phone": "+1 555 0100"})
        self.second = self.make_endpoint(
            "SUPPLIER_T2", partner_id=self.supplier.id, company_id=self.company.id
        )
        self.endpoint.breaker_failures = 1

    def policy(self, contingency, **values):
        self.endpoint._document("purchase_order", "outbound").write(
            {"contingency": contingency, "contingency_after_minutes": 0, **values}
        )

    def fail(self, outcome="not_sent"):
        """Report what is due at the first endpoint as failed: it is down then."""
        token, rows = self.claim(codes=["SUPPLIER_T"])
        failure = {"outcome": outcome, "error_code": "connection_refused", "error_kind": "transient"}
        self.service().report(token, [{"uuid": row["uuid"], **failure} for row in rows])
        self.env.invalidate_all()
        self.assertTrue(self.endpoint.down_since)

    def watch(self):
        self.env.ref("healthcare_exchange.cron_watch").method_direct_trigger()
        self.env.invalidate_all()

    def said(self, order):
        return " ".join(order.sudo().message_ids.mapped("body"))

    def test_waiting_shows_on_the_order(self):
        self.policy("queue")
        order = self.make_order()
        self.assertFalse(order.exchange_contingency)
        self.fail()
        self.watch()
        self.assertEqual((order.exchange_contingency, order.exchange_state), ("waiting", "retry"))

    def test_rerouted_order_is_the_same_order(self):
        self.policy("reroute", reroute_endpoint_id=self.second.id)
        order = self.make_order()
        first = order.sudo().exchange_message_id
        self.fail()
        self.watch()
        message = order.sudo().exchange_message_id
        self.assertEqual((first.state, message.endpoint_id), ("cancelled", self.second))
        self.assertEqual(message.document["number"], order.name)
        self.assertEqual((order.exchange_contingency, order.exchange_endpoint_id), ("rerouted", self.second))
        self.assertIn("by policy", order.exchange_contingency_note)
        self.assertIn("SUPPLIER_T2", self.said(order))
        self.assertEqual(order.exchange_message_ids, first | message)
        token, [row] = self.claim(codes=["SUPPLIER_T2"])
        self.assertEqual(row["number"], order.name)
        self.service().report(token, [{"uuid": row["uuid"], "outcome": "delivered", "acknowledged": True}])
        # The supplier answers where it got it, or through the first one, which is back.
        answer = self.take_in(self.acknowledgement(order), endpoint=self.second)
        self.assertEqual(answer.order_id, order)

    def test_by_email_and_a_person(self):
        self.policy("manual")
        order = self.make_order()
        self.fail()
        self.watch()
        message = order.sudo().exchange_message_id
        self.assertEqual((message.state, message.channel), ("sent", "manual"))
        self.assertEqual(order.exchange_contingency, "manual")
        [mail] = self.env["mail.mail"].sudo().search([("model", "=", order._name), ("res_id", "=", order.id)])
        self.assertEqual(mail.recipient_ids, self.supplier)
        self.assertIn(order.name, mail.subject)
        self.assertIn("Nitrile gloves", mail.body_html)
        activity = order.activity_ids
        self.assertEqual(activity.activity_type_id.name, "Confirm by phone")
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn("orders@supplier.example", activity.note)
        entry = self.audit_entries(message, "manual")
        self.assertEqual(len(entry), 1)
        # The supplier's system is back: nothing is sent once more, by nobody.
        self.endpoint.flow_ids.sudo()._close_by_hand()
        self.assertEqual(self.claim()[1], [])
        self.assertFalse(message._replay())
        for role in ("approver", "accounts_payable", "auditor"):
            with self.subTest(role), self.assertRaises(AccessError):
                order.with_user(self.users[role]).action_supplier_confirmed()
        order.with_user(self.clerk).action_supplier_confirmed()
        self.env.invalidate_all()
        self.assertEqual((message.state, order.exchange_contingency), ("acknowledged", "confirmed"))
        self.assertFalse(order.activity_ids)
        with self.assertRaisesRegex(UserError, "does not wait"):
            order.with_user(self.clerk).action_supplier_confirmed()

    def test_order_without_a_buyer_goes_to_the_endpoints_owner(self):
        self.policy("manual")
        self.endpoint.owner_id = self.users["administrator"]
        order = self.make_order()
        order.sudo().user_id = self.env.ref("base.user_root")
        self.fail()
        self.watch()
        self.assertEqual(order.activity_ids.user_id, self.users["administrator"])

    def test_the_order_is_attached(self):
        self.policy("manual")
        order = self.make_order()
        reports = type(self.env["ir.actions.report"])
        self.fail()
        with (
            patch.object(reports, "get_wkhtmltopdf_state", lambda _self: "ok"),
            patch.object(reports, "_run_wkhtmltopdf", lambda *_args, **_kwargs: b"%PDF-1.4 order"),
        ):
            self.watch()
        [mail] = self.env["mail.mail"].sudo().search([("model", "=", order._name), ("res_id", "=", order.id)])
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertTrue(mail.attachment_ids.name.startswith(order.name))

    def test_without_an_address_it_stays_and_somebody_is_told(self):
        self.policy("manual")
        self.supplier.email = False
        order = self.make_order()
        other = self.make_order()
        self.fail()
        self.watch()
        self.assertEqual(order.exchange_contingency, "waiting")
        alerts = self.env["healthcare.exchange.alert"].search(
            [
                ("type", "=", "contingency_failed"),
                ("state", "=", "open"),
                ("endpoint_id", "=", self.endpoint.id),
            ]
        )
        self.assertEqual(len(alerts), 2)
        self.assertIn("has no e-mail address", alerts[0].summary)
        self.supplier.email = "orders@supplier.example"
        self.watch()
        self.assertEqual({order.exchange_contingency, other.exchange_contingency}, {"manual"})
        self.assertEqual(set(alerts.mapped("state")), {"closed"})

    def test_unknown_is_no_reason_to_send_by_email(self):
        self.policy("manual")
        order = self.make_order()
        self.fail(outcome="unknown")
        self.watch()
        message = order.sudo().exchange_message_id
        self.assertEqual((message.state, message.channel), ("retry", False))
        with self.assertRaisesRegex(UserError, "may have these documents already"):
            message._send_by_hand("they called")
        message._send_by_hand("they called", confirm_unknown=True)
        self.assertEqual((message.state, message.channel), ("sent", "manual"))

    def test_unconfirmed_is_overdue(self):
        self.policy("manual")
        self.endpoint.acknowledge_by = 30
        order = self.make_order()
        self.fail()
        self.watch()
        message = order.sudo().exchange_message_id
        message.sent_at = "2026-01-01 00:00:00"
        self.watch()
        alert = self.env["healthcare.exchange.alert"].search(
            [("type", "=", "acknowledgement_overdue"), ("endpoint_id", "=", self.endpoint.id)]
        )
        self.assertEqual((alert.state, alert.message_id), ("open", message))

    def test_sent_is_reached_by_the_manual_channel_alone(self):
        order = self.make_order()
        message = order.sudo().exchange_message_id
        with self.assertRaisesRegex(UserError, "cannot become sent"):
            message.write({"state": "sent"})
        with self.assertRaises(AccessError):
            message.with_user(self.clerk).sudo(False).write({"state": "sent", "channel": "manual"})
        self.assertEqual(self.service().report(str(uuid.uuid4()), []), [])
