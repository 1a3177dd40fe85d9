import threading
from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ..models.healthcare_audit_entry import SEAL_LOCK

COMPANIES = [990101, 990102]


@tagged("post_install", "-at_install")
class TestAuditSealer(BaseCase):
    """Sealers in real, committed transactions of their own; not in the usual test transaction."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.addCleanup(self._clean)

    def _clean(self):
        with self.registry.cursor() as cr:
            cr.execute("SET LOCAL lock_timeout = '20s'")
            cr.execute("ALTER TABLE healthcare_audit_entry DISABLE TRIGGER USER")
            cr.execute("DELETE FROM healthcare_audit_entry WHERE company_id = ANY(%s)", [COMPANIES])
            cr.execute("DELETE FROM healthcare_audit_head WHERE company_id = ANY(%s)", [COMPANIES])
            cr.execute(
                "ALTER TABLE healthcare_audit_entry"
                " ENABLE ALWAYS TRIGGER healthcare_audit_entry_guard,"
                " ENABLE ALWAYS TRIGGER healthcare_audit_entry_no_truncate"
            )

    def entries(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {})["healthcare.audit.entry"]

    def record(self, count):
        """Commit ``count`` entries of each company."""
        with self.registry.cursor() as cr:
            self.entries(cr)._record(
                [
                    {"model": "x", "res_id": i, "action": "test", "company_id": company_id}
                    for i in range(count)
                    for company_id in COMPANIES
                ]
            )
            # no job of this test's doing is left behind
            cr.precommit.clear()

    def make_sealers(self, count):
        """Return threads that seal, and the list of their errors.

        Each is in a transaction whose snapshot is taken now, before what is to be sealed.
        """
        errors = []

        def work(entries):
            try:
                entries._seal()
            except Exception as error:
                errors.append(error)

        threads = []
        for _i in range(count):
            cr = self.registry.cursor()
            self.addCleanup(cr.close)
            cr.execute("SELECT 1")
            # The environment is made here: the registry is locked by the thread of the tests.
            threads.append(threading.Thread(target=work, args=[self.entries(cr)]))
        return threads, errors

    def verify(self):
        with closing(self.registry.cursor()) as cr:
            return self.entries(cr).verify(company_ids=COMPANIES)

    def test_two_sealers_make_one_chain(self):
        threads, errors = self.make_sealers(2)
        self.record(300)  # after the snapshots of both
        for thread in threads:
            thread.start()
        for _round in range(10):
            self.record(20)  # while they work
        for thread in threads:
            thread.join(60)
            self.assertFalse(thread.is_alive())
        self.assertEqual(errors, [])
        with closing(self.registry.cursor()) as cr:
            self.entries(cr)._seal()
        result = self.verify()
        self.assertTrue(result["ok"], result)
        self.assertEqual((result["checked"], result["unsealed"]), (1000, 0))
        self.assertEqual([head["seq"] for head in result["heads"]], [500, 500])

    def test_second_sealer_waits_and_takes_the_rest(self):
        with closing(self.registry.cursor()) as holder:
            holder.execute("SELECT pg_advisory_lock(%s)", [SEAL_LOCK])
            threads, errors = self.make_sealers(1)
            threads[0].start()
            for _try in range(1000):
                holder.execute(
                    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                if holder.fetchone():
                    break
                threads[0].join(0.02)
            else:
                self.fail("the sealer does not wait for the lock")
            self.record(3)  # while it waits: it must see them afterwards
            holder.execute("SELECT pg_advisory_unlock(%s)", [SEAL_LOCK])
            holder.commit()
        threads[0].join(60)
        self.assertEqual(errors, [])
        result = self.verify()
        self.assertEqual((result["ok"], result["checked"], result["unsealed"]), (True, 6, 0))

    def test_lock_is_given_back_after_an_error(self):
        self.record(1)
        with closing(self.registry.cursor()) as cr:
            entries = self.entries(cr)

            def fail(_cursor):
                raise ValueError("broken in the middle")

            self.patch(type(entries), "_seal_batch", lambda _self, cursor: fail(cursor))
            with self.assertRaises(ValueError):
                entries._seal()
            cr.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s",
                [SEAL_LOCK & 0xFFFFFFFF],
            )
            self.assertEqual(cr.fetchone()[0], 0)
