from odoo import Command
from odoo.addons.healthcare_catalog.tests.common import CatalogBuilders
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import PurchaseCommon


class CatalogPurchaseCommon(CatalogBuilders, PurchaseCommon):
    """Formularies are in force; the gloves are for all, the suture is for the surgeon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_clinical()
        cls.approve_items(cls.gloves, cls.suture)
        cls.requester = cls.users["requester"]
        cls.company.formulary_date = "2026-01-01"
        cls.surgeon = cls.make_user("test_surgeon", "healthcare_base.group_requester")
        cls.formulary = cls.make_formulary(
            {"product_id": cls.suture.id, "policy": "restricted", "user_ids": cls.surgeon.ids}
        )

    def make_request(self, product, user=None, submit=True, facility=None, **values):
        request = (
            self.env["purchase.request"]
            .with_user(user or self.requester)
            .create(
                {
                    "facility_id": (facility or self.facility).id,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_qty": 10,
                                "product_uom_id": product.uom_id.id,
                                **values,
                            }
                        )
                    ],
                }
            )
        )
        if submit:
            request.button_to_approve()
        return request

    def wizard(self, requests, **values):
        return (
            self.env["purchase.request.line.make.purchase.order"]
            .with_user(self.clerk)
            .with_context(active_model="purchase.request", active_ids=requests.ids)
            .create({"supplier_id": self.supplier.id, **values})
        )

    def order_of(self, wizard):
        return self.env["purchase.order"].browse(set(wizard.make_purchase_order()["domain"][0][2]))


@tagged("post_install", "-at_install")
class TestRequestFormulary(CatalogPurchaseCommon):
    def assertStopped(self, action, *args, text="is restricted by", **kwargs):
        with self.assertRefused(text):
            action(*args, **kwargs)

    def test_a_request_is_stopped_when_it_is_submitted(self):
        request = self.make_request(self.suture, submit=False)
        self.assertStopped(request.button_to_approve)
        self.assertStopped(request.write, {"state": "to_approve"})
        self.assertStopped(
            request.with_context(skip_formulary=True, skip_validation_check=True).write,
            {"state": "to_approve"},
        )
        self.assertEqual(self.make_request(self.gloves).state, "to_approve")

    def test_a_request_that_is_made_submitted_is_stopped(self):
        requests = self.env["purchase.request"].with_user(self.requester)
        values = {
            "facility_id": self.facility.id,
            "line_ids": [Command.create({"product_id": self.suture.id, "product_qty": 1})],
        }
        self.assertStopped(requests.create, {**values, "state": "to_approve"})

    def test_a_line_that_comes_later_is_stopped(self):
        request = self.make_request(self.gloves)
        lines = self.env["purchase.request.line"].with_user(self.clerk).sudo()
        self.assertStopped(
            lines.create, {"request_id": request.id, "product_id": self.suture.id, "product_qty": 1}
        )
        self.assertStopped(request.line_ids.sudo().write, {"product_id": self.suture.id})
        draft = self.make_request(self.suture, submit=False)
        self.assertStopped(draft.line_ids.sudo().write, {"request_id": request.id})

    def test_a_rule_that_came_since_stops_the_approval(self):
        request = self.make_request(self.gloves)
        self.env["healthcare.formulary.line"].create(
            {"formulary_id": self.formulary.id, "product_id": self.gloves.id, "policy": "not_allowed"}
        )
        self.assertStopped(
            request.with_user(self.users["approver"]).button_approved, text="is not allowed by"
        )

    def test_the_state_of_the_item_stops_a_request(self):
        self.gloves.product_tmpl_id.sudo().item_state = "retired"
        self.assertStopped(self.make_request, self.gloves, text="is retired")

    def test_nobody_asks_in_the_name_of_another(self):
        request = self.make_request(self.suture, submit=False)
        request.sudo().requested_by = self.surgeon
        self.assertStopped(request.sudo().button_to_approve)

    def test_a_clerk_types_requests_for_others(self):
        request = self.make_request(self.suture, user=self.clerk, submit=False)
        request.sudo().requested_by = self.surgeon
        request.button_to_approve()
        self.assertEqual(request.state, "to_approve")

    def test_without_a_facility_that_of_the_warehouse_counts(self):
        local = self.make_formulary(
            {"product_id": self.gloves.id, "policy": "not_allowed"}, facility=self.facility
        )
        request = self.make_request(self.gloves, submit=False)
        request.sudo().facility_id = False
        self.assertStopped(request.sudo().button_to_approve, text="is not allowed by")
        local.active = False
        request.sudo().button_to_approve()

    def test_a_draft_says_what_would_stop_it(self):
        request = self.make_request(self.suture, submit=False)
        self.assertIn("is restricted by", request.formulary_warning)
        with Form(request) as form:
            with form.line_ids.edit(0) as line:
                line.product_id = self.gloves
            self.assertFalse(form.formulary_warning)
        self.assertFalse(request.formulary_warning)

    def test_before_the_day_nothing_is_stopped(self):
        self.company.formulary_date = False
        self.assertEqual(self.make_request(self.suture).state, "to_approve")
        self.company.formulary_date = "2999-01-01"
        self.assertEqual(self.make_request(self.suture).state, "to_approve")


@tagged("post_install", "-at_install")
class TestOrderFormulary(CatalogPurchaseCommon):
    def assertStopped(self, action, *args, text="is restricted by", **kwargs):
        with self.assertRefused(text):
            action(*args, **kwargs)

    def test_an_order_is_stopped_when_it_is_confirmed(self):
        order = self.make_order((self.suture, 5, 12.0), confirm=False)
        self.assertStopped(order.button_confirm)
        self.assertStopped(order.button_approve)
        self.assertStopped(order.write, {"state": "purchase"})
        self.assertStopped(order.with_context(skip_formulary=True).sudo().button_confirm)
        self.assertFalse(order.picking_ids)
        self.assertEqual(self.make_order((self.gloves, 10, 5.0)).state, "purchase")

    def test_an_order_that_is_made_confirmed_is_stopped(self):
        values = {
            "partner_id": self.supplier.id,
            "facility_id": self.facility.id,
            "state": "purchase",
            "order_line": [Command.create({"product_id": self.suture.id, "product_qty": 1, "price_unit": 1})],
        }
        self.assertStopped(self.env["purchase.order"].with_user(self.clerk).create, values)

    def test_a_line_that_comes_later_is_stopped(self):
        order = self.make_order((self.gloves, 10, 5.0))
        lines = self.env["purchase.order.line"].with_user(self.clerk)
        self.assertStopped(
            lines.create,
            {"order_id": order.id, "product_id": self.suture.id, "product_qty": 1, "price_unit": 1},
        )
        draft = self.make_order((self.suture, 5, 12.0), confirm=False)
        self.assertStopped(draft.order_line.sudo().write, {"order_id": order.id})

    def test_the_buyer_of_the_order_is_who_made_it(self):
        order = self.make_order((self.suture, 5, 12.0), confirm=False)
        order.user_id = self.surgeon
        self.assertStopped(order.button_confirm)

    def test_what_was_requested_is_ordered_for_who_asked(self):
        request = self.make_request(self.suture, user=self.surgeon)
        request.with_user(self.users["approver"]).button_approved()
        order = self.order_of(self.wizard(request))
        order.button_confirm()
        self.assertEqual(order.state, "purchase")

    def test_a_request_for_another_item_is_no_permission(self):
        request = self.make_request(self.gloves, user=self.surgeon)
        request.with_user(self.users["approver"]).button_approved()
        order = self.make_order((self.suture, 5, 12.0), confirm=False)
        order.order_line.sudo().purchase_request_lines = request.line_ids
        self.assertStopped(order.button_confirm)

    def test_a_request_that_is_not_approved_is_no_permission(self):
        request = self.make_request(self.suture, user=self.surgeon)
        order = self.make_order((self.suture, 5, 12.0), confirm=False)
        order.order_line.sudo().purchase_request_lines = request.line_ids
        self.assertStopped(order.button_confirm)

    def test_before_the_day_nothing_is_stopped(self):
        self.company.formulary_date = False
        self.gloves.product_tmpl_id.sudo().item_state = False
        self.assertEqual(self.make_order((self.suture, 5, 12.0)).state, "purchase")
        self.assertEqual(self.make_order((self.gloves, 5, 12.0)).state, "purchase")


@tagged("post_install", "-at_install")
class TestPlaceholder(CatalogPurchaseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.placeholder = cls.make_placeholder(limit=500)

    def make_free_text(self, name="Foam dressing, sacrum, 20 cm", cost=120.0, **values):
        return self.make_request(self.placeholder, name=name, estimated_cost=cost, **values)

    def approved(self, **values):
        request = self.make_free_text(**values)
        request.with_user(self.users["approver"]).button_approved()
        return request

    def test_free_text_is_governed_before_and_after_the_day(self):
        for day in ("2026-01-01", False):
            self.company.formulary_date = day
            with self.assertRefused("write what is needed"):
                self.make_free_text(name=self.placeholder.name)
            with self.assertRefused("estimate what it costs"):
                self.make_free_text(cost=0)
            with self.assertRefused("above the limit"):
                self.make_free_text(cost=500.01)
            self.assertEqual(self.make_free_text(cost=500).state, "to_approve")

    def test_the_owner_is_told_of_what_was_approved(self):
        request = self.approved()
        activity = request.sudo().activity_ids
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn("Foam dressing", activity.note)

    def test_a_placeholder_is_never_ordered(self):
        request = self.approved()
        with self.assertRefused("choose the item of Foam dressing"):
            self.wizard(request).make_purchase_order()
        for day in ("2026-01-01", False):
            self.company.formulary_date = day
            order = self.make_order((self.placeholder, 1, 100.0), confirm=False)
            with self.assertRefused("cannot be ordered"):
                order.button_confirm()

    def test_the_item_that_it_became_is_ordered(self):
        request = self.approved()
        line = request.line_ids.with_user(self.clerk)
        line.item_id = self.gloves
        order = self.order_of(self.wizard(request))
        self.assertEqual(order.order_line.product_id, self.gloves)
        self.assertEqual(
            (order.order_line.product_qty, order.order_line.product_uom_id), (10, self.gloves.uom_id)
        )
        self.assertEqual(line.product_id, self.placeholder)
        self.assertIn("Foam dressing", line.name)
        order.button_confirm()
        with self.assertRefused("ordered already"):
            line.item_id = self.suture

    def test_a_pack_is_counted_in_the_items_unit(self):
        request = self.approved()
        request.line_ids.with_user(self.clerk).item_id = self.gloves
        wizard = self.wizard(request)
        wizard.item_ids.write({"product_qty": 3, "product_uom_id": self.gloves_box.uom_id.id})
        self.assertEqual(
            wizard._prepare_purchase_order_line(
                self.env["purchase.order"].new({"partner_id": self.supplier.id}), wizard.item_ids
            )["product_qty"],
            30,
        )

    def test_who_may_choose_the_item_and_which(self):
        request = self.approved()
        line = request.line_ids
        with self.assertRefused("", AccessError):
            line.with_user(self.requester).item_id = self.gloves
        with self.assertRefused("clerks choose", AccessError):
            self.make_free_text(submit=False, item_id=self.gloves.id)
        self.suture.product_tmpl_id.sudo().item_state = "proposed"
        for product in (self.suture, self.placeholder):
            with self.assertRefused("no approved item"):
                line.with_user(self.clerk).item_id = product
        other = self.make_request(self.gloves)
        with self.assertRefused("is an item already"):
            other.line_ids.with_user(self.clerk).item_id = self.gloves

    def test_who_asked_for_free_text_must_be_allowed_the_item(self):
        request = self.approved()
        request.line_ids.with_user(self.clerk).item_id = self.suture
        order = self.order_of(self.wizard(request))
        with self.assertRefused("is restricted by"):
            order.button_confirm()
