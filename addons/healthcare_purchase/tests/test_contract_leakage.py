from odoo import Command, fields
from odoo.addons.healthcare_contract.tests.contract_common import ContractCommon
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL


@tagged("post_install", "-at_install")
class TestContractLeakage(ContractCommon):
    """What was bought beside a contract or above its price, by the price truth of the order's day."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leakage = cls.env["healthcare.contract.leakage"]
        cls.contract = cls.make_contract(
            prices=[{"amount": "4.50", "unit_code": "EA"}], all_facilities=False, kind="gpo"
        )
        cls.contract.eligibility_ids = [Command.create({"facility_id": cls.facility.id})]
        cls.activate(cls.contract)

    def order(self, partner, price, quantity=10, uom=None, facility=None, **values):
        """Return a confirmed order of gloves at a price typed by hand."""
        order = (
            self.env["purchase.order"]
            .with_user(self.clerk)
            .create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "facility_id": (facility or self.facility).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.gloves.id,
                                "product_qty": quantity,
                                "product_uom_id": (uom or self.unit).id,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                    **values,
                }
            )
        )
        order.order_line.price_unit = price
        order.button_confirm()
        return order

    def rows(self, *orders):
        """Run the job, and return the rows of orders, in their order."""
        self.env.flush_all()
        self.leakage._refresh(self.leakage._stale_lines(fields.Datetime.now()))
        found = self.leakage.search([])
        return [found.filtered(lambda row, order=order: row.order_id.id == order.id) for order in orders]

    def test_verdicts(self):
        on = self.order(self.supplier, 4.5)
        above = self.order(self.supplier, 4.75)
        below = self.order(self.supplier, 4.25)
        off = self.order(self.other_supplier, 5)
        cheaper = self.order(self.other_supplier, 4)
        box = self.order(self.supplier, 50, quantity=2, uom=self.gloves_box.uom_id)
        elsewhere = self.order(self.other_supplier, 9, facility=self.clinic)
        rows = self.rows(on, above, below, off, cheaper, box, elsewhere)
        self.assertEqual(
            [(row.verdict, row.overpaid) for row in rows],
            [
                ("on_contract", 0),
                ("above_contract", 2.5),
                ("on_contract", 0),
                ("off_contract", 5),
                ("off_contract", 0),
                ("above_contract", 10),
                (False, 0),
            ],
        )
        leak = rows[3]
        self.assertEqual((leak.contract_id, leak.contract_partner_id), (self.contract, self.supplier))
        self.assertEqual((leak.price_paid, leak.contract_price, leak.spend), ("5", "4.5", 50))
        self.assertIn("Bought from Other Supplier at 5; contract C-100 with Test Supplier", leak.explanation)
        self.assertEqual(rows[5].contract_price, "45")
        self.assertEqual((self.contract.leakage_count, self.contract.leakage_amount), (4, 17.5))
        self.assertEqual(self.supplier.with_user(self.clerk).leakage_count, 4)
        self.assertEqual(self.gloves.product_tmpl_id.with_user(self.clerk).leakage_count, 4)
        action = self.contract.with_user(self.clerk).action_view_leakage()
        self.assertEqual(len(self.leakage.search(action["domain"])), 6)

    def test_bought_on_a_local_contract_is_on_contract(self):
        local = self.make_active("L-1", partner_id=self.other_supplier.id, prices=[{"amount": "4.90"}])
        on, above = self.order(self.other_supplier, 4.9), self.order(self.other_supplier, 5)
        rows = self.rows(on, above)
        self.assertEqual([row.verdict for row in rows], ["on_contract", "above_contract"])
        self.assertEqual(rows[1].contract_id, local)

    def test_a_changed_or_cancelled_order_is_looked_at_again(self):
        order = self.order(self.supplier, 4.75)
        [row] = self.rows(order)
        self.assertEqual(row.overpaid, 2.5)
        self.env.flush_all()
        for table in ("purchase_order", "purchase_order_line"):
            self.env.cr.execute(
                SQL("UPDATE %s SET write_date = write_date - interval '1 hour'", SQL.identifier(table))
            )
        self.env.invalidate_all()
        self.assertNotIn(order.order_line.id, self.leakage._stale_lines(fields.Datetime.now()).ids)
        order.order_line.price_unit = 4.5
        [row] = self.rows(order)
        self.assertEqual(row.verdict, "on_contract")
        order.button_cancel()
        self.leakage._drop_unconfirmed()
        self.assertFalse(row.exists())

    def test_a_backdated_amendment_looks_at_orders_again(self):
        order = self.order(self.supplier, 4.5)
        order.sudo().date_order = f"{self.day(-10)} 12:00:00"
        self.rows(order)
        second = self.amend(self.contract)
        second.effective_from = self.day(-20)
        second.line_ids.price_ids.amount = "4.00"
        self.activate(second)
        [row] = self.rows(order)
        self.assertEqual((row.verdict, row.overpaid, row.contract_id), ("above_contract", 5, second))

    def test_an_item_that_becomes_known_looks_at_orders_again(self):
        contract = self.make_active(
            "C-200",
            partner_id=self.other_supplier.id,
            lines=[
                {"product_id": self.gloves.id, "price_ids": [Command.create({"amount": "9"})]},
                {"supplier_code": "O-SUT", "price_ids": [Command.create({"amount": "10"})]},
            ],
        )
        order = self.order(self.other_supplier, 9)
        order.order_line.sudo().product_id = self.suture
        order.order_line.sudo().price_unit = 12
        self.assertEqual(self.rows(order)[0].verdict, False)
        self.make_supplierinfo(self.suture, self.other_supplier, "O-SUT", 12)
        contract.line_ids[1].with_user(self.clerk).action_resolve()
        self.assertEqual(self.rows(order)[0].verdict, "above_contract")

    def test_the_job(self):
        order = self.order(self.other_supplier, 5)
        with self.enter_registry_test_mode():
            self.env.ref("healthcare_purchase.ir_cron_contract_leakage").method_direct_trigger()
        row = self.leakage.search([("order_id", "=", order.id)])
        self.assertEqual(row.verdict, "off_contract")

    def test_rights(self):
        readers = dict.fromkeys(("clerk", "approver", "accounts_payable", "auditor", "administrator"), "r")
        self.assertAccessMatrix({"healthcare.contract.leakage": readers})
        order = self.order(self.supplier, 4.75)
        with self.assertRefused("", AccessError):
            order.order_line.leakage_checked_at = "2099-01-01"
        other = self.make_company("Elsewhere")
        self.rows(order)
        foreign = self.make_user(
            "test_foreign", "healthcare_base.group_clerk", company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        rows = self.leakage.with_user(foreign).with_context(allowed_company_ids=other.ids)
        self.assertFalse(rows.search([]))

    def test_an_order_names_a_contract_its_facility_may_use(self):
        with self.assertRefused("Facility CLIN may not buy on contract C-100"):
            self.order(self.supplier, 4.5, facility=self.clinic, contract_id=self.contract.id)
        order = self.order(self.supplier, 4.5, contract_id=self.contract.id)
        self.assertEqual(order.state, "purchase")
