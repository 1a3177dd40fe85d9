from odoo import Command
from odoo.addons.healthcare_approval.tests.common import ApprovalCommon
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ExchangeBuilders


@tagged("post_install", "-at_install")
class TestKeepContents(ExchangeBuilders, ApprovalCommon):
    """One person alone has no contents of an endpoint in use removed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()

    def setUp(self):
        super().setUp()
        self.administrator = self.users["administrator"]
        self.endpoint = self.make_endpoint("KEEP", company_id=self.company.id)
        self.row = self.mine(self.endpoint._document("purchase_order", "outbound"))

    def mine(self, record):
        return record.with_user(self.administrator)

    def test_shorter_takes_a_second_person(self):
        for state in ("active", "suspended"):
            self.endpoint.state = state
            for days in (30, 5000):
                with self.subTest((state, days)), self.assertRefused("second person", AccessError):
                    self.row.keep_payload_days = days
        self.row.sudo().keep_payload_days = 100
        with self.assertRefused("second person", AccessError):
            self.mine(self.endpoint).document_ids = [Command.update(self.row.id, {"keep_payload_days": 99})]
        self.row.keep_payload_days = 101
        self.row.keep_payload_days = 0
        self.assertEqual(self.row.keep_payload_days, 0, "longer is free")

    def test_a_second_person_agrees(self):
        dialog = self.mine(self.env["healthcare.exchange.retention"]).create(
            {"endpoint_id": self.endpoint.id, "document_id": self.row.id, "days": 5}
        )
        with self.assertRefused("30 days at least", UserError):
            dialog.action_ask()
        dialog.days = 40
        dialog.action_ask()
        request = self.row.approval_request_ids
        self.assertEqual((request.kind, request.state, self.row.keep_payload_days), ("policy", "pending", 0))
        self.assertIn("40 days only", request.name)
        with self.assertRaises(AccessError):
            self.approve(request, self.administrator)
        self.approve(request, self.users["approver"])
        self.assertEqual(self.row.keep_payload_days, 40)
        dialog.days = 50
        dialog.action_ask()
        self.assertEqual(self.row.keep_payload_days, 50, "longer at once")

    def test_another_row_is_no_way_round(self):
        self.endpoint.state = "suspended"
        draft = self.make_endpoint("DRAFT", state="draft", company_id=self.company.id)
        spare = self.mine(draft._document("purchase_order", "outbound"))
        spare.keep_payload_days = 30
        rows = self.mine(self.env["healthcare.exchange.endpoint.document"])
        values = {"direction": "inbound", "contingency": "queue"}
        other = rows.create({**values, "endpoint_id": self.endpoint.id, "document_type": "receipt"})
        other.sudo().keep_payload_days = 30
        self.row.unlink()
        again = {"document_type": "purchase_order", "direction": "outbound", "contingency": "queue"}
        for call in (
            lambda: rows.create({**again, "endpoint_id": self.endpoint.id, "keep_payload_days": 30}),
            lambda: rows.with_context(default_keep_payload_days=30).create(
                {**again, "endpoint_id": self.endpoint.id}
            ),
            lambda: (
                self.mine(self.endpoint)
                .with_context(default_keep_payload_days=30)
                .write({"document_ids": [Command.create(again)]})
            ),
            lambda: spare.write({"endpoint_id": self.endpoint.id}),
            lambda: other.write({"document_type": "purchase_order", "direction": "outbound"}),
        ):
            with self.assertRefused("second person", AccessError):
                call()

    def test_free_and_without_effect_before_the_endpoint_is_in_use(self):
        message = self.enqueue(self.endpoint)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE healthcare_exchange_message SET state = 'acknowledged',"
            " write_date = write_date - interval '40 days' WHERE id = %s",
            [message.id],
        )
        self.endpoint.state = "draft"
        self.row.keep_payload_days = 30
        self.env.flush_all()
        self.env.ref("healthcare_exchange.cron_archive").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(message.document)
        self.endpoint.state = "suspended"
        self.env.flush_all()
        self.env.ref("healthcare_exchange.cron_archive").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(message.document)

    def test_what_is_approved_with_an_endpoint_says_it(self):
        digest = self.endpoint._approval_digest()
        self.row.sudo().keep_payload_days = 30
        snapshot = self.endpoint._approval_snapshot("endpoint")
        self.assertEqual(snapshot["keep_payload_days"], {"purchase_order outbound": 30})
        self.assertEqual(self.endpoint._approval_digest(), digest, "resuming needs no second decision")
