from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .contract_common import ContractCommon


@tagged("post_install", "-at_install")
class TestCallOff(ContractCommon):
    """Orders on a contract stay within its amount, however they are confirmed or grow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.service = cls.make_product(
            "Maintenance", "SRV-1", type="service", is_storable=False, purchase_method="purchase"
        )
        cls.contract = cls.make_active(
            "SVC-1",
            is_service=True,
            not_to_exceed="1000",
            call_off_limit="700",
            lines=[
                {"product_id": cls.service.id, "price_ids": [Command.create({"amount": "100"})]},
            ],
        )

    @classmethod
    def make_call_off(cls, amount, user=None, **values):
        """Return a draft order of the clerk for one visit at ``amount``."""
        return (
            cls.env["purchase.order"]
            .with_user(user or cls.clerk)
            .create(
                {
                    "partner_id": cls.supplier.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.contract.currency_id.id,
                    "contract_id": cls.contract.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": cls.service.id,
                                "product_qty": 1,
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def test_up_to_the_amount_and_not_beyond(self):
        self.make_call_off(600).button_confirm()
        second = self.make_call_off(400.01)
        with self.assertRefused(
            r"with it, 1000.01 .* from contract SVC-1, which is not to exceed 1000. 400 is left"
        ):
            second.button_confirm()
        self.assertEqual(second.contract_open_amount, 400)
        second.order_line.price_unit = 400
        second.button_confirm()
        self.contract.invalidate_recordset()
        self.assertEqual((self.contract.called_off, self.contract.called_off_percent), (1000, 100))
        self.assertEqual(self.contract.order_count, 2)

    def test_a_cancelled_call_off_gives_its_amount_back(self):
        first = self.make_call_off(700)
        first.button_confirm()
        with self.assertRefused("not to exceed"):
            self.make_call_off(500).button_confirm()
        first.button_cancel()
        self.make_call_off(500).button_confirm()

    def test_one_call_off_has_a_limit(self):
        with self.assertRefused("exceeds the limit of one call-off"):
            self.make_call_off(701).button_confirm()

    def test_a_confirmed_one_does_not_grow_beyond(self):
        self.make_call_off(600).button_confirm()
        order = self.make_call_off(300)
        order.button_confirm()
        line = {
            "product_id": self.service.id,
            "product_qty": 1,
            "price_unit": 200,
            "tax_ids": [Command.clear()],
        }
        for change in (
            lambda: order.order_line.write({"price_unit": 401}),
            lambda: order.order_line.write({"product_qty": 1.5}),
            lambda: order.write({"order_line": [Command.update(order.order_line.id, {"price_unit": 401})]}),
            lambda: order.write({"order_line": [Command.create(line)]}),
            lambda: (
                self.env["purchase.order.line"].with_user(self.clerk).create({**line, "order_id": order.id})
            ),
        ):
            with self.assertRefused("not to exceed|limit of one call-off"):
                change()
        order.order_line.price_unit = 400

    def test_no_way_around_by_state_or_by_moving(self):
        self.make_call_off(700).button_confirm()
        second = self.make_call_off(400)
        for values in ({"state": "purchase"}, {"state": "done"}):
            with self.assertRefused("", (UserError, AccessError, ValueError)):
                second.write(values)
        with self.assertRefused("", (UserError, AccessError)):
            self.make_call_off(400, state="purchase")
        free = self.make_call_off(400, contract_id=False)
        free.button_confirm()
        with self.assertRefused("its contract stays"):
            free.contract_id = self.contract
        first = self.contract.order_ids.filtered(lambda order: order.state == "purchase")
        with self.assertRefused("its contract stays"):
            first.with_user(self.clerk).contract_id = False
        with self.assertRefused("not to exceed 1000|limit of one call-off"):
            second.order_line.order_id = first

    def test_the_contract_is_the_suppliers_and_in_force(self):
        with self.assertRefused("Other Supplier does not sell on it", ValidationError):
            self.make_call_off(1, partner_id=self.other_supplier.id)
        draft = self.make_contract("C-DRAFT")
        with self.assertRefused("contract C-DRAFT is not in force"):
            self.make_call_off(1, contract_id=draft.id).button_confirm()
        ended = self.make_active("C-ENDED", valid_to=self.day(-1))
        with self.assertRefused("contract C-ENDED is not in force"):
            self.make_call_off(
                1, contract_id=ended.id, date_order=f"{self.day(-5)} 10:00:00"
            ).button_confirm()
        with self.assertRefused("is not in force on"):
            self.make_call_off(1, date_order=f"{self.day(300)} 10:00:00").button_confirm()

    def test_an_amendment_raises_the_amount_for_earlier_orders_too(self):
        order = self.make_call_off(700)
        order.button_confirm()
        second = self.amend(self.contract)
        second.not_to_exceed = "1300"
        self.activate(second)
        # an order that still names the first version follows the one in force
        self.make_call_off(600).button_confirm()
        self.assertEqual(second.called_off, 1300)
        with self.assertRefused("not to exceed 1300"):
            self.make_call_off(1, contract_id=second.id).button_confirm()

    def test_a_limit_below_what_was_called_off(self):
        self.make_call_off(700).button_confirm()
        second = self.amend(self.contract)
        second.not_to_exceed = "500"
        with self.assertRefused("700.* was called off already"):
            second.action_submit()
