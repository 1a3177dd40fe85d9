from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import PurchaseCommon

READERS = dict.fromkeys(
    ("clerk", "approver", "accounts_payable", "storeroom", "administrator", "auditor"), "r"
)


@tagged("post_install", "-at_install")
class TestSecurity(PurchaseCommon):
    """Who may do what with the models of this addon."""

    def test_matrix(self):
        self.assertAccessMatrix(
            {
                "healthcare.order.acknowledgement": READERS,
                "healthcare.order.acknowledgement.line": READERS,
                "healthcare.order.acknowledgement.response": READERS,
                "healthcare.ship.notice": READERS,
                "healthcare.ship.notice.package": READERS,
                "healthcare.ship.notice.line": READERS,
                "healthcare.ship.notice.lot": READERS,
                "healthcare.order.acknowledgement.decide": {
                    "clerk": "crud",
                    "administrator": "crud",
                },
                "purchase.order": {
                    "requester": "r",
                    "clerk": "crud",
                    "approver": "r",
                    # Odoo lets those who bill write orders; their state is guarded
                    "accounts_payable": "ru",
                    "storeroom": "r",
                    "administrator": "crud",
                    "auditor": "r",
                },
                "purchase.request": {
                    "requester": "crud",
                    "clerk": "crud",
                    "approver": "crud",
                    # an order's form shows which requests it is for
                    "accounts_payable": "r",
                    "storeroom": "r",
                    "administrator": "crud",
                    "auditor": "r",
                },
            }
        )

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("healthcare_purchase")

    def test_another_company_sees_nothing(self):
        order = self.make_order((self.suture, 5, 12.0))
        line = order.order_line
        ack = self.take_in(self.acknowledgement(order, self.answer(line, {"status": "accepted"})))
        lot = {"number": "L1", "quantity": "5"}
        notice = self.take_in(self.ship_notice(order, self.shipped(line, "5", lot)))
        elsewhere = self.make_company("Elsewhere")
        stranger = self.make_user(
            "stranger",
            "healthcare_base.group_clerk",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        for record in (
            ack,
            ack.line_ids,
            ack.line_ids.response_ids,
            notice,
            notice.line_ids,
            notice.line_ids.lot_ids,
        ):
            with self.subTest(model=record._name):
                record.with_user(self.clerk).check_access("read")
                with self.assertRaises(AccessError):
                    record.with_user(stranger).check_access("read")
        with self.assertRaises(AccessError):
            ack.line_ids.with_user(stranger).action_decide("accepted", "not mine")

    def test_plain_odoo_users_work_as_before(self):
        """Buyers and stock users without a role of the suite see what Odoo shows them."""
        order = self.make_order()
        self.take_in(self.acknowledgement(order, self.answer(order.order_line)))
        self.take_in(self.ship_notice(order, self.shipped(order.order_line, "20")))
        buyer = self.make_user("plain_buyer", "purchase.group_purchase_user")
        own = self.make_order(user=buyer, confirm=False)
        with Form(own.with_user(buyer)) as form:
            form.urgency = "urgent"
        own.button_confirm()
        self.assertEqual(own.with_user(buyer).exchange_state, "queued")
        with Form(order.with_user(buyer)) as form:
            form.partner_ref = "X"
        keeper = self.make_user("plain_keeper", "stock.group_stock_user")
        receipt = order.picking_ids.with_user(keeper)
        with Form(receipt) as form:
            form.note = "X"
        receipt.action_fill_in_announced()
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")

    def test_orders_open_for_every_reader(self):
        order = self.make_order()
        self.take_in(self.acknowledgement(order, self.answer(order.order_line, {"status": "accepted"})))
        views = [(self.env.ref("purchase.purchase_order_form").id, "form")]
        for role in ("clerk", "approver", "accounts_payable", "storeroom", "auditor"):
            with self.subTest(role=role):
                reader = order.with_user(self.users[role])
                specification = reader.get_views(views)["views"]["form"]
                self.assertTrue(specification)
                self.assertEqual(reader.exchange_state, "queued")
                self.assertEqual(reader.acknowledgement_state, "accepted")
                self.assertEqual(reader.expected_shipments, 0)
                self.assertEqual(reader.picking_ids.announced_lot_ids.ids, [])
