from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from psycopg2 import IntegrityError

from .common import CatalogCommon


@tagged("post_install", "-at_install")
class TestSubstitute(CatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approve_items(cls.gloves, cls.suture)
        cls.other = cls.make_product("Latex gloves", "GLV-2")
        cls.approve_items(cls.other)

    def make_substitute(self, user="clerk", **values):
        return (
            self.env["healthcare.substitute"]
            .with_user(self.users[user])
            .create(
                {
                    "product_id": self.gloves.id,
                    "substitute_id": self.other.id,
                    "reason": "Same protection; ask for latex allergy.",
                    **values,
                }
            )
        )

    def approved(self, **values):
        substitute = self.make_substitute(**values)
        substitute.action_request_approval()
        self.approve(substitute.approval_request_ids, self.clinical)
        return substitute

    def find(self, facility=None, **values):
        request = {
            "key": 1,
            "product_id": self.gloves.id,
            "facility_id": (facility or self.facility).id,
            **values,
        }
        return [
            found["product_id"] for found in self.env["healthcare.substitute"]._find_substitutes([request])[1]
        ]

    def test_a_clinical_reviewer_decides(self):
        substitute = self.make_substitute()
        substitute.action_request_approval()
        self.assertEqual(substitute.state, "in_review")
        self.assertFalse(self.find())
        request = substitute.approval_request_ids
        for role in ("clerk", "approver", "administrator"):
            with self.assertRefused("", (AccessError, UserError)):
                request.with_user(self.users[role]).action_approve()
        self.approve(request, self.clinical)
        self.assertEqual((substitute.state, self.find()), ("approved", self.other.ids))

    def test_a_reviewer_who_asked_does_not_decide(self):
        substitute = self.make_substitute()
        substitute.with_user(self.clinical).action_request_approval()
        with self.assertRefused("", (AccessError, UserError)):
            substitute.approval_request_ids.with_user(self.clinical).action_approve()
        substitute = self.make_substitute(product_id=self.other.id, substitute_id=self.gloves.id)
        substitute.with_user(self.clinical).reason = "Mine"
        substitute.action_request_approval()
        with self.assertRefused("", (AccessError, UserError)):
            substitute.approval_request_ids.with_user(self.clinical).action_approve()

    def test_a_refusal_can_be_asked_again(self):
        substitute = self.make_substitute()
        substitute.action_request_approval()
        substitute.approval_request_ids.with_user(self.clinical).action_refuse("Allergies")
        self.assertEqual(substitute.state, "refused")
        substitute.action_draft()
        substitute.reason = "With a screening question."
        substitute.action_request_approval()
        self.assertEqual(substitute.state, "in_review")

    def test_nobody_sets_the_state_by_hand(self):
        substitute = self.make_substitute()
        with self.assertRefused("by clinical reviewers", AccessError):
            substitute.state = "approved"
        with self.assertRefused("by clinical reviewers", AccessError):
            self.make_substitute(product_id=self.other.id, substitute_id=self.gloves.id, state="approved")
        sneaky = self.env["healthcare.substitute"].with_user(self.users["clerk"])
        made = sneaky.with_context(default_state="approved").create(
            {"product_id": self.other.id, "substitute_id": self.gloves.id}
        )
        self.assertEqual(made.state, "draft")

    def test_what_was_approved_does_not_change(self):
        substitute = self.approved()
        for values in ({"factor": "2"}, {"substitute_id": self.suture.id}, {"date_to": "2030-01-01"}):
            with self.assertRefused("does not change"):
                substitute.write(values)
        substitute.priority = 1
        with self.assertRefused("evidence"):
            substitute.unlink()

    def test_ending_needs_a_reason_and_takes_effect_at_once(self):
        substitute = self.approved()
        with self.assertRefused("why"):
            substitute.action_end("")
        with self.assertRefused("", AccessError):
            substitute.with_user(self.users["requester"]).action_end("x")
        substitute.with_user(self.clinical).action_end("Allergies")
        self.assertEqual((substitute.state, self.find()), ("ended", []))

    def test_both_items_are_approved_at_both_times(self):
        self.other.product_tmpl_id.sudo().item_state = "proposed"
        substitute = self.make_substitute()
        with self.assertRefused("no approved item"):
            substitute.action_request_approval()
        self.other.product_tmpl_id.sudo().item_state = "approved"
        substitute.action_request_approval()
        self.other.product_tmpl_id.sudo().item_state = "retired"
        with self.assertRefused("no approved item"):
            self.approve(substitute.approval_request_ids, self.clinical)

    def test_the_note_is_required(self):
        with self.assertRefused("note is missing"):
            self.make_substitute(reason=False).action_request_approval()

    def test_it_holds_where_and_when_it_says(self):
        self.approved(facility_ids=self.clinic.ids, date_from="2026-06-01", date_to="2026-06-30")
        day = fields.Date.to_date("2026-06-15")
        self.assertEqual(self.find(self.clinic, date=day), self.other.ids)
        self.assertFalse(self.find(self.facility, date=day))
        self.assertFalse(self.find(self.clinic, date="2026-07-01"))

    def test_it_is_one_way_and_leaves_out_retired_items(self):
        self.approved(factor="0.5")
        found = self.env["healthcare.substitute"]._find_substitutes(
            [{"key": 1, "product_id": self.gloves.id, "facility_id": False}]
        )[1]
        self.assertEqual(found[0]["factor"], "0.5")
        self.assertFalse(self.find(product_id=self.other.id))
        self.other.product_tmpl_id.sudo().item_state = "retired"
        self.assertFalse(self.find())

    def test_bad_substitutes_are_refused(self):
        with self.assertRefused("substitute_another", IntegrityError):
            self.make_substitute(substitute_id=self.gloves.id)
        with self.assertRefused("factor_positive", IntegrityError):
            self.make_substitute(factor="0")
        self.make_substitute()
        with self.assertRefused("one_in_force", IntegrityError):
            self.make_substitute()
        service = self.env["product.product"].create({"name": "Calibration", "type": "service"})
        with self.assertRefused("service cannot replace", ValidationError):
            self.make_substitute(substitute_id=service.id)
