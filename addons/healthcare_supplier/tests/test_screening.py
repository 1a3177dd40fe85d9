import base64
from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models import healthcare_exclusion_list_load
from ..tools.screening import judge
from .screening_common import FIRM, PERSON, QUILLMARK, ScreeningCommon, leie, sam


@tagged("post_install", "-at_install")
class TestExclusionList(ScreeningCommon):
    """Loading files: whole lists, supplements, and what is wrong with them."""

    def test_load(self):
        exclusions = self.load(leie(QUILLMARK, PERSON))
        self.assertEqual((exclusions.state, exclusions.source), ("loaded", "leie"))
        self.assertEqual((exclusions.new_count, exclusions.broken_count), (2, 1))
        self.assertIn("Line 3: dob 19610230", exclusions.problem_text)
        entry = self.Entry.search([("name", "like", "QUILLMARK")])
        self.assertEqual(entry.raw["SPECIALTY"], "DME - GENERAL")
        self.assertEqual(self.audit_entries(exclusions, "write")[:1].model, exclusions._name)

    def test_replacement_ends_who_is_gone(self):
        self.load(leie(QUILLMARK, PERSON))
        exclusions = self.load(leie(PERSON), file_date="2099-01-01")
        self.assertEqual((exclusions.state, exclusions.ended_count), ("loaded", 1))
        entry = self.Entry.search([("name", "like", "QUILLMARK")])
        self.assertFalse(entry.active)
        self.assertEqual((str(entry.ended_on), entry.ended_list_id), ("2099-01-01", exclusions))
        self.assertTrue(entry.raw)
        # Back on the list.
        self.load(leie(QUILLMARK, PERSON), file_date="2099-02-01", filename="again.csv")
        self.assertTrue(entry.active)
        self.assertFalse(entry.ended_list_id)

    def test_other_source_is_left_alone(self):
        self.load(leie(QUILLMARK))
        self.load(sam(FIRM))
        self.assertEqual(self.Entry.search_count([("active", "=", True)]), 2)

    def test_supplements(self):
        self.load(leie(QUILLMARK))
        self.load(leie(PERSON), kind="additions")
        self.assertEqual(self.Entry.search_count([("active", "=", True)]), 2)
        exclusions = self.load(leie({**QUILLMARK, "REINDATE": "20250131"}), kind="reinstatements")
        self.assertEqual(exclusions.ended_count, 1)
        entry = self.Entry.search([("active", "=", False)])
        self.assertEqual((entry.name, str(entry.ended_on)), (QUILLMARK["BUSNAME"], "2025-01-31"))

    def test_reinstatement_in_a_whole_list(self):
        exclusions = self.load(leie({**QUILLMARK, "REINDATE": "20250131"}))
        self.assertEqual(exclusions.state, "loaded")
        self.assertFalse(self.Entry.search([("name", "like", "QUILLMARK")]).active)

    def test_cut_off_file_is_held(self):
        rows = [{**QUILLMARK, "BUSNAME": f"ENTITY {n:03d}"} for n in range(60)]
        self.load(leie(*rows))
        exclusions = self.load(leie(*rows[:30]), file_date="2099-01-01")
        self.assertEqual(exclusions.state, "held")
        self.assertIn("30 of 60", exclusions.error)
        self.assertEqual(exclusions.activity_ids.user_id, self.officer)
        self.assertEqual(self.Entry.search_count([("active", "=", True)]), 60)
        with self.assertRefused("compliance officer", AccessError):
            exclusions.with_user(self.users["clerk"]).action_confirm_held()
        with self.assertRefused("another compliance officer", AccessError):
            exclusions.action_confirm_held()
        exclusions.with_user(self.second_officer).action_confirm_held()
        self.run_jobs()
        self.assertEqual((exclusions.state, exclusions.confirmed_by_id), ("loaded", self.second_officer))
        self.assertEqual(self.Entry.search_count([("active", "=", True)]), 30)

    def test_resumed_after_a_kill(self):
        rows = [{**QUILLMARK, "BUSNAME": f"ENTITY {n:03d}"} for n in range(5)]
        exclusions = (
            self.env["healthcare.exclusion.list"]
            .with_user(self.officer)
            .create({"filename": "a.csv", "content": base64.b64encode(leie(*rows))})
        )
        exclusions.action_load()
        model = type(self.env["healthcare.exclusion.list"])
        original = model._load_slice
        calls = []

        def once(records, items):
            calls.append(len(items))
            if len(calls) == 2:
                raise KeyboardInterrupt
            return original(records, items)

        with (
            patch.object(healthcare_exclusion_list_load, "SLICE", 2),
            patch.object(model, "_load_slice", once),
            self.in_this_transaction(),
        ):
            # Not assertRaises: it would undo what the first slice committed.
            with suppress(KeyboardInterrupt):
                self.env["healthcare.exclusion.list"]._cron_load()
            self.assertEqual((exclusions.state, exclusions.progress), ("loading", 2))
            self.env["healthcare.exclusion.list"]._cron_load()
        self.assertEqual((exclusions.state, exclusions.progress), ("loaded", 5))
        self.assertEqual(calls, [2, 2, 2, 1])
        self.assertEqual(self.Entry.search_count([]), 5)
        self.assertEqual(exclusions.new_count, 5)

    def test_bad_files_are_refused(self):
        for content, message in (
            (b"", "empty"),
            (b"a,b\n1,2\n", "neither the LEIE"),
            (b"LASTNAME,BUSNAME,EXCLTYPE\nA,B,C\n", "lacks columns.*excldate"),
        ):
            with self.assertRefused(message, ValidationError):
                self.load(content)

    def test_wrong_source(self):
        with self.assertRefused("is a file of OIG LEIE, not of SAM", ValidationError):
            self.load(leie(QUILLMARK), source="sam")
        self.assertEqual(self.load(leie(QUILLMARK), source="leie").state, "loaded")

    def test_older_and_same_file(self):
        self.load(leie(QUILLMARK), file_date="2026-05-01")
        with self.assertRefused("nothing newer"):
            self.load(leie(QUILLMARK), file_date="2026-06-01")
        with self.assertRefused("An older list"):
            self.load(leie(PERSON), file_date="2026-04-01")

    def test_what_was_loaded_is_not_changed(self):
        exclusions = self.load(leie(QUILLMARK))
        for values in ({"filename": "x"}, {"state": "draft"}, {"kind": "additions"}):
            with self.assertRefused("evidence|system's to write"):
                exclusions.write(values)
        with self.assertRefused("evidence"):
            exclusions.unlink()
        with self.assertRefused("evidence", AccessError):
            self.Entry.search([]).sudo().unlink()
        with self.assertRefused("exclusion list is the system's", AccessError):
            self.env["healthcare.exclusion.list"].with_user(self.officer).create(
                {"filename": "x", "content": base64.b64encode(leie(PERSON)), "state": "loaded"}
            )
        sneaked = (
            self.env["healthcare.exclusion.list"]
            .with_user(self.officer)
            .with_context(default_state="loaded")
            .create({"filename": "x", "content": base64.b64encode(leie(PERSON))})
        )
        self.assertEqual(sneaked.state, "draft")

    def test_empty_file_of_rows_does_not_reinstate_everybody(self):
        rows = [{**QUILLMARK, "BUSNAME": f"ENTITY {n:03d}"} for n in range(60)]
        self.load(leie(*rows))
        exclusions = self.load(leie(), file_date="2099-01-01")
        self.assertEqual(exclusions.state, "held")


@tagged("post_install", "-at_install")
class TestScreening(ScreeningCommon):
    """Who is found, with which reasons, and what a decision does."""

    def test_found_by_name_and_place(self):
        supplier = self.make_address_supplier("Quillmark Surgical Supplies LLC")
        self.load(leie(QUILLMARK, PERSON))
        match = self.matches(supplier)
        self.assertEqual((match.state, supplier.screening_state), ("possible", "possible"))
        self.assertEqual([reason["kind"] for reason in match.reasons], ["name", "zip", "street"])
        self.assertGreater(match.score, 0.8)
        self.assertAlmostEqual(match.score, sum(reason["points"] for reason in match.reasons), 2)
        self.assertIn("Same postal code (+0.15): 08608 ~ 08608", match.reason_text)
        self.assertEqual(match.snapshot["entry"]["as_sent"]["BUSNAME"], QUILLMARK["BUSNAME"])
        self.assertIn("UPDATED.csv", match.file_text)

    def test_exact_name_elsewhere_is_possible(self):
        supplier = self.make_draft_supplier("QUILLMARK SURGICAL SUPPLY")
        self.load(leie(QUILLMARK))
        self.assertEqual(self.matches(supplier).state, "possible")

    def test_other_names_are_not_found(self):
        others = [
            self.make_draft_supplier(name)
            for name in ("Meridian Surgical Supply", "Harbor Dental", "Oakridge Surgical Supply Inc")
        ]
        self.load(leie(QUILLMARK))
        for supplier in others:
            self.assertFalse(self.matches(supplier), supplier.name)
            self.assertEqual(supplier.screening_state, "clear")
            self.assertTrue(supplier.screened_at)

    def test_other_state_counts_against(self):
        side = {"name_key": "a", "zip": "", "city": "", "state": "NJ", "street": "", "country": "US"}
        hit = {
            **side,
            **{f"entry_{key}": value for key, value in side.items()},
            "name_similarity": 0.8,
            "street_similarity": 0,
            "is_contact": False,
            "numbers": [],
        }
        self.assertEqual(judge(hit)[0], 0.69)
        score, reasons = judge({**hit, "entry_state": "FL"})
        self.assertEqual((score, reasons[1]["kind"], reasons[1]["theirs"]), (0.54, "other_state", "FL"))
        # Persons who are contacts have to be more alike; a number is sure.
        self.assertEqual(judge({**hit, "is_contact": True})[0], 0.0)
        self.assertEqual(judge({**hit, "entry_state": "FL", "numbers": [("npi", "1")]})[0], 1.0)

    def test_found_by_number(self):
        supplier = self.make_draft_supplier("Totally Different Name")
        self.env["healthcare.partner.identifier"].create(
            {"partner_id": supplier.id, "scheme": "npi", "value": "1234567893"}
        )
        self.load(leie(PERSON))
        match = self.matches(supplier)
        self.assertEqual((match.score, match.reasons[0]["kind"]), (1.0, "npi"))

    def test_identifier_that_comes_later_is_screened(self):
        supplier = self.make_draft_supplier("Totally Different Name")
        self.load(sam(FIRM))
        self.assertFalse(self.matches(supplier))
        self.env["healthcare.partner.identifier"].create(
            {"partner_id": supplier.id, "scheme": "uei", "value": "ABCD1EFGH2J3"}
        )
        self.assertEqual(self.matches(supplier).score, 1.0)

    def test_found_by_cross_reference(self):
        supplier = self.make_draft_supplier("Marlowe Spine Partners")
        self.load(sam(FIRM))
        self.assertEqual(self.matches(supplier).reasons[0]["theirs"], "marlowe spine partners")

    def test_contact_person(self):
        supplier = self.make_draft_supplier("Fenwick Devices")
        self.load(leie(PERSON))
        contact = self.env["res.partner"].create(
            {
                "name": "Oswin Threnodist",
                "parent_id": supplier.id,
                "type": "contact",
                "state_id": self.env.ref("base.state_us_8").id,
            }
        )
        match = self.matches(supplier)
        self.assertEqual(match.subject, contact.name)

    def test_new_and_changed_suppliers_at_once(self):
        self.load(leie(QUILLMARK))
        supplier = self.make_draft_supplier("Quillmark Surgical Supply")
        self.assertEqual(self.matches(supplier).state, "possible")
        self.assertTrue(self.matches(supplier).activity_ids)
        other = self.make_draft_supplier("Harmless")
        self.assertEqual(other.screening_state, "clear")
        other.name = "Quillmark Surgical Supply Corp"
        self.assertEqual(other.screening_state, "possible")

    def test_ended_entries_are_not_found(self):
        self.load(
            sam({**FIRM, "Termination Date": "01/01/2020"}, {**FIRM, "SAM Number": "S2", "Name": "Ok Ltd"})
        )
        self.assertFalse(self.matches(self.make_draft_supplier("Vexham Implant Trading")))

    def test_customers_are_not_screened(self):
        self.load(leie(QUILLMARK))
        customer = self.env["res.partner"].create({"name": QUILLMARK["BUSNAME"], "is_company": True})
        self.assertFalse(customer.screened_at)
        self.assertFalse(self.matches(customer))

    # Decisions

    def raised(self, name="Quillmark Surgical Supply", **values):
        """Return a supplier with a possible match."""
        supplier = self.make_address_supplier(name, **values)
        self.load(leie(QUILLMARK))
        return supplier, self.matches(supplier).with_user(self.officer)

    def test_clear_is_remembered(self):
        supplier, match = self.raised()
        match.action_clear("Founded in 2022, other owners")
        self.assertEqual((match.state, supplier.screening_state), ("cleared", "clear"))
        self.assertEqual((match.decided_by_id, bool(match.decided_at)), (self.officer, True))
        self.load(leie(QUILLMARK, PERSON), file_date="2099-01-01")
        self.assertEqual(self.matches(supplier), match.sudo(False).with_user(self.env.user))
        supplier.phone = "+1 555 0100"
        self.assertEqual(self.matches(supplier).state, "cleared")

    def test_asked_again_when_facts_change(self):
        supplier, match = self.raised()
        match.action_clear("Other owners")
        supplier.sudo().street = "79 Foundry Street"
        again = self.matches(supplier)
        self.assertEqual((again.state, again.previous_id.id), ("possible", match.id))
        self.assertEqual((match.state, match.is_superseded), ("cleared", True))
        self.assertEqual(match.decision_reason, "Other owners")

    def test_asked_again_when_the_entry_changes(self):
        supplier, match = self.raised()
        match.action_clear("Other owners")
        self.load(leie({**QUILLMARK, "NPI": "1234567893"}), file_date="2099-01-01")
        self.assertEqual(self.matches(supplier).previous_id.id, match.id)

    def test_confirm_blocks(self):
        supplier, match = self.raised()
        self.company.supplier_gate_date = self.today
        match.action_confirm("Same tax form")
        self.assertEqual((supplier.screening_state, supplier.supplier_state), ("excluded", "blocked"))
        for purpose in ("order", "pay"):
            problems = supplier._supplier_problems(purpose, self.company)
            self.assertIn("exclusion list", "\n".join(problems[supplier.id]))
        self.assertIn("exclusion list", "\n".join(supplier._supplier_ready_problems()))

    def test_reinstated_after_confirmation(self):
        supplier, match = self.raised()
        match.action_confirm("Same tax form")
        self.load_confirmed(leie(PERSON), file_date="2099-01-01")
        self.assertEqual((match.state, str(match.entry_ended_on)), ("confirmed", "2099-01-01"))
        self.assertEqual(supplier.screening_state, "clear")
        # Back to business only by an approval.
        self.assertEqual(supplier.supplier_state, "blocked")
        self.load(leie(PERSON, QUILLMARK), file_date="2099-02-01")
        self.assertFalse(match.entry_ended_on)
        self.assertEqual(supplier.screening_state, "excluded")

    def test_entry_gone_before_a_decision(self):
        supplier, match = self.raised()
        self.load_confirmed(leie(PERSON), file_date="2099-01-01")
        self.assertEqual((match.state, supplier.screening_state), ("ended", "clear"))
        self.load(leie(PERSON, QUILLMARK), file_date="2099-02-01")
        self.assertEqual(self.matches(supplier).state, "possible")

    def test_a_line_left_out_releases_nobody(self):
        """One person forges a file: a single line is missing, or says "reinstated"."""
        supplier, match = self.raised()
        others = [{**PERSON, "LASTNAME": f"PERSON {n:03d}"} for n in range(60)]
        self.load(leie(QUILLMARK, *others), file_date="2098-01-01")
        for content, kind in (
            (leie(*others), "full"),
            (leie({**QUILLMARK, "REINDATE": "20250131"}, *others), "full"),
            (leie(QUILLMARK), "reinstatements"),
        ):
            with self.subTest(kind=kind):
                exclusions = self.load(content, kind=kind, file_date="2099-01-01")
                self.assertEqual(exclusions.state, "held")
                self.assertIn(supplier.name, exclusions.error)
                self.assertEqual((match.state, supplier.screening_state), ("possible", "possible"))
                self.assertTrue(match.entry_id.active)
                with self.assertRefused("another compliance officer", AccessError):
                    exclusions.action_confirm_held()
                exclusions.action_cancel()
        match.with_user(self.second_officer).action_clear("Another owner")
        self.assertEqual(self.load(leie(*others), file_date="2099-01-01").state, "loaded")

    def test_a_name_that_only_looks_like_it_is_found(self):
        self.load(leie(QUILLMARK))
        for name in ("Quillm\u0430rk Surgic\u0430l Supply", "Quill\u200bmark Surgical Supply"):
            supplier = self.make_draft_supplier(name, city="Trenton")
            self.assertTrue(self.matches(supplier, state="possible"), ascii(name))

    def test_renaming_does_not_hide(self):
        supplier, match = self.raised()
        supplier.sudo().write({"name": "Brand New Name", "street": "1 Other", "zip": "10001", "city": "X"})
        self.assertEqual((match.state, match.found_last_time), ("possible", False))
        self.assertEqual(supplier.screening_state, "possible")

    def test_possible_stops_approval(self):
        supplier, match = self.raised()
        self.assertIn("compliance officer decides", "\n".join(supplier._supplier_ready_problems()))
        with self.assertRefused("may be on an exclusion list"):
            supplier.with_user(self.users["clerk"]).action_submit_supplier()
        match.action_clear("Other owners")
        self.assertFalse(supplier._supplier_ready_problems())

    def test_who_decides(self):
        supplier, match = self.raised()
        for role in ("clerk", "approver", "administrator", "auditor", "finance"):
            with self.assertRefused("compliance officer", AccessError):
                match.with_user(self.users[role]).action_clear("I say so")
        for reason in ("", "  ", None):
            with self.assertRefused("rests on"):
                match.action_clear(reason)
        match.action_clear("Other owners")
        with self.assertRefused("is decided"):
            match.action_confirm("Now it is")
        match.action_reopen("Wrong papers")
        self.assertEqual(self.matches(supplier).state, "possible")

    def test_not_who_made_the_supplier(self):
        supplier, match = self.raised(user=self.make_user(
            "both", "healthcare_supplier.group_compliance,base.group_partner_manager"
        ))  # fmt: skip
        with self.assertRefused("another compliance officer", AccessError):
            match.with_user(supplier.create_uid).action_clear("Mine")
        match.with_user(supplier.create_uid).action_confirm("It is them")

    def test_not_who_changed_or_submitted_the_supplier(self):
        supplier, match = self.raised()
        supplier.with_user(self.officer).street = "77 Foundry Street"
        with self.assertRefused("made, changed or submitted", AccessError):
            match.with_user(self.officer).action_clear("Mine")
        match.with_user(self.second_officer).action_clear("Other owners")

    def test_evidence(self):
        supplier, match = self.raised()
        for values in ({"state": "cleared"}, {"score": 0}, {"partner_id": self.supplier.id}):
            with self.assertRefused("decided with its buttons", AccessError):
                match.write(values)
        with self.assertRefused("evidence", AccessError):
            match.sudo().write({"snapshot": {}})
        with self.assertRefused("evidence"):
            match.sudo().unlink()
        with self.assertRefused("come from screening", AccessError):
            match.create({"partner_id": supplier.id, "entry_id": match.entry_id.id})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            supplier.with_user(self.users["administrator"]).write({"screening_state": "clear"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            supplier.with_user(self.users["administrator"]).write({"name_key": "other"})
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            match.run_id.with_user(self.officer).write({"state": "failed"})
        self.assertTrue(self.audit_entries(match.sudo(), "create"))

    def test_run_is_resumed(self):
        suppliers = [self.make_draft_supplier(f"Supplier Number {n}") for n in range(5)]
        self.load(leie(QUILLMARK))
        run = self.env["healthcare.screening.run"].search([("kind", "=", "list")], limit=1)
        self.assertEqual((run.state, run.supplier_count), ("done", run.total_count))
        self.assertGreaterEqual(run.supplier_count, len(suppliers))

    def test_screen_all(self):
        self.load(leie(QUILLMARK))
        runs = self.env["healthcare.screening.run"]
        with self.assertRefused("compliance officer", AccessError):
            runs.with_user(self.users["clerk"]).action_screen_all()
        action = runs.with_user(self.officer).action_screen_all()
        self.run_jobs()
        self.assertEqual(runs.browse(action["res_id"]).state, "done")

    def test_dialog(self):
        _supplier, match = self.raised()
        dialog = (
            self.env["healthcare.screening.decide"]
            .with_user(self.officer)
            .create({"action": "confirm", "match_id": match.id, "reason": "Same owner"})
        )
        dialog.action_decide()
        self.assertEqual(match.state, "confirmed")
