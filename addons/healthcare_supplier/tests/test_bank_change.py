from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .bank_common import IBAN, OTHER_IBAN, THIRD_IBAN, BankCommon


@tagged("post_install", "-at_install")
class TestBankChange(BankCommon):
    """A change is held, confirmed by a call, and released by another person."""

    def test_from_request_to_release(self):
        change = self.ask(note="Letter of 3 May", bank_name="Example Bank", bic="DEUTDEFF")
        self.assertEqual((change.state, change.requester_id, change.source), ("held", self.clerk, "person"))
        self.assertEqual((change.account_masked, change.old_account_masked), ("****5432", "****3000"))
        self.assertTrue(self.account.released)
        self.call(change)
        self.assertEqual((change.state, change.callback_user_id), ("called", self.payable))
        self.assertEqual((change.callback_kind, change.callback_number), ("master", self.phone))
        self.assertTrue(self.account.released, "nothing changes before the release")
        self.release(change)
        self.assertEqual((change.state, change.released_by_id), ("released", self.finance))
        new = change.new_account_id
        self.assertEqual((new.sanitized_acc_number, new.partner_id), (OTHER_IBAN, self.supplier))
        self.assertEqual((new.bank_id.bic, new.bank_id.name), ("DEUTDEFF", "Example Bank"))
        self.assertTrue(new.released)
        self.assertEqual(new.release_change_id, change)
        self.assertFalse(self.account.active)
        self.assertFalse(self.account.allow_out_payment)
        self.assertEqual(self.account.sanitized_acc_number, IBAN, "the old account stays in evidence")
        self.assertTrue(self.audit_entries(change, "write"))

    def test_add_and_end(self):
        added = self.make_released(action="add", account_number="12345678", routing_number="021000021")
        self.assertTrue(added.new_account_id.released)
        self.assertEqual(added.new_account_id.clearing_number, "021000021")
        self.assertTrue(self.account.released)
        ended = self.make_released(action="end")
        self.assertFalse(self.account.active)
        self.assertFalse(ended.new_account_id)

    def test_neither_who_asked_nor_who_called_releases(self):
        both = self.make_user(
            "test_clerk_finance", "healthcare_base.group_clerk,healthcare_supplier.group_finance"
        )
        change = self.call(self.ask(user=both), user=self.other_finance)
        request = change.approval_request_ids
        for user in (both, self.other_finance):
            with self.assertRaises(AccessError):
                self.approve(request, user)
        for role in ("approver", "compliance", "administrator", "clerk", "accounts_payable"):
            with self.assertRaises(AccessError):
                self.approve(request, self.users[role])
        self.assertEqual(change.state, "called")
        self.release(change)
        self.assertEqual(change.state, "released")

    def test_who_asked_may_call_but_only_a_known_number(self):
        change = self.ask()
        self.call(change, user=self.clerk)
        self.assertEqual(change.state, "called")
        self.release(change)

    def test_number_of_the_request_is_not_called(self):
        change = self.ask()
        with self.assertRefused("was not known before"):
            self.call(change, number="+1 555 0199", found_at="The letter")
        with self.assertRefused("Say which number"):
            self.call(change, number=" ")
        self.call(change, number="(+1) 555-0100")
        self.assertEqual(change.callback_kind, "master")

    def test_number_changed_just_before_does_not_count(self):
        """Who plans a fraud changes the phone number first."""
        self.supplier.with_user(self.clerk).phone = "+1 555 0666"
        change = self.ask()
        numbers = [row["number"] for row in change.known_numbers["numbers"]]
        self.assertEqual(numbers, [self.phone])
        with self.assertRefused("was not known before"):
            self.call(change, number="+1 555 0666")

    def test_number_that_was_replaced_long_ago_does_not_count(self):
        self.supplier.phone = "+1 555 0666"
        history = self.supplier.phone_before
        days = timedelta(days=11)
        self.supplier.write(
            {
                "phone_since": fields.Datetime.now() - days,
                "phone_before": [
                    {**history[0], "until": fields.Datetime.to_string(fields.Datetime.now() - days)}
                ],
            }
        )
        self.assertEqual([row["number"] for row in self.supplier._known_phones()], ["+1 555 0666"])

    def test_many_changes_of_the_number_do_not_drive_out_the_known_one(self):
        for last in range(130):
            self.supplier.phone = f"+1 555 2{last:03}"
        self.assertIn(self.phone, [row["number"] for row in self.supplier._known_phones()])

    def test_new_contact_or_moved_contact_does_not_count(self):
        contact = self.env["res.partner"].create({"name": "New", "phone": "+1 555 0777"})
        contact.phone_since = False
        contact.parent_id = self.supplier
        self.env["res.partner"].create(
            {"name": "Newer", "phone": "+1 555 0778", "parent_id": self.supplier.id}
        )
        self.assertEqual([row["number"] for row in self.supplier._known_phones()], [self.phone])

    def test_phone_history_is_not_written_by_hand(self):
        partners = self.env["res.partner"].with_user(self.clerk)
        for values in ({"phone_since": "2020-01-01 00:00:00"}, {"phone_before": [{"number": "1"}]}):
            with self.assertRaises(AccessError):
                partners.browse(self.supplier.id).write(values)
            with self.assertRaises(AccessError):
                partners.create({"name": "x", **values})
        made = partners.with_context(
            default_phone_since="2020-01-01 00:00:00", default_phone_before=[{"number": "1"}]
        ).create({"name": "x", "phone": "1"})
        self.assertGreater(made.phone_since, fields.Datetime.now() - timedelta(days=1))
        self.assertFalse(made.phone_before)

    def test_independent_number_where_none_is_known(self):
        change = self.ask("add", supplier=self.other_supplier)
        self.assertFalse(change.known_numbers_text)
        with self.assertRefused("Say where it was found"):
            self.call(change, number="+1 555 0300")
        with self.assertRefused("another person has to call"):
            self.call(change, user=self.clerk, number="+1 555 0300", found_at="Commercial register")
        self.call(change, number="+1 555 0300", found_at="Commercial register")
        self.assertEqual((change.callback_kind, change.state), ("independent", "called"))
        self.release(change)

    def test_independent_number_after_nobody_answered(self):
        change = self.call(self.ask(), result="not_reached", person="")
        self.assertEqual((change.state, change.call_count), ("held", 1))
        with self.assertRefused("another person has to call"):
            self.call(change, user=self.clerk, number="+1 555 0300", found_at="Commercial register")
        self.call(change, number="+1 555 0300", found_at="Commercial register")
        self.assertEqual(change.state, "called")

    def test_denied_by_the_supplier(self):
        change = self.ask()
        with self.assertRefused("Say what the supplier said"):
            self.call(change, result="denied", note="")
        self.call(change, result="denied", note="We have not changed our bank")
        self.assertEqual((change.state, change.state_reason), ("refused", "We have not changed our bank"))
        self.assertFalse(change.approval_request_ids)
        with self.assertRefused("is Refused"):
            self.call(change)
        self.assertTrue(self.account.released)

    def test_refused_by_the_releaser(self):
        change = self.call(self.ask())
        change.approval_request_ids.with_user(self.finance).action_refuse("The letter is a copy")
        change.invalidate_recordset()
        self.assertEqual((change.state, change.state_reason), ("refused", "The letter is a copy"))
        self.assertTrue(self.account.released)

    def test_withdrawn(self):
        change = self.call(self.ask())
        with self.assertRaises(AccessError):
            change.with_user(self.payable).action_withdraw("no")
        with self.assertRefused("Say why"):
            change.with_user(self.clerk).action_withdraw(" ")
        change.with_user(self.clerk).action_withdraw("Typing error")
        change.invalidate_recordset()
        self.assertEqual((change.state, change.approval_request_ids.state), ("refused", "cancelled"))
        self.assertFalse(change.activity_ids)

    def test_release_asked_anew(self):
        change = self.call(self.ask())
        change.approval_request_ids.with_user(self.payable).action_cancel()
        change.with_user(self.payable).action_ask_release()
        self.release(change)
        self.assertEqual(change.state, "released")

    def test_what_is_released_is_what_was_confirmed(self):
        """The account that was asked for is swapped between the call and the release."""
        change = self.call(self.ask())
        change.sudo().write({"iban": THIRD_IBAN})
        with self.assertRefused("names another account than"):
            self.release(change)
        change.invalidate_recordset()
        change.sudo().write({"iban": OTHER_IBAN, "holder_name": "Somebody else"})
        with self.assertRefused("has changed since"):
            self.release(change)

    def test_one_change_at_a_time(self):
        self.ask()
        with self.assertRefused("waits already"):
            self.ask(iban=THIRD_IBAN)
        with self.assertRefused("asks for account .*5432 already"):
            self.ask("add")

    def test_account_of_another_supplier(self):
        self.make_released(action="add", supplier=self.supplier)
        with self.assertRefused("is that of Test Supplier"):
            self.ask("add", supplier=self.other_supplier)
        with self.assertRefused("has account .* already"):
            self.ask("add")
        with self.assertRefused("is no account of Other Supplier"):
            self.ask(supplier=self.other_supplier, iban=THIRD_IBAN)

    def test_archived_account_comes_back_by_a_change_only(self):
        self.make_released()
        back = self.ask("add", iban=IBAN)
        self.assertFalse(self.account.active)
        self.release(self.call(back))
        self.assertEqual(back.new_account_id, self.account)
        self.assertTrue(self.account.released)

    def test_holder_or_bank_of_an_account_changes(self):
        change = self.make_released(iban=IBAN, holder_name="Test Supplier Factoring", bic="DEUTDEFF")
        self.assertEqual(change.new_account_id, self.account)
        self.assertEqual(
            (self.account.acc_holder_name, self.account.bank_id.bic), ("Test Supplier Factoring", "DEUTDEFF")
        )
        self.assertTrue(self.account.released)

    def test_wrong_numbers_are_refused_with_a_sentence(self):
        for values, sentence in (
            ({"iban": "DE89370400440532013001"}, r"Test Supplier: IBAN \*\*\*\*3001 is wrong"),
            ({"iban": "DE8937040044053201300"}, "IBAN .* is wrong"),
            ({"iban": "XX89370400440532013000"}, "IBAN .* is wrong"),
            (
                {"account_number": "12345678", "routing_number": "021000022"},
                "routing number 021000022 is wrong",
            ),
            ({"account_number": "12345678", "routing_number": "1234"}, "routing number 1234 is wrong"),
            ({"account_number": "12345678"}, "names no bank"),
            ({"account_number": "12/345678", "bic": "DEUTDEF"}, "BIC DEUTDEF is wrong"),
            ({"account_number": IBAN}, "looks like an IBAN"),
            ({"account_number": "1"}, "3 to 34"),
            ({"iban": OTHER_IBAN, "account_number": "123"}, "an IBAN stands alone"),
            ({"iban": "", "account_number": ""}, "enter an IBAN"),
            ({"iban": "****5432"}, "is masked"),
        ):
            with self.subTest(values=values), self.assertRefused(sentence):
                self.ask("add", **values)

    def test_nobody_writes_a_change(self):
        change = self.ask()
        for role in ("clerk", "administrator", "finance", "compliance", "accounts_payable"):
            records = change.with_user(self.users[role])
            for values in (
                {"state": "released"},
                {"requester_id": self.users[role].id},
                {"callback_result": "confirmed"},
                {"approval_authors": []},
            ):
                with self.assertRaises(AccessError):
                    records.write(values)
            with self.assertRaises(AccessError):
                records.create({"partner_id": self.supplier.id, "action": "add", "source": "person"})
            with self.assertRaises(UserError):
                records.unlink()
        with self.assertRefused("are evidence"):
            change.unlink()

    def test_context_keys_make_no_release(self):
        form = self.env["healthcare.bank.change.request"].with_user(self.clerk)
        keys = {
            "default_state": "called",
            "default_callback_result": "confirmed",
            "default_requester_id": self.payable.id,
            "default_source": "sync",
            "default_known_numbers": {
                "partner_id": self.supplier.id,
                "numbers": [{"number": "1", "contact": "x"}],
            },
        }
        made = form.with_context(**keys).create(
            {"partner_id": self.supplier.id, "action": "add", "iban": OTHER_IBAN}
        )
        change = self.changes.browse(made.action_request()["res_id"])
        self.assertEqual(
            (change.state, change.callback_result, change.requester_id, change.source),
            ("held", False, self.clerk, "person"),
        )
        self.assertEqual([row["number"] for row in change.known_numbers["numbers"]], [self.phone])

    def test_who_may_ask_and_call(self):
        for role in ("requester", "storeroom", "approver", "auditor"):
            with self.assertRaises(AccessError):
                self.ask(user=self.users[role])
        change = self.ask()
        for role in ("requester", "storeroom", "approver", "auditor"):
            with self.assertRaises(AccessError):
                self.call(change, user=self.users[role])

    def test_numbers_are_shown_to_those_with_the_right(self):
        change = self.ask()
        for role, sees in (
            ("finance", True),
            ("compliance", True),
            ("accounts_payable", True),
            ("clerk", False),
        ):
            records = change.with_user(self.users[role])
            if sees:
                self.assertEqual(records.read(["iban"])[0]["iban"], OTHER_IBAN)
            else:
                with self.assertRaises(AccessError):
                    records.read(["iban"])
            self.assertEqual(records.read(["account_masked"])[0]["account_masked"], "****5432")
        request = self.call(change).approval_request_ids
        text = f"{request.proposed_values} {request.snapshot} {request.proposal_text} {request.name}"
        self.assertNotIn(OTHER_IBAN, text)
        self.assertIn("****5432", text)
        trail = "".join(self.audit_entries(change).mapped("changes"))
        self.assertNotIn(OTHER_IBAN, trail)
        self.assertIn("****5432", trail)
        account = self.release(change).new_account_id
        entries = self.audit_entries(change) | self.audit_entries(account) | self.audit_entries(self.account)
        self.assertTrue(self.audit_entries(account, "create"))
        self.assertTrue(self.audit_entries(self.account, "write"))
        trail = "".join(f"{entry.res_name}{entry.changes}" for entry in entries)
        for number in (IBAN, OTHER_IBAN):
            self.assertNotIn(number, trail.replace(" ", ""))

    def test_buttons_are_for_those_who_may_press_them(self):
        for role, shown in (("auditor", False), ("clerk", True), ("finance", True), ("compliance", True)):
            view = self.changes.with_user(self.users[role]).get_view(view_type="form")["arch"]
            for button in ("action_open_call", "action_ask_release", "action_open_withdraw"):
                self.assertEqual(button in view, shown, (role, button))
            # compliance and finance read no messages
            self.assertEqual("action_view_message" in view, role in ("auditor", "clerk"), role)

    def test_access(self):
        self.assertAccessMatrix(
            {
                "healthcare.bank.change": {
                    "clerk": "r",
                    "administrator": "r",
                    "accounts_payable": "r",
                    "compliance": "r",
                    "finance": "r",
                    "auditor": "r",
                },
                **{
                    f"healthcare.bank.change.{dialog}": {
                        "clerk": "crud",
                        "administrator": "crud",
                        "accounts_payable": "crud",
                        "compliance": "crud",
                        "finance": "crud",
                    }
                    for dialog in ("request", "call", "withdraw")
                },
            }
        )
        rules = self.env["ir.rule"].with_user(self.users["administrator"])
        for dialog in ("request", "call", "withdraw"):
            self.assertIn(
                "create_uid", str(rules._compute_domain(f"healthcare.bank.change.{dialog}", "write"))
            )

    def test_other_company(self):
        elsewhere = self.make_company("Elsewhere")
        theirs = self.make_supplier("Theirs", company_id=elsewhere.id)
        change = self.changes.sudo()._ask(theirs, "add", {"iban": OTHER_IBAN})
        self.assertFalse(self.changes.with_user(self.finance).search([("id", "=", change.id)]))
