from odoo import Command
from odoo.addons.healthcare_base.tests.common import with_gs1_check_digit
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CatalogCommon


@tagged("post_install", "-at_install")
class TestItem(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.item = cls.gloves.product_tmpl_id
        cls.item.item_type = "supply"

    def propose(self):
        self.item.with_user(self.users["clerk"]).action_propose_item("Needed on ward 3")
        return self.item.approval_request_ids.filtered(lambda request: request.state == "pending")

    def test_an_item_is_proposed_by_a_clerk_and_approved_by_another_person(self):
        request = self.propose()
        self.assertEqual(self.item.item_state, "proposed")
        with self.assertRefused("", AccessError):
            request.with_user(self.users["clerk"]).action_approve()
        self.approve(request, self.users["approver"])
        self.assertEqual(self.item.item_state, "approved")
        self.assertTrue(self.audit_entries(self.item))

    def test_nobody_sets_the_state_by_hand(self):
        administrator = self.item.with_user(self.users["administrator"])
        with self.assertRefused("by approval", AccessError):
            administrator.item_state = "approved"
        with self.assertRefused("by approval", AccessError):
            self.gloves.with_user(self.users["administrator"]).write({"item_state": "approved"})
        products = administrator.browse()
        for state in ("approved", "placeholder", "retired"):
            with self.assertRefused("by approval", AccessError):
                products.create({"name": "X", "item_state": state})
            made = products.with_context(default_item_state=state).create({"name": "X"})
            self.assertFalse(made.item_state)
        self.assertEqual(products.create({"name": "X", "item_state": "proposed"}).item_state, "proposed")

    def test_what_is_missing_is_named_before_it_is_proposed(self):
        self.item.write({"is_implant": True, "item_type": False})
        with self.assertRefused("item type(.|\n)*implant is tracked"):
            self.propose()
        self.assertIn("implant", self.item.item_problems)

    def test_a_change_after_the_proposal_is_not_approved(self):
        request = self.propose()
        self.item.manufacturer_code = "OTHER"
        with self.assertRefused("has changed since"):
            self.approve(request, self.users["approver"])

    def test_a_change_of_an_approved_item_puts_it_back(self):
        self.approve(self.propose(), self.users["approver"])
        administrator = self.item.with_user(self.users["administrator"])
        administrator.write({"list_price": 3, "manufacturer_code": self.item.manufacturer_code})
        self.assertEqual(self.item.item_state, "approved")
        administrator.is_implant = True
        self.assertEqual(self.item.item_state, "proposed")

    def test_who_changed_the_item_does_not_approve_it(self):
        both = self.make_user(
            "test_both", "healthcare_base.group_administrator,healthcare_base.group_approver"
        )
        self.item.item_state = "proposed"
        self.item.with_user(both).manufacturer_code = "NEW-1"
        request = self.propose()
        with self.assertRefused("", AccessError):
            request.with_user(both).action_approve()
        self.approve(request, self.users["approver"])
        self.assertEqual(self.item.item_state, "approved")

    def test_retiring_takes_effect_at_once_and_needs_a_reason(self):
        self.approve(self.propose(), self.users["approver"])
        with self.assertRefused("approvers and administrators", AccessError):
            self.item.with_user(self.users["clerk"]).action_retire_item("Old")
        with self.assertRefused("why"):
            self.item.with_user(self.users["approver"]).action_retire_item(" ")
        self.item.with_user(self.users["approver"]).action_retire_item("Discontinued")
        self.assertEqual(self.item.item_state, "retired")

    def test_retiring_withdraws_a_proposal(self):
        request = self.propose()
        self.item.with_user(self.users["approver"]).action_retire_item("Discontinued")
        self.assertEqual((self.item.item_state, request.state), ("retired", "cancelled"))

    def test_placeholders_are_made_by_administrators_for_what_is_not_counted(self):
        product = self.env["product.product"].create({"name": "Free text", "type": "consu"})
        owner = self.users["clerk"]
        template = product.product_tmpl_id
        with self.assertRefused("administrators", AccessError):
            template.with_user(owner).action_make_placeholder(owner.id, 100)
        administrator = template.with_user(self.users["administrator"])
        with self.assertRefused("owner"):
            administrator.action_make_placeholder(False, 100)
        with self.assertRefused("limit"):
            administrator.action_make_placeholder(owner.id, 0)
        with self.assertRefused("counted in stock"):
            self.item.with_user(self.users["administrator"]).action_make_placeholder(owner.id, 100)
        administrator.action_make_placeholder(owner.id, 100)
        self.assertTrue(template.is_placeholder)
        with self.assertRefused("is a placeholder"):
            template.with_user(owner).action_propose_item()

    def test_the_terms_of_a_placeholder_are_an_administrators(self):
        manager = self.make_user("test_catalog_manager", "healthcare_catalog.group_catalog_manager")
        placeholder = self.make_placeholder().product_tmpl_id.with_user(manager)
        for values in ({"placeholder_limit": 1000000}, {"placeholder_user_id": manager.id}):
            with self.assertRefused("set by procurement administrators", AccessError):
                placeholder.write(values)
            with self.assertRefused("set by procurement administrators", AccessError):
                placeholder.create({"name": "X", **values})
        made = placeholder.with_context(default_placeholder_limit=5).create({"name": "X"})
        self.assertFalse(made.placeholder_limit)

    def test_a_catalog_manager_makes_items_and_proposes_them(self):
        manager = self.make_user("test_catalog_manager", "healthcare_catalog.group_catalog_manager")
        with Form(
            self.env["product.template"].with_user(manager).with_context(default_is_storable=True),
            view="product.product_template_only_form_view",
        ) as form:
            form.name = "Suture 4-0"
            form.item_type = "supply"
            form.manufacturer_code = "S40"
        form.record.action_propose_item()
        self.assertEqual(form.record.item_state, "proposed")

    def test_products_are_taken_over_before_the_formularies_start_only(self):
        with self.assertRefused("administrators", AccessError):
            self.item.with_user(self.users["clerk"]).action_adopt_items("Start")
        administrator = self.item.with_user(self.users["administrator"])
        administrator.action_adopt_items("Bought for years")
        self.assertEqual(self.item.item_state, "approved")
        self.assertTrue(self.audit_entries(self.item, "adopt_item"))
        self.company.formulary_date = "2026-01-01"
        other = self.suture.product_tmpl_id
        with self.assertRefused("in force"):
            other.with_user(self.users["administrator"]).action_adopt_items("Late")

    def test_codes_are_checked(self):
        with self.assertRefused("UNSPSC", ValidationError):
            self.item.unspsc_code = "123"
        with self.assertRefused("GMDN", ValidationError):
            self.item.gmdn_code = "123"
        self.item.write({"unspsc_code": "42-13-22-03", "gmdn_code": " 35177"})
        self.assertEqual((self.item.unspsc_code, self.item.gmdn_code), ("42132203", "35177"))

    def test_services_are_services_in_both(self):
        with self.assertRefused("contradict", ValidationError):
            self.item.item_type = "service"
        service = self.env["product.template"].create(
            {"name": "Calibration", "type": "service", "item_type": "service"}
        )
        service.with_user(self.users["clerk"]).action_propose_item()
        self.assertEqual(service.item_state, "proposed")

    def test_the_dialog_asks_for_the_reason(self):
        self.item.item_state = "approved"
        dialog = (
            self.env["healthcare.catalog.decide"]
            .with_user(self.users["approver"])
            .with_context(default_action="retire", active_model="product.template", active_ids=self.item.ids)
        )
        form = Form(dialog)
        with self.assertRaises(AssertionError):
            form.save()
        form.reason = "Discontinued"
        form.save().action_confirm()
        self.assertEqual(self.item.item_state, "retired")

    def test_the_dialog_gives_no_rights(self):
        dialog = (
            self.env["healthcare.catalog.decide"]
            .with_user(self.users["clerk"])
            .create({"action": "adopt", "record_ids": self.item.ids, "reason": "x"})
        )
        with self.assertRefused("administrators", AccessError):
            dialog.action_confirm()


@tagged("post_install", "-at_install")
class TestItemPackaging(CatalogCommon):
    def test_the_string_of_an_item(self):
        self.assertEqual(self.gloves.product_tmpl_id.packaging_string, "EA 10/BX 10/CS")
        self.make_packaging(self.gloves, "XPK", 12)
        self.assertEqual(self.gloves.product_tmpl_id.packaging_string, "EA 10/BX 10/CS; EA 12/PK")

    def test_other_suppliers_and_ended_packagings_do_not_count(self):
        self.gloves_case.date_to = "2020-01-01"
        self.gloves_box.partner_id = self.supplier
        self.assertFalse(self.gloves.product_tmpl_id.packaging_string)

    def test_typing_a_string_makes_the_levels(self):
        item = self.suture.product_tmpl_id
        item.packaging_string = "EA 12/BX 4/CS"
        self.assertEqual(
            {(each.unit_code, each.factor) for each in item.item_packaging_ids}, {("XBX", 12), ("XCS", 48)}
        )
        item.packaging_string = "EA 12/BX 4/CS"
        self.assertEqual(len(item.item_packaging_ids), 2)

    def test_typing_another_factor_is_refused(self):
        item = self.gloves.product_tmpl_id
        with self.assertRefused("End that packaging"):
            item.packaging_string = "EA 12/BX 10/CS"
        with self.assertRefused("does not say how many", ValidationError):
            item.packaging_string = "EA/BX"
        with self.assertRefused("begins with XBX", ValidationError):
            item.packaging_string = "BX 10/CS"

    def test_a_level_is_added_on_the_item(self):
        item = self.suture.product_tmpl_id
        item.write({"item_packaging_ids": [Command.create({"unit_code": "BX", "factor": 36})]})
        self.assertEqual(self.suture.packaging_ids.factor, 36)

    def test_what_is_missing_is_found(self):
        templates = self.env["product.template"]
        gloves, suture = self.gloves.product_tmpl_id, self.suture.product_tmpl_id
        both = [("id", "in", (gloves | suture).ids)]
        self.assertEqual(templates.search([*both, ("missing_packaging", "=", True)]), suture)
        self.assertEqual(templates.search([*both, ("missing_packaging", "=", False)]), gloves)
        self.assertEqual(templates.search([*both, ("missing_gtin", "=", True)]), gloves | suture)
        self.gloves_box.gtins = with_gs1_check_digit("1061414100099")
        self.gloves_case.gtins = with_gs1_check_digit("2061414100096")
        self.assertFalse(gloves.missing_gtin)
        self.assertEqual(templates.search([*both, ("missing_gtin", "=", False)]), gloves)
        self.assertFalse(gloves.missing_packaging)

    def test_the_form_opens_for_who_keeps_items(self):
        with Form(self.gloves.product_tmpl_id.with_user(self.users["administrator"])) as form:
            form.item_type = "supply"
        self.assertEqual(self.gloves.item_type, "supply")
        Form(self.gloves.with_user(self.users["administrator"]))
        form = Form(self.gloves.product_tmpl_id.with_user(self.users["administrator"]))
        form.packaging_string = "EA 7/BX"
        with self.assertRaises(UserError):
            form.save()
