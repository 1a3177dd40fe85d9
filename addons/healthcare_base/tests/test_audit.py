import json

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.healthcare_audit_entry import GENESIS_HASH, entry_hash
from .common import HealthcareCommon


@tagged("post_install", "-at_install")
class TestAudit(HealthcareCommon):
    @property
    def entries(self):
        return self.env["healthcare.audit.entry"].sudo()

    def record(self, count=1, company=None, **values):
        """Append entries of the test company and return the highest id."""
        company_id = self.company.id if company is None else company
        self.entries._record(
            [
                {
                    "model": "res.partner",
                    "res_id": i + 1,
                    "action": "test",
                    "changes": {"name": ["é", f"ß{i}"], "price": [None, "0.10"]},
                    "company_id": company_id,
                    **values,
                }
                for i in range(count)
            ]
        )

    def seal(self, **kwargs):
        with self.sealing_here():
            return self.entries._seal(**kwargs)

    def verify(self, **kwargs):
        return self.entries.verify(**kwargs)

    def tamper(self, query, *params):
        """Do what only the owner of the table can do."""
        cr = self.env.cr
        cr.execute("ALTER TABLE healthcare_audit_entry DISABLE TRIGGER USER")
        cr.execute(query, params)
        self.assertTrue(cr.rowcount, "the test must really tamper")
        cr.execute("ALTER TABLE healthcare_audit_entry ENABLE ALWAYS TRIGGER healthcare_audit_entry_guard")

    # -- what is recorded

    def test_life_of_a_record(self):
        clerk = self.env(user=self.users["administrator"])
        facility = clerk["healthcare.facility"].create(
            {"code": "AUD", "name": "Audited", "warehouse_id": self.warehouse.id}
        )
        facility.write({"name": "Renamed", "code": "AUD"})
        facility.write({"name": "Renamed"})
        facility.message_post(body="not audited")
        facility_id, entries = facility.id, self.audit_entries(facility)
        self.assertEqual(entries.mapped("action"), ["create", "write"], "no change, no entry")
        created = json.loads(entries[0].changes)
        self.assertEqual(created["name"], [None, "Audited"])
        self.assertEqual(created["warehouse_id"][1]["name"], self.warehouse.display_name)
        self.assertEqual(json.loads(entries[1].changes), {"name": ["Audited", "Renamed"]})
        for entry in entries:
            self.assertEqual(entry.login, "test_administrator")
            self.assertEqual(entry.user_id, self.users["administrator"].id)
            self.assertEqual(entry.company_id, self.company.id)
            self.assertFalse(entry.hash, "a business transaction seals nothing")
        self.assertEqual(entries[1].changes_text, "Name: Audited → Renamed")
        self.assertEqual(entries[1].company_name, self.company.name)
        facility.unlink()
        last = self.entries.search(
            [("model", "=", "healthcare.facility"), ("res_id", "=", facility_id)], limit=1
        )
        self.assertEqual(last.action, "unlink")
        self.assertEqual(last.res_name, "[AUD] Renamed")
        self.assertEqual(json.loads(last.changes)["code"], ["AUD", None])

    def test_what_hangs_on_a_facility_is_recorded_too(self):
        account = self.env["healthcare.facility.account"].create(
            {
                "facility_id": self.clinic.id,
                "partner_id": self.supplier.id,
                "account_number": "1",
            }
        )
        account.active = False
        self.clinic.unlink()
        entries = self.entries.search(
            [("model", "=", account._name), ("res_id", "=", account.id)], order="id"
        )
        self.assertEqual(entries.mapped("action"), ["create", "write", "unlink"])

    def test_sudo_keeps_the_name_of_the_person(self):
        self.facility.with_user(self.users["clerk"]).sudo().name = "By a clerk"
        self.assertEqual(self.audit_entries(self.facility, "write").login, "test_clerk")

    def test_packagings_of_shared_items_belong_to_no_company(self):
        self.gloves_box.date_to = "2030-01-01"
        self.assertEqual(self.audit_entries(self.gloves_box, "write").company_id, 0)

    def test_rights_are_recorded_from_both_sides(self):
        user = self.users["requester"]
        group = self.env.ref("healthcare_base.group_approver")
        user.write({"group_ids": [Command.link(group.id)]})
        change = json.loads(self.audit_entries(user, "write")[-1].changes)["group_ids"]
        self.assertEqual([item["id"] for item in change["added"]], group.ids)
        self.assertEqual(change["removed"], [])
        group.write({"user_ids": [Command.unlink(user.id)]})
        change = json.loads(self.audit_entries(group, "write")[-1].changes)["user_ids"]
        self.assertEqual([item["id"] for item in change["removed"]], user.ids)
        self.assertIn("−", self.audit_entries(group, "write")[-1].changes_text)
        other = self.env.ref("healthcare_base.group_auditor")
        group.write({"implied_ids": [Command.link(other.id)]})
        self.assertIn("implied_ids", json.loads(self.audit_entries(group, "write")[-1].changes))
        user.write({"active": False})
        self.assertEqual(json.loads(self.audit_entries(user, "write")[-1].changes), {"active": [True, False]})

    def test_password_is_never_recorded(self):
        user = self.users["requester"]
        user.write({"password": "a-very-secret-word", "login": "renamed"})
        self.assertNotIn("a-very-secret-word", "".join(self.audit_entries(user).mapped("changes")))

    # -- append-only

    @mute_logger("odoo.sql_db")
    def test_database_refuses_to_change_anything(self):
        self.record(2)
        self.seal()
        self.record()
        self.env.cr.execute("SELECT max(id) FROM healthcare_audit_entry")
        unsealed = self.env.cr.fetchone()[0]
        params = {"unsealed": unsealed, "hash": GENESIS_HASH}
        for query in (
            "UPDATE healthcare_audit_entry SET changes = '{}'",
            "UPDATE healthcare_audit_entry SET login = 'x' WHERE id = %(unsealed)s",
            "UPDATE healthcare_audit_entry SET seq = 1 WHERE id = %(unsealed)s",
            "UPDATE healthcare_audit_entry SET seq = 9, previous_hash = %(hash)s, hash = %(hash)s,"
            " action = 'x' WHERE id = %(unsealed)s",
            "UPDATE healthcare_audit_entry SET hash = NULL WHERE hash IS NOT NULL",
            "UPDATE healthcare_audit_entry SET hash = %(hash)s WHERE hash IS NOT NULL",
            "DELETE FROM healthcare_audit_entry",
            "TRUNCATE healthcare_audit_entry",
            "INSERT INTO healthcare_audit_entry (recorded_at, model, res_id, action, user_id,"
            " changes, company_id, hash) VALUES (now(), 'x', 1, 'x', 1, '{}', 0, %(hash)s)",
            "SET LOCAL session_replication_role = replica; DELETE FROM healthcare_audit_entry",
        ):
            with (
                self.subTest(query=query),
                # The last one is refused earlier where Odoo's role is no superuser.
                self.assertRaisesRegex(
                    psycopg2.errors.InsufficientPrivilege, "append-only|session_replication_role"
                ),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(query, params)

    def test_orm_refuses_too(self):
        self.record()
        entry = self.entries.search([], limit=1)
        for refused in (
            lambda: entry.write({"login": "x"}),
            lambda: entry.unlink(),
            lambda: self.entries.create([{"model": "x"}]),
            lambda: setattr(entry, "changes", "{}"),
            lambda: entry.copy(),
        ):
            with self.assertRaises(UserError):
                refused()
        for role in ("administrator", "auditor", "clerk"):
            with self.assertRaises(AccessError):
                entry.with_user(self.users[role]).unlink()

    def test_who_reads(self):
        other = self.make_company("Other Group")
        self.record(company=other.id, res_name="theirs")
        self.record(company=0, res_name="nobody's")
        self.record(res_name="ours")
        seen = self.env(user=self.users["auditor"])["healthcare.audit.entry"].search(
            [("action", "=", "test")]
        )
        self.assertEqual(set(seen.mapped("res_name")), {"nobody's", "ours"})
        with self.assertRaises(AccessError):
            self.env(user=self.users["clerk"])["healthcare.audit.entry"].search([])

    # -- sealing and verifying

    def test_chain(self):
        self.record(3)
        sealed, left = self.seal()
        self.assertGreaterEqual(sealed, 3)
        self.assertEqual(left, 0)
        chain = self.entries.search([("company_id", "=", self.company.id)], order="seq")
        self.assertEqual(chain.mapped("seq"), list(range(1, len(chain) + 1)))
        self.assertEqual(chain[0].previous_hash, GENESIS_HASH)
        self.assertEqual(chain[1].previous_hash, chain[0].hash)
        result = self.verify(company_ids=self.company.ids)
        self.assertEqual(
            result,
            {
                "ok": True,
                "checked": len(chain),
                "unsealed": 0,
                "heads": [{"company_id": self.company.id, "seq": len(chain), "hash": chain[-1].hash}],
                "first_broken": False,
            },
        )
        self.record(2)
        self.assertEqual(self.verify(company_ids=self.company.ids)["unsealed"], 2)
        self.assertEqual(self.seal()[0], 2)
        self.assertTrue(self.verify()["ok"])
        self.assertEqual(self.seal(), (0, 0))

    def test_hash_can_be_recomputed_elsewhere(self):
        """The definition in the docstring is enough to verify an exported trail."""
        self.record(company=990001)
        self.seal()
        entry = self.entries.search([("company_id", "=", 990001)])
        self.env.cr.execute(
            'SELECT to_char(recorded_at, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
            " FROM healthcare_audit_entry WHERE id = %s",
            [entry.id],
        )
        texts = [
            str(entry.id),
            self.env.cr.fetchone()[0],
            "res.partner",
            "1",
            "",
            "test",
            str(self.env.uid),
            self.env.user.login,
            '{"name":["é","ß0"],"price":[null,"0.10"]}',
            "990001",
        ]
        self.assertEqual(entry.hash, entry_hash(GENESIS_HASH, 1, texts))

    def test_companies_have_chains_of_their_own(self):
        self.record(2, company=990001)
        self.record(3, company=990002)
        self.seal()
        heads = self.verify(company_ids=[990001, 990002])["heads"]
        self.assertEqual([(head["company_id"], head["seq"]) for head in heads], [(990001, 2), (990002, 3)])

    def test_sealing_in_slices(self):
        self.seal()
        self.record(2, company=990001)
        self.record(2, company=990002)
        self.assertEqual(self.seal(max_batches=1), (2, 2))
        self.assertEqual(self.seal(max_batches=1), (2, 0))

    def _sealed_chain(self, count=6):
        self.seal()
        self.record(count, company=990001)
        self.seal()
        self.assertTrue(self.verify(company_ids=[990001])["ok"])
        return self.verify(company_ids=[990001])["heads"]

    def assertBroken(self, seq, reason, **kwargs):
        result = self.verify(company_ids=[990001], **kwargs)
        self.assertFalse(result["ok"])
        broken = result["first_broken"]
        self.assertEqual((broken["company_id"], broken["seq"], broken["reason"]), (990001, seq, reason))
        self.assertTrue(broken["detail"])
        self.assertEqual(result["checked"], seq - 1)

    def test_changed_content_is_detected(self):
        for column, value in (
            ("changes", '{"name":["é","other"]}'),
            ("login", "somebody"),
            ("user_id", 4711),
            ("res_id", 4711),
            ("model", "x"),
            ("action", "x"),
            ("res_name", "x"),
            ("recorded_at", "2001-01-01 00:00:00"),
        ):
            with self.subTest(column=column), self.env.cr.savepoint() as savepoint:
                self._sealed_chain()
                self.tamper(
                    f"UPDATE healthcare_audit_entry SET {column} = %s"  # noqa: S608
                    " WHERE company_id = 990001 AND seq = 3",
                    value,
                )
                self.assertBroken(3, "content")
                savepoint.rollback()

    def test_changed_content_with_new_hash_is_detected(self):
        self._sealed_chain()
        self.tamper(
            "UPDATE healthcare_audit_entry SET login = 'x', hash = %s WHERE company_id = 990001 AND seq = 3",
            "a" * 64,
        )
        self.assertBroken(3, "content")

    def test_moving_to_another_company_is_detected(self):
        self._sealed_chain()
        self.tamper(
            "UPDATE healthcare_audit_entry SET company_id = 990002 WHERE company_id = 990001 AND seq = 3"
        )
        self.assertBroken(3, "missing")

    def test_deletion_is_detected(self):
        for seq in (1, 3, 6):
            with self.subTest(seq=seq), self.env.cr.savepoint() as savepoint:
                self._sealed_chain()
                self.tamper("DELETE FROM healthcare_audit_entry WHERE company_id = 990001 AND seq = %s", seq)
                self.assertBroken(seq, "missing")
                savepoint.rollback()

    def test_deletion_of_everything_is_detected(self):
        self._sealed_chain()
        self.tamper("DELETE FROM healthcare_audit_entry WHERE company_id = 990001")
        self.assertBroken(1, "missing")

    def test_reordering_is_detected(self):
        self._sealed_chain()
        self.tamper("UPDATE healthcare_audit_entry SET seq = -3 WHERE company_id = 990001 AND seq = 3")
        self.tamper("UPDATE healthcare_audit_entry SET seq = 3 WHERE company_id = 990001 AND seq = 4")
        self.tamper("UPDATE healthcare_audit_entry SET seq = 4 WHERE company_id = 990001 AND seq = -3")
        self.assertBroken(3, "chain")

    def test_unsealing_is_detected(self):
        self._sealed_chain()
        self.tamper("UPDATE healthcare_audit_entry SET hash = NULL WHERE company_id = 990001 AND seq = 3")
        self.assertFalse(self.verify(company_ids=[990001])["ok"])

    def test_a_chain_replaced_as_a_whole_is_detected_by_its_exported_head(self):
        heads = self._sealed_chain()
        self.record(1, company=990001)
        self.seal()
        self.assertTrue(self.verify(company_ids=[990001], heads=heads)["ok"], "a head of the past")
        self.tamper(
            "UPDATE healthcare_audit_entry SET login = 'x', seq = NULL, previous_hash = NULL, hash = NULL"
            " WHERE company_id = 990001"
        )
        self.env.cr.execute("DELETE FROM healthcare_audit_head WHERE company_id = 990001")
        self.seal()
        self.assertTrue(self.verify(company_ids=[990001])["ok"], "in itself it is a chain")
        result = self.verify(company_ids=[990001], heads=heads)
        self.assertEqual((result["ok"], result["first_broken"]["reason"]), (False, "head"))
        self.tamper("DELETE FROM healthcare_audit_entry WHERE company_id = 990001")
        self.env.cr.execute("DELETE FROM healthcare_audit_head WHERE company_id = 990001")
        self.assertFalse(self.verify(heads=heads)["ok"], "and nothing left at all")

    def test_who_verifies(self):
        for role, user in self.users.items():
            entries = self.env(user=user)["healthcare.audit.entry"]
            if role in ("auditor", "administrator", "service"):
                self.assertIn("ok", entries.verify())
            else:
                with self.subTest(role=role), self.assertRaises(AccessError):
                    entries.verify()

    def test_sealer_is_asked_once_per_transaction(self):
        self.env.cr.precommit.run()
        triggers = self.env["ir.cron.trigger"].sudo()
        cron = self.env.ref("healthcare_base.cron_audit_seal")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.record(5)
        self.record(5)
        self.env.cr.precommit.run()
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_open_record(self):
        self.facility.name = "Changed"
        entry = self.audit_entries(self.facility, "write")
        action = entry.with_user(self.users["auditor"]).action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), (self.facility._name, self.facility.id))
        self.record(res_id=2**30)
        gone = self.entries.search([("res_id", "=", 2**30)], limit=1)
        with self.assertRaises(UserError):
            gone.action_open_record()
