import base64
import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2
import requests
from odoo import SUPERUSER_ID, api, fields
from odoo.orm.registry import DummyRLock, Registry
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import ExchangeBuilders, canonical, envelope, sha256

WORKERS = 4
PROCESS_LOG = "odoo.addons.healthcare_exchange.models.exchange_message_process"


@tagged("post_install", "-at_install")
class TestConcurrency(ExchangeBuilders, HttpCase):
    """Several workers at once against the running server, on committed data.

    Each call is a request of its own in a thread of the server's, with real cursors and real
    commits; what was made is taken away again afterwards.
    """

    registry_test_mode = False

    def setUp(self):
        super().setUp()
        # The runner holds the registry's lock while tests run; requests would wait for it.
        self.startPatcher(patch.object(Registry, "_lock", DummyRLock()))
        self.startPatcher(patch.object(self.registry, "check_signaling", return_value=self.registry))
        self.http_request_allow_all = True
        self.addCleanup(self.clean_up)
        self.cron_was = None
        with self.committed() as env:
            cron = env.ref("healthcare_exchange.cron_process")
            self.cron_was = cron.active
            cron.active = False
            builders = _Builders(env)
            self.partner_id = env["res.partner"].create({"name": "Concurrency Supplier"}).id
            self.endpoint_ids = [
                builders.make_endpoint(code, partner_id=self.partner_id, expects_functional_ack=True).id
                for code in ("CONC1", "CONC2")
            ]
            user = env["healthcare.exchange.message"]._ensure_service_user()
            self.user_id = user.id
            self.key = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "conc", False)

    def clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env.ref("healthcare_exchange.cron_process").active = self.cron_was
            cr.execute("SELECT id FROM healthcare_exchange_endpoint WHERE code IN ('CONC1', 'CONC2')")
            endpoints = env["healthcare.exchange.endpoint"].browse(i for (i,) in cr.fetchall())
            cr.execute(
                "SELECT id FROM healthcare_exchange_message WHERE endpoint_id = ANY(%s)",
                [endpoints.ids],
            )
            ids = [message_id for (message_id,) in cr.fetchall()]
            model = "healthcare.exchange.message"
            env["mail.activity"].search([("res_model", "=", model), ("res_id", "in", ids)]).unlink()
            env["mail.message"].search([("model", "=", model), ("res_id", "in", ids)]).unlink()
            # Evidence cannot be deleted otherwise.
            cr.execute("DELETE FROM healthcare_exchange_attempt WHERE message_id = ANY(%s)", [ids])
            cr.execute("DELETE FROM healthcare_exchange_message WHERE id = ANY(%s)", [ids])
            env["healthcare.exchange.worker"].search([("name", "=like", "conc %")]).unlink()
            endpoints.unlink()
            env["res.partner"].search([("name", "=", "Concurrency Supplier")]).unlink()
            env["res.users.apikeys"].search([("name", "=", "conc")])._remove()

    @contextmanager
    def committed(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def select(self, query, *parameters):
        with self.registry.cursor() as cr:
            cr.execute(query, parameters)
            return cr.fetchall()

    def queue(self, count, **values):
        """Commit ``count`` messages, in turn at both endpoints; return their UUIDs."""
        with self.committed() as env:
            builders = _Builders(env)
            endpoints = env["healthcare.exchange.endpoint"].browse(self.endpoint_ids)
            messages = [builders.enqueue(endpoints[n % 2], f"P{n}", **values) for n in range(count)]
            return [message.uuid for message in messages]

    def call(self, method, **arguments):
        response = requests.post(
            f"{self.base_url()}/json/2/healthcare.exchange.message/{method}",
            data=json.dumps(arguments),
            headers={"Authorization": f"bearer {self.key}", "Content-Type": "application/json"},
            timeout=20,
        )
        if response.status_code != 200:
            raise AssertionError(f"{method}: {response.status_code} {response.text[:500]}")
        return response.json()

    def claim(self, limit=5, token=None, seconds=60, codes=("CONC1", "CONC2")):
        token = token or str(uuid.uuid4())
        rows = self.call(
            "claim",
            worker=f"conc {threading.current_thread().name}",
            limit=limit,
            lease_seconds=seconds,
            endpoint_codes=list(codes),
            lease_token=token,
        )
        return token, rows

    def at_once(self, function, count=WORKERS):
        """Run ``function(n)`` in ``count`` threads that begin together; return the results."""
        barrier = threading.Barrier(count)

        def run(number):
            barrier.wait(timeout=30)
            return function(number)

        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(run, range(count)))

    def work(self, _number):
        """A worker: claim and report until nothing is left; return what it sent."""
        done, empty = [], 0
        while empty < 3:
            token, rows = self.claim()
            if not rows:
                empty += 1
                continue
            results = [{"uuid": row["uuid"], "outcome": "delivered"} for row in rows]
            answers = self.call("report", lease_token=token, results=results)
            done += [answer["uuid"] for answer in answers if answer["status"] == "recorded"]
        return done

    def test_what_moves_to_another_endpoint_goes_once(self):
        """A contingency policy is carried out while workers claim the same messages."""
        self.queue(40)
        with self.committed() as env:
            first, second = env["healthcare.exchange.endpoint"].browse(self.endpoint_ids)
            row = first._document("purchase_order", "outbound")
            row.write({"contingency": "reroute", "reroute_endpoint_id": second.id})
            row_id = row.id

        def work_or_move(number):
            if number:
                return self.work(number)
            with self.committed() as env:
                messages = env["healthcare.exchange.message"]
                policy = env["healthcare.exchange.endpoint.document"].browse(row_id)
                for _ in range(10):
                    keys, _place = messages._movable_keys(policy, 0)
                    if keys:
                        messages._move_slice(policy, keys[:5], fields.Datetime.now())
                    env.cr.commit()  # pylint: disable=invalid-commit
            return []

        done = [name for names in self.at_once(work_or_move) for name in names]
        done += self.work(0)
        sent = self.select(
            "SELECT number, count(*) FILTER (WHERE state = 'sent'),"
            "       count(*) FILTER (WHERE state NOT IN ('sent', 'cancelled'))"
            "  FROM healthcare_exchange_message WHERE endpoint_id = ANY(%s) GROUP BY number",
            self.endpoint_ids,
        )
        self.assertEqual(len(sent), 40)
        self.assertEqual({(once, open_) for _number, once, open_ in sent}, {(1, 0)})
        self.assertEqual(len(done), len(set(done)))
        self.assertEqual(len(done), 40)

    def test_each_message_goes_to_one_worker(self):
        uuids = self.queue(60)
        with self.assertNoLogs("odoo.service.model", "INFO"), self.assertNoLogs("odoo.sql_db", "ERROR"):
            done = [name for names in self.at_once(self.work) for name in names]
        self.assertEqual(sorted(done), sorted(uuids))
        [(attempts,)] = self.select(
            "SELECT count(*) FROM healthcare_exchange_attempt WHERE endpoint_id = ANY(%s)",
            self.endpoint_ids,
        )
        self.assertEqual(attempts, 60)

    def test_same_token_at_once_gives_the_same_rows(self):
        self.queue(20)
        token = str(uuid.uuid4())
        answers = self.at_once(lambda _n: [row["uuid"] for row in self.claim(token=token)[1]])
        self.assertEqual(len(answers[0]), 5)
        for answer in answers[1:]:
            self.assertEqual(answer, answers[0])

    def test_order_is_kept_among_workers(self):
        self.queue(16, ordering_key="purchase.order,1")
        self.at_once(self.work)
        rows = self.select(
            "SELECT endpoint_id, message_id FROM healthcare_exchange_attempt"
            " WHERE endpoint_id = ANY(%s) ORDER BY id",
            self.endpoint_ids,
        )
        self.assertEqual(len(rows), 16)
        for endpoint_id in self.endpoint_ids:
            sent = [message_id for endpoint, message_id in rows if endpoint == endpoint_id]
            self.assertEqual(sent, sorted(sent))

    def test_expired_lease_goes_to_one_other_and_the_first_is_fenced(self):
        [message_uuid] = self.queue(1)
        token, [row] = self.claim(seconds=1)
        deadline = time.monotonic() + 30
        claimed = []
        while not claimed and time.monotonic() < deadline:
            claimed = [rows for rows in self.at_once(lambda _n: self.claim()) if rows[1]]
            time.sleep(0.1)
        self.assertEqual([len(rows) for _token, rows in claimed], [1])
        [(second, [again])] = claimed
        self.assertEqual((again["uuid"], again["attempt_count"]), (message_uuid, 1))
        content = base64.b64encode(b"x").decode()
        [answer] = self.call(
            "stage",
            lease_token=token,
            rendered=[{"uuid": row["uuid"], "payload": content, "payload_sha256": sha256(b"x")}],
        )
        self.assertEqual(answer["status"], "lost_lease")
        results = [{"uuid": row["uuid"], "outcome": "not_sent", "retryable": False}]
        self.call("report", lease_token=token, results=results)
        self.assertEqual(self.call("status", uuids=[message_uuid])[0]["state"], "leased")
        self.assertEqual(self.call("extend", lease_token=second, lease_seconds=60)["uuids"], [message_uuid])

    def test_racing_stages_agree_on_the_bytes(self):
        self.queue(1)
        token, [row] = self.claim()

        def stage(number):
            content = f"rendered by {number}".encode()
            item = {
                "uuid": row["uuid"],
                "payload": base64.b64encode(content).decode(),
                "payload_sha256": sha256(content),
            }
            return self.call("stage", lease_token=token, rendered=[item])[0]

        answers = self.at_once(stage)
        self.assertEqual(sorted(answer["status"] for answer in answers), ["kept"] * 3 + ["staged"])
        self.assertEqual(len({answer["payload"] for answer in answers}), 1)

    def test_racing_reports_count_once(self):
        self.queue(1)
        token, [row] = self.claim()
        results = [{"uuid": row["uuid"], "outcome": "delivered"}]
        answers = self.at_once(lambda _n: self.call("report", lease_token=token, results=results)[0])
        self.assertEqual(sorted(a["status"] for a in answers), ["recorded"] + ["repeated"] * 3)

    def acknowledgement(self, number, of="nothing"):
        return canonical(
            "functional_acknowledgement", number, status="accepted", acknowledges={"message_uuid": of}
        )

    def test_same_document_from_several_sides_is_stored_once(self):
        item = envelope(self.acknowledgement("A1"))
        others = [envelope(self.acknowledgement(f"B{n}")) for n in range(WORKERS)]

        def ingest(number):
            return self.call("ingest", endpoint_code="CONC1", envelopes=[others[number], item])

        answers = self.at_once(ingest)
        self.assertEqual([own["status"] for own, _shared in answers], ["accepted"] * WORKERS)
        self.assertEqual(
            sorted(shared["status"] for _own, shared in answers),
            ["accepted"] + ["duplicate"] * (WORKERS - 1),
        )
        self.assertEqual(len({shared["message_uuid"] for _own, shared in answers}), 1)

    def handler(self, function):
        model = type(self.env["healthcare.document.functional_acknowledgement"])
        return patch.object(
            model, "_from_canonical", lambda _self, documents, messages: function(documents, messages)
        )

    def test_document_takes_effect_once_and_one_object_at_a_time(self):
        """All acknowledgements of an endpoint are about one object here."""
        documents = [envelope(self.acknowledgement(f"A{n}")) for n in range(6)]
        uuids = [a["message_uuid"] for a in self.call("ingest", endpoint_code="CONC1", envelopes=documents)]
        inside, together, effects = [], [], []

        def handler(documents, messages):
            inside.append(1)
            together.append(len(inside))
            effects.append(documents[0]["number"])
            time.sleep(0.05)
            inside.pop()
            return [{"record": None}]

        with self.handler(handler):
            answers = self.at_once(lambda _n: self.call("process", uuids=uuids))
        self.assertEqual(sorted(effects), [f"A{n}" for n in range(6)])
        self.assertEqual(set(together), {1})
        for answer in answers:
            self.assertEqual([one["status"] for one in answer], ["accepted"] * 6)

    def test_crash_between_ingest_and_process(self):
        """The service dies after its 2xx: Odoo's own job does the rest."""
        [sent] = self.queue(1)
        token, _rows = self.claim()
        self.call("report", lease_token=token, results=[{"uuid": sent, "outcome": "delivered"}])
        [answer] = self.call(
            "ingest", endpoint_code="CONC1", envelopes=[envelope(self.acknowledgement("A1", sent))]
        )
        with self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["healthcare.exchange.message"]._cron_process()
        states = self.call("status", uuids=[answer["message_uuid"], sent])
        self.assertEqual([one["state"] for one in states], ["done", "acknowledged"])

    def test_backend_dies_while_processing(self):
        """Nothing of the document remains, its lock is free, and the next try does it."""
        [answer] = self.call(
            "ingest", endpoint_code="CONC1", envelopes=[envelope(self.acknowledgement("A1"))]
        )
        message_uuid = answer["message_uuid"]

        def suicide(documents, messages):
            cr = messages.env.cr
            messages.env["res.partner"].create({"name": "Written by the dying"}).flush_recordset()
            cr.execute("SELECT pg_terminate_backend(pg_backend_pid())", log_exceptions=False)
            raise AssertionError("outlived its backend")

        with (
            self.handler(suicide),
            mute_logger(PROCESS_LOG, "odoo.sql_db"),
            self.registry.cursor() as cr,
            self.assertRaises(psycopg2.Error),
        ):
            api.Environment(cr, SUPERUSER_ID, {})["healthcare.exchange.message"].process([message_uuid])
        self.assertFalse(self.select("SELECT 1 FROM res_partner WHERE name = 'Written by the dying'"))
        self.assertEqual(self.call("status", uuids=[message_uuid])[0]["state"], "queued")
        with self.handler(lambda documents, messages: [{"record": None}]):
            [answer] = self.call("process", uuids=[message_uuid])
        self.assertEqual(answer["status"], "accepted")

    def test_collision_with_other_work_is_begun_anew(self):
        """A serialisation error while processing is nobody's fault: the document is done again."""
        [answer] = self.call(
            "ingest", endpoint_code="CONC1", envelopes=[envelope(self.acknowledgement("A1"))]
        )
        tries = []

        def collide(documents, messages):
            tries.append(1)
            partner = messages.env["res.partner"].browse(self.partner_id)
            self.assertTrue(partner.name)
            if len(tries) == 1:
                with self.committed() as env:
                    env["res.partner"].browse(self.partner_id).write({"function": "theirs"})
            partner.write({"function": "ours"})
            return [{"record": partner}]

        with self.handler(collide), mute_logger("odoo.sql_db"):
            [answer] = self.call("process", uuids=[answer["message_uuid"]])
        self.assertEqual((answer["status"], len(tries)), ("accepted", 2))
        self.assertEqual(
            self.select("SELECT function FROM res_partner WHERE id = %s", self.partner_id), [("ours",)]
        )

    def configure(self, **values):
        """Configure the first endpoint, and commit."""
        with self.committed() as env:
            env["healthcare.exchange.endpoint"].browse(self.endpoint_ids[0]).write(values)

    def test_rate_is_shared_by_all_workers(self):
        """Nobody gets a token twice, and nobody goes away empty while there are some."""
        self.configure(rate_per_minute=1, rate_burst=12)
        self.queue(40)
        rows = [row for _token, rows in self.at_once(lambda _n: self.claim(codes=["CONC1"])) for row in rows]
        self.assertEqual(len(rows), 12)
        self.assertEqual(len({row["uuid"] for row in rows}), 12)

    def test_one_probe_among_workers(self):
        with self.committed() as env:
            endpoint = env["healthcare.exchange.endpoint"].browse(self.endpoint_ids[0])
            endpoint.flow_ids.write({"breaker": "open", "open_until": "2026-01-01", "opened_count": 1})
        self.queue(20)
        rows = [row for _token, rows in self.at_once(lambda _n: self.claim(codes=["CONC1"])) for row in rows]
        self.assertEqual(len(rows), 1)

    def test_endpoint_that_another_claim_is_counting_holds_up_no_other(self):
        """Its row is locked by a claim that does not end: others take what is elsewhere at once,
        and go away without an error where there is nothing else."""
        self.configure(rate_per_minute=600)
        self.queue(10)
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT 1 FROM healthcare_exchange_flow WHERE endpoint_id = %s FOR UPDATE",
                [self.endpoint_ids[0]],
            )
            _token, rows = self.claim(limit=20)
            self.assertEqual({row["endpoint_code"] for row in rows}, {"CONC2"})
            self.assertEqual(len(rows), 5)
            with self.assertNoLogs("odoo.sql_db", "ERROR"):
                self.assertEqual(self.claim(limit=20)[1], [])
        self.assertEqual(len(self.claim(limit=20)[1]), 5)

    def test_racing_failures_open_the_breaker_once(self):
        self.configure(breaker_failures=4)
        self.queue(16)
        claims = [self.claim(limit=2, codes=["CONC1"]) for _n in range(WORKERS)]

        def report(number):
            token, rows = claims[number]
            result = {"outcome": "not_sent", "error_kind": "transient", "error_code": "timeout"}
            self.call("report", lease_token=token, results=[{"uuid": row["uuid"], **result} for row in rows])

        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.at_once(report)
        [(breaker, opened)] = self.select(
            "SELECT breaker, opened_count FROM healthcare_exchange_flow WHERE endpoint_id = %s",
            self.endpoint_ids[0],
        )
        self.assertEqual((breaker, opened), ("open", 1))

    def test_isolation_of_the_claims_cursor(self):
        with self.committed() as env, env["healthcare.exchange.message"]._claim_cursor() as cr:
            cr.execute("SHOW transaction_isolation")
            self.assertEqual(cr.fetchone(), ("read committed",))


class _Builders(ExchangeBuilders):
    def __init__(self, env):
        self.env = env
