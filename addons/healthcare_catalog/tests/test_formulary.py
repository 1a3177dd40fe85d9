from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from psycopg2 import IntegrityError

from .common import CatalogCommon


@tagged("post_install", "-at_install")
class TestFormulary(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approve_items(cls.gloves, cls.suture)
        cls.requester = cls.users["requester"]
        cls.surgical = cls.env["product.category"].create({"name": "Surgical"})
        cls.sutures = cls.env["product.category"].create({"name": "Sutures", "parent_id": cls.surgical.id})
        cls.suture.categ_id = cls.sutures

    def problems(self, product=None, facility=None, user=None, **values):
        request = {
            "key": 1,
            "product_id": (product or self.suture).id,
            "facility_id": (facility or self.facility).id,
            "user_id": (user or self.requester).id,
            "company_id": self.company.id,
            **values,
        }
        return self.env["product.product"]._formulary_problems([request])[1]

    def test_an_approved_item_is_allowed_without_a_rule(self):
        self.assertEqual(self.problems(), [])

    def test_the_state_of_the_item_comes_first(self):
        template = self.suture.product_tmpl_id.sudo()
        for state, text in (
            ("proposed", "waits for approval"),
            ("retired", "retired"),
            (False, "not in the catalog"),
        ):
            template.item_state = state
            self.assertIn(text, self.problems()[0])
        template.item_state = "placeholder"
        self.assertEqual(self.problems(), [])
        self.assertIn("cannot be ordered", self.problems(purpose="order")[0])

    def test_not_allowed_says_why(self):
        self.make_formulary(
            {"product_id": self.suture.id, "policy": "not_allowed", "reason": "Use the clip."}
        )
        self.assertRegex(self.problems()[0], "not allowed by the group policy.*Use the clip")
        self.assertEqual(self.problems(self.gloves), [])

    def test_restricted_to_roles_people_and_departments(self):
        storeroom = self.env.ref("healthcare_base.group_storeroom")
        formulary = self.make_formulary(
            {"product_id": self.suture.id, "policy": "restricted", "group_ids": storeroom.ids}
        )
        self.assertRegex(self.problems()[0], "restricted.*Storeroom")
        self.assertEqual(self.problems(user=self.users["storeroom"]), [])
        # a role that implies the role has it too
        self.assertEqual(self.problems(user=self.users["administrator"]), [])
        formulary.line_ids.user_ids = self.requester
        self.assertEqual(self.problems(), [])
        formulary.line_ids.write({"user_ids": False, "department_ids": self.clinic.ids})
        self.assertTrue(self.problems())
        self.assertEqual(self.problems(facility=self.clinic), [])

    def test_the_system_keeps_departments(self):
        formulary = self.make_formulary(
            {"product_id": self.suture.id, "policy": "restricted", "user_ids": self.requester.ids}
        )
        self.assertEqual(self.problems(user_id=False), [])
        formulary.line_ids.department_ids = self.clinic
        self.assertTrue(self.problems(user_id=False))
        self.assertEqual(self.problems(user_id=False, facility=self.clinic), [])

    def test_the_more_specific_rule_wins(self):
        self.make_formulary(
            {"policy": "not_allowed"},
            {"categ_id": self.surgical.id, "policy": "allowed"},
            {"categ_id": self.sutures.id, "policy": "not_allowed"},
        )
        self.assertTrue(self.problems(self.gloves))
        self.assertTrue(self.problems())
        self.suture.categ_id = self.surgical
        self.assertEqual(self.problems(), [])

    def test_a_rule_holds_in_its_time(self):
        today = fields.Date.today()
        self.make_formulary(
            {"product_id": self.suture.id, "policy": "not_allowed", "date_from": today, "date_to": today}
        )
        self.assertTrue(self.problems())
        self.assertEqual(self.problems(date=today + timedelta(days=1)), [])
        self.assertEqual(self.problems(date=today - timedelta(days=1)), [])

    def test_a_facility_overrides_the_group_policy_for_itself_and_its_parts(self):
        self.make_formulary({"product_id": self.suture.id, "policy": "not_allowed"})
        self.make_formulary({"product_id": self.suture.id, "policy": "allowed"}, facility=self.facility)
        other = self.make_facility("OTH")
        self.assertEqual(self.problems(), [])
        self.assertEqual(self.problems(facility=self.clinic), [])
        self.assertTrue(self.problems(facility=other))

    def test_the_part_comes_before_the_whole(self):
        self.make_formulary({"product_id": self.suture.id, "policy": "allowed"}, facility=self.facility)
        self.make_formulary({"product_id": self.suture.id, "policy": "not_allowed"}, facility=self.clinic)
        self.assertEqual(self.problems(), [])
        self.assertTrue(self.problems(facility=self.clinic))

    def test_a_group_rule_leaves_as_much_room_as_it_says(self):
        group = self.make_formulary(
            {"product_id": self.suture.id, "policy": "not_allowed", "local_override": "tighten"}
        )
        with self.assertRefused("leaves no room", ValidationError):
            self.make_formulary({"product_id": self.suture.id, "policy": "allowed"}, facility=self.facility)
        group.line_ids.policy = "allowed"
        local = self.make_formulary(
            {"product_id": self.suture.id, "policy": "not_allowed"}, facility=self.facility
        )
        self.assertTrue(self.problems())
        group.line_ids.local_override = "none"
        self.assertEqual(self.problems(), [])  # the group policy alone counts
        with self.assertRefused("leaves no room", ValidationError):
            local.line_ids.reason = "x"
            local.line_ids.policy = "restricted"

    def test_a_narrowed_restriction_keeps_both_rules(self):
        self.make_formulary(
            {
                "product_id": self.suture.id,
                "policy": "restricted",
                "user_ids": self.users["storeroom"].ids,
                "local_override": "tighten",
            }
        )
        self.make_formulary(
            {"product_id": self.suture.id, "policy": "restricted", "user_ids": self.requester.ids},
            facility=self.facility,
        )
        self.assertTrue(self.problems())
        self.assertTrue(self.problems(user=self.users["storeroom"]))

    def test_a_wide_local_rule_does_not_lift_a_group_rule_for_the_item(self):
        self.make_formulary({"product_id": self.suture.id, "policy": "not_allowed"})
        self.make_formulary({"categ_id": self.surgical.id, "policy": "allowed"}, facility=self.facility)
        self.assertTrue(self.problems())

    def test_archived_formularies_count_no_more(self):
        formulary = self.make_formulary({"policy": "not_allowed"})
        self.assertTrue(self.problems())
        formulary.active = False
        self.assertEqual(self.problems(), [])

    def test_other_companies_have_their_own(self):
        other = self.make_company("Elsewhere")
        self.make_formulary({"policy": "not_allowed"}, company_id=other.id)
        self.assertEqual(self.problems(), [])
        self.assertTrue(self.problems(company_id=other.id, facility_id=False))

    def test_bad_rules_are_refused(self):
        with self.assertRefused("needs roles, people or departments", ValidationError):
            self.make_formulary({"policy": "restricted"})
        with self.assertRefused("has a rule for", ValidationError):
            self.make_formulary(
                {"product_id": self.suture.id, "date_to": "2026-06-30"},
                {"product_id": self.suture.id, "date_from": "2026-06-01"},
            )
        with self.assertRefused("one_scope", IntegrityError):
            self.make_formulary({"product_id": self.suture.id, "categ_id": self.sutures.id})
        with self.assertRefused("date_order", IntegrityError):
            self.make_formulary({"date_from": "2026-06-30", "date_to": "2026-06-01"})
        self.make_formulary()
        with self.assertRefused("one_per_place", IntegrityError):
            self.make_formulary()

    def test_many_requests_cost_a_fixed_number_of_queries(self):
        self.make_formulary({"product_id": self.suture.id, "policy": "not_allowed"})
        base = {"facility_id": self.facility.id, "user_id": self.requester.id, "company_id": self.company.id}
        few = [{"key": 1, "product_id": self.suture.id, **base}]
        many = [
            {"key": key, "product_id": (self.suture if key % 2 else self.gloves).id, **base}
            for key in range(50)
        ]
        products = self.env["product.product"]
        counts = []
        for requests in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answers = products._formulary_problems(requests)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual([bool(answers[key]) for key in (0, 1)], [False, True])
        self.assertLessEqual(counts[1], counts[0] + 3)

    def test_formularies_are_kept_by_reviewers_and_audited(self):
        formulary = self.make_formulary({"product_id": self.suture.id})
        line = formulary.line_ids
        with self.assertRefused("", AccessError):
            line.with_user(self.users["clerk"]).policy = "not_allowed"
        line.with_user(self.clinical).write({"policy": "not_allowed"})
        self.assertIn("policy", self.audit_entries(line, "write").changes)

    def test_the_date_is_an_administrators(self):
        with self.assertRefused("administrator", AccessError):
            self.company.with_user(self.users["clerk"]).formulary_date = "2026-01-01"
        for role in ("clerk", "requester"):
            with self.assertRefused("", AccessError):
                self.env["res.company"].with_user(self.users[role]).create(
                    {"name": "X", "formulary_date": "2026-01-01"}
                )
        start = self.env["healthcare.control.start"].with_user(self.users["administrator"])
        dialog = start.create(
            {"control": "formulary_date", "company_id": self.company.id, "date": "2026-01-01"}
        )
        self.suture.product_tmpl_id.sudo().item_state = "proposed"
        dialog.invalidate_recordset()
        self.assertIn("not approved items", dialog.effect_text)
        dialog.action_start()
        self.assertEqual(str(self.company.formulary_date), "2026-01-01")

    def test_a_draft_order_is_among_the_effects(self):
        self.make_formulary({"product_id": self.gloves.id, "policy": "not_allowed"})
        order = self.env["purchase.order"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": self.gloves.id, "product_qty": 1})],
            }
        )
        self.assertTrue(any(order.name in line for line in self.company._formulary_effects()))
