from odoo import Command
from odoo.addons.healthcare_exchange.tests.common import ExchangeBuilders, canonical
from odoo.exceptions import UserError
from odoo.tests import tagged

from .contract_common import ContractCommon


class ContractDocumentCommon(ExchangeBuilders, ContractCommon):
    """Contract documents through an endpoint of no particular supplier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry_enter_test_mode_cls()
        cls.gpo = cls.make_supplier("Valley Purchasing Alliance", ref="VPA")
        cls.account = cls.env["healthcare.facility.account"].create(
            {
                "facility_id": cls.facility.id,
                "partner_id": cls.supplier.id,
                "account_number": "10200",
                "price_class": "gpo",
            }
        )

    def setUp(self):
        super().setUp()
        self.endpoint = self.make_endpoint(
            "CONTRACTS",
            documents=(("contract", "inbound"),),
            company_id=self.company.id,
            owner_id=self.clerk.id,
        )

    def document(self, number="GPO-77", **values):
        """Return a contract document of two tiers and two lines, one of an unknown item."""
        document = canonical(
            "contract",
            number,
            kind="gpo",
            name="Gloves and sutures",
            owner="VPA",
            issued_at=str(self.day(-110)),
            currency=self.company.currency_id.name,
            price_date_basis="receipt",
            valid_from=str(self.begin),
            valid_to=str(self.end),
            parties={
                "supplier": {
                    "name": "Test Supplier",
                    "identifiers": [{"scheme": "buyer_assigned", "value": "TSUP"}],
                }
            },
            renewal={"kind": "by_agreement", "notice_days": 60, "term_months": 12},
            tiers=[
                {"code": "T1", "name": "Base"},
                {"code": "T2", "conditions": {"min_amount": "50000", "description": "from 50 000"}},
            ],
            facilities=[{"code": "main", "tier": "T2", "account": "10200"}, "CLIN"],
            commitments=[{"kind": "amount", "amount": "60000", "tier": "T2"}],
            lines=[
                {
                    "line_number": "1",
                    "item": {"supplier_code": "S-GLV"},
                    "description": "Gloves",
                    "prices": [
                        {"tier": "T1", "amount": "44.00", "unit": "BX"},
                        {"tier": "T2", "amount": "41.50", "unit": "BX", "min_quantity": "5"},
                    ],
                },
                {
                    "line_number": "2",
                    "item": {"supplier_code": "NEW-1", "manufacturer_code": "M-1"},
                    "prices": [{"amount": "7", "unit": "EA", "base_quantity": "2"}],
                },
            ],
        )
        document.update(values)
        return {name: value for name, value in document.items() if value is not None}

    def take_in(self, document):
        """Return the contract that a document became, and the answer."""
        [answer] = self.receive(self.endpoint, document)
        contract = self.env["healthcare.contract"].browse(answer["res_id"] or [])
        contract.invalidate_recordset()
        return contract, answer

    def accepted(self, document):
        contract, answer = self.take_in(document)
        self.assertEqual(answer["status"], "accepted", answer["errors"])
        return contract


@tagged("post_install", "-at_install")
class TestContractDocument(ContractDocumentCommon):
    """Documents become drafts and draft amendments; what is in force is never touched."""

    def test_a_new_contract_is_a_draft(self):
        contract = self.accepted(self.document())
        self.assertEqual((contract.state, contract.number, contract.version), ("draft", "GPO-77", 1))
        self.assertEqual((contract.partner_id, contract.owner_id), (self.supplier, self.gpo))
        self.assertEqual((contract.kind, contract.price_date_basis), ("gpo", "receipt"))
        self.assertEqual((contract.renewal_kind, contract.notice_days), ("by_agreement", 60))
        self.assertEqual(contract.tier_ids.mapped("code"), ["T1", "T2"])
        self.assertEqual(contract.tier_ids[1].min_amount, "50000")
        first, second = contract.line_ids
        self.assertEqual(first.product_id, self.gloves)
        self.assertEqual(
            [(price.tier_id.code, price.net_amount, price.unit_code) for price in first.price_ids],
            [("T1", "44", "XBX"), ("T2", "41.5", "XBX")],
        )
        self.assertTrue(second.is_unresolved)
        self.assertEqual((second._owner(), second.price_ids.base_quantity), (self.clerk, "2"))
        self.assertEqual(
            {(e.facility_id, e.account_id.account_number, e.tier_id.code) for e in contract.eligibility_ids},
            {(self.facility, "10200", "T2"), (self.clinic, False, False)},
        )
        self.assertEqual(contract.commitment_ids.target, "60000")
        self.assertEqual(contract.activity_ids.user_id, self.clerk)
        self.assertFalse(contract.problem_ids)
        self.activate(contract)
        self.assertEqual(contract.state, "active")

    def test_who_hands_in_a_sheet_does_not_approve_it(self):
        answer = self.receive_file(self.endpoint, self.document(), self.manager, self.supplier)
        contract = self.env["healthcare.contract"].browse(answer["res_id"])
        self.assertEqual(contract.state, "draft")
        contract.with_user(self.clerk).action_submit("for the test")
        with self.assertRefused("."):
            self.approve(self.request_of(contract), self.manager)
        other = self.make_user("test_other_manager", "healthcare_base.group_approver")
        self.approve(self.request_of(contract), other)
        self.assertEqual(contract.state, "active")

    def test_the_same_again_changes_nothing(self):
        contract = self.accepted(self.document())
        lines = contract.line_ids
        self.assertEqual(self.accepted(self.document(issued_at=str(self.today))), contract)
        self.assertEqual(contract.line_ids, lines)
        self.activate(contract)
        self.assertEqual(self.accepted(self.document(notes=["sent again"])), contract)
        self.assertEqual(len(contract.root_id.version_ids), 1)

    def test_a_corrected_document_replaces_the_untouched_draft(self):
        contract = self.accepted(self.document())
        lines = self.document()["lines"]
        lines[0]["prices"][0]["amount"] = "43"
        again = self.accepted(self.document(lines=lines[:1], tiers=[{"code": "T1"}, {"code": "T2"}]))
        self.assertEqual(again, contract)
        self.assertEqual(len(contract.line_ids), 1)
        self.assertEqual(contract.line_ids.price_ids[0].amount, "43")

    def test_a_change_of_an_active_contract_is_an_amendment_draft(self):
        contract = self.activate(self.accepted(self.document()))
        lines = self.document()["lines"]
        lines[0]["prices"][0].update(amount="45", valid_from=str(self.day(-5)))
        second = self.accepted(self.document(lines=lines, facilities=None, commitments=None))
        self.assertEqual((second.state, second.version, second.amends_id), ("draft", 2, contract))
        self.assertEqual(contract.line_ids[0].price_ids[0].amount, "44")
        self.assertEqual(second.effective_from, self.day(-5))
        # what the document does not mention stays
        self.assertEqual(second.eligibility_ids.facility_id, contract.eligibility_ids.facility_id)
        self.assertEqual(second.commitment_ids.tier_id, second.tier_ids[1])
        self.activate(second)
        self.assertEqual((contract.state, contract.effective_to), ("superseded", self.day(-6)))
        self.assertTrue(second.line_ids[0].price_ids.filtered("is_backdated"))

    def test_lines_with_an_action_change_single_lines(self):
        contract = self.activate(self.accepted(self.document()))
        second = self.accepted(
            self.document(
                lines=[
                    {"line_number": "2", "action": "delete", "item": {"supplier_code": "NEW-1",
                                                                      "manufacturer_code": "M-1"}},
                    {
                        "line_number": "3",
                        "action": "add",
                        "item": {"supplier_code": "S-SUT"},
                        "prices": [{"amount": "11", "unit": "EA"}],
                    },
                ]
            )
        )  # fmt: skip
        self.assertEqual(second.line_ids.product_id, self.gloves | self.suture)
        self.assertEqual(len(contract.line_ids), 2)

    def test_a_draft_that_a_person_works_on_is_not_overwritten(self):
        contract = self.accepted(self.document())
        contract.line_ids[1].with_user(self.clerk).product_id = self.suture
        lines = self.document()["lines"][:1]
        _none, answer = self.take_in(self.document(lines=lines))
        self.assertEqual(answer["status"], "rejected")
        self.assertEqual(answer["errors"][0]["code"], "contract_in_preparation")
        self.assertEqual(len(contract.line_ids), 2)

    def test_what_waits_for_approval_is_not_overwritten(self):
        contract = self.accepted(self.document())
        contract.with_user(self.clerk).action_submit()
        _none, answer = self.take_in(self.document(name="Other"))
        self.assertEqual(answer["errors"][0]["code"], "contract_in_preparation")
        self.assertEqual((contract.state, contract.name), ("in_approval", "Gloves and sutures"))

    def test_broken_parts_are_problems_and_good_ones_stay(self):
        document = self.document(
            facilities=[
                "CLIN",
                "NOWHERE",
                {"code": "MAIN", "account": "404"},
                {"code": "MAIN", "tier": "T9"},
            ],
            commitments=[{"kind": "amount", "amount": "-1"}, {"kind": "amount", "amount": "5"}],
            construct_caps=[
                {"code": "HIP", "amount": "4000", "items": [{"supplier_code": "S-GLV"}]},
                {"code": "KNEE", "amount": "0"},
                {"code": "SPINE", "amount": "1", "items": [{"supplier_code": "NONE"}]},
            ],
            lines=[
                {
                    "line_number": "1",
                    "item": {"supplier_code": "S-GLV"},
                    "prices": [
                        {"amount": "4", "unit": "EA", "valid_to": str(self.day(5))},
                        {"amount": "4.1", "unit": "EA", "valid_from": str(self.day(5))},
                        {"amount": "-3", "unit": "BX"},
                        {"amount": "3", "unit": "PK"},
                        {"amount": "3", "unit": "CS", "tier": "T9"},
                        {"amount": "3", "unit": "CS", "valid_from": "1999-01-01"},
                        {"amount": "3", "unit": "CS", "currency": "XTS"},
                        {"amount": "3"},
                        {"amount": "300000000000", "unit": "CS"},
                        {"amount": "30", "unit": "CS"},
                    ],
                },
                {"line_number": "2", "item": {"supplier_code": "S-GLV"}, "prices": [{"amount": "1"}]},
                {
                    "line_number": "3",
                    "item": {"supplier_code": "S-SUT"},
                    "unit": "EA",
                    "prices": [{"amount": "100", "markup_percent": "10", "fee": "1"}],
                },
            ],
        )
        contract = self.accepted(document)
        self.assertEqual(contract.line_ids.mapped("product_id"), self.gloves | self.suture)
        self.assertEqual(sorted(contract.line_ids[0].price_ids.mapped("net_amount"), key=float), ["4", "30"])
        self.assertEqual(contract.line_ids[1].price_ids.net_amount, "111")
        self.assertEqual(contract.eligibility_ids.facility_id, self.clinic)
        self.assertEqual(contract.cap_ids.mapped("code"), ["HIP"])
        self.assertEqual(contract.commitment_ids.mapped("target"), ["5"])
        self.assertEqual(
            sorted(contract.problem_ids.mapped("code")),
            sorted(
                ["price_overlap", "price_invalid", "unit_unknown", "tier_unknown", "validity"]
                + ["price_invalid", "unit_unknown", "price_invalid", "item_twice"]
                + ["facility_unknown", "account_unknown", "tier_unknown"]
                + ["commitment_invalid", "cap_invalid", "cap_invalid"]
            ),
        )
        self.assertEqual(contract.problem_ids.user_id, self.clerk)
        negative = contract.problem_ids.filtered(lambda one: "-3" in one.message)
        self.assertEqual(negative.message, "Line 1, price, field amount: it is above 0, not -3.")
        self.assertEqual((negative.path, negative.as_sent["unit"]), ("lines[0].prices[2].amount", "BX"))
        with self.assertRefused("Line 1, price, field amount"):
            contract.with_user(self.clerk).action_submit()
        contract.problem_ids.with_user(self.clerk).write({"is_done": True, "done_note": "agreed by phone"})
        contract.with_user(self.clerk).action_submit()
        self.assertEqual(contract.state, "in_approval")

    def test_lines_that_could_not_be_read_give_no_price(self):
        """What a reader left out of a line could be its tier or its last day."""
        finding = {
            "level": "error",
            "code": "schema",
            "message": "line 1: prices[0].valid_to: soon is no date",
            "path": "lines[0].prices[0].valid_to",
            "scope": "line",
            "line_number": "1",
        }
        lost = {**finding, "line_number": "", "line": 9, "path": "column 3", "message": "a cell is too long"}
        [answer] = self.receive(self.endpoint, self.document(), diagnostics=[finding, lost])
        contract = self.env["healthcare.contract"].browse(answer["res_id"])
        first, second = contract.line_ids
        self.assertEqual((first.product_id, first.price_ids), (self.gloves, self.env[first.price_ids._name]))
        self.assertTrue(second.price_ids)
        self.assertEqual(
            [(problem.code, problem.line_number, problem.path) for problem in contract.problem_ids],
            [("unreadable", "1", "lines[0].prices[0].valid_to"), ("unreadable", "9", "column 3")],
        )
        self.assertIn("soon is no date", contract.problem_ids[0].message)
        with self.assertRefused("."):
            contract.with_user(self.clerk).action_submit("as it is")
        again = self.accepted(self.document(issued_at=str(self.today), name="Gloves"))
        self.assertEqual((again, again.problem_ids.ids), (contract, []))
        self.assertEqual([len(line.price_ids) for line in again.line_ids], [2, 1])

    def test_a_changed_line_that_could_not_be_read_changes_nothing(self):
        """The line before stays as it is."""
        contract = self.accepted(self.document())
        self.activate(contract)
        finding = {"level": "error", "code": "schema", "message": "no", "scope": "line", "line_number": "1"}
        line = {"line_number": "1", "action": "change", "item": {"supplier_code": "S-GLV"}, "prices": []}
        [answer] = self.receive(
            self.endpoint,
            self.document(issued_at=str(self.today), lines=[line], valid_from=None, tiers=None),
            diagnostics=[finding],
        )
        draft = self.env["healthcare.contract"].browse(answer["res_id"])
        self.assertEqual((draft.state, draft.version, draft.problem_ids.code), ("draft", 2, "unreadable"))
        self.assertEqual(
            draft.line_ids.filtered(lambda one: one.product_id == self.gloves).price_ids.mapped("net_amount"),
            ["44", "41.5"],
        )

    def test_problems_go_with_the_corrected_document(self):
        lines = self.document()["lines"]
        lines[0]["prices"][0]["amount"] = "-44"
        contract = self.accepted(self.document(lines=lines))
        self.assertEqual(contract.problem_count, 1)
        self.assertEqual(self.accepted(self.document()), contract)
        contract.invalidate_recordset()
        self.assertEqual(contract.problem_count, 0)
        self.assertEqual(len(contract.line_ids[0].price_ids), 2)

    def test_what_it_cannot_do_without(self):
        for values, code, path in (
            ({"valid_from": None}, "contract_incomplete", "valid_from"),
            ({"valid_to": "2001-01-01"}, "contract_incomplete", "valid_to"),
            ({"currency": "XTS"}, "currency_unknown", "currency"),
            (
                {"parties": {"supplier": {"identifiers": [{"scheme": "buyer_assigned", "value": "NO"}]}}},
                "supplier_unknown",
                "parties.supplier.identifiers",
            ),
        ):
            with self.subTest(values=values):
                _none, answer = self.take_in(self.document("GPO-78", **values))
                self.assertEqual(answer["status"], "rejected")
                self.assertEqual((answer["errors"][0]["code"], answer["errors"][0]["path"]), (code, path))
        self.assertFalse(self.env["healthcare.contract"].search([("number", "=", "GPO-78")]))

    def test_an_older_document_and_an_unknown_owner_are_questioned(self):
        contract = self.activate(self.accepted(self.document()))
        second = self.accepted(
            self.document(issued_at=str(self.day(-200)), owner="Nobody Known", name="Other")
        )
        self.assertEqual(sorted(second.problem_ids.mapped("code")), ["older_document", "owner_unknown"])
        self.assertEqual(second.owner_id, contract.owner_id)

    def test_a_renewal_moves_the_days_of_what_stays(self):
        contract = self.accepted(
            self.document(
                facilities=[{"code": "MAIN", "valid_from": str(self.day(-50))}],
                commitments=[{"kind": "amount", "amount": "5", "valid_to": str(self.day(10))}],
            )
        )
        self.activate(contract)
        begin = self.end.replace(year=self.end.year)
        second = self.accepted(
            self.document(
                valid_from=str(self.day(266)),
                valid_to=str(self.day(600)),
                facilities=None,
                commitments=None,
            )
        )
        self.assertEqual(second.effective_from, self.day(266))
        self.assertFalse(second.eligibility_ids.date_from)
        self.assertFalse(second.commitment_ids)
        self.assertIn("was of other days", second.problem_ids.message)
        second.problem_ids.with_user(self.clerk).write({"is_done": True, "done_note": "there is none"})
        self.activate(second)
        self.assertEqual((contract.state, contract.effective_to), ("active", begin))

    def test_only_this_companys_contract_is_amended(self):
        other = self.make_company("Elsewhere")
        foreign = self.env["healthcare.contract"].create(
            {"number": "GPO-77", "partner_id": self.supplier.id, "company_id": other.id}
        )
        contract = self.accepted(self.document())
        self.assertNotEqual(contract.root_id, foreign)
        self.assertEqual(contract.version, 1)

    def test_documents_of_a_contract_are_taken_one_at_a_time(self):
        handler = self.env["healthcare.document.contract"]
        self.assertEqual(handler._ordering_key({"number": " gpo-77 "}, self.endpoint), "contract:GPO-77")
        self.assertFalse(handler._ordering_key({"number": 7}, self.endpoint))

    def test_a_person_amends_what_a_document_made(self):
        contract = self.activate(self.accepted(self.document()))
        second = self.amend(contract)
        second.line_ids[0].price_ids[0].amount = "43"
        _none, answer = self.take_in(self.document(name="Other"))
        self.assertEqual(answer["errors"][0]["code"], "contract_in_preparation")
        with self.assertRefused("", UserError):
            contract.with_user(self.clerk).action_amend()
        second.unlink()
        third = self.accepted(self.document(name="Other", issued_at=str(self.today)))
        self.assertEqual(third.version, 2)
        self.assertEqual(third.line_ids[1].price_ids.base_quantity, "2")
        third.with_user(self.clerk).line_ids = [Command.update(third.line_ids[0].id, {"sequence": 9})]
