from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools import inside
from .bank_common import IBAN, OTHER_IBAN, THIRD_IBAN, BankCommon

REFUSED = "bank data of suppliers are changed by a request"


@tagged("post_install", "-at_install")
class TestBankGuard(BankCommon):
    """No way around the request, whoever goes it: in superuser mode too, where Odoo's own code runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls.make_user(
            "test_keeper", "base.group_user,base.group_partner_manager,account.group_validate_bank_account"
        )
        cls.customer = cls.env["res.partner"].create({"name": "A Customer"})

    def everybody(self):
        """Yield environments of who could do it in Odoo."""
        yield self.env(user=self.keeper)
        yield self.env(user=self.users["administrator"])
        yield self.env

    def test_no_account_is_made(self):
        values = {"acc_number": OTHER_IBAN}
        for env in self.everybody():
            if not env["res.partner.bank"].has_access("create"):
                continue
            for way in self.ways_to_make_an_account(env, values):
                with self.assertRefused(REFUSED):
                    way()

    def ways_to_make_an_account(self, env, values):
        """Return functions that each make a supplier's account, in an environment."""
        partners, partner = env["res.partner"], self.supplier.with_env(env)
        accounts = env["res.partner.bank"]
        here = accounts.with_context(default_partner_id=partner.id)
        made = {"bank_ids": [Command.create(values)]}
        return (
            lambda: accounts.create({**values, "partner_id": partner.id}),
            lambda: here.create(values),
            lambda: here.name_create(OTHER_IBAN),
            lambda: partner.write(made),
            lambda: partner.write({"name": "Renamed", **made}),
            lambda: partners.create({"name": "New", "supplier_rank": 1, **made}),
            lambda: partners.create({"name": "Contact", "parent_id": partner.id, **made}),
            lambda: self.account.with_env(env).copy(values),
        )

    def test_import(self):
        result = (
            self.env["res.partner.bank"]
            .with_user(self.keeper)
            .load(["acc_number", "partner_id/.id"], [[OTHER_IBAN, str(self.supplier.id)]])
        )
        self.assertFalse(result["ids"])
        self.assertIn(REFUSED, result["messages"][0]["message"])
        result = (
            self.env["res.partner"]
            .with_user(self.keeper)
            .load(
                [".id", "bank_ids/.id", "bank_ids/acc_number"],
                [[self.supplier.id, self.account.id, OTHER_IBAN]],
            )
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self.account.sanitized_acc_number, IBAN)

    def test_form(self):
        form = Form(self.env["res.partner.bank"].with_user(self.keeper))
        form.partner_id = self.supplier
        form.acc_number = OTHER_IBAN
        with self.assertRefused(REFUSED):
            form.save()

    def test_no_account_is_changed(self):
        bank = self.env["res.bank"].create({"name": "Another"})
        for env in self.everybody():
            account = self.account.with_env(env)
            if not account.has_access("write"):
                continue
            for values in (
                {"acc_number": OTHER_IBAN},
                {"sanitized_acc_number": OTHER_IBAN},
                {"acc_number": OTHER_IBAN, "allow_out_payment": False},
                {"clearing_number": "021000021"},
                {"partner_id": self.customer.id},
                {"partner_id": self.other_supplier.id},
                {"bank_id": bank.id},
                {"acc_holder_name": "Somebody"},
                {"currency_id": self.env.ref("base.EUR").id},
                {"active": False},
                {"active": False, "allow_out_payment": False},
            ):
                with self.subTest(values=values), self.assertRefused(f"{REFUSED}|cannot modify"):
                    account.write(values)
                with self.subTest(command=values), self.assertRefused(f"{REFUSED}|cannot modify"):
                    account.partner_id.write({"bank_ids": [Command.update(account.id, values)]})
            for end in (
                account.unlink,
                account.action_archive,
                account.action_archive_bank,
                lambda account=account: account.partner_id.write({"bank_ids": [Command.delete(account.id)]}),
                lambda account=account: account.partner_id.write({"bank_ids": [Command.clear()]}),
                lambda account=account: account.partner_id.write({"bank_ids": [Command.set([])]}),
            ):
                with self.assertRefused(REFUSED):
                    end()
        self.assertTrue(self.account.released)

    def test_the_same_number_written_otherwise_is_no_change(self):
        self.account.acc_number = "de89 3704 0044 0532 0130 00"
        self.assertTrue(self.account.released)
        self.account.write({"sequence": 5, "note": "Main account"})

    def test_the_holder_follows_the_suppliers_name(self):
        self.assertEqual(self.account.acc_holder_name, "Test Supplier")
        self.supplier.name = "Test Supplier Inc."
        self.assertEqual(self.account.acc_holder_name, "Test Supplier Inc.")
        self.assertTrue(self.account.released)
        with self.assertRefused(REFUSED):
            self.supplier.write(
                {"name": "X", "bank_ids": [Command.update(self.account.id, {"acc_number": OTHER_IBAN})]}
            )

    def test_an_account_is_not_moved_to_a_supplier(self):
        theirs = self.accounts.create({"partner_id": self.customer.id, "acc_number": OTHER_IBAN})
        for env in self.everybody():
            if not theirs.with_env(env).has_access("write"):
                continue
            with self.assertRefused(REFUSED):
                theirs.with_env(env).partner_id = self.supplier
            with self.assertRefused(REFUSED):
                self.supplier.with_env(env).write({"bank_ids": [Command.link(theirs.id)]})
            with self.assertRefused(REFUSED):
                self.supplier.with_env(env).write({"bank_ids": [Command.set([self.account.id, theirs.id])]})

    def test_other_partners_are_free(self):
        account = self.accounts.with_user(self.keeper).create(
            {"partner_id": self.customer.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        account.write({"allow_out_payment": False})
        account.write({"acc_number": THIRD_IBAN})
        account.unlink()
        self.assertFalse(account.active)
        own = self.accounts.create({"partner_id": self.company.partner_id.id, "acc_number": OTHER_IBAN})
        own.acc_number = THIRD_IBAN

    def test_trust_is_taken_by_hand_and_given_by_a_release(self):
        account = self.account.with_user(self.keeper)
        account.allow_out_payment = False
        self.assertFalse(self.account.released)
        with self.assertRefused(REFUSED):
            account.allow_out_payment = True
        with self.assertRefused(REFUSED):
            self.account.allow_out_payment = True
        self.make_released(iban=IBAN)
        self.assertTrue(self.account.released)

    def test_a_release_is_not_written(self):
        digest = self.account.release_digest
        for env in self.everybody():
            account = self.account.with_env(env)
            if not account.has_access("write"):
                continue
            for values in ({"release_digest": "x"}, {"release_change_id": False}):
                with self.assertRaises(AccessError):
                    account.write(values)
                with self.assertRaises(AccessError):
                    account.create({"partner_id": self.customer.id, "acc_number": OTHER_IBAN, **values})
            made = account.with_context(default_release_digest=digest).create(
                {"partner_id": self.customer.id, "acc_number": OTHER_IBAN}
            )
            self.assertFalse(made.release_digest)
            made.sudo().partner_id.bank_ids.unlink()
            made.sudo().acc_number = f"FREE-{made.id}"

    def test_who_becomes_a_supplier_brings_no_released_account(self):
        account = self.accounts.create(
            {"partner_id": self.customer.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        self.customer.supplier_rank = 1
        self.assertFalse(account.released)
        with self.assertRefused(REFUSED):
            account.acc_number = THIRD_IBAN

    def test_a_supplier_for_a_while_not_one_is_found_out(self):
        """Whatever is done to an account while nobody guards it: it is not what was released."""
        supplier = self.make_supplier("Once")
        supplier.sudo().supplier_state = False
        change = self.ask("add", supplier=supplier)
        self.release(self.call(change, number="+1 555 0300", found_at="Commercial register"))
        account = change.new_account_id
        self.assertTrue(account.released)
        supplier.supplier_rank = 0
        account.write({"allow_out_payment": False})
        account.write({"acc_number": THIRD_IBAN})
        account.write({"allow_out_payment": True})
        supplier.supplier_rank = 1
        self.assertFalse(account.released)

    def test_what_was_changed_in_the_database_is_not_released(self):
        self.env.cr.execute(
            "UPDATE res_partner_bank SET acc_number = %s, sanitized_acc_number = %s WHERE id = %s",
            [OTHER_IBAN, OTHER_IBAN, self.account.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self.account.released)

    def test_bank_data_are_the_companys(self):
        contact = self.env["res.partner"].create({"name": "Branch", "parent_id": self.supplier.id})
        change = self.ask("add", supplier=contact)
        self.assertEqual(change.partner_id, self.supplier, "bank data are the company's")
        contact.parent_id = self.other_supplier
        self.release(self.call(change))
        self.assertEqual(change.new_account_id.partner_id, self.supplier)

    def test_bank_codes_of_accounts_without_iban(self):
        change = self.ask("add", account_number="12345678", bic="CHASUS33")
        self.release(self.call(change))
        bank = change.new_account_id.bank_id
        for env in self.everybody():
            banks = bank.with_env(env)
            if not banks.has_access("write"):
                continue
            with self.assertRefused("routes payments to"):
                banks.bic = "DEUTDEFF"
            with self.assertRefused("routes payments to"):
                banks.unlink()
            with self.assertRefused(f"{REFUSED}|routes payments to"):
                change.new_account_id.with_env(env).bank_bic = "DEUTDEFF"
            banks.write({"name": "Renamed Bank", "bic": "chasus33"})
        self.assertTrue(change.new_account_id.released)

    def test_contacts_with_accounts_are_kept(self):
        with self.assertRefused("kept as evidence|cannot be deleted"):
            self.supplier.unlink()
        self.ask("add", supplier=self.other_supplier)
        with self.assertRefused("kept as evidence|cannot be deleted"):
            self.other_supplier.unlink()

    def test_merge_releases_nothing(self):
        """The accounts of a supplier that is merged into another are not that one's."""
        change = self.ask("add", supplier=self.other_supplier)
        self.release(self.call(change, number="+1 555 0300", found_at="Commercial register"))
        account = change.new_account_id
        waiting = self.ask("add", supplier=self.other_supplier, iban=THIRD_IBAN)
        contact = self.env["res.partner"].create(
            {"name": "Theirs", "phone": "+1 555 0301", "parent_id": self.other_supplier.id}
        )
        contact.sudo().phone_since = False
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        both = self.supplier | self.other_supplier
        with inside.changing(self.env, "merge"):
            merge._merge(both.ids, self.supplier, extra_checks=False)
        self.env.invalidate_all()
        self.assertEqual(account.partner_id, self.supplier)
        self.assertFalse(account.released)
        self.assertTrue(self.account.released)
        self.assertEqual(waiting.partner_id, self.supplier)
        self.assertEqual([row["number"] for row in self.supplier._known_phones()], [self.phone])
        with self.assertRefused("was not known before"):
            self.call(waiting, number="+1 555 0301", found_at="Contact")
        with self.assertRefused("names another account"):
            self.release(self.call(waiting))

    def test_numbers_are_masked_for_those_without_the_right(self):
        account = self.account.with_user(self.clerk)
        self.assertEqual(account.display_name, "****3000")
        self.assertEqual(account.masked_number, "****3000")
        for name in ("acc_number", "sanitized_acc_number"):
            with self.assertRaises(AccessError):
                account.read([name])
        with self.assertRaises(AccessError):
            account.search([("acc_number", "=", IBAN)])
        self.assertIn("3704", self.account.with_user(self.payable).display_name)
        self.assertTrue(account.read(["display_name", "partner_id"]))


@tagged("post_install", "-at_install")
class TestBankControlDate(BankCommon):
    """The control starts on a day, and takes over what Odoo trusts."""

    def new_company(self):
        return self.make_company("Another Hospital")

    def test_before_the_day_everything_is_free(self):
        self.company.bank_hold_date = fields.Date.add(fields.Date.today(), days=1)
        account = self.accounts.create({"partner_id": self.supplier.id, "acc_number": OTHER_IBAN})
        account.acc_number = THIRD_IBAN
        self.company.bank_hold_date = fields.Date.today()
        with self.assertRefused(REFUSED):
            account.acc_number = OTHER_IBAN

    def test_what_odoo_trusts_is_taken_over_once(self):
        self.assertTrue(self.account.released)
        self.assertFalse(self.account.release_change_id)
        self.company.bank_hold_date = False
        sneaked = self.accounts.create(
            {"partner_id": self.supplier.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        self.company.bank_hold_date = fields.Date.today()
        self.assertFalse(sneaked.released, "switching the control off and on launders nothing")
        self.new_company().bank_hold_date = fields.Date.today()
        self.assertFalse(sneaked.released)

    def test_a_supplier_of_a_company_without_control(self):
        company = self.new_company()
        supplier = self.make_supplier("Theirs", company_id=company.id)
        account = self.accounts.create(
            {"partner_id": supplier.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        untrusted = self.accounts.create({"partner_id": supplier.id, "acc_number": THIRD_IBAN})
        company.bank_hold_date = fields.Date.today()
        self.assertTrue(account.released)
        self.assertFalse(untrusted.released)
        with self.assertRefused(REFUSED):
            untrusted.acc_number = "123"

    def test_administrators_alone_start_and_stop_it(self):
        for role in ("clerk", "finance", "compliance", "accounts_payable"):
            with self.assertRaises(AccessError):
                self.company.with_user(self.users[role]).bank_hold_date = False
        administrator = self.users["administrator"]
        start = self.env["healthcare.control.start"].with_user(administrator)
        dialog = start.create({"control": "bank_hold_date", "company_id": self.company.id})
        self.assertTrue(dialog.effect_text)
        dialog.action_stop()
        self.assertFalse(self.company.bank_hold_date)
        self.assertTrue(self.company.bank_hold_begun)
        self.assertTrue(self.audit_entries(self.company, "control_date"))
        self.company.sudo(False).with_user(administrator).sudo().write(
            {"bank_hold_date": fields.Date.today()}
        )
        made = self.env["res.company"].with_context(default_bank_hold_begun=True).create({"name": "New"})
        self.assertFalse(made.bank_hold_begun)

    def test_effects_are_shown_first(self):
        company = self.new_company()
        supplier = self.make_supplier("Theirs", company_id=company.id)
        self.accounts.create({"partner_id": supplier.id, "acc_number": OTHER_IBAN, "allow_out_payment": True})
        self.accounts.create({"partner_id": supplier.id, "acc_number": THIRD_IBAN})
        dialog = self.env["healthcare.control.start"].create(
            {"control": "bank_hold_date", "company_id": company.id}
        )
        self.assertIn("1 bank accounts of suppliers are taken over", dialog.effect_text)
        self.assertIn("Theirs: ****2606", dialog.effect_text)


@tagged("post_install", "-at_install")
class TestBankPayments(BankCommon):
    """Money goes to released accounts, and waits while a change waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_books()

    def make_unreleased(self, supplier=None):
        """Return an account that the control does not know, as an import of the database leaves it."""
        self.company.bank_hold_date = False
        account = self.accounts.create(
            {
                "partner_id": (supplier or self.supplier).id,
                "acc_number": THIRD_IBAN,
                "allow_out_payment": True,
            }
        )
        self.company.bank_hold_date = fields.Date.today()
        return account

    def test_a_released_account_is_paid_to(self):
        payment = self.make_payment()
        self.assertEqual(payment.partner_bank_id, self.account)
        payment.action_post()
        self.assertIn(payment.state, ("in_process", "paid"))

    def test_an_account_that_is_not_released_is_not_offered_nor_paid(self):
        account = self.make_unreleased()
        payment = self.make_payment()
        self.assertEqual(payment.available_partner_bank_ids, self.account)
        payment.partner_bank_id = account
        for pay in (
            payment.action_post,
            payment.action_validate,
            lambda: payment.write({"state": "in_process"}),
            lambda: payment.write({"state": "paid"}),
        ):
            with self.assertRefused("not released for payments"):
                pay()
        payment.partner_bank_id = self.account
        payment.action_post()
        with self.assertRefused("not released for payments"):
            payment.partner_bank_id = account

    def test_an_account_of_another_is_not_paid_to(self):
        customer = self.env["res.partner"].create({"name": "A Customer"})
        account = self.accounts.create(
            {"partner_id": customer.id, "acc_number": OTHER_IBAN, "allow_out_payment": True}
        )
        payment = self.make_payment(partner_bank_id=account.id)
        payment.partner_bank_id = account
        with self.assertRefused("not this supplier's"):
            payment.action_post()

    def test_open_payments_wait_for_a_change(self):
        payment = self.make_payment()
        change = self.ask()
        with self.assertRefused("waits for a call to the supplier"):
            payment.action_post()
        self.call(change)
        with self.assertRefused("waits for its release"):
            payment.action_post()
        self.release(change)
        self.assertEqual(payment.partner_bank_id, change.new_account_id, "drafts name the new account")
        payment.action_post()
        self.assertIn(payment.state, ("in_process", "paid"))

    def test_payments_go_on_when_the_change_is_refused(self):
        payment = self.make_payment()
        self.call(self.ask(), result="denied", note="Not ours")
        payment.action_post()
        self.assertEqual(payment.partner_bank_id, self.account)

    def test_payments_of_a_company_without_control_go_on(self):
        self.ask()
        self.company.bank_hold_date = False
        self.make_payment().action_post()

    def make_bill(self, **values):
        return self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "invoice_date": fields.Date.today(),
                "journal_id": self.purchase_journal.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Gloves",
                            "quantity": 1,
                            "price_unit": 100,
                            "account_id": self.expense_account.id,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
                **values,
            }
        )

    def test_bills_name_released_accounts(self):
        account = self.make_unreleased()
        account.sequence = 1
        bill = self.make_bill()
        self.assertEqual(bill.partner_bank_id, self.account)
        with self.assertRefused("not one of the supplier's that are released"):
            bill.partner_bank_id = account
        with self.assertRefused("not one of the supplier's that are released"):
            self.make_bill(partner_bank_id=account.id)
        theirs = self.make_unreleased_customer_account()
        with self.assertRefused("not one of the supplier's that are released"):
            bill.partner_bank_id = theirs
        bill.action_post()
        with self.assertRefused("not one of the supplier's that are released"):
            bill.partner_bank_id = account
        change = self.make_released()
        self.assertEqual(bill.partner_bank_id, change.new_account_id, "open bills name the new account")

    def make_unreleased_customer_account(self):
        customer = self.env["res.partner"].create({"name": "A Customer"})
        return self.accounts.create({"partner_id": customer.id, "acc_number": OTHER_IBAN + "X"})

    def test_paying_a_bill_waits_as_well(self):
        bill = self.make_bill()
        bill.action_post()
        self.ask()
        register = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=bill.ids)
            .create({"journal_id": self.bank_journal.id})
        )
        with self.assertRefused("waits for a call to the supplier"):
            register.action_create_payments()

    def test_a_bill_from_an_order_names_a_released_account(self):
        account = self.make_unreleased()
        account.sequence = 1
        order = self.env["purchase.order"].create(
            {"partner_id": self.supplier.id, "company_id": self.company.id}
        )
        self.assertEqual(order._prepare_invoice()["partner_bank_id"], self.account.id)
        self.account.allow_out_payment = False
        self.assertFalse(order._prepare_invoice()["partner_bank_id"])

    def test_an_electronic_invoice_makes_no_account(self):
        bill = self.make_bill()
        common = self.env["account.edi.common"]
        common._import_partner_bank(bill, [OTHER_IBAN])
        self.assertFalse(bill.partner_bank_id)
        self.assertFalse(self.supplier.bank_ids - self.account)
        self.assertIn("****5432", bill.message_ids[:1].body)
        common._import_partner_bank(bill, [IBAN])
        self.assertEqual(bill.partner_bank_id, self.account)
        self.make_released()
        common._import_partner_bank(bill, [IBAN])
        self.assertFalse(self.account.active, "an ended account does not come back")
        self.assertFalse(bill.partner_bank_id)

    def test_a_bank_statement_makes_no_account(self):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "payment_ref": "Refund",
                "partner_id": self.supplier.id,
                "amount": 10,
                "account_number": OTHER_IBAN,
            }
        )
        self.assertFalse(line._find_or_create_bank_account())
        line.account_number = IBAN
        self.assertEqual(line._find_or_create_bank_account(), self.account)
        self.assertEqual(self.supplier.bank_ids, self.account)

    def test_problems_are_told_in_batch(self):
        self.ask()
        partners = self.supplier | self.other_supplier
        problems = partners._supplier_problems("pay", self.company)
        self.assertEqual(list(problems), [self.supplier.id])
        self.assertFalse(partners._supplier_problems("order", self.company))
        with self.assertRaises(UserError):
            partners._check_supplier_gate("pay", [(self.company, self.supplier, "P1")])
