from datetime import timedelta

from freezegun import freeze_time
from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .contract_common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractLife(ContractCommon):
    """Drafts come into force by a second person, versions follow each other without a gap."""

    def test_a_person_enters_submits_and_another_approves(self):
        form = Form(self.env["healthcare.contract"].with_user(self.clerk))
        form.number = "C-FORM"
        form.partner_id = self.supplier
        form.valid_from = self.begin
        form.valid_to = self.end
        form.all_facilities = True
        with form.line_ids.new() as line:
            line.product_id = self.gloves
            with line.price_ids.new() as price:
                price.amount = "4.2"
                price.unit_code = "BX"
        contract = form.save()
        self.assertEqual(contract.line_ids.price_ids.unit_code, "XBX")
        contract.action_submit("new year")
        self.assertEqual(contract.state, "in_approval")
        request = self.request_of(contract)
        self.assertIn("1 lines, 1 prices, all facilities", request.proposal_text)
        self.approve(request, self.manager)
        self.assertEqual(contract.state, "active")
        self.assertEqual((contract.effective_from, contract.effective_to), (self.begin, self.end))
        self.assertEqual(contract.approved_by_id, self.manager)
        self.assertEqual(len(contract.content_digest), 64)
        self.assertTrue(self.audit_entries(contract, "write"))

    def test_who_prepared_it_does_not_approve(self):
        both = self.make_user("test_both", "healthcare_base.group_clerk,healthcare_base.group_approver")
        contract = self.make_contract()
        contract.line_ids.price_ids.with_user(both).amount = "4.40"
        contract.action_submit()
        request = self.request_of(contract)
        with self.assertRefused("", (AccessError, UserError)):
            request.with_user(both).action_approve("")
        with self.assertRefused("", (AccessError, UserError)):
            request.with_user(self.clerk).action_approve("")
        self.approve(request, self.manager)
        self.assertEqual(contract.state, "active")

    def test_refused_and_withdrawn_are_drafts_again(self):
        contract = self.make_contract()
        contract.action_submit()
        self.request_of(contract).with_user(self.manager).action_refuse("too dear")
        self.assertEqual(contract.state, "draft")
        contract.line_ids.price_ids.amount = "4.40"
        contract.action_submit()
        with self.assertRefused("waits for approval as it is"):
            contract.line_ids.price_ids.amount = "4.30"
        self.request_of(contract).with_user(self.clerk).action_cancel()
        self.assertEqual(contract.state, "draft")

    def test_what_changes_while_it_waits_cannot_be_approved(self):
        contract = self.make_contract()
        contract.action_submit()
        # as no person can: behind the guards
        contract.sudo().line_ids.price_ids.amount = "0.01"
        with self.assertRefused("has changed since this was asked for"):
            self.approve(self.request_of(contract), self.manager)

    def test_amendment_follows_without_gap_or_overlap(self):
        first = self.make_active()
        second = self.amend(first)
        self.assertEqual((second.version, second.amends_id, second.state), (2, first, "draft"))
        self.assertEqual(second.line_ids.price_ids.amount, "4.5")
        second.effective_from = self.day(20)
        second.line_ids.price_ids.amount = "4.70"
        self.activate(second)
        self.assertEqual(second.state, "active")
        self.assertEqual(first.effective_to, self.day(19))
        self.assertEqual((first.state, first.superseded_by_id), ("active", second))
        self.assertEqual(first._in_force(self.day(19))[first], first)
        self.assertEqual(first._in_force(self.day(20))[first], second)
        with freeze_time(fields.Datetime.to_datetime(self.day(20))):
            self.env["healthcare.contract"]._cron_daily()
        self.assertEqual(first.state, "superseded")
        self.assertEqual(first.line_ids.price_ids.amount, "4.5")

    def test_the_approver_sees_what_changes_and_possible_slips(self):
        first = self.make_active()
        second = self.amend(first)
        second.line_ids.price_ids.amount = "45"
        second.action_submit()
        text = self.request_of(second).proposal_text
        self.assertIn("0 new, 1 changed, 0 ended", text)
        self.assertIn("PERHAPS A SLIP: 1: [GLV-1] Nitrile gloves: 4.5 → 45 (+900 %)", text)

    def test_backdated_prices_are_kept_as_such(self):
        first = self.make_active(
            lines=[
                {
                    "product_id": self.gloves.id,
                    "price_ids": [Command.create({"amount": "4.50", "unit_code": "EA"})],
                },
                {
                    "product_id": self.suture.id,
                    "price_ids": [Command.create({"amount": "11", "unit_code": "EA"})],
                },
            ]
        )
        second = self.amend(first)
        second.effective_from = self.day(-30)
        gloves = second.line_ids.filtered(lambda line: line.product_id == self.gloves)
        suture = second.line_ids - gloves
        gloves.price_ids.amount = "4.20"
        self.activate(second)
        self.assertEqual(first.effective_to, self.day(-31))
        self.assertEqual(first.state, "superseded")
        self.assertTrue(gloves.price_ids.is_backdated)
        self.assertFalse(suture.price_ids.is_backdated)

    def test_backdated_before_two_versions(self):
        first = self.make_active()
        second = self.amend(first)
        second.effective_from = self.day(-20)
        self.activate(second)
        third = self.amend(first)
        self.assertEqual((third.version, third.amends_id), (3, second))
        third.effective_from = self.day(-50)
        self.activate(third)
        days = [self.day(offset) for offset in (-51, -50, -20, 0)]
        versions = [first._in_force(day)[first] for day in days]
        self.assertEqual(versions, [first, third, third, third])
        self.assertFalse(second._in_force(self.day(-20))[second] == second)

    def test_one_amendment_at_a_time(self):
        first = self.make_active()
        self.amend(first)
        with self.assertRefused("is amended already"):
            first.with_user(self.second_clerk).action_amend()

    def test_an_amendment_copies_every_part(self):
        contract = self.make_contract()
        tier = self.env["healthcare.contract.tier"].create({"contract_id": contract.id, "code": "T1"})
        contract.default_tier_id = tier
        contract.line_ids.price_ids.tier_id = tier
        contract.eligibility_ids = [Command.create({"facility_id": self.facility.id, "tier_id": tier.id})]
        contract.commitment_ids = [
            Command.create({"target": "1000", "line_id": contract.line_ids.id, "tier_id": tier.id})
        ]
        contract.cap_ids = [
            Command.create({"code": "HIP", "amount": "10", "line_ids": [Command.link(contract.line_ids.id)]})
        ]
        self.activate(contract)
        second = self.amend(contract)
        self.assertEqual(second.default_tier_id, second.tier_ids)
        for part in (
            second.line_ids.price_ids.tier_id,
            second.eligibility_ids.tier_id,
            second.commitment_ids.tier_id,
        ):
            self.assertEqual(part, second.tier_ids)
        self.assertEqual(second.commitment_ids.line_id, second.line_ids)
        self.assertEqual(second.cap_ids.line_ids, second.line_ids)
        self.assertNotEqual(second.tier_ids, tier)

    def test_an_amendment_stays_the_same_contract(self):
        second = self.amend(self.make_active())
        with self.assertRefused("its Supplier stays"):
            second.partner_id = self.other_supplier
        with self.assertRefused("its Number stays"):
            second.number = "C-999"

    def test_ending_early_needs_a_second_person(self):
        contract = self.make_active()
        with self.assertRefused("day gone by"):
            contract.action_end(self.day(-1), "supplier left")
        with self.assertRefused("Say why"):
            contract.action_end(self.day(5), " ")
        dialog = (
            self.env["healthcare.contract.end"]
            .with_user(self.clerk)
            .create({"contract_id": contract.id, "date": self.day(5), "reason": "supplier left"})
        )
        dialog.action_confirm()
        self.assertEqual(contract.effective_to, self.end)
        self.approve(self.request_of(contract), self.manager)
        self.assertEqual((contract.state, contract.effective_to), ("active", self.day(5)))
        with freeze_time(fields.Datetime.to_datetime(self.day(6))):
            self.env["healthcare.contract"]._cron_daily()
        self.assertEqual(contract.state, "ended")

    def test_expiry_and_renewal_alerts(self):
        contract = self.make_active(renewal_kind="automatic", renewal_months=12, notice_days=30)
        contracts = self.env["healthcare.contract"]
        contracts._cron_daily()
        self.assertFalse(contract.activity_ids)
        with freeze_time(fields.Datetime.to_datetime(self.end - timedelta(days=30))):
            contracts._cron_daily()
            contracts._cron_daily()
            self.assertEqual(contract.activity_ids.user_id, self.clerk)
            self.assertIn("renews by itself for 12 months", contract.activity_ids.summary)
            self.assertTrue(contract.is_expiring)
            self.assertIn(contract, contracts.search([("is_expiring", "=", True)]))
        with freeze_time(fields.Datetime.to_datetime(self.end + timedelta(days=1))):
            contracts._cron_daily()
            contracts._cron_daily()
        self.assertEqual(contract.state, "expired")
        self.assertEqual(len(contract.activity_ids), 2)

    def test_a_renewal_closes_the_alert(self):
        contract = self.make_active(notice_days=400)
        self.env["healthcare.contract"]._cron_daily()
        self.assertTrue(contract.activity_ids)
        second = self.amend(contract)
        second.valid_to = self.day(900)
        self.activate(second)
        self.assertFalse(contract.activity_ids)
        self.assertEqual(second.effective_to, self.day(900))

    def test_unknown_items_are_found_by_their_codes(self):
        contract = self.make_active(
            lines=[
                {"product_id": self.gloves.id, "price_ids": [Command.create({"amount": "4"})]},
                {"supplier_code": "S-NEW", "price_ids": [Command.create({"amount": "9"})]},
            ]
        )
        line = contract.line_ids.filtered("is_unresolved")
        self.assertEqual(contract.unresolved_count, 1)
        line.action_resolve()
        self.assertIn("No item has one of these codes", line.problem)
        with self.assertRefused("is not a draft: amend it"):
            line.with_user(self.clerk).product_id = self.suture
        item = self.make_product("Drape", "DRP-1")
        self.make_supplierinfo(item, self.supplier, "S-NEW", 9.0)
        line.with_user(self.clerk).action_resolve()
        self.assertEqual(line.product_id, item)
        self.assertFalse(line.problem)
        self.assertEqual(line.price_ids.product_id, item)

    def test_an_item_found_twice_or_without_factor_stays_unknown(self):
        contract = self.make_active(
            lines=[
                {"product_id": self.gloves.id, "price_ids": [Command.create({"amount": "4"})]},
                {"supplier_code": "S-GLV", "price_ids": [Command.create({"amount": "9"})]},
                {
                    "supplier_code": "S-SUT",
                    "price_ids": [Command.create({"amount": "9", "unit_code": "XBX"})],
                },
            ]
        )
        self.env["healthcare.contract"]._cron_daily()
        twin, unit = contract.line_ids.filtered("is_unresolved")
        self.assertIn("stands in line", twin.problem)
        self.assertIn("Unit XBX has no factor", unit.problem)

    def test_a_draft_is_deleted_with_its_parts_and_evidence_is_kept(self):
        contract = self.make_contract()
        contract.eligibility_ids = [Command.create({"facility_id": self.facility.id})]
        contract.unlink()
        submitted = self.make_contract()
        submitted.action_submit()
        self.request_of(submitted).with_user(self.clerk).action_cancel()
        with self.assertRefused("it is evidence, and kept"):
            submitted.unlink()
