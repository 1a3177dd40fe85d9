from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .contract_common import ContractCommon

_PARTS = ("tier", "eligibility", "line", "price", "commitment", "cap")


@tagged("post_install", "-at_install")
class TestContractSecurity(ContractCommon):
    """Who may do what, and ways around the guards that are closed."""

    def test_matrix(self):
        readers = {"approver": "r", "accounts_payable": "r", "auditor": "r"}
        self.assertAccessMatrix(
            {
                **{
                    f"healthcare.contract{part}": {**readers, "clerk": "crud", "administrator": "crud"}
                    for part in ("", *(f".{name}" for name in _PARTS))
                },
                "healthcare.contract.problem": {**readers, "clerk": "ru", "administrator": "ru"},
                "healthcare.contract.end": {"clerk": "crud", "administrator": "crud"},
            }
        )

    def test_dialogs(self):
        self.assertDialogsAreOnesOwn("healthcare_contract")

    def test_state_is_not_written(self):
        contract = self.make_contract()
        for values in (
            {"state": "active"},
            {"approved_at": "2026-01-01 00:00:00"},
            {"version": 9},
            {"effective_to": self.end},
            {"source_digest": "x"},
            {"root_id": self.make_contract("C-2").id},
        ):
            with self.subTest(values=values), self.assertRefused("recorded by the system", AccessError):
                contract.write(values)
        with self.assertRefused("recorded by the system", AccessError):
            self.make_contract("C-3", state="active")

    def test_defaults_of_the_context_do_not_count(self):
        contracts = self.env["healthcare.contract"].with_user(self.clerk)
        contract = contracts.with_context(
            default_state="active", default_approved_by_id=self.manager.id, default_version=7
        ).create({"number": "C-CTX", "partner_id": self.supplier.id})
        self.assertEqual((contract.state, contract.version), ("draft", 1))
        self.assertFalse(contract.approved_by_id)

    def test_parts_of_an_active_contract_stay(self):
        contract = self.make_contract()
        contract.tier_ids = [Command.create({"code": "T1"})]
        contract.eligibility_ids = [Command.create({"facility_id": self.facility.id})]
        contract.commitment_ids = [Command.create({"target": "100"})]
        contract.cap_ids = [Command.create({"code": "HIP", "amount": "10"})]
        self.activate(contract)
        draft = self.make_contract("C-OTHER")
        edits = (
            (contract.line_ids, {"product_id": self.suture.id}),
            (contract.line_ids, {"contract_id": draft.id}),
            (contract.line_ids.price_ids, {"amount": "0.01"}),
            (contract.line_ids.price_ids, {"line_id": draft.line_ids.id}),
            (draft.line_ids, {"contract_id": contract.id}),
            (draft.line_ids.price_ids, {"line_id": contract.line_ids.id, "price_class": "wac"}),
            (contract.tier_ids, {"code": "T2"}),
            (contract.eligibility_ids, {"facility_id": self.clinic.id}),
            (contract.eligibility_ids, {"date_to": self.day(1)}),
            (contract.commitment_ids, {"target": "1"}),
            (contract.cap_ids, {"amount": "99999"}),
            (contract, {"valid_to": self.day(900)}),
            (contract, {"all_facilities": False}),
            (contract, {"partner_id": self.other_supplier.id}),
            (contract, {"line_ids": [Command.update(contract.line_ids.id, {"description": "x"})]}),
            (contract, {"distributor_ids": [Command.link(self.other_supplier.id)]}),
            (contract, {"effective_from": self.day(-5)}),
        )
        for user in (self.clerk, self.users["administrator"]):
            for record, values in edits:
                with (
                    self.subTest(user=user.login, model=record._name, values=values),
                    self.assertRefused("is not a draft"),
                ):
                    record.with_user(user).write(values)
            for record in (
                contract.line_ids.price_ids,
                contract.line_ids,
                contract.eligibility_ids,
                contract.commitment_ids,
                contract.cap_ids,
                contract.tier_ids,
            ):
                with (
                    self.subTest(user=user.login, unlink=record._name),
                    self.assertRefused("is not a draft"),
                ):
                    record.with_user(user).unlink()
        contract.with_user(self.second_clerk).user_id = self.second_clerk

    def test_what_follows_from_other_fields_is_not_written(self):
        active = self.make_active()
        draft = self.make_contract("C-OTHER")
        price, line = draft.line_ids.price_ids, draft.line_ids
        for record, values in (
            (price, {"contract_id": active.id}),
            (price, {"product_id": self.suture.id}),
            (price, {"net_amount": "0.01"}),
            (price, {"company_id": False}),
            (line, {"is_unresolved": True}),
            (line, {"partner_id": self.other_supplier.id}),
            (line, {"company_id": False}),
        ):
            with self.subTest(values=values), self.assertRefused("follows from other fields", AccessError):
                record.with_user(self.clerk).write(values)
            with self.subTest(created=values), self.assertRefused("follows from", AccessError):
                record.with_user(self.clerk).create({"line_id": line.id, "amount": "3", **values})
        made = (
            price.with_user(self.clerk)
            .with_context(
                default_contract_id=active.id, default_net_amount="0.01", default_product_id=self.suture.id
            )
            .create({"line_id": line.id, "amount": "3", "price_class": "wac"})
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((made.contract_id, made.product_id, made.net_amount), (draft, self.gloves, "3"))

    def test_the_owner_of_an_unknown_item_changes_in_any_state(self):
        contract = self.make_active()
        contract.line_ids.with_user(self.clerk).user_id = self.second_clerk
        with self.assertRefused("is not a draft"):
            contract.line_ids.with_user(self.clerk).write({"user_id": False, "description": "x"})

    def test_problems_keep_what_was_sent(self):
        contract = self.make_contract()
        problem = self.env["healthcare.contract.problem"].create(
            {"contract_id": contract.id, "message": "Line 1: no unit.", "as_sent": {"amount": "1"}}
        )
        for values in ({"message": "fine"}, {"as_sent": {}}, {"contract_id": contract.id}):
            with self.assertRefused("What was sent is kept", AccessError):
                problem.with_user(self.clerk).write(values)
        with self.assertRefused("say what was done about this: Line 1: no unit."):
            problem.with_user(self.clerk).is_done = True
        problem.with_user(self.clerk).write({"is_done": True, "done_note": "entered by hand"})

    def test_parts_are_not_added_by_a_default(self):
        contract = self.make_active()
        for model, values, key in (
            ("line", {"description": "x"}, {"default_contract_id": contract.id}),
            ("tier", {"code": "T9"}, {"default_contract_id": contract.id}),
            ("price", {"amount": "1", "price_class": "wac"}, {"default_line_id": contract.line_ids.id}),
            ("eligibility", {"facility_id": self.clinic.id}, {"default_contract_id": contract.id}),
            ("commitment", {"target": "1"}, {"default_contract_id": contract.id}),
            ("cap", {"code": "X", "amount": "1"}, {"default_contract_id": contract.id}),
        ):
            records = self.env[f"healthcare.contract.{model}"].with_user(self.clerk).with_context(**key)
            with self.subTest(model=model), self.assertRefused("is not a draft"):
                records.create(values)

    def test_a_backdated_flag_is_not_set_by_hand(self):
        price = self.make_contract().line_ids.price_ids
        price.write({"is_backdated": True})
        self.assertFalse(price.is_backdated)
        made = price.with_context(default_is_backdated=True).create(
            {"line_id": price.line_id.id, "amount": "3", "price_class": "wac"}
        )
        self.assertFalse(made.is_backdated)

    def test_approvers_do_not_keep_contracts(self):
        contract = self.make_contract()
        with self.assertRefused("", AccessError):
            contract.with_user(self.manager).action_submit()
        active = self.make_active("C-2")
        for call in (
            lambda record: record.action_amend(),
            lambda record: record.action_end(self.day(2), "x"),
            lambda record: record.line_ids.action_resolve(),
        ):
            with self.assertRefused("", AccessError):
                call(active.with_user(self.manager))

    def test_a_contract_of_the_group_is_kept_by_administrators(self):
        with self.assertRefused("binds the whole group", AccessError):
            self.make_contract("C-GROUP", company_id=False)
        contract = self.make_contract("C-GROUP", user=self.users["administrator"], company_id=False)
        self.assertTrue(contract.with_user(self.clerk).number)
        with self.assertRefused("binds the whole group", AccessError):
            contract.with_user(self.clerk).name = "mine"
        with self.assertRefused("binds the whole group", AccessError):
            contract.line_ids.price_ids.with_user(self.clerk).amount = "1"
        own = self.make_contract("C-OWN")
        with self.assertRefused("binds the whole group", AccessError):
            own.company_id = False

    def test_other_companies_are_not_seen(self):
        other = self.make_company("Elsewhere")
        foreign = self.make_user(
            "test_foreign", "healthcare_base.group_clerk", company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        contract = self.make_contract()
        contracts = self.env["healthcare.contract"].with_user(foreign)
        contracts = contracts.with_context(allowed_company_ids=other.ids)
        self.assertFalse(contracts.search([("id", "=", contract.id)]))
        with self.assertRefused("", AccessError):
            contracts.browse(contract.id).read(["number"])
        for part in _PARTS:
            found = self.env[f"healthcare.contract.{part}"].with_user(foreign)
            self.assertFalse(found.with_context(allowed_company_ids=other.ids).search([]))
        with self.assertRefused("", (AccessError, UserError)):
            contract.company_id = other

    def test_problems_are_not_invented(self):
        contract = self.make_contract()
        with self.assertRefused("", AccessError):
            self.env["healthcare.contract.problem"].with_user(self.clerk).create(
                {"contract_id": contract.id, "message": "x"}
            )
