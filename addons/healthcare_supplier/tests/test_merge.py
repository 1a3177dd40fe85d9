import base64
import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .screening_common import PERSON, QUILLMARK, ScreeningCommon, leie

IBAN = "DE89370400440532013000"
OTHER_IBAN = "FR1420041010050500013M02606"


@tagged("post_install", "-at_install")
class TestMerge(ScreeningCommon):
    """Two records become one: by two people, with nothing lost or hidden, and explained."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Merge = cls.env["healthcare.partner.merge"]
        cls.survivor = cls.make_supplier("Brackwater Surgical Supply Inc", ref="BR-1", email="a@example.com")
        cls.source = cls.make_supplier(
            "Brackwater Surgical Supplies", ref="BR-2", vat="12-3456789", phone="+1 555 0100"
        )

    def propose(self, source=None, survivor=None, user=None, reason="Same tax form"):
        return self.Merge.with_user(user or self.users["clerk"])._propose(
            source or self.source, survivor or self.survivor, reason
        )

    def agree(self, merge, user=None):
        """Approve a proposed merge as ``user``, default the compliance officer."""
        request = merge.sudo().approval_request_ids.filtered(lambda one: one.state == "pending")
        self.approve(request.sudo(False), user or self.officer)
        self.env.invalidate_all()
        return merge.sudo()

    def merged(self, **values):
        return self.agree(self.propose(**values))

    # What is kept

    def test_references(self):
        source, survivor = self.source, self.survivor
        order = self.env["purchase.order"].create(
            {
                "partner_id": source.id,
                "order_line": [Command.create({"product_id": self.gloves.id, "product_qty": 5})],
            }
        )
        price = self.make_supplierinfo(self.suture, source, "B-SUT", 3.0)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": source.id})
        identifier = self.env["healthcare.partner.identifier"].create(
            {"partner_id": source.id, "scheme": "duns", "value": "081466849"}
        )
        account = self.env["res.partner.bank"].create(
            {"partner_id": source.id, "acc_number": IBAN, "allow_out_payment": True}
        )
        kept_account = self.env["res.partner.bank"].create(
            {"partner_id": survivor.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        message = source.message_post(body="An agreement by phone")
        attachment = self.env["ir.attachment"].create(
            {
                "name": "agreement.txt",
                "datas": base64.b64encode(b"x"),
                "res_model": "res.partner",
                "res_id": source.id,
            }
        )
        external = self.env["ir.model.data"].create(
            {"name": "brackwater", "module": "__import__", "model": "res.partner", "res_id": source.id}
        )
        account_row = self.env["healthcare.facility.account"].create(
            {"facility_id": self.facility.id, "partner_id": source.id, "account_number": "77-1"}
        )
        qualification = source.qualification_ids[:1]
        source_id = source.id

        merge = self.merged()

        self.assertEqual(merge.state, "merged")
        self.assertFalse(source.exists())
        for record in (order, price, identifier, account, account_row, *qualification):
            self.assertEqual(record.partner_id, survivor, record._name)
        self.assertEqual(order.partner_id.name, "Brackwater Surgical Supply Inc")
        self.assertEqual(contact.commercial_partner_id, survivor)
        self.assertEqual((message.res_id, attachment.res_id, external.res_id), (survivor.id,) * 3)
        # Trusted again only when somebody releases it.
        self.assertFalse(account.allow_out_payment)
        self.assertTrue(kept_account.allow_out_payment)
        self.assertEqual((survivor.vat, survivor.phone), ("12-3456789", "+1 555 0100"))
        self.assertEqual(survivor.email, "a@example.com")
        # Documents with the old code find who remains.
        found = self.env["res.partner"]._find_by_identifiers(
            [{"key": 1, "identifiers": [{"scheme": "buyer_assigned", "value": "BR-2"}]}]
        )
        self.assertEqual(found, {1: [survivor.id]})

        # And all of it is explained.
        self.assertEqual(merge.before["source"]["name"], "Brackwater Surgical Supplies")
        self.assertEqual(merge.filled, {"vat": "12-3456789", "phone": "+1 555 0100"})
        self.assertEqual(merge.moved["Purchase Order (partner_id)"], 1)
        self.assertEqual(merge.source_res_id, source_id)
        for text in ("becomes part of", "Same tax form", "Taken over", "Purchase Order", "BR-2"):
            self.assertIn(text, merge.explanation)
        entry = self.audit_entries(survivor, "merge")
        self.assertEqual(json.loads(entry.changes)["merged_id"], source_id)
        self.assertEqual(survivor.merge_ids, merge)

    def test_values_per_company(self):
        """Payment terms and such are taken over where the remaining record has none."""
        elsewhere = self.make_company("Elsewhere")
        terms = self.env["account.payment.term"].create([{"name": "Net 11"}, {"name": "Net 12"}])
        here = self.survivor.env.company
        for partner, company, term in (
            (self.source, here, terms[0]),
            (self.source, elsewhere, terms[0]),
            (self.survivor, elsewhere, terms[1]),
        ):
            partner.with_company(company).property_supplier_payment_term_id = term
        row = self.env.ref("healthcare_exchange.owner_supplier_payment_terms").sudo()
        row.date_from = self.today
        merge = self.propose()
        merge = self.agree(merge)
        for company, term in ((here, terms[0]), (elsewhere, terms[1])):
            survivor = self.survivor.with_company(company)
            self.assertEqual(survivor.property_supplier_payment_term_id, term, company.name)
        self.assertIn("Net 11", merge.explanation)
        [entry] = self.audit_entries(self.survivor, "merge")
        taken = json.loads(entry.changes)["filled_per_company"]
        self.assertEqual(list(taken.values()), ["Net 11"])
        self.assertIn(here.name, next(iter(taken)))

    def test_bills_and_journal_entries(self):
        account = self.env["account.account"].create(
            {"name": "Payable", "code": "2100X", "account_type": "liability_payable", "reconcile": True}
        )
        journal = self.env["account.journal"].create({"name": "J", "code": "JMRG", "type": "general"})
        move = self.env["account.move"].create(
            {
                "journal_id": journal.id,
                "line_ids": [
                    Command.create({"account_id": account.id, "partner_id": self.source.id, "debit": 5}),
                    Command.create({"account_id": account.id, "partner_id": self.source.id, "credit": 5}),
                ],
            }
        )
        move.action_post()
        merge = self.merged()
        self.assertEqual(move.line_ids.partner_id, self.survivor)
        self.assertEqual(merge.moved["Journal Item (partner_id)"], 2)

    def test_followers_are_kept_once(self):
        """Odoo's own merge would lose both."""
        order = self.env["purchase.order"].create({"partner_id": self.other_supplier.id})
        only = self.env["purchase.order"].create({"partner_id": self.other_supplier.id})
        order.message_subscribe((self.source | self.survivor).ids)
        only.message_subscribe(self.source.ids)
        self.merged()
        self.assertIn(self.survivor, order.message_partner_ids)
        self.assertIn(self.survivor, only.message_partner_ids)

    def test_references_to_any_record(self):
        request = self.env["healthcare.approval.request"].sudo().create(
            {
                "name": "Old question",
                "model": "res.partner",
                "res_id": self.source.id,
                "kind": "supplier",
                "state": "refused",
                "requester_id": self.users["clerk"].id,
            }
        )  # fmt: skip
        merge = self.merged()
        self.assertEqual(request.res_id, self.survivor.id)
        self.assertEqual(merge.moved["Approval Request (res_id)"], 1)

    def test_same_account_once(self):
        accounts = self.env["res.partner.bank"].create({"partner_id": self.survivor.id, "acc_number": "0017"})
        accounts += accounts.create({"partner_id": self.source.id, "acc_number": "0017"})
        self.merged()
        self.assertEqual(self.survivor.bank_ids.mapped("acc_number"), ["0017"])

    def test_same_identifier_once(self):
        for partner in (self.survivor, self.source):
            self.env["healthcare.partner.identifier"].create(
                {"partner_id": partner.id, "scheme": "licence", "value": "WD-1"}
            )
        merge = self.merged()
        self.assertEqual(
            self.survivor.identifier_ids.filtered(lambda one: one.scheme == "licence").value, "WD-1"
        )
        self.assertEqual(merge.dropped["Partner Identifier"], 1)

    def test_what_there_may_be_once_stops_it(self):
        for partner in (self.survivor, self.source):
            self.env["healthcare.facility.account"].create(
                {"facility_id": self.facility.id, "partner_id": partner.id, "account_number": "77"}
            )
        problems = self.Merge.sudo().new(
            {"source_id": self.source.id, "survivor_id": self.survivor.id}
        )._merge_problems()  # fmt: skip
        unique = self.env.cr.execute(
            "SELECT 1 FROM pg_index WHERE indrelid = 'healthcare_facility_account'::regclass"
            " AND indisunique AND NOT indisprimary"
        ) or self.env.cr.rowcount  # fmt: skip
        self.assertEqual(bool(problems), bool(unique), problems)

    # Who, and what is looked at

    def test_two_people(self):
        merge = self.propose(user=self.officer)
        with self.assertRefused("", UserError):
            self.agree(merge, self.officer)
        self.agree(merge, self.second_officer)
        self.assertEqual((merge.sudo().state, merge.sudo().merged_by_id), ("merged", self.second_officer))

    def test_who_proposes(self):
        for role in ("requester", "accounts_payable", "finance", "auditor"):
            with self.assertRefused("propose merges", AccessError):
                self.propose(user=self.users[role])
        with self.assertRefused("Say why"):
            self.propose(reason=" ")
        with self.assertRefused("Propose a Merge", AccessError):
            self.Merge.with_user(self.officer).create({"survivor_id": self.survivor.id})
        merge = self.propose()
        with self.assertRefused("decided by its approval", AccessError):
            merge.with_user(self.officer).write({"state": "merged"})
        with self.assertRefused("kept"):
            merge.sudo().unlink()

    def test_refused(self):
        merge = self.propose()
        request = merge.sudo().approval_request_ids.sudo(False)
        request.with_user(self.officer).action_refuse("Two owners")
        self.assertEqual(merge.sudo().state, "refused")
        self.assertTrue(self.source.exists())

    def test_changed_since_it_was_asked(self):
        merge = self.propose()
        self.source.street = "1 New Road"
        with self.assertRefused("changed since"):
            self.agree(merge)

    def test_odoos_own_dialog(self):
        dialog = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((self.source | self.survivor).ids)],
                "dst_partner_id": self.survivor.id,
            }
        )
        with self.assertRefused("Propose a Merge"):
            dialog.action_merge()
        customers = self.env["res.partner"].create([{"name": "A"}, {"name": "B"}])
        dialog = dialog.create(
            {"partner_ids": [Command.set(customers.ids)], "dst_partner_id": customers[0].id}
        )
        dialog.action_merge()
        self.assertFalse(customers[1].exists())

    # Nothing is laundered

    def test_states(self):
        for state, survivor_state, allowed in (
            ("blocked", "approved", False),
            ("suspended", "approved", False),
            ("off_boarded", "draft", False),
            ("conditional", "approved", False),
            ("blocked", "blocked", True),
            ("approved", "blocked", True),
            ("approved", "draft", False),
            ("draft", "approved", True),
            ("approved", "approved", True),
        ):
            with self.subTest(state=state, survivor=survivor_state):
                self.source._set_supplier_state(state)
                self.survivor._set_supplier_state(survivor_state)
                merge = self.Merge.sudo().new({"source_id": self.source.id, "survivor_id": self.survivor.id})
                problems = "\n".join(merge._merge_problems())
                self.assertEqual("record that remains" not in problems, allowed, problems)

    def test_reviewed_supplier_goes_into_the_other(self):
        self.source._set_supplier_state("approved")
        self.survivor._set_supplier_state("blocked", "Fraud")
        self.merged()
        self.assertEqual(
            (self.survivor.supplier_state, self.source.exists()), ("blocked", self.source.browse())
        )
        self.assertEqual(self.survivor.supplier_state_reason, "Fraud")

    def test_excluded(self):
        self.load(leie({**QUILLMARK, "BUSNAME": "BRACKWATER SURGICAL SUPPLIES"}))
        with self.assertRefused("decide about that first"):
            self.propose()
        match = self.matches(self.source).with_user(self.officer)
        other = self.matches(self.survivor).with_user(self.officer)
        match.action_confirm("Same tax form")
        other.action_clear("Another one")
        with self.assertRefused("record that remains"):
            self.propose()
        with self.assertRefused("decided about differently"):
            self.propose(self.survivor, self.source)
        other.action_reopen("They are one")
        self.matches(self.survivor).with_user(self.officer).action_confirm("Same tax form")
        merge = self.merged(source=self.survivor, survivor=self.source)
        self.assertEqual(merge.state, "merged")
        self.assertEqual((self.source.screening_state, self.source.supplier_state), ("excluded", "blocked"))
        self.assertEqual(len(self.matches(self.source)), 1)
        self.assertEqual(
            len(self.Match.search([("partner_id", "=", self.source.id), ("is_superseded", "=", True)])), 2
        )

    def test_screening_evidence_moves(self):
        self.load(leie({**PERSON, "BUSNAME": "Brackwater Surgical Supplies"}))
        for match in self.matches(self.source) | self.matches(self.survivor):
            match.with_user(self.officer).action_clear("A person")
        match = self.matches(self.source)
        self.merged()
        self.assertEqual(match.partner_id, self.survivor)
        self.assertTrue(match.snapshot["supplier"]["name"])

    def test_tax_ids_differ(self):
        self.survivor.vat = "98-7654321"
        with self.assertRefused("tax IDs differ.*two parties"):
            self.propose()

    def test_own_company_contacts_and_companies(self):
        with self.assertRefused("company of ours"):
            self.propose(survivor=self.company.partner_id, user=self.officer)
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.survivor.id})
        with self.assertRefused("no contacts"):
            self.propose(source=contact)
        with self.assertRefused("no contacts"):
            self.propose(source=self.survivor)
        self.survivor.company_id = self.env["res.company"].create({"name": "Another Group"})
        with self.assertRefused("different companies"):
            self.propose(user=self.env.user)

    def test_decisions_about_duplicates_are_kept(self):
        candidate = self.env["healthcare.duplicate.candidate"].search(
            [("partner_id", "=", self.survivor.id), ("other_id", "=", self.source.id)]
        )
        self.assertEqual(candidate.state, "open")
        merge = self.merged()
        self.assertFalse(candidate.exists())
        self.assertEqual(merge.before["duplicate_decisions"][0]["state"], "open")

    def test_dialog(self):
        candidate = self.env["healthcare.duplicate.candidate"].search(
            [("partner_id", "=", self.survivor.id), ("other_id", "=", self.source.id)]
        )
        action = candidate.with_user(self.users["clerk"]).action_merge()
        dialog = (
            self.env[action["res_model"]]
            .with_user(self.users["clerk"])
            .with_context(**action["context"])
            .create({"reason": "Same tax form"})
        )
        self.assertEqual((dialog.survivor_id, dialog.source_id), (self.survivor, self.source))
        self.assertIn("BR-1", dialog.survivor_text)
        dialog.action_swap()
        self.assertEqual((dialog.survivor_id, dialog.source_id), (self.source, self.survivor))
        dialog.action_swap()
        merge = self.Merge.browse(dialog.action_propose()["res_id"])
        self.assertEqual((merge.state, merge.survivor_id), ("waiting", self.survivor))

    def test_dialogs_are_ones_own(self):
        self.assertDialogsAreOnesOwn("healthcare_supplier")
