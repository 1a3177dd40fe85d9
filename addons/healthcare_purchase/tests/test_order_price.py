from odoo import Command, fields
from odoo.addons.healthcare_contract.tests.contract_common import ContractBuilders
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import PurchaseCommon


class OrderPriceCommon(ContractBuilders, PurchaseCommon):
    """Gloves cost 5.00 in the catalog and 4.50, from 100 on 4.00, on a contract for all facilities."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.set_up_contracts()
        cls.contract = cls.make_active(
            "C-1", prices=[{"amount": "4.50"}, {"amount": "4.00", "min_quantity": "100"}]
        )

    def draft(self, quantity=20, **values):
        """Return a clerk's draft of gloves without a price."""
        return (
            self.env["purchase.order"]
            .with_user(self.clerk)
            .create(
                {
                    "partner_id": self.supplier.id,
                    "facility_id": self.facility.id,
                    "order_line": [Command.create({"product_id": self.gloves.id, "product_qty": quantity})],
                    **values,
                }
            )
        )


@tagged("post_install", "-at_install")
class TestOrderPrice(OrderPriceCommon):
    """Orders take price truth, show what was typed against it, and keep the evidence."""

    def test_a_draft_takes_the_valid_price(self):
        line = self.draft().order_line
        self.assertEqual(
            (line.price_unit, line.truth_source, line.truth_state), (4.5, "local_contract", "agrees")
        )
        line.product_qty = 100
        self.assertEqual(line.price_unit, 4.0)
        line.product_uom_id = self.gloves_box.uom_id
        line.product_qty = 2
        self.assertEqual(line.price_unit, 45.0)
        self.assertEqual(self.draft(quantity=150).order_line.price_unit, 4.0)

    def test_what_was_made_a_moment_ago(self):
        """Nothing of it is in the database yet when the price is asked for."""
        score = self.env["uom.uom"].create(
            {"name": "Score", "relative_factor": 20, "relative_uom_id": self.gloves.uom_id.id}
        )
        self.gloves.uom_ids += score
        line = self.draft(quantity=2).order_line
        line.product_uom_id = score
        self.assertEqual((line.price_unit, line.truth_state), (90.0, "agrees"))
        newcomer = self.env["res.partner"].create({"name": "Newcomer"})
        self.env["product.supplierinfo"].create(
            {"partner_id": newcomer.id, "product_tmpl_id": self.gloves.product_tmpl_id.id, "price": 3.0}
        )
        line = self.draft(partner_id=newcomer.id).order_line
        self.assertEqual((line.price_unit, line.truth_source), (3.0, "catalog"))

    def test_a_default_of_what_is_odoos_own_counts(self):
        """Buttons that open a new order hand the currency over; the matrix says Odoo owns it."""
        other = self.env.ref("base.GBP")
        other.active = True
        orders = self.env["purchase.order"].with_user(self.clerk).with_context(default_currency_id=other.id)
        self.assertEqual(orders.create({"partner_id": self.supplier.id}).currency_id, other)

    def test_in_the_form(self):
        with Form(self.env["purchase.order"].with_user(self.clerk)) as form:
            form.partner_id = self.supplier
            form.facility_id = self.facility
            with form.order_line.new() as line:
                line.product_id = self.gloves
                line.product_qty = 120
                self.assertEqual(line.price_unit, 4.0)
            with form.order_line.new() as line:
                line.product_id = self.gloves
                line.price_unit = 9
        order = form.save()
        typed = order.order_line[1]
        self.assertEqual((typed.price_unit, typed.truth_state), (9.0, "above"))
        self.assertEqual((typed.truth_price, typed.truth_difference), ("4.5", "4.5"))
        order.facility_id = self.clinic
        self.assertEqual(typed.price_unit, 9.0)

    def test_facility_and_day_change_the_price(self):
        roster = self.make_contract("G-1", kind="gpo", all_facilities=False, prices=[{"amount": "3"}])
        roster.eligibility_ids = [Command.create({"facility_id": self.clinic.id})]
        self.activate(roster)
        order = self.draft()
        self.assertEqual(order.order_line.price_unit, 4.5)
        order.facility_id = self.clinic
        self.assertEqual((order.order_line.price_unit, order.order_line.truth_source), (3.0, "gpo_contract"))
        order.date_order = fields.Datetime.to_datetime(self.day(-200))
        self.assertEqual((order.order_line.price_unit, order.order_line.truth_source), (5.0, "catalog"))

    def test_without_a_facility_the_price_is_odoos(self):
        line = self.draft(facility_id=False).order_line
        self.assertEqual((line.price_unit, line.truth_state), (5.0, "above"))
        line.order_id.facility_id = self.facility
        self.assertEqual(line.price_unit, 4.5)

    def test_evidence_at_confirmation(self):
        order = self.draft()
        order.order_line.price_unit = 6
        order.button_confirm()
        line = order.order_line
        self.assertEqual(
            (line.price_unit, line.price_source, line.price_truth), (6.0, "local_contract", "4.5")
        )
        self.assertEqual(line.price_contract_id, self.contract)
        self.assertEqual(line.price_evidence["price"], "4.5")
        self.assertEqual({loser["reason"] for loser in line.price_losers}, {"below_minimum", "lower_rank"})
        self.contract.with_user(self.clerk).sudo().state = "draft"
        line.invalidate_recordset()
        self.assertEqual((line.truth_source, line.truth_difference), ("local_contract", "1.5"))

    def test_evidence_is_not_written_by_hand(self):
        order = self.draft()
        for vals in ({"price_source": "catalog"}, {"price_truth": "1"}, {"price_losers": []}):
            with self.assertRaises(AccessError):
                order.order_line.write(vals)
        with self.assertRaises(AccessError):
            self.env["purchase.order.line"].with_user(self.clerk).create(
                {"order_id": order.id, "product_id": self.gloves.id, "price_truth": "1"}
            )
        line = (
            self.env["purchase.order.line"]
            .with_user(self.clerk)
            .with_context(default_price_source="gpo_contract")
            .create({"order_id": order.id, "product_id": self.gloves.id})
        )
        self.assertFalse(line.price_source)

    def test_a_confirmed_price_stays(self):
        order = self.draft()
        order.button_confirm()
        order.order_line.product_qty = 100
        self.assertEqual(order.order_line.price_unit, 4.5)

    def test_no_valid_price_is_shown(self):
        product = self.make_product("Gauze", "GAU-1", standard_price=2)
        order = self.draft()
        order.order_line = [Command.create({"product_id": product.id, "product_qty": 1})]
        line = order.order_line.filtered(lambda line: line.product_id == product)
        self.assertEqual((line.truth_source, line.truth_state), ("none", "unknown"))
        order.button_confirm()
        self.assertEqual((line.price_source, line.price_truth), ("none", False))
        # what a buyer typed is the last approved price, and no catalog price
        self.assertFalse(product.seller_ids)
        again = self.draft(order_line=[Command.create({"product_id": product.id, "product_qty": 1})])
        self.assertEqual((again.order_line.price_unit, again.order_line.truth_source), (2.0, "last_approved"))

    def test_what_was_paid_at_one_class_says_nothing_of_another(self):
        self.env["healthcare.facility.account"].create(
            {
                "facility_id": self.facility.id,
                "partner_id": self.supplier.id,
                "account_number": "A-340",
                "price_class": "340b",
            }
        )
        product = self.make_product("Gauze", "GAU-1")

        def gauze(facility, **values):
            lines = [Command.create({"product_id": product.id, "product_qty": 1, **values})]
            return self.draft(facility_id=facility.id, order_line=lines).order_line

        for facility, price in ((self.clinic, 3), (self.facility, 1)):
            gauze(facility, price_unit=price).order_id.button_confirm()
        elsewhere = gauze(self.clinic)
        self.assertEqual((elsewhere.price_unit, elsewhere.truth_source), (3.0, "last_approved"))
        again = gauze(self.facility)
        self.assertEqual((again.price_unit, again.truth_source), (1.0, "last_approved"))
        again.order_id.button_confirm()
        self.assertEqual(again.price_evidence["price_class"], "340b")
        # a supplier without own use there: nothing was ever paid at that class
        self.env["purchase.order"].search([("facility_id", "=", self.clinic.id)]).sudo().button_cancel()
        self.assertEqual(gauze(self.clinic).truth_source, "none")

    def test_a_contract_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": self.day(-10),
                "rate": 0.5 * self.company.currency_id.rate,
            }
        )
        gpo = self.make_contract("G-EUR", kind="gpo", currency_id=euro.id, prices=[{"amount": "3"}])
        self.activate(gpo)
        line = self.draft().order_line
        self.assertEqual((line.price_unit, line.truth_price, line.truth_state), (6.0, "6", "agrees"))
        line.order_id.button_confirm()
        self.assertEqual((line.price_truth, line.price_evidence["price"]), ("6", "3"))
        self.assertEqual(line.price_evidence["currency"], "EUR")

    def test_a_base_quantity(self):
        gpo = self.make_contract("G-100", kind="gpo", prices=[{"amount": "12.345", "base_quantity": "100"}])
        self.activate(gpo)
        line = self.draft().order_line
        self.assertEqual(line.truth_price, "0.12345")
        self.assertEqual((line.price_unit, line.truth_state), (0.12345, "agrees"))

    def test_a_failed_price_list_stops_buying(self):
        flow = self.env["healthcare.exchange.endpoint.document"].create(
            {
                "endpoint_id": self.endpoint.id,
                "document_type": "catalog",
                "direction": "inbound",
                "contingency": "stop_buying",
            }
        )
        self.assertTrue(flow)
        self.env["healthcare.price.feed"].sudo().create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "number": "LIST-1",
                "state": "failed",
                "received_at": fields.Datetime.now(),
            }
        )
        # on contract the price was agreed, whatever became of the list
        self.draft().button_confirm()
        order = self.draft(
            order_line=[Command.create({"product_id": self.suture.id, "product_qty": 1, "price_unit": 1})]
        )
        self.assertEqual(order.order_line.truth_state, "stopped")
        with self.assertRefused("Suture 3-0.*stop buying", UserError):
            order.button_confirm()
        with self.assertRefused("stop buying", UserError):
            order.write({"state": "purchase"})
        self.assertEqual(order.state, "draft")


@tagged("post_install", "-at_install")
class TestOrderPriceTimeline(OrderPriceCommon):
    def test_order_and_acknowledgement(self):
        order = self.draft()
        order.button_confirm()
        line = order.order_line
        self.take_in(
            self.acknowledgement(
                order,
                self.answer(
                    line,
                    {
                        "status": "accepted_with_change",
                        "quantity": "20",
                        "unit": "EA",
                        "price": {"amount": "4.75"},
                    },
                ),
            )
        )
        timeline = self.env["healthcare.price.timeline"].with_user(self.clerk)
        events = timeline.load(False, order_line_id=line.id)["events"]
        by_kind = {event["kind"]: event for event in events}
        self.assertEqual((by_kind["order"]["unit_price"], by_kind["order"]["current"]), ("4.5", True))
        self.assertEqual(by_kind["acknowledgement"]["unit_price"], "4.75")
        self.assertEqual(by_kind["contract"]["title"], "C-1")


@tagged("post_install", "-at_install")
class TestRequestSuggestion(OrderPriceCommon):
    """Requests say where to buy on contract."""

    def request(self, product, quantity=20, **values):
        """Return the line of a requester's draft."""
        request = (
            self.env["purchase.request"]
            .with_user(self.users["requester"])
            .create(
                {
                    "facility_id": self.facility.id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_qty": quantity,
                                "product_uom_id": product.uom_id.id,
                                **values,
                            }
                        )
                    ],
                }
            )
        )
        return request.line_ids

    def test_on_contract(self):
        line = self.request(self.gloves)
        self.assertEqual((line.suggestion_source, line.suggestion_price), ("local_contract", "4.5"))
        self.assertEqual(line.suggestion_partner_id, self.supplier)
        self.assertIn("Test Supplier at 4.5", line.suggestion_text)
        self.assertEqual(line.supplier_id, self.supplier)
        line.action_take_suggestion()
        self.assertEqual(line.estimated_cost, 90.0)
        line.product_qty = 100
        self.assertEqual(line.suggestion_price, "4")

    def test_a_substitute_on_contract(self):
        self.gloves.product_tmpl_id.sudo().write({"item_state": "approved"})
        line = self.request(self.suture, quantity=3)
        self.assertEqual((line.suggestion_source, line.suggestion_product_id.id), ("catalog", False))
        self.env["healthcare.substitute"].sudo().create(
            {
                "product_id": self.suture.id,
                "substitute_id": self.gloves.id,
                "factor": "2",
                "reason": "for the test",
            }
        ).state = "approved"
        line.invalidate_recordset()
        self.assertEqual((line.suggestion_product_id, line.suggestion_price), (self.gloves, "4.5"))
        self.assertIn("On contract instead", line.suggestion_text)
        line.action_take_suggestion()
        self.assertEqual((line.product_id, line.product_qty, line.estimated_cost), (self.gloves, 6, 27.0))

    def test_not_after_submission(self):
        line = self.request(self.gloves)
        line.request_id.button_to_approve()
        with self.assertRefused("submitted", UserError):
            line.action_take_suggestion()

    def test_the_order_takes_the_valid_price(self):
        line = self.request(self.gloves, quantity=150)
        line.request_id.sudo().write({"state": "approved"})
        wizard = (
            self.env["purchase.request.line.make.purchase.order"]
            .with_user(self.clerk)
            .with_context(active_model="purchase.request.line", active_ids=line.ids)
            .create({"supplier_id": self.supplier.id})
        )
        wizard.make_purchase_order()
        ordered = line.purchase_lines
        self.assertEqual((ordered.product_qty, ordered.price_unit), (150, 4.0))
