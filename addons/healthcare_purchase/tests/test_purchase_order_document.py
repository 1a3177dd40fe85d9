from odoo.addons.healthcare_exchange.tools import canonical
from odoo.tests import tagged

from .common import PurchaseCommon


@tagged("post_install", "-at_install")
class TestPurchaseOrderDocument(PurchaseCommon):
    """The canonical order: exact, complete, and as its schema says."""

    def document(self, order):
        [document] = self.env["healthcare.document.purchase_order"]._to_canonical(order)
        self.assertEqual(canonical.validate(document), [])
        return document

    def test_lines(self):
        order = self.make_order((self.gloves_box.product_id, 2, 49.999, self.gloves_box.uom_id))
        order.order_line.write({"date_planned": "2026-12-24 12:00:00"})
        [line] = self.document(order)["lines"]
        self.assertEqual(
            line,
            {
                "line_number": "1",
                "item": {
                    "buyer_code": "GLV-1",
                    "supplier_code": "S-GLV",
                    "manufacturer_code": "MFG-GLV",
                },
                "description": order.order_line.name,
                "quantity": "2",
                "unit": "XBX",
                "price": {"amount": "49.999", "base_quantity": "1", "unit": "XBX", "kind": "net"},
                "line_amount": "100",
                "schedules": [{"quantity": "2", "requested_date": "2026-12-24"}],
            },
        )

    def test_gtin_of_the_pack_that_is_ordered(self):
        each = self.document(self.make_order())["lines"][0]["item"]["gtin"]
        self.assertEqual(each, self.gloves.gtin)
        box = self.make_gtin("2061414100010")
        self.gloves_box.gtins = box
        order = self.make_order((self.gloves, 2, 49.9, self.gloves_box.uom_id))
        self.assertEqual(self.document(order)["lines"][0]["item"]["gtin"], box)

    def make_gtin(self, body):
        from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit

        return with_gs1_check_digit(body)

    def test_discount_is_exact(self):
        order = self.make_order((self.gloves, 20, 5.55), confirm=False)
        order.order_line.discount = 12.5
        order.button_confirm()
        self.assertEqual(self.document(order)["lines"][0]["price"]["amount"], "4.85625")
        self.assertEqual(order.order_line.agreed_price, "4.85625")

    def test_header(self):
        self.env["healthcare.facility.account"].create(
            {
                "facility_id": self.facility.id,
                "partner_id": self.supplier.id,
                "account_number": "ACC-77",
                "price_class": "gpo",
            }
        )
        term = self.env["account.payment.term"].create(
            {
                "name": "30 days",
                "company_id": self.company.id,
                "line_ids": [(0, 0, {"value": "percent", "value_amount": 100, "nb_days": 30})],
            }
        )
        order = self.make_order(
            urgency="urgent",
            backorder_policy="ship_complete",
            substitution_allowed=True,
            payment_term_id=term.id,
            partner_ref="Q-1",
            note="<p>Dock 4</p>",
        )
        document = self.document(order)
        self.assertEqual(document["urgency"], "urgent")
        self.assertEqual(document["order_kind"], "standard")
        self.assertEqual(document["backorder_policy"], "ship_complete")
        self.assertIs(document["substitution_allowed"], True)
        self.assertEqual(document["price_class"], "gpo")
        self.assertEqual(document["payment_terms"], {"code": "30 days", "net_days": 30})
        self.assertEqual(document["notes"], "Dock 4")
        self.assertEqual(document["currency"], order.currency_id.name)
        self.assertEqual(document["references"], [{"type": "supplier_quotation", "number": "Q-1"}])
        self.assertIn(
            {"scheme": "buyer_assigned", "value": "TSUP"},
            document["parties"]["supplier"]["identifiers"],
        )
        ship_to = document["parties"]["ship_to"]
        self.assertEqual(ship_to["name"], self.facility.name)
        for identifier in (
            {"scheme": "gln", "value": self.facility.gln},
            {"scheme": "buyer_assigned", "value": "MAIN"},
            {"scheme": "account", "value": "ACC-77"},
        ):
            self.assertIn(identifier, ship_to["identifiers"])
        self.assertEqual(document["totals"]["lines"], "100")

    def test_a_test_endpoint_marks_the_document(self):
        self.assertIs(self.make_order().sudo().exchange_message_id.document["test"], True)

    def test_batch_reads_do_not_grow_with_orders(self):
        def queries(count):
            orders = self.env["purchase.order"].union(
                *(self.make_order(confirm=False) for _i in range(count))
            )
            orders.sudo().order_line._assign_line_numbers()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.env["healthcare.document.purchase_order"]._to_canonical(orders)
            return self.cr.sql_log_count - before

        queries(1)
        self.assertEqual(queries(8), queries(2))
