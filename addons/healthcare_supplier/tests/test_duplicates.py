from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from ..tools.duplicates import judge
from .screening_common import ScreeningCommon

IBAN = "DE89370400440532013000"
OTHER_IBAN = "FR1420041010050500013M02606"


@tagged("post_install", "-at_install")
class TestDuplicates(ScreeningCommon):
    """The same identifier is refused, a similar record is shown, a decision is remembered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Candidate = cls.env["healthcare.duplicate.candidate"]

    def candidate(self, one, other):
        left, right = sorted((one.id, other.id))
        return self.Candidate.search([("partner_id", "=", left), ("other_id", "=", right)])

    def pair(self):
        """Return two suppliers that are alike, and the candidate."""
        first = self.make_address_supplier("Brackwater Surgical Supply Inc")
        second = self.make_address_supplier("Brackwater Surgical Supplies LLC")
        return first, second, self.candidate(first, second).with_user(self.officer)

    # Exact

    def test_same_tax_id(self):
        self.supplier.vat = "12-3456789"
        with self.assertRefused(
            r"Tax ID 123456789 is that of Test Supplier \(#\d+\).*merge", ValidationError
        ):
            self.make_draft_supplier("Someone Else", user=self.env.user, vat="US123456789")
        newcomer = self.make_draft_supplier("Someone Else")
        with self.assertRefused("is that of Test Supplier", ValidationError):
            newcomer.sudo().vat = "12 3456789"
        with self.assertRefused("is that of Test Supplier", ValidationError):
            self.env["healthcare.partner.identifier"].create(
                {"partner_id": newcomer.id, "scheme": "tax_id", "value": "12-3456789"}
            )

    def test_tax_id_of_two_countries(self):
        self.supplier.write({"vat": "123456789", "country_id": self.env.ref("base.us").id})
        other = self.make_draft_supplier("Someone Else", country_id=self.env.ref("base.mx").id)
        other.sudo().vat = "123456789"
        self.assertEqual(other.vat, "123456789")

    def test_archived_records_count(self):
        self.supplier.vat = "12-3456789"
        self.supplier.active = False
        with self.assertRefused("is that of Test Supplier", ValidationError):
            self.make_draft_supplier("Someone Else", user=self.env.user, vat="12-3456789")

    def test_our_code_and_gln(self):
        with self.assertRefused("Our Code TSUP is that of Test Supplier", ValidationError):
            self.make_draft_supplier("Someone Else", user=self.env.user, ref="tsup")

    def test_contacts_share_with_their_company(self):
        self.supplier.vat = "12-3456789"
        contact = self.env["res.partner"].create({"name": "Office", "parent_id": self.supplier.id})
        self.assertEqual(contact.vat, self.supplier.vat)

    def test_same_iban(self):
        accounts = self.env["res.partner.bank"]
        accounts.create({"partner_id": self.supplier.id, "acc_number": IBAN})
        with self.assertRefused("IBAN .*is that of Test Supplier", ValidationError):
            accounts.create({"partner_id": self.other_supplier.id, "acc_number": IBAN})
        with self.assertRefused("IBAN .*is that of Test Supplier", ValidationError):
            self.make_draft_supplier(
                "Someone Else", user=self.env.user, bank_ids=[(0, 0, {"acc_number": IBAN})]
            )
        mine = accounts.create({"partner_id": self.other_supplier.id, "acc_number": OTHER_IBAN})
        with self.assertRefused("IBAN", ValidationError):
            mine.acc_number = IBAN

    def test_import(self):
        self.supplier.vat = "12-3456789"
        result = (
            self.env["res.partner"]
            .with_context(import_file=True)
            .load(
                ["name", "is_company", "supplier_rank", "vat"],
                [["Fine One", "1", "1", "98-7654321"], ["Test Suplier", "1", "1", "12-3456789"]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertIn("is that of Test Supplier", str(result["messages"]))

    def test_partners_that_are_no_suppliers(self):
        self.supplier.vat = "12-3456789"
        customer = self.env["res.partner"].create({"name": "A Customer", "vat": "12-3456789"})
        with self.assertRefused("is that of Test Supplier", ValidationError):
            customer.supplier_state = "draft"

    def test_outsiders_learn_no_names(self):
        self.supplier.vat = "12-3456789"
        newcomer = self.make_draft_supplier("Someone Else")
        portal = self.make_user("portal_user", "base.group_portal")
        with self.assertRefused("is that of another supplier of ours", ValidationError):
            newcomer.with_user(portal).sudo().vat = "12-3456789"

    # Similar

    def test_similar_is_shown(self):
        first, second, candidate = self.pair()
        self.assertEqual((candidate.state, candidate.is_exact), ("open", False))
        self.assertEqual([one["kind"] for one in candidate.reasons], ["name", "zip", "street"])
        self.assertIn("Same postal code", candidate.reason_text)
        self.assertIn(first.name, candidate.left_text)
        self.assertIn(second.name, candidate.right_text)
        self.assertEqual((first.duplicate_count, second.duplicate_count), (1, 1))
        self.assertEqual(self.Candidate.browse(candidate.id), self.Candidate.search(
            second.action_view_duplicates()["domain"]))  # fmt: skip

    def test_what_is_not_similar(self):
        first = self.make_address_supplier("Brackwater Surgical Supply Inc")
        for name, values in (
            ("Meridian Surgical Supply", {"street": "9 Other", "zip": "10001", "city": "Albany"}),
            ("Harbor Dental", {}),
        ):
            other = self.make_address_supplier(name, **values)
            self.assertFalse(self.candidate(first, other), name)

    def test_accents_case_and_legal_forms(self):
        first = self.make_draft_supplier("Société Médicale du Nord S.A.")
        second = self.make_draft_supplier("SOCIETE MEDICALE DU NORD")
        self.assertEqual(self.candidate(first, second).reasons[0]["similarity"], 1)

    def test_other_country_counts_against(self):
        side = {"name_key": "a", "street": "", "city": "", "zip": "", "country": "US"}
        pair = {**side, **{f"other_{key}": value for key, value in side.items()}, "street_similarity": 0}
        self.assertEqual(judge({**pair, "similarity": 0.9})[0], 0.72)
        self.assertEqual(judge({**pair, "similarity": 0.9, "other_country": "FR"})[0], 0.57)

    def test_find_duplicates(self):
        self.supplier.vat = "12-3456789"
        similar = self.make_address_supplier("Brackwater Surgical Supply Inc")
        found = self.env["res.partner"]._find_duplicates(
            {
                "name": "Brackwater Surgical Supplies",
                "zip": "08608",
                "vat": "US12-3456789",
                "identifiers": [{"scheme": "buyer_assigned", "value": "OSUP"}],
            }
        )
        self.assertEqual([one["partner_id"] for one in found[:2]], [self.supplier.id, self.other_supplier.id])
        self.assertEqual(found[0]["exact"], [{"kind": "tax", "value": "123456789"}])
        self.assertEqual((found[2]["partner_id"], found[2]["exact"]), (similar.id, []))
        self.assertFalse(self.env["res.partner"]._find_duplicates({"name": "Nobody Like That"}))
        self.assertFalse(self.env["res.partner"]._find_duplicates(self.supplier))

    def test_form_warns(self):
        self.make_address_supplier("Brackwater Surgical Supply Inc")
        partner = self.env["res.partner"].new(
            {"name": "Brackwater Surgical Supply", "supplier_state": "draft", "is_company": True}
        )
        warning = partner._onchange_duplicates()["warning"]
        self.assertIn("Brackwater Surgical Supply Inc", warning["message"])
        partner.name = "Something Quite Different"
        self.assertFalse(partner._onchange_duplicates())

    def test_scheduled_job_finds_what_was_there_before(self):
        first, second, candidate = self.pair()
        candidate.sudo()._forget()
        (first | second).sudo().duplicates_checked_at = False
        with self.in_this_transaction():
            self.env["res.partner"]._cron_find_duplicates()
        self.assertEqual(self.candidate(first, second).state, "open")
        self.assertTrue(first.duplicates_checked_at)

    # Decisions

    def test_stops_approval_until_decided(self):
        first, second, candidate = self.pair()
        self.assertIn("may be the same supplier", "\n".join(second._supplier_ready_problems()))
        candidate.action_not_same("Other owners, other town")
        self.assertFalse(second._supplier_ready_problems())
        self.assertEqual((candidate.decided_by_id, candidate.state), (self.officer, "distinct"))
        self.assertTrue(self.audit_entries(candidate.sudo(), "write"))

    def test_decision_is_remembered(self):
        first, second, candidate = self.pair()
        candidate.action_not_same("Other owners")
        second.sudo().phone = "+1 555 0100"
        second.sudo()._note_duplicates()
        self.assertEqual(candidate.state, "distinct")
        second.sudo().street = "77 Foundry Street, Floor 2"
        self.assertEqual(candidate.state, "open")

    def test_decision_on_names_does_not_allow_an_identifier(self):
        first, second, candidate = self.pair()
        first.sudo().vat = "12-3456789"
        candidate.action_not_same("Other owners")
        with self.assertRefused("is that of", ValidationError):
            second.sudo().vat = "12-3456789"

    def test_shared_on_purpose(self):
        first, second, candidate = self.pair()
        first.sudo().vat = "12-3456789"
        candidate.action_not_same("One tax group", may_share=True)
        second.sudo().vat = "12-3456789"
        self.assertEqual(second.vat, "12-3456789")
        self.assertEqual(candidate.state, "distinct")

    def test_not_who_made_changed_or_submitted_one_of_the_two(self):
        both = self.make_user("both", "healthcare_supplier.group_compliance,base.group_partner_manager")
        first, second, candidate = self.pair()
        newer = self.make_address_supplier("Brackwater Surgical Suppliers", user=both)
        own = self.candidate(first, newer)
        with self.assertRefused("made, changed or submitted", AccessError):
            own.with_user(both).action_not_same("Mine")
        own.with_user(self.officer).action_not_same("Other owners")
        second.with_user(self.officer).street = "77 Foundry Street"
        with self.assertRefused("made, changed or submitted", AccessError):
            candidate.with_user(self.officer).action_not_same("Mine")
        candidate.with_user(self.second_officer).action_not_same("Other owners")

    def test_who_decides(self):
        _first, _second, candidate = self.pair()
        for role in ("clerk", "approver", "administrator", "auditor", "finance"):
            with self.assertRefused("compliance officer", AccessError):
                candidate.with_user(self.users[role]).action_not_same("I say so")
        with self.assertRefused("told apart"):
            candidate.action_not_same(" ")
        with self.assertRefused("with its buttons", AccessError):
            candidate.write({"state": "distinct"})
        with self.assertRefused("found by the system", AccessError):
            self.Candidate.with_user(self.officer).create({"partner_id": 1, "other_id": 2})
        candidate.action_not_same("Other owners")
        with self.assertRefused("is decided"):
            candidate.action_not_same("Other owners")
        with self.assertRefused("kept", UserError):
            candidate.sudo().unlink()

    def test_matrix(self):
        reads = dict.fromkeys(
            ("clerk", "administrator", "approver", "accounts_payable", "auditor", "finance"), "r"
        )
        decides = {**reads, "compliance": "ru"}
        self.assertAccessMatrix(
            {
                "healthcare.partner.identifier": {
                    **reads,
                    "clerk": "cru",
                    "administrator": "crud",
                    "compliance": "cru",
                },
                "healthcare.exclusion.list": {**reads, "compliance": "crud"},
                "healthcare.exclusion.entry": {**reads, "compliance": "r"},
                "healthcare.exclusion.name": {"compliance": "r"},
                "healthcare.screening.run": decides,
                "healthcare.screening.match": decides,
                "healthcare.screening.decide": {"compliance": "crud"},
                "healthcare.duplicate.candidate": decides,
                "healthcare.partner.merge": decides,
                "healthcare.partner.merge.propose": {
                    "clerk": "crud",
                    "administrator": "crud",
                    "compliance": "crud",
                },
            }
        )

    def test_other_companies(self):
        company = self.env["res.company"].create({"name": "Another Group"})
        first, second, candidate = self.pair()
        self.assertEqual(self.Candidate.with_user(self.users["clerk"]).search([("id", "=", candidate.id)]).id,
                         candidate.id)  # fmt: skip
        (first | second).sudo().company_id = company
        self.assertFalse(self.Candidate.with_user(self.users["clerk"]).search([("id", "=", candidate.id)]))

    def test_form(self):
        _first, _second, candidate = self.pair()
        with Form(candidate) as form:
            self.assertEqual(form.state, "open")
