from odoo import fields
from odoo.tests import tagged

from .common import MatchCommon


@tagged("post_install", "-at_install")
class TestRetention(MatchCommon):
    def test_what_an_unpaid_bill_rests_on_is_kept(self):
        order = self.make_order()
        sent = order.sudo().exchange_message_id
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00"))).sudo()
        received = bill.exchange_message_id
        stranger = self.enqueue(self.other_endpoint, "STRANGER")
        messages = sent | received | stranger
        self.assertEqual(messages._retention_blocked() & (sent | received), sent | received)
        # Finished and paid: nothing holds them any more.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET state = 'acknowledged' WHERE id = ANY(%s)",
            [(sent | stranger).ids],
        )
        self.env.cr.execute("UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [bill.id])
        self.env.invalidate_all()
        self.assertFalse(messages._retention_blocked())

    def test_the_cron_keeps_an_unpaid_bill(self):
        order = self.make_order()
        bill = self.bill(self.invoice(order, self.billed(self.gloves, "20", "5.00"))).sudo()
        message = bill.exchange_message_id
        self.endpoint._document("invoice", "inbound").keep_payload_days = 30
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET write_date = %s WHERE id = %s",
            [fields.Datetime.subtract(fields.Datetime.now(), days=40), message.id],
        )
        self.env.ref("healthcare_exchange.cron_archive").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(message.raw and message.document)
        self.env.cr.execute("UPDATE account_move SET payment_state = 'paid' WHERE id = %s", [bill.id])
        self.env.ref("healthcare_exchange.cron_archive").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(message.raw or message.document)
        self.assertEqual(len(message.raw_sha256), 64)
